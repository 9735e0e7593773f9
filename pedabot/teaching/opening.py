"""When a class may ask: not while it is archived or paused, and at its hours if it has some."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from pedabot.storage.class_settings import OpeningHours
from pedabot.storage.people import Classroom


class Closed(StrEnum):
    """Why a class may not ask just now."""

    ARCHIVED = "archived"
    PAUSED = "paused"
    HOURS = "hours"


def why_closed(classroom: Classroom, now: datetime) -> Closed | None:
    """Return why the class may not ask, None if it may; ``now`` is the school's local time."""
    if classroom.archived_at is not None:
        return Closed.ARCHIVED
    settings = classroom.settings
    if settings.paused:
        return Closed.PAUSED
    hours = settings.opening_hours
    if not hours or any(_holds(slot, now) for slot in hours):
        return None
    return Closed.HOURS


def next_opening(hours: list[OpeningHours], now: datetime) -> datetime | None:
    """Return the next moment at which the hours begin, None where there are no hours."""
    return min((moment for moment in _openings(hours, now) if moment > now), default=None)


def _holds(slot: OpeningHours, now: datetime) -> bool:
    opens, closes = time.fromisoformat(slot["opens"]), time.fromisoformat(slot["closes"])
    return now.weekday() in slot["days"] and opens <= now.time() < closes


def _openings(hours: list[OpeningHours], now: datetime) -> Iterator[datetime]:
    """Yield the openings of the eight days from today: the same day of next week included."""
    for ahead in range(8):
        day: date = now.date() + timedelta(days=ahead)
        for slot in hours:
            if day.weekday() in slot["days"]:
                yield datetime.combine(day, time.fromisoformat(slot["opens"]), now.tzinfo)
