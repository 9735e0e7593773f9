"""What the tutor costs: today and this month, by class and by model."""

from __future__ import annotations

from flask import Blueprint, render_template

from pedabot.storage import people, spending
from pedabot.storage.people import Role
from pedabot.web import services
from pedabot.web.access import signed_in_user, teacher_only

bp = Blueprint("admin_costs", __name__, url_prefix="/admin/costs")


@bp.get("")
@teacher_only
def index() -> str:
    """The costs of the teacher's classes; an administrator sees those of the school."""
    user = signed_in_user()
    books = services.ledger()
    day = books.today()
    mine = people.classes_of(user, teaches=True)
    seen = None if user.role is Role.ADMIN else [classroom.slug for classroom in mine]
    by_class = spending.by_class(day, seen)
    return render_template(
        "admin/costs.html",
        day=day,
        by_class=by_class,
        by_model=spending.by_model(day, seen),
        today=sum(row.today for row in by_class),
        month=sum(row.month for row in by_class),
        classes=people.classes_by_slug(row.name for row in by_class),
        standings=services.standings_of(None),
        prices={price.model: price for price in books.prices.listed},
    )
