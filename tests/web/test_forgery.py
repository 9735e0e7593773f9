"""Requests that nobody of ours meant: forged, with more than was asked for, with guessed names."""

from __future__ import annotations

import io
import json
import logging

import pytest
from flask import Flask
from werkzeug.routing import Rule

from pedabot.extensions import csrf, db
from pedabot.storage import people
from pedabot.storage.attachments import Attachment
from pedabot.storage.columns import new_slug
from pedabot.storage.people import Role
from pedabot.web.logs import JsonFormatter
from tests.conftest import Cast, Visit
from tests.web.pages import parse
from tests.web.test_pages import QUESTION, ask


def _changing(app: Flask) -> list[tuple[str, str]]:
    """Return method and path of every route that changes something, with slugs of nothing."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            found.append((method, _path(rule, "nothing")))
    return found


def _path(rule: Rule, value: str) -> str:
    built = rule.build(dict.fromkeys(rule.arguments, value), append_unknown=False)
    assert built is not None
    return built[1]


@pytest.mark.parametrize("who", ["", "admin"])
def test_no_change_is_made_without_the_token_of_a_form(app: Flask, visit: Visit, who: str) -> None:
    browser = visit(who)
    app.config["WTF_CSRF_ENABLED"] = True
    changing = _changing(app)
    assert len(changing) > 40
    for method, path in changing:
        for data in ({}, {"csrf_token": "x"}, {"csrf_token": "eyJ4Ijoie30ifQ.aaaa.bbbb"}):
            refused = browser.open(path, method=method, data=data)
            assert refused.status_code == 400, path
    assert not csrf._exempt_views
    assert not csrf._exempt_blueprints


def test_a_form_takes_only_its_own_fields(app: Flask, visit: Visit, cast: Cast) -> None:
    more = {"role": "admin", "edits_course": "1", "edits_prompts": "1", "id": "1", "slug": "mine"}
    more |= {"user_id": "1", "teaches": "1", "deactivated_at": "", "password_hash": "x"}
    data = {"code": cast.join_code, "username": "newcomer", "password": "four words at random"}
    browser = visit()
    assert browser.post("/join", data={**more, **data}).status_code == 303
    talk = ask(browser)
    browser.post(f"{talk}/rename", data={"title": "Neuf", **more})
    browser.post("/chat", data={"text": QUESTION, "level": "beginner", **more})
    with app.app_context():
        user = people.find_user("newcomer")
        assert user is not None
        assert user.role is Role.STUDENT
        assert (user.edits_course, user.edits_prompts) == (False, False)
        assert user.slug != "mine"
        assert [membership.teaches for membership in user.memberships] == [False]


def test_addresses_name_things_by_random_words() -> None:
    slugs = {new_slug() for _ in range(1000)}
    assert len(slugs) == 1000
    assert {len(slug) for slug in slugs} == {16}  # 96 bits
    assert len({slug[:3] for slug in slugs}) > 900


@pytest.mark.parametrize("number", ["9" * 30, "-1", "١", "0x1", ""])
@pytest.mark.parametrize(
    "path",
    ["course", "prompts", "comparisons", "predictions", "audit"],
)
def test_a_number_that_no_table_holds_is_none(visit: Visit, path: str, number: str) -> None:
    shown = visit("admin").get(f"/admin/{path}", query_string={"before": number})
    assert shown.status_code == 200


def test_numbers_of_rows_open_nothing(app: Flask, visit: Visit) -> None:
    student = visit("student")
    ask(student)
    with_slug = [rule for rule in app.url_map.iter_rules() if "slug" in rule.arguments]
    assert len(with_slug) > 20
    for rule in with_slug:
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        for number in ("1", "2", "0", "-1"):
            response = student.open(_path(rule, number), method=method)
            assert response.status_code in {403, 404}, rule.rule


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.py", "..\\..\\boot.py", "/etc/cron.d/x.py", "a/../../x.py", "C:\\x.py"],
)
def test_a_file_cannot_name_a_place(app: Flask, visit: Visit, name: str) -> None:
    file = {"files": (io.BytesIO(b"x = 1\n"), name)}
    visit("student").post("/chat", data={"text": QUESTION, "level": "beginner", **file})
    with app.app_context():
        kept = db.session.query(Attachment.name).all()
    assert all(not set("/\\:") & set(row.name) and ".." not in row.name for row in kept)


@pytest.mark.parametrize("path", ["../config.py", "%2e%2e/config.py", "/etc/passwd", "..%5cx"])
def test_no_file_beside_the_static_ones_is_served(visit: Visit, path: str) -> None:
    assert visit().get(f"/static/{path}").status_code in {301, 302, 308, 404}


@pytest.mark.parametrize("text", ["a\nb", "a\r\n{}", "\x1b[31m", "a\u2028b\u0085c"])
def test_an_event_of_the_log_is_one_line_whatever_it_says(text: str) -> None:
    record = logging.LogRecord("pedabot.x", logging.WARNING, "", 0, "said: %s", (text,), None)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert "\x1b" not in line
    assert json.loads(line)["event"] == f"said: {text}"


def test_a_name_in_the_request_reaches_no_header(visit: Visit) -> None:
    browser = visit("student")
    for path in ("/chat?x=a%0d%0aX-Evil:1", "/sign-in?next=%0d%0aX-Evil:1", "/x%0d%0aX-Evil:1"):
        assert "X-Evil" not in browser.get(path).headers


def test_the_sign_in_page_keeps_only_a_place_of_ours(visit: Visit) -> None:
    page = parse(visit().get("/sign-in?next=//evil.example").text)
    actions = [form.get("action") or "" for form in page.iter("form")]
    assert not any(action.startswith(("//", "http")) for action in actions)


@pytest.mark.parametrize("field", ["text", "level", "classroom", "subtopic"])
def test_a_file_under_the_name_of_a_text_is_no_text(visit: Visit, field: str) -> None:
    data: dict[str, object] = {"text": QUESTION, "level": "beginner"}
    data[field] = (io.BytesIO(b"x"), "x.txt")
    assert visit("student").post("/chat", data=data).status_code < 500


@pytest.mark.parametrize("body", [[1, 2], {"text": 3}, "x", None, {"text": [None]}])
def test_json_in_the_place_of_a_form_is_no_form(visit: Visit, body: object) -> None:
    assert visit("student").post("/chat", json=body).status_code == 422
