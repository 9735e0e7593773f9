"""Every route has a guard, and every guard turns away whom it should."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Rule

from pedabot.web.access import Guard, unguarded_endpoints
from tests.conftest import Cast, Visit

ALLOWED = {
    Guard.SIGNED_IN: {"student", "teacher", "admin"},
    Guard.TEACHER: {"teacher", "admin"},
    Guard.COURSE: {"admin"},  # and teachers with the right, in test_course_editing.py
    Guard.PROMPTS: {"admin"},  # and teachers with the right, in test_prompts.py
    Guard.ADMIN: {"admin"},
}


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def _guard(app: Flask, rule: Rule) -> Guard:
    return Guard(getattr(app.view_functions[rule.endpoint], "guard", ""))


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
        if _guard(app, rule) is Guard.PUBLIC:
            continue
        method, path = _address(rule)
        response = browser.open(path, method=method)
        assert response.status_code == 302, path
        assert response.location.startswith("/sign-in"), path
        guarded += 1
    assert guarded > 15


@pytest.mark.parametrize("name", ["student", "teacher", "admin"])
def test_a_role_without_the_right_gets_403(app: Flask, visit: Visit, name: str) -> None:
    browser = visit(name)
    for rule in _rules(app):
        guard = _guard(app, rule)
        if guard is Guard.PUBLIC or rule.endpoint == "accounts.sign_out":
            continue
        method, path = _address(rule)
        response = browser.open(path, method=method)
        assert (response.status_code == 403) == (name not in ALLOWED[guard]), path
        assert response.status_code < 500, path


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
