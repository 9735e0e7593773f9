"""The prediction log."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from pedabot.answering.values import Outcome
from pedabot.storage import people, predictions
from pedabot.storage.people import Role
from pedabot.web.access import signed_in_user, teacher_only
from pedabot.web.admin.filters import day_filters, without_page

bp = Blueprint("admin_predictions", __name__, url_prefix="/admin/predictions")

PER_PAGE = 50
ENGINES = ("mistral", "offline")


@bp.get("")
@teacher_only
def index() -> str:
    """The attempts of the teacher's classes; an administrator sees those of all."""
    user = signed_in_user()
    class_ids = [classroom.id for classroom in people.classes_of(user, teaches=True)]
    page = predictions.page_of_predictions(
        None if user.role is Role.ADMIN else class_ids,
        PER_PAGE + 1,
        request.args.get("before", type=int),
        engine=request.args.get("engine", ""),
        outcome=request.args.get("outcome", ""),
        **day_filters(),
    )
    return render_template(
        "admin/predictions.html",
        page=page[:PER_PAGE],
        more=len(page) > PER_PAGE,
        engines=ENGINES,
        outcomes=list(Outcome),
        filters=without_page(),
        may_open=set(class_ids),
    )
