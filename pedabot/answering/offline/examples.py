"""Examples of the course: the one that fits the question, not the one that was given before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pedabot.answering.offline.asked import Asked
from pedabot.answering.offline.markdown import referenced
from pedabot.answering.offline.selection import Weighing
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.followup import Wish
from pedabot.knowledge.intent import Intent
from pedabot.knowledge.search import Passage
from pedabot.knowledge.units import Kind, units

_CODE = re.compile(r"^(?:```|~~~)", re.MULTILINE)


def show(asked: Asked, weighing: Weighing, passages: Sequence[Passage]) -> list[str]:
    """Return an example not yet given, with code where code is asked; [] if none is left."""
    example = _chosen(asked, weighing, passages[0])
    if example is None:
        return []
    subtopic = passages[0].subtopic
    lead = [referenced(subtopic.summary, 1)] if subtopic.summary and not asked.follows else []
    return [*_remark(asked, example, passages[0]), *lead, referenced(example, 1)]


def _chosen(asked: Asked, weighing: Weighing, main: Passage) -> str | None:
    examples = [*main.subtopic.examples, *_code_of(main)]
    fresh = [example for example in examples if not asked.is_said(example)]
    if asked.wish is Wish.SIMPLER:  # nobody understands code who has not understood the words
        fresh = [example for example in fresh if not _CODE.search(example)]
    wants_code = asked.wants(Intent.CODE)
    easy = asked.level is Difficulty.BEGINNER

    def worth(example: str) -> float:
        has_code = _CODE.search(example) is not None
        suits = 2.0 * (has_code is wants_code) if wants_code else 0.3 * (easy and not has_code)
        return suits + weighing.coverage(example)

    return max(fresh, key=worth, default=None)


def _code_of(main: Passage) -> list[str]:
    """Return the code that stands in the explanation itself."""
    return [unit.text for unit in units(main.subtopic.content) if unit.kind is Kind.CODE]


def _remark(asked: Asked, example: str, main: Passage) -> list[str]:
    if not asked.wants(Intent.CODE) or _CODE.search(example):
        return []
    has_code = any(_CODE.search(text) for text in (*main.subtopic.examples, *_code_of(main)))
    more = "d'autre code" if has_code else "de code"
    return [f"Le cours ne donne pas {more} pour cela ; voici un cas concret."]
