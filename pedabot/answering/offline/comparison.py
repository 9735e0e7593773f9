"""Two notions side by side: a table of the course's own sentences, then how to choose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pedabot.answering.offline.asked import Asked
from pedabot.answering.offline.markdown import cell, referenced, without_bullet
from pedabot.answering.offline.selection import Candidate, Field, Weighing, alike, fit, has_figures
from pedabot.knowledge.document import Difficulty, Subtopic
from pedabot.knowledge.followup import Wish
from pedabot.knowledge.intent import Intent
from pedabot.knowledge.search import Passage
from pedabot.knowledge.text import fold
from pedabot.knowledge.units import Kind, sentences, units

ROWS = {
    "Chiffres": Intent.FIGURES,
    "Limites": Intent.LIMITS,
    "Quand s'en servir": Intent.CHOICE,
    "Points forts": Intent.ADVANTAGES,
}
"""Rows and the kind of sentence that each shows, what is rarest in a course chosen first."""

SHOWN = ("Points forts", "Limites", "Quand s'en servir", "Chiffres")

LONGEST_CELL = 40
"""Words; a longer unit is no cell."""

ON_THE_QUESTION = 0.3
"""Least share of the question's words for a sentence that answers it."""

FEWEST_WORDS = 8
CHOOSING = 0.5
"""Least fit of a sentence that helps to choose; another one is only worth knowing."""

Pair = tuple[str, str]
_CHOICE = (Intent.CHOICE, Intent.DIFFERENCE)
_BAR = re.compile(r"(?<!\\)\|")


def write(asked: Asked, passages: Sequence[Passage]) -> str:
    """Return the table of the first two passages, and the course's word on the choice."""
    weighings = [Weighing(asked, passage, n) for n, passage in enumerate(passages[:2], start=1)]
    table = "\n".join(_lines(asked, passages, weighings))
    elsewhere = [Weighing(asked, passage, n) for n, passage in enumerate(passages[2:3], start=3)]
    return "\n\n".join([table, *_choice([*weighings, *elsewhere], passages, table)])


def _lines(
    asked: Asked, passages: Sequence[Passage], weighings: Sequence[Weighing]
) -> Iterator[str]:
    first, second = (passage.subtopic for passage in passages[:2])
    yield f"| | {cell(first.title)} [1] | {cell(second.title)} [2] |"
    yield "|---|---|---|"
    brief = _brief(asked, first), _brief(asked, second)
    yield _line("En bref", brief)
    told = _told_by_the_course(passages)
    if told:
        yield from told
        return
    # A summary may be told again by its figures; a sentence of the explanation may not.
    used = [[text] if asked.wish is Wish.SIMPLER else [] for text in brief]
    for label, pair in _rows(weighings, used):
        yield _line(label, pair)


def _line(label: str, pair: Pair, reference: str = "") -> str:
    return f"| **{label}**{reference} | {cell(pair[0])} | {cell(pair[1])} |"


def _told_by_the_course(passages: Sequence[Passage]) -> list[str]:
    """Return the lines of a table of the pages found that has a column for each of the two."""
    first, second = (passage.subtopic for passage in passages[:2])
    for number, passage in enumerate(passages, start=1):
        tables = (u.text for u in units(passage.subtopic.content) if u.kind is Kind.TABLE)
        for header, _rule, *rows in (list(map(_cells, text.splitlines())) for text in tables):
            left, right = _column(header, first, second), _column(header, second, first)
            if left and right:
                return [
                    _line(row[0].strip("* "), (row[left], row[right]), f" [{number}]")
                    for row in rows
                    if len(row) == len(header)
                ]
    return []


def _cells(line: str) -> list[str]:
    return [text.strip() for text in _BAR.split(line.strip().strip("|"))]


def _column(header: Sequence[str], subtopic: Subtopic, other: Subtopic) -> int:
    """Return the place of the column that is about a notion and not about the other; 0 if none."""
    places = (
        place
        for place, text in enumerate(header)
        if place and _names(subtopic, text) and not _names(other, text)
    )
    return next(places, 0)


def _brief(asked: Asked, subtopic: Subtopic) -> str:
    """What it is, in a sentence; for a wish for something simpler, as told to a beginner."""
    if subtopic.summary and asked.wish is not Wish.SIMPLER:
        return sentences(subtopic.summary)[0]
    prose = [u for u in units(subtopic.text_for(Difficulty.BEGINNER)) if u.kind is Kind.PROSE]
    return prose[0].text if prose else subtopic.summary or subtopic.title


def _rows(weighings: Sequence[Weighing], used: list[list[str]]) -> Iterator[tuple[str, Pair]]:
    """Yield the rows for which both notions have a sentence; none is shown twice."""
    asked_for = [_on_the_question(w, said) for w, said in zip(weighings, used, strict=True)]
    yield from _row("Ta question", asked_for, used)
    rows: dict[str, Pair] = {}
    for label, intent in ROWS.items():
        found = [_of_kind(w, intent, said) for w, said in zip(weighings, used, strict=True)]
        rows.update(_row(label, found, used))
    yield from ((label, rows[label]) for label in SHOWN if label in rows)


def _row(
    label: str, found: Sequence[str | None], used: list[list[str]]
) -> Iterator[tuple[str, Pair]]:
    left, right = found
    if left is not None and right is not None:
        used[0].append(left)
        used[1].append(right)
        yield label, (left, right)


def _usable(weighing: Weighing, said: Sequence[str]) -> list[Candidate]:
    return [
        c
        for c in weighing.candidates
        if c.unit.kind in (Kind.PROSE, Kind.ITEM)
        and c.field in (Field.LEVEL, Field.CONTENT, Field.POINT)
        and not c.unit.leans
        and c.length <= LONGEST_CELL
        and not alike(c.unit.text, said)
    ]


def _on_the_question(weighing: Weighing, said: Sequence[str]) -> str | None:
    usable = [c for c in _usable(weighing, said) if c.relevance >= ON_THE_QUESTION]
    best = max(usable, key=lambda c: c.relevance, default=None)
    return best.unit.text if best and weighing.is_specific else None


def _of_kind(weighing: Weighing, intent: Intent, said: Sequence[str]) -> str | None:
    """Return the sentence that is most of a kind, the shorter and the nearer to the question."""

    def worth(candidate: Candidate) -> float:
        return (
            fit(candidate.unit, [intent])
            + 0.3 * candidate.relevance
            - candidate.length / 400
            - candidate.order / 100
        )

    usable = [
        c
        for c in _usable(weighing, said)
        if fit(c.unit, [intent]) >= 0.5
        and (intent is not Intent.FIGURES or has_figures(c.unit.text))
    ]
    best = max(usable, key=worth, default=None)
    return best.unit.text if best else None


def _choice(weighings: Sequence[Weighing], passages: Sequence[Passage], table: str) -> list[str]:
    """Return what the course says of both together, if it does: it tells best how to choose."""
    found = [
        (0.6 * fit(c.unit, _CHOICE) + c.relevance, number, c.unit)
        for number, weighing in enumerate(weighings, start=1)
        for c in weighing.candidates
        if c.unit.kind in (Kind.PROSE, Kind.ITEM)
        and c.field in (Field.LEVEL, Field.CONTENT)
        and not c.unit.leans
        and c.length >= FEWEST_WORDS
        and cell(c.unit.text) not in table
        and all(
            place == number or _names(passage.subtopic, f"{c.unit.section} {c.unit.text}")
            for place, passage in enumerate(passages[:2], start=1)
        )
    ]
    if not found:
        return []
    _, number, unit = max(found, key=lambda one: one[0])
    heading = "Pour choisir" if fit(unit, _CHOICE) >= CHOOSING else "À noter"
    return [f"**{heading}**", referenced(without_bullet(unit.text), number)]


def _names(subtopic: Subtopic, text: str) -> bool:
    """Tell whether a text speaks of a notion by its title or another of its names."""
    parts = re.split(r"\s*[(),:/]\s*|\s+et\s+", subtopic.title)
    single = [alias for alias in subtopic.aliases if " " not in alias]
    names = [fold(name) for name in (*parts, *single) if len(name) > 2]
    plain = fold(text)
    return any(re.search(rf"\b{re.escape(name)}\b", plain) for name in names)
