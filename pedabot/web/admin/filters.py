"""The filters of an address: what a teacher wants to see of a class."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app, request

from pedabot.knowledge.document import Difficulty
from pedabot.storage.reading import Wanted
from pedabot.web.access import signed_in_user

_NO_FILTERS = frozenset({"before", "after", "slug", "endpoint"})
_YEARS = range(2000, 3000)


def wanted() -> Wanted:
    """Read the filters; what they do not know is left out."""
    return Wanted(
        student=_word("student"),
        topic=_word("topic"),
        level=_one_of(Difficulty, "level"),
        engine=_word("engine"),
        in_scope={"in": True, "out": False}.get(request.args.get("scope", "")),
        helpful={"up": True, "down": False}.get(request.args.get("thumb", "")),
        to_review=request.args.get("review") == "1",
        unread_by=signed_in_user().id if request.args.get("unread") == "1" else None,
        **day_filters(),
    )


def _word(name: str) -> str:
    """Return what the address says, without the one character that PostgreSQL takes in no text."""
    return request.args.get(name, "").replace("\0", "")


def _one_of(words: Iterable[str], name: str) -> str:
    """Return what the address says, if it is one of the words."""
    return next((word for word in words if word == request.args.get(name)), "")


def day_filters() -> dict[str, datetime | None]:
    """Read ``from`` and ``to`` (days, both included) as moments; what is no day is left out."""
    until = _start_of_day(request.args.get("to", ""))
    return {
        "since": _start_of_day(request.args.get("from", "")),
        "until": until + timedelta(days=1) if until else None,
    }


def _start_of_day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if day.year not in _YEARS:  # the first and the last days of the calendar have no UTC
        return None
    zone = ZoneInfo(current_app.config["PEDABOT_TIMEZONE"])
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def without_page() -> dict[str, str]:
    """Return what the address says but for the page, as arguments of ``url_for``."""
    return {
        name: value
        for name, value in request.args.items()
        if value and name not in _NO_FILTERS and not name.startswith("_")
    }
