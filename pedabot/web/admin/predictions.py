"""The prediction log: how many attempts, how soon, what failed and why, and each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from pedabot.answering.outcomes import Outcome
from pedabot.extensions import db
from pedabot.storage import log_figures, people
from pedabot.storage.conversations import FROM_MEMORY
from pedabot.storage.log_figures import NO_CLASS, LogFigures, Wanted
from pedabot.storage.people import Classroom, Role
from pedabot.storage.predictions import Prediction
from pedabot.teaching.insights import Bar, bars
from pedabot.teaching.periods import Days
from pedabot.web.access import row_number, signed_in_user, teacher_only
from pedabot.web.admin.filters import without_page
from pedabot.web.i18n import engine_name, outcome_name
from pedabot.web.services import ledger

bp = Blueprint("admin_predictions", __name__, url_prefix="/admin/predictions")

PER_PAGE = 50
DAYS_AT_FIRST = 7
ENGINES = ("mistral", "offline", *FROM_MEMORY)
OUTSIDE_CLASSES = "none"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: days, attempts, and the classes between which it may choose."""

    days: Days
    wanted: Wanted
    classes: Sequence[Classroom]

    def figures(self) -> LogFigures:
        """Return what the log says of it."""
        zone = ledger().zone
        oldest = log_figures.first_attempt()
        start = oldest.astimezone(zone).date() if oldest else self.days.last
        first = max(self.days.first or start, start)
        return log_figures.figures(Days(first, self.days.last).each(zone), self.wanted)


@bp.get("")
@teacher_only
def index() -> str:
    """The log of the teacher's classes; an administrator sees that of the whole school."""
    asked = _asked()
    figures = asked.figures()
    before = db.session.get(Prediction, request.args.get("before", 0, type=row_number))
    page = log_figures.page_of_attempts(figures, asked.wanted, PER_PAGE + 1, before)
    mine = people.classes_of(signed_in_user(), teaches=True)
    return render_template(
        "admin/predictions.html",
        asked=asked,
        figures=figures,
        attempts=_by_day(figures.attempts_by_day, asked),
        failures=_by_day(figures.failures_by_day, asked),
        page=page[:PER_PAGE],
        more=len(page) > PER_PAGE,
        engines=ENGINES,
        outcomes=list(Outcome),
        filters=without_page(),
        narrowed=_narrowed,
        outside_classes=OUTSIDE_CLASSES,
        may_open={classroom.id for classroom in mine},
        first=before is None,
    )


@bp.get("/figures.json")
@teacher_only
def data() -> Response:
    """The figures of the charts, each with the address of what is behind it."""
    asked = _asked()
    figures = asked.figures()
    failures = {bar.first: bar.value for bar in _by_day(figures.failures_by_day, asked)}
    response = jsonify(
        attempts=[
            {
                "first": bar.first.isoformat(),
                "value": bar.value,
                "part": failures.get(bar.first, 0),
                "href": _narrowed(**{"from": bar.first, "to": bar.last}),
            }
            for bar in _by_day(figures.attempts_by_day, asked)
        ],
        causes=[
            {
                "label": str(outcome_name(outcome)),
                "value": models.total(),
                "href": _narrowed(outcome=outcome),
            }
            for outcome, models in figures.worst()
        ],
        times=[
            {"label": engine_name(model), "values": whole, "href": _narrowed(model=model)}
            for model, times in figures.busiest()
            if None not in (whole := times.percentiles()[1])
        ],
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _asked() -> Asked:
    """Read the address; what makes no sense in it is left out, other people's classes too."""
    user, today = signed_in_user(), ledger().today()
    everything = user.role is Role.ADMIN
    classes = people.all_classes() if everything else people.classes_of(user, teaches=True)
    return Asked(_days(today), _wanted(classes, everything=everything), classes)


def _days(today: date) -> Days:
    """The days from ``from`` to ``to``, both included; without either the last seven."""
    first, last = _day("from"), min(_day("to") or today, today)
    if first is None and not request.args.get("to"):
        first = today - timedelta(days=DAYS_AT_FIRST - 1)
    return Days(first and min(first, last), last)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _wanted(classes: Sequence[Classroom], *, everything: bool) -> Wanted:
    chosen = request.args.get("class", "")
    ids: frozenset[int] | None = frozenset(room.id for room in classes if room.slug == chosen)
    if not ids:
        ids = None if everything else frozenset(classroom.id for classroom in classes)
        if everything and chosen == OUTSIDE_CLASSES:
            ids = frozenset({NO_CLASS})
    return Wanted(
        ids,
        engine=request.args.get("engine", ""),
        model=request.args.get("model", ""),
        outcome=request.args.get("outcome", ""),
    )


def _by_day(found: Any, asked: Asked) -> list[Bar]:
    first = asked.days.first or min(found, default=asked.days.last)
    return bars(found, Days(first, asked.days.last))


def _narrowed(**more: Any) -> str:
    """Return the address of the same with one filter more."""
    return url_for("admin_predictions.index", **{**without_page(), **more})
