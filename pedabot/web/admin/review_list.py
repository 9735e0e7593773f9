"""The answers of a class that ask for a teacher's eyes, the gravest first."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from pedabot.storage import concerns
from pedabot.storage.concerns import Concern
from pedabot.web.access import taught_answer, taught_class, teacher_only

bp = Blueprint("admin_review_list", __name__, url_prefix="/admin/classes/<slug>")

PER_PAGE = 30


@bp.get("/review")
@teacher_only
def index(slug: str) -> str:
    """What to look at first, and why each answer is there."""
    classroom = taught_class(slug)
    after = request.args.get("after", "")
    page = concerns.answers_to_review(
        classroom.id, PER_PAGE + 1, taught_answer(after) if after else None
    )
    return render_template(
        "admin/review_list.html",
        classroom=classroom,
        page=page[:PER_PAGE],
        more=len(page) > PER_PAGE,
        count=concerns.count_to_review(classroom.id),
        Concern=Concern,
        first=not after,
    )
