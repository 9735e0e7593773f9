"""The course as a map: a place for each notion, and a path for each arrow between them.

From left to right stand the steps: a notion is one step after the last of its prerequisites. From
top to bottom stand the topics, each a band as in the table of contents. Within a band, notions that
share a step are ordered by barycentre sweeps, and the order with the fewest crossings is kept.

Arrows run in the gutters between the columns and the channels between the rows, never behind a
notion. All arrows that leave a notion share one trunk, as the lines of a metro do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pedabot.knowledge.arrows import (
    CHANNEL,
    HEADER,
    MARGIN,
    NODE_HEIGHT,
    NODE_WIDTH,
    TOP,
    Arrow,
    Cells,
    arrows_between,
    left_of,
)
from pedabot.knowledge.document import Document, Subtopic, Topic
from pedabot.knowledge.lettering import lines_of

TEXT_WIDTH = 146
SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A notion on the map; ``x`` and ``y`` are its upper left corner."""

    topic: Topic
    subtopic: Subtopic
    step: int
    x: int
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """The strip of a topic."""

    topic: Topic
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Map:
    """All that is drawn, in units of the SVG's own."""

    width: int
    height: int
    bands: tuple[Band, ...]
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    steps: tuple[int, ...]
    """The left edge of each step's column."""


def draw(document: Document) -> Map:
    """Lay the whole course out; the same document always gives the same map."""
    edges = _edges(document)
    steps = steps_of(document)
    cells = _ordered(document, steps, edges)
    bands = _bands(document, cells)
    tops = _row_tops(document, cells, bands)
    columns = [left_of(step) for step in range(1 + max(steps.values()))]
    return Map(
        width=columns[-1] + NODE_WIDTH + MARGIN,
        height=bands[-1].y + bands[-1].height,
        bands=bands,
        nodes=tuple(_nodes(document, cells, tops)),
        arrows=tuple(arrows_between(edges, cells, tops)),
        steps=tuple(columns),
    )


def steps_of(document: Document) -> dict[str, int]:
    """Return for each notion the length of the longest chain of prerequisites before it.

    A prerequisite that closes a circle is passed over: such a course can be shown all the same.
    """
    steps: dict[str, int] = {}
    for _, subtopic in document.subtopics():
        _measure(document, subtopic.id, steps, set())
    return steps


def _measure(document: Document, name: str, steps: dict[str, int], open_: set[str]) -> int:
    if name not in steps:
        open_.add(name)
        before = [
            _measure(document, prerequisite, steps, open_)
            for prerequisite in document.by_id[name][1].prerequisites
            if prerequisite not in open_
        ]
        open_.remove(name)
        steps[name] = 1 + max(before, default=-1)
    return steps[name]


def _edges(document: Document) -> list[tuple[str, str]]:
    """Return the prerequisites as pairs that go forward, in the order of the course."""
    steps = steps_of(document)
    return [
        (prerequisite, subtopic.id)
        for _, subtopic in document.subtopics()
        for prerequisite in dict.fromkeys(subtopic.prerequisites)
        if steps[prerequisite] < steps[subtopic.id]
    ]


def _ordered(
    document: Document, steps: Mapping[str, int], edges: Sequence[tuple[str, str]]
) -> Cells:
    """Give each notion a row, and keep the order with the fewest crossings of several sweeps."""
    before, after = defaultdict(list), defaultdict(list)
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    columns = _columns(document, steps)
    cells = best = _placed(columns, {})
    for sweep in range(2 * SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        wishes = {name: cells[name][1] for name in cells} | _barycentres(
            document, neighbours, cells
        )
        cells = _placed(columns, wishes)
        best = min(best, cells, key=lambda tried: crossings(tried, edges))
    return best


def _barycentres(
    document: Document, neighbours: Mapping[str, Sequence[str]], cells: Cells
) -> dict[str, float]:
    """Return the mean row of each notion's neighbours; those of its own topic count alone."""
    topics = {name: topic.id for name, (topic, _) in document.by_id.items()}
    found: dict[str, float] = {}
    for name, others in neighbours.items():
        near = [other for other in others if topics[other] == topics[name]] or others
        found[name] = sum(cells[other][1] for other in near) / len(near)
    return found


def _columns(document: Document, steps: Mapping[str, int]) -> list[list[list[str]]]:
    """Return for each topic its notions by step: what may be put in another order."""
    width = 1 + max(steps.values())
    columns: list[list[list[str]]] = []
    for topic in document.topics:
        columns.append([[] for _ in range(width)])
        for subtopic in topic.subtopics:
            columns[-1][steps[subtopic.id]].append(subtopic.id)
    return columns


def _placed(columns: Sequence[Sequence[list[str]]], wishes: Mapping[str, float]) -> Cells:
    """Put each notion on a free row of its topic, as near as can be to the row it wishes for."""
    cells: Cells = {}
    first = 0
    for topic in columns:
        rows = max(len(names) for names in topic)
        for step, names in enumerate(topic):
            wished = {name: wishes.get(name, float(first)) for name in names}
            order = sorted(names, key=lambda name: wished[name])
            row = first - 1
            for left, name in zip(range(len(order) - 1, -1, -1), order, strict=True):
                row = max(row + 1, min(round(wished[name]), first + rows - 1 - left))
                cells[name] = (step, row)
        first += rows
    return cells


def crossings(cells: Cells, edges: Iterable[tuple[str, str]]) -> int:
    """Count the pairs of arrows that would cross, drawn as straight lines."""
    lines = np.array([(*cells[source], *cells[target]) for source, target in edges], np.float32)
    if not len(lines):
        return 0
    start, row, end, last = lines.T[:, :, None]
    slope = (last - row) / (end - start)
    left, right = np.maximum(start, start.T), np.minimum(end, end.T)
    at_left, at_right = row + slope * (left - start), row + slope * (right - start)
    crossed = (at_left - at_left.T) * (at_right - at_right.T) < -1e-3
    return int((crossed & (left < right)).sum()) // 2


def _rows_of(topic: Topic, cells: Cells) -> list[int]:
    rows = [cells[subtopic.id][1] for subtopic in topic.subtopics]
    return list(range(min(rows), max(rows) + 1))


def _bands(document: Document, cells: Cells) -> tuple[Band, ...]:
    bands: list[Band] = []
    y = TOP
    for topic in document.topics:
        height = HEADER + len(_rows_of(topic, cells)) * (NODE_HEIGHT + CHANNEL)
        bands.append(Band(topic, y, height))
        y += height
    return tuple(bands)


def _row_tops(document: Document, cells: Cells, bands: Sequence[Band]) -> dict[int, int]:
    """Return the upper edge of the notions of each row."""
    return {
        row: band.y + HEADER + place * (NODE_HEIGHT + CHANNEL)
        for topic, band in zip(document.topics, bands, strict=True)
        for place, row in enumerate(_rows_of(topic, cells))
    }


def _nodes(document: Document, cells: Cells, tops: Mapping[int, int]) -> Iterable[Node]:
    for topic, subtopic in document.subtopics():
        step, row = cells[subtopic.id]
        lines = lines_of(subtopic.title, TEXT_WIDTH)
        yield Node(topic, subtopic, step, left_of(step), tops[row], lines)
