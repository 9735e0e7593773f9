"""Every route has a guard, and every guard turns away whom it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.roles import RULES, Permission, Role, allows
from pedabot.web.access import unguarded_endpoints
from tests.conftest import PASSWORD, Cast, Visit
from tests.web.pages import text_of

DOCS = Path(__file__).parents[2] / "docs/architecture.md"


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def _guard(app: Flask, rule: Rule) -> Permission:
    return Permission(getattr(app.view_functions[rule.endpoint], "guard", ""))


def _address(rule: Rule) -> tuple[str, str]:
    """Return a method and a path for a rule, with a slug that names nothing."""
    values = dict.fromkeys(rule.arguments, "nothing")
    with_values = rule.build(values, append_unknown=False)
    assert with_values is not None
    return ("GET" if "GET" in (rule.methods or ()) else "POST"), with_values[1]


def test_every_route_declares_its_guard(app: Flask) -> None:
    with app.app_context():
        assert unguarded_endpoints() == []


def test_a_visitor_is_sent_to_the_sign_in_page(app: Flask, visit: Visit) -> None:
    browser = visit()
    guarded = 0
    for rule in _rules(app):
        if _guard(app, rule) is Permission.VISIT:
            continue
        method, path = _address(rule)
        response = browser.open(path, method=method)
        assert response.status_code == 302, path
        assert response.location.startswith("/sign-in"), path
        guarded += 1
    assert guarded > 15


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_right_gets_403(app: Flask, visit: Visit, role: Role) -> None:
    browser = visit(role.value)  # the cast has somebody of that name for each role
    for rule in _rules(app):
        guard = _guard(app, rule)
        if guard is Permission.VISIT or rule.endpoint == "accounts.sign_out":
            continue
        method, path = _address(rule)
        response = browser.open(path, method=method)
        assert (response.status_code == 403) == (not allows(guard, role)), path
        assert response.status_code < 500, path


@pytest.mark.parametrize("given", [Permission.EDIT_COURSE, Permission.EDIT_PROMPTS])
def test_a_permission_that_was_given_opens_its_routes_and_no_others(
    app: Flask, visit: Visit, given: Permission
) -> None:
    with app.app_context():
        colleague = people.find_user("colleague")
        assert colleague is not None
        colleague.edits_course = given is Permission.EDIT_COURSE
        colleague.edits_prompts = given is Permission.EDIT_PROMPTS
        db.session.commit()
    browser = visit("colleague")
    for rule in _rules(app):
        if rule.endpoint == "accounts.sign_out":
            continue
        method, path = _address(rule)
        guard = _guard(app, rule)
        allowed = allows(guard, Role.TEACHER, granted=guard is given)
        assert (browser.open(path, method=method).status_code != 403) == allowed, path


def test_every_permission_guards_something(app: Flask) -> None:
    assert {_guard(app, rule) for rule in _rules(app)} == set(Permission) == set(RULES)


def test_the_table_of_the_docs_is_the_table_of_the_code() -> None:
    lines = [
        f"| `{permission}` | {rule.meaning} | {'yes' if rule.visitors else ''} | "
        + " | ".join(_mark(permission, role) for role in Role)
        + " |"
        for permission, rule in RULES.items()
    ]
    assert "\n".join(lines) in DOCS.read_text(encoding="utf-8")


def _mark(permission: Permission, role: Role) -> str:
    if allows(permission, role):
        return "yes"
    return "if given" if allows(permission, role, granted=True) else ""


def test_a_deactivated_account_is_signed_out_and_stays_out(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    browser, admin = visit("student"), visit("admin")
    path = f"/admin/accounts/{cast.slugs['student']}/activity"
    admin.post(path, data={"active": "0"})
    assert browser.get("/chat").status_code == 302
    refused = visit().post("/sign-in", data={"username": "student", "password": PASSWORD})
    assert "désactivé" in text_of(refused.text)
    admin.post(path, data={"active": "1"})
    assert visit("student").get("/chat").status_code == 200


def test_a_student_sees_none_of_the_teachers_side(visit: Visit, cast: Cast) -> None:
    browser = visit("student")
    for path in ("/admin", f"/admin/classes/{cast.classroom}", "/admin/predictions"):
        assert browser.get(path).status_code == 403


def test_a_teacher_gets_404_for_the_class_of_another(visit: Visit, cast: Cast) -> None:
    browser = visit("stranger")
    assert browser.get(f"/admin/classes/{cast.classroom}").status_code == 404
    assert browser.get(f"/admin/classes/{cast.classroom}/conversations").status_code == 404
    assert browser.get(f"/admin/classes/{cast.other_classroom}").status_code == 200


def test_a_colleague_on_the_team_reads_the_class(visit: Visit, cast: Cast) -> None:
    assert visit("colleague").get(f"/admin/classes/{cast.classroom}").status_code == 200
