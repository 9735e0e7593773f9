"""The grid of the map, and the paths of the arrows on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

NODE_WIDTH, NODE_HEIGHT = 184, 56
GUTTER, CHANNEL = 46, 14
HEADER = 40
"""Above the first row of a band: the topic's title."""
MARGIN, TOP = 12, 34

Cells = dict[str, tuple[int, int]]
"""The step and the row of each notion, both from 0."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a prerequisite to what needs it; ``path`` is the ``d`` of an SVG path."""

    source: str
    target: str
    path: str


def left_of(step: int) -> int:
    """Return where the column of a step begins."""
    return MARGIN + step * (NODE_WIDTH + GUTTER)


def arrows_between(
    edges: Sequence[tuple[str, str]], cells: Cells, tops: Mapping[int, int]
) -> Iterable[Arrow]:
    """Draw an arrow for each pair of a prerequisite and what needs it; ``tops`` are of the rows."""
    trunks = _trunks(edges, cells)
    for source, target in edges:
        yield Arrow(source, target, _path(cells[source], cells[target], trunks[source], tops))


def _trunks(edges: Sequence[tuple[str, str]], cells: Cells) -> dict[str, float]:
    """Return where the trunk of each notion stands in the gutter after its column.

    Trunks that never run side by side share a place, so that the others stand farther apart.
    """
    spans: dict[str, list[int]] = defaultdict(list)
    for source, target in edges:
        spans[source] += [cells[source][1], cells[target][1]]
    trunks: dict[str, float] = {}
    for step in {cells[source][0] for source in spans}:
        here = {name: rows for name, rows in spans.items() if cells[name][0] == step}
        places = _shared_places(here)
        # The last pixels before the next column belong to the heads of the arrows.
        gap = (GUTTER - 24) / (1 + max(places.values()))
        for name, place in places.items():
            trunks[name] = round(left_of(step + 1) - 18 - gap * (place + 0.5), 1)
    return trunks


def _shared_places(spans: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Number the spans of rows so that two with the same number do not touch, short ones first."""
    places: dict[str, int] = {}
    for name in sorted(spans, key=lambda name: (max(spans[name]) - min(spans[name]), name)):
        taken = {
            places[other]
            for other in places
            if min(spans[name]) <= max(spans[other]) and min(spans[other]) <= max(spans[name])
        }
        places[name] = next(place for place in range(len(spans)) if place not in taken)
    return places


def _path(
    source: tuple[int, int], target: tuple[int, int], trunk: float, tops: Mapping[int, int]
) -> str:
    """Draw an arrow: out to the trunk, along it, and in; by a channel where columns are between."""
    start = (left_of(source[0]) + NODE_WIDTH, tops[source[1]] + NODE_HEIGHT // 2)
    end = (left_of(target[0]) - 2, tops[target[1]] + NODE_HEIGHT // 2)
    if target[0] == source[0] + 1:
        return _rounded([start, (trunk, start[1]), (trunk, end[1]), end])
    # Each step has its own lane in the channel, so that arrows to two notions of a row stay apart.
    channel = tops[target[1]] - CHANNEL + 3 + 1.5 * target[0]
    turn = end[0] - 9
    return _rounded(
        [start, (trunk, start[1]), (trunk, channel), (turn, channel), (turn, end[1]), end]
    )


def _rounded(points: Sequence[tuple[float, float]], radius: float = 5) -> str:
    """Join points by lines along the axes, the corners rounded."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(radius, _distance(before, corner) / 2, _distance(corner, after) / 2)
        enter, leave = _towards(corner, before, bend), _towards(corner, after, bend)
        path += f"L{enter[0]:g} {enter[1]:g}Q{corner[0]:g} {corner[1]:g} {leave[0]:g} {leave[1]:g}"
    return f"{path}L{points[-1][0]:g} {points[-1][1]:g}"


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(
    corner: tuple[float, float], point: tuple[float, float], length: float
) -> tuple[float, float]:
    whole = _distance(corner, point)
    share = length / whole if whole else 0.0
    return (
        round(corner[0] + (point[0] - corner[0]) * share, 1),
        round(corner[1] + (point[1] - corner[1]) * share, 1),
    )
