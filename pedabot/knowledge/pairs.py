"""Which two subtopics a question compares, and which of them a follow-up means."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pedabot.knowledge import comparison, followup
from pedabot.knowledge.followup import Which
from pedabot.knowledge.lexical import Floats
from pedabot.knowledge.readings import TURN_CHARACTERS, Context, Reading, order_of

LEANING = 0.3
"""How much a question must lean on the turns before to compare what they compare."""

COMPARED = 6.0
NAMED = 0.55
"""How well, and how surely by name, each half of a comparison must find its subtopic."""

Read = Callable[[str], Reading]
"""How the index understands a text."""


def compared(
    read: Read, reading: Reading, scores: Floats, context: Context | None, leaning: float
) -> tuple[int, int] | None:
    """Return the two subtopics that a question compares, the more pertinent first."""
    pair = _within(read, reading.text)
    if pair is None and context is not None and leaning >= LEANING:
        pair = _pair_before(reading.text, context)
    if pair is not None and scores[pair[1]] > scores[pair[0]]:
        pair = (pair[1], pair[0])
    return pair


def _within(read: Read, question: str) -> tuple[int, int] | None:
    best, pair = COMPARED, None
    for parts in comparison.cuts(question):
        halves = [read(part) for part in parts]
        first, second = (int(half.scores.argmax()) for half in halves)
        strength = min(float(half.scores.max()) for half in halves)
        named = min(half.naming for half in halves)
        if first != second and strength > best and named >= NAMED:
            best, pair = strength, (first, second)
    return pair


def compared_again(read: Read, question: str, asked: str) -> tuple[int, int] | None:
    """Return the pair of the question before, if a follow-up wants it told otherwise."""
    again = followup.is_bare(question) and followup.wish(question) is not None
    return _shown(read, asked) if again else None


def _shown(read: Read, question: str) -> tuple[int, int] | None:
    """Return the two subtopics that an earlier question compared, as they were shown."""
    pair = _within(read, question)
    if pair is None:
        return None
    scores = read(question).scores
    return pair if scores[pair[0]] >= scores[pair[1]] else (pair[1], pair[0])


def turned(read: Read, question: str, history: Sequence[str], scores: Floats) -> Floats:
    """Put the one of two notions first that a follow-up means ("et l'autre ?")."""
    meant = followup.which(question)
    pairs = (_shown(read, asked) for asked in history[-2::-2]) if meant else iter(())
    pair = next((pair for pair in pairs if pair is not None), None)
    if pair is None:
        return scores
    told = read(history[-1][:TURN_CHARACTERS]).scores
    last = pair[0] if told[pair[0]] >= told[pair[1]] else pair[1]
    rows = {Which.FIRST: pair[0], Which.SECOND: pair[1]}
    row = rows.get(meant, pair[0] + pair[1] - last) if meant else last
    changed = scores.copy()
    changed[row] = float(scores.max()) + 1.0
    return changed


def _pair_before(question: str, context: Context) -> tuple[int, int] | None:
    """Return the two subtopics of the turns before, if a follow-up speaks of "the two"."""
    if not followup.asks_for_both(question) or len(context.scores) < 2:
        return None
    first, second = order_of(context.scores, None)[:2]
    return (first, second) if float(context.scores[second]) > 0.5 else None
