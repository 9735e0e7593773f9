"""When another level is proposed."""

from __future__ import annotations

import pytest

from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.levels import proposal

EASY, MIDDLE, HARD = Difficulty


@pytest.mark.parametrize(
    ("level", "lost", "results", "expected"),
    [
        (MIDDLE, False, [], None),
        (MIDDLE, True, [], EASY),
        (EASY, True, [], None),
        (EASY, False, [(EASY, True)] * 4, MIDDLE),
        (EASY, False, [(EASY, True)] * 3, None),
        (EASY, False, [(EASY, False)] + [(EASY, True)] * 6, None),
        (EASY, True, [(EASY, True)] * 4, None),
        (MIDDLE, False, [(EASY, True)] * 9, None),
        (MIDDLE, False, [(EASY, False), *[(HARD, True)] * 4], HARD),
        (HARD, False, [(HARD, True)] * 9, None),
        (HARD, False, [(MIDDLE, False)] * 3, MIDDLE),
        (MIDDLE, False, [(HARD, False)] * 4, None),
        (MIDDLE, False, [(MIDDLE, False), (MIDDLE, True)] * 2, None),
    ],
)
def test_a_level_is_proposed(
    level: Difficulty,
    lost: bool,
    results: list[tuple[Difficulty, bool]],
    expected: Difficulty | None,
) -> None:
    assert proposal(level, lost, results) == expected
