"""How many questions an account has left, told in advance, and how long to wait for the next one.

Flask-Limiter counts requests before anybody knows how they end, in the memory of one process. What
students are told counts answers, and must be the same in all processes: it comes from the database.
Flask-Limiter's way of writing limits is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import current_app, g
from limits import RateLimitItem, parse_many

from pedabot.storage import allowances
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Message
from pedabot.storage.people import Classroom, User

FEW = 3
WINDOWS = ("minute", "hour", "day")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one limit; ``window`` is its unit: minute, hour, day or another."""

    window: str
    left: int
    wait: timedelta


class NoQuestionLeftError(Exception):
    """The account has asked as often as it may; ``allowance`` says how long to wait."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(allowance.window)
        self.allowance = allowance


def take(user: User, answer: Message) -> None:
    """Count a question that was added to the session; the caller commits.

    Raises:
        NoQuestionLeftError: if there was none left; the caller must roll the session back.
    """
    allowances.note(user, answer)
    classroom = answer.conversation.classroom
    g.allowances = found = list(_allowances(user, classroom))
    used_up = [allowance for allowance in found if allowance.left < 0]
    if used_up:
        raise NoQuestionLeftError(max(used_up, key=lambda found: found.wait))


def questions_left(user: User, classroom: Classroom | None) -> Allowance:
    """Return what to tell in advance: the longest limit, or another of which few are left."""
    # Where this request has taken one, they are counted already.
    known: list[Allowance] = g.pop("allowances", [])
    found = sorted(known or _allowances(user, classroom), key=lambda allowance: allowance.left)
    return found[0] if found[0].left <= FEW else found[-1]


def _allowances(user: User, classroom: Classroom | None) -> Iterator[Allowance]:
    now = utc_now()
    limits = _limits(classroom)
    spans = [_span(limit, now) for limit in limits]
    found = allowances.counted(user, [start for start, _ in spans])
    for limit, (start, end), (number, first) in zip(limits, spans, found, strict=True):
        ends = end or (first or now) + (now - start)
        yield Allowance(limit.GRANULARITY.name, limit.amount - number, ends - now)


def _span(limit: RateLimitItem, now: datetime) -> tuple[datetime, datetime | None]:
    """Return since when questions count for a limit; and when that ends, if all end together."""
    if limit.GRANULARITY.name == "day":
        return _day(now)
    return now - timedelta(seconds=limit.get_expiry()), None


def _limits(classroom: Classroom | None) -> list[RateLimitItem]:
    """Return the limits of the school, each window replaced by what the class decided for it."""
    school = _parsed(current_app.config["PEDABOT_QUESTION_LIMIT"])
    if classroom is None:
        return school
    own = {
        window: amount
        for window in WINDOWS
        if (amount := getattr(classroom.settings, f"questions_per_{window}")) is not None
    }
    kept = [limit for limit in school if limit.GRANULARITY.name not in own]
    return kept + [_parsed(f"{amount} per {window}")[0] for window, amount in own.items()]


_parsed = lru_cache(parse_many)


def _day(now: datetime) -> tuple[datetime, datetime]:
    """Return the midnights before and after a moment at the school."""
    zone = ZoneInfo(current_app.config["PEDABOT_TIMEZONE"])
    today = now.astimezone(zone).date()
    return (
        datetime.combine(today, time.min, zone),
        datetime.combine(today + timedelta(days=1), time.min, zone),
    )
