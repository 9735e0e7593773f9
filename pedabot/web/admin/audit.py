"""The audit, for administrators: filtered, a page at a time, never changed."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from pedabot.storage import audit, people
from pedabot.storage.audit import Action, Entry
from pedabot.storage.people import Classroom, User
from pedabot.web.access import admin_only, row_number
from pedabot.web.admin.audit_words import action_name, detail_in_words, families
from pedabot.web.admin.filters import day_filters, without_page

bp = Blueprint("admin_audit", __name__, url_prefix="/admin/audit")
bp.add_app_template_filter(detail_in_words, "audit_detail")
bp.add_app_template_filter(action_name, "audit_action")

PER_PAGE = 50


@bp.get("")
@admin_only
def index() -> str:
    """What was done, newest first, with filters by person, kind of action and day."""
    name = request.args.get("person", "")[:64].strip()
    person = people.find_user(name) if name else None
    page = [] if name and person is None else _page(person)
    return render_template(
        "admin/audit.html",
        page=page[:PER_PAGE],
        more=len(page) > PER_PAGE,
        families=families(),
        filters=without_page(),
        unknown=name if name and person is None else "",
    )


def _page(person: User | None) -> list[Entry]:
    return audit.page_of_entries(
        PER_PAGE + 1,
        request.args.get("before", type=row_number),
        actions=_actions(request.args.get("action", "")),
        person=person,
        classroom=_classroom(),
        **day_filters(),
    )


def _classroom() -> Classroom | None:
    return people.find_class(request.args.get("classroom", ""))


def _actions(wanted: str) -> list[Action]:
    """Return the actions of the filter: one by its name, all of a family, or none for all."""
    return [action for action in Action if wanted in (action, action.family)]
