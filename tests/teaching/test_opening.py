"""When a class may ask."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pedabot.storage.class_settings import ClassSettings, OpeningHours
from pedabot.storage.people import Classroom
from pedabot.teaching.opening import Closed, next_opening, why_closed

PARIS = ZoneInfo("Europe/Paris")
MORNINGS: OpeningHours = {"days": [0, 1], "opens": "08:00", "closes": "12:30"}
EVENING: OpeningHours = {"days": [1], "opens": "18:00", "closes": "20:00"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of the week from Monday 5 January 2026, on the school's clocks."""
    return datetime(2026, 1, 5 + day, hour, minute, tzinfo=PARIS)


def classroom(hours: list[OpeningHours], *, paused: bool = False) -> Classroom:
    """Return a class with these hours, outside any database."""
    return Classroom(settings=ClassSettings(opening_hours=hours, paused=paused))


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        (at(0, 7, 59), Closed.HOURS),
        (at(0, 8), None),
        (at(0, 12, 29), None),
        (at(0, 12, 30), Closed.HOURS),
        (at(1, 19), None),
        (at(2, 9), Closed.HOURS),
    ],
)
def test_a_class_asks_at_its_hours_only(now: datetime, closed: Closed | None) -> None:
    assert why_closed(classroom([MORNINGS, EVENING]), now) is closed


def test_without_hours_a_class_may_always_ask_and_a_pause_comes_before_all() -> None:
    assert why_closed(classroom([]), at(6, 3)) is None
    assert why_closed(classroom([MORNINGS], paused=True), at(0, 9)) is Closed.PAUSED


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(0, 7), at(0, 8)),
        (at(0, 9), at(1, 8)),
        (at(1, 13), at(1, 18)),
        (at(1, 21), at(7, 8)),
        (at(4, 12), at(7, 8)),
    ],
)
def test_the_next_opening_is_found_across_the_week(now: datetime, opens: datetime) -> None:
    assert next_opening([MORNINGS, EVENING], now) == opens


def test_hours_once_a_week_open_again_in_a_week() -> None:
    assert next_opening([EVENING], at(1, 18)) == at(8, 18)
    assert next_opening([], at(1, 18)) is None


def test_hours_are_those_of_the_wall_on_the_day_the_clocks_change() -> None:
    sunday: OpeningHours = {"days": [6], "opens": "08:00", "closes": "09:00"}
    before = datetime(2026, 3, 28, 12, tzinfo=PARIS)
    opens = next_opening([sunday], before)
    assert opens == datetime(2026, 3, 29, 8, tzinfo=PARIS)
    assert opens is not None
    assert opens.utcoffset() != before.utcoffset()
