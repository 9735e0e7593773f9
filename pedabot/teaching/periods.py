"""The periods of the dashboard, in days of the school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pedabot.storage.insights import Span


class Period(StrEnum):
    """A stretch of days that ends today, or with the last week."""

    WEEK = "week"
    LAST_WEEK = "last-week"
    MONTH = "month"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Days:
    """Days from ``first`` to ``last``, both included; without ``first`` since the start."""

    first: date | None
    last: date

    def span(self, zone: ZoneInfo) -> Span:
        """Return the moments between which these days lie in a zone."""
        since = None if self.first is None else _midnight(self.first, zone)
        return Span(since, _midnight(self.last + timedelta(days=1), zone))

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and day <= self.last


def days_of(period: Period, today: date) -> Days:
    """Return the days of a period; a week begins on Monday."""
    monday = today - timedelta(days=today.weekday())
    first = {
        Period.WEEK: monday,
        Period.LAST_WEEK: monday - timedelta(days=7),
        Period.MONTH: today - timedelta(days=29),
        Period.ALL: None,
    }[period]
    return Days(first, monday - timedelta(days=1) if period is Period.LAST_WEEK else today)


def days_before(period: Period, days: Days) -> Days | None:
    """Return the days to compare with: the same ones a week earlier, or the 30 days before."""
    if days.first is None:
        return None
    back = timedelta(days=30 if period is Period.MONTH else 7)
    return Days(days.first - back, days.last - back)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
