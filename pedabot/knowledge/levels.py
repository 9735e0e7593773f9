"""Whether another level would suit a student better: a proposal, never a change."""

from __future__ import annotations

from collections.abc import Sequence

from pedabot.knowledge.document import Difficulty

IN_A_ROW = 4
"""Right answers one after another, at one's level or above, that speak for a higher one."""

WRONG_OF_LAST = (3, 4)
"""So many wrong answers of the last so many, at one's level or below, speak for a lower one."""

LOOKED_AT = 20
"""Latest quiz answers that are looked at."""

_LEVELS = list(Difficulty)


def proposal(
    level: Difficulty, lost: bool, results: Sequence[tuple[Difficulty, bool]]
) -> Difficulty | None:
    """Return the level to propose; None where the present one suits.

    ``lost`` tells that the last question was "je n'ai pas compris" or its like. ``results`` are
    quiz answers, latest first: how hard the notion was, and whether the answer was right. Those
    about easier notions do not speak for a higher level, so that each step up is earned anew.
    """
    place = _LEVELS.index(level)
    if place > 0 and (lost or _struggles(level, results)):
        return _LEVELS[place - 1]
    if place < len(_LEVELS) - 1 and not lost and _succeeds(level, results):
        return _LEVELS[place + 1]
    return None


def _struggles(level: Difficulty, results: Sequence[tuple[Difficulty, bool]]) -> bool:
    wrong, last = WRONG_OF_LAST
    own = [right for hard, right in results if _LEVELS.index(hard) <= _LEVELS.index(level)]
    return own[:last].count(False) >= wrong


def _succeeds(level: Difficulty, results: Sequence[tuple[Difficulty, bool]]) -> bool:
    own = [right for hard, right in results if _LEVELS.index(hard) >= _LEVELS.index(level)]
    return len(own) >= IN_A_ROW and all(own[:IN_A_ROW])
