"""The week of a class: what it asked, what it missed, what the course lacks, what it cost."""

from __future__ import annotations

import math
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from pedabot.storage import concerns, insights
from pedabot.storage.insights import Activity
from pedabot.storage.people import Classroom
from pedabot.teaching import insights as teaching
from pedabot.teaching.insights import Bar
from pedabot.teaching.periods import Days, Period, days_before, days_of
from pedabot.web import services
from pedabot.web.access import taught_class, teacher_only
from pedabot.web.i18n import engine_name

bp = Blueprint("admin_week", __name__, url_prefix="/admin/classes/<slug>/week")


@bp.get("")
@teacher_only
def show(slug: str) -> str:
    """The dashboard of a class; it prints as a page to teach from."""
    classroom, period, days = _asked(slug)
    zone = services.ledger().zone
    span = days.span(zone)
    activity = teaching.activity(classroom, days, zone)
    return render_template(
        "admin/week.html",
        classroom=classroom,
        period=period,
        periods=Period,
        days=days,
        activity=activity,
        attendance=teaching.attendance(classroom, span),
        before=_before(classroom, period, days),
        to_review=concerns.count_to_review(classroom.id),
        words=teaching.words(classroom, span, services.running_course().document),
        heat=_heat(activity),
        document=services.running_course().document,
        behind=partial(behind, slug),
        **_charts(classroom, activity, days),
    )


def _before(classroom: Classroom, period: Period, days: Days) -> dict[str, int] | None:
    """Return the four figures of the days to compare with, if there are any."""
    earlier = days_before(period, days)
    if earlier is None:
        return None
    zone = services.ledger().zone
    activity = teaching.activity(classroom, earlier, zone)
    came = len(insights.students_who_asked(classroom.id, earlier.span(zone)))
    return {
        "questions": activity.questions,
        "came": came,
        "unhelpful": activity.unhelpful,
        "outside": activity.outside,
    }


@bp.get("/figures.json")
@teacher_only
def data(slug: str) -> Response:
    """The figures of the charts, each with the address of what is behind it."""
    classroom, _period, days = _asked(slug)
    activity = teaching.activity(classroom, days, services.ledger().zone)
    charts = _charts(classroom, activity, days)
    response = jsonify(
        questions=[_point(slug, bar) for bar in charts["questions"]],
        costs=[_point(slug, bar) for bar in charts["costs"]],
        engines=[
            {
                "label": engine_name(name),
                "value": count,
                "href": behind(slug, days.first, days.last, engine=name),
            }
            for name, count in charts["engines"].items()
        ],
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _asked(slug: str) -> tuple[Classroom, Period, Days]:
    """Return the class and the days of the address; a period that is none is this week."""
    classroom = taught_class(slug)
    name = request.args.get("period", "")
    period = Period(name) if name in list(Period) else Period.WEEK
    return classroom, period, days_of(period, services.ledger().today())


def _charts(classroom: Classroom, activity: Activity, days: Days) -> dict[str, Any]:
    return {
        "questions": teaching.questions_per_day(activity, days),
        "costs": teaching.costs_per_day(classroom, days),
        "engines": dict(sorted(activity.by_engine.items(), key=lambda item: (-item[1], item[0]))),
    }


def _point(slug: str, bar: Bar) -> dict[str, Any]:
    return {
        "first": bar.first.isoformat(),
        "last": bar.last.isoformat(),
        "value": bar.value,
        "href": behind(slug, bar.first, bar.last),
    }


def behind(slug: str, first: date | None, last: date, **filters: Any) -> str:
    """Return the address of the conversations of some days."""
    days: dict[str, Any] = {"from": first and first.isoformat(), "to": last.isoformat()}
    return url_for("admin_conversations.index", slug=slug, **days, **filters)


def _heat(activity: Activity) -> dict[str, dict[str, tuple[int, int]]]:
    """Return for each topic and level how many answers, and how dark their field is (1 to 5)."""
    highest = max(activity.by_topic.values(), default=1)
    rows: dict[str, dict[str, tuple[int, int]]] = {}
    for (topic, level), count in activity.by_topic.items():
        rows.setdefault(topic, {})[level] = count, math.ceil(count * 5 / highest)
    return rows
