"""Sums of days that are over, so that no page counts a whole year again.

They are counted when somebody first looks, and kept from an hour after the day's end. Whoever
changes anything of such a day makes its sums void, in the same transaction (``following.py`` sees
to it), and the next reader counts that day anew. ``revision`` is why a reader that counted just
before a change cannot keep what it counted: its number has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import JSON, ColumnElement, Integer, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.upsert import insert

LOG = 0
"""The scope of the prediction log; the others are classes, by id."""

_SETTLED_AFTER = timedelta(hours=1)

Sums = dict[str, Any]


class DaySums(Base):
    """The sums of a class's day, or of the log's; None after a change. ``since`` is its midnight.

    A moment and no date: in another zone, the day of that date is another day.
    """

    __tablename__ = "day_sums"

    scope: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    revision: Mapped[int]
    sums: Mapped[Sums | None] = mapped_column(JSON(none_as_null=True))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time up to ``until`` (excluded); without ``since`` from the beginning."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the school, from midnight to midnight in its zone."""

    day: date
    since: datetime
    until: datetime


def day_of(day: date, zone: ZoneInfo) -> Day:
    """Return a day with the moments between which it lies: 23 to 25 hours, by summer time."""
    return Day(day, _midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def read(
    scope: int, days: Sequence[Day], count: Callable[[Sequence[Day]], Mapping[Day, Sums]]
) -> list[tuple[Day, Sums]]:
    """Return the sums of consecutive days, those without any left out.

    ``count`` is asked once for all days that are not kept; it leaves out a day without any. Commits
    if there is something to keep.
    """
    if not days:
        return []
    kept = _kept(scope, days)
    missing = [day for day in days if kept.get(day.since, (0, None))[1] is None]
    counted = count(missing) if missing else {}
    _keep(scope, [day for day in missing if day.until + _SETTLED_AFTER < utc_now()], counted, kept)
    found = ((day, counted.get(day) or kept.get(day.since, (0, None))[1]) for day in days)
    return [(day, sums) for day, sums in found if sums]


def _kept(scope: int, days: Sequence[Day]) -> dict[datetime, tuple[int, Sums | None]]:
    query = select(DaySums.since, DaySums.revision, DaySums.sums).where(
        DaySums.scope == scope, DaySums.since >= days[0].since, DaySums.since <= days[-1].since
    )
    return {since: (revision, sums) for since, revision, sums in db.session.execute(query)}


def _keep(
    scope: int,
    days: Sequence[Day],
    counted: Mapping[Day, Sums],
    seen: Mapping[datetime, tuple[int, Sums | None]],
) -> None:
    rows = [
        {
            "scope": scope,
            "since": day.since,
            "revision": seen.get(day.since, (0, None))[0],
            "sums": counted.get(day, {}),
        }
        for day in days
    ]
    if rows:
        statement = insert(DaySums)
        new = statement.excluded
        unchanged = DaySums.revision == new.revision
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=[DaySums.scope, DaySums.since],
                set_={"sums": new.sums},
                where=unchanged,
            ),
            rows,
        )
        db.session.commit()


def is_over(moment: datetime) -> bool:
    """Tell whether the day of a moment is over at the school, so that its sums may be kept."""
    return _day_at(moment).until <= utc_now()


def _day_at(moment: datetime) -> Day:
    zone = ZoneInfo(current_app.config["PEDABOT_TIMEZONE"])
    return day_of(moment.astimezone(zone).date(), zone)


def forget(changes: Iterable[tuple[int, datetime]]) -> None:
    """Make the sums void of the days in which something changed: scopes with moments.

    Days that are not over have none. Always in one order: two changes never wait for each other.
    """
    now = utc_now()
    days = {(scope, _day_at(moment)) for scope, moment in changes}
    over = sorted((scope, day.since) for scope, day in days if day.until <= now)
    if over:
        statement = insert(DaySums)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=[DaySums.scope, DaySums.since],
                set_={"sums": None, "revision": DaySums.revision + 1},
            ),
            [
                {"scope": scope, "since": since, "revision": 1, "sums": None}
                for scope, since in over
            ],
        )


def runs(days: Sequence[Day]) -> Iterator[Span]:
    """Yield the stretches of time that some days make up, those that touch as one."""
    start: Day | None = None
    for day, following in zip(days, [*days[1:], None], strict=True):
        start = start or day
        if following is None or following.since != day.until:
            yield Span(start.since, day.until)
            start = None


def on(moment: Any, days: Sequence[Day]) -> ColumnElement[bool]:
    """Return the condition that a moment lies in some days."""
    return or_(*((moment >= span.since) & (moment < span.until) for span in runs(days)))
