"""The periods of the dashboard, in days of the school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pedabot.storage.day_sums import Day, Span, day_of


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
        since = None if self.first is None else day_of(self.first, zone).since
        return Span(since, day_of(self.last, zone).until)

    def each(self, zone: ZoneInfo, start: date | None = None) -> list[Day]:
        """Return the days; those since the start begin with ``start``, and without it are none."""
        first = self.first or start
        if first is None:
            return []
        number = (self.last - first).days + 1
        return [day_of(first + timedelta(days=n), zone) for n in range(number)]

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
