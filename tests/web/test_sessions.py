"""Sessions: new at each sign-in, ended by time, by their owner and by an administrator."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage.columns import utc_now
from pedabot.storage.sign_ins import SignIn
from tests.conftest import PASSWORD, Cast, Visit, Visitor, settings
from tests.web.pages import check_page, text_of

IDLE_MINUTES = 45


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    return settings(instance, PEDABOT_IDLE_MINUTES=str(IDLE_MINUTES), PEDABOT_SESSION_HOURS="3")


def _is_in(browser: Visitor) -> bool:
    return browser.get("/chat").status_code == 200


def _cookie(browser: Visitor) -> str:
    found = browser.get_cookie("pedabot")
    assert found is not None
    return found.value


def test_a_sign_in_makes_a_new_session_and_leaves_the_old_one_dead(visit: Visit) -> None:
    browser = visit("student")
    with browser.session_transaction() as session:
        first = dict(session)
        session["left by whoever sat here before"] = "x"
    old_cookie = _cookie(browser)
    browser.sign_in("classmate")
    with browser.session_transaction() as session:
        assert first["_user_id"] != session["_user_id"]
        assert "left by whoever sat here before" not in session
    thief = visit()
    thief.set_cookie("pedabot", old_cookie)
    assert not _is_in(thief)


def test_the_token_of_the_forms_is_new_after_a_sign_in(app: Flask, visit: Visit) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    browser = visit()

    def field() -> str | None:
        page = check_page(browser.get("/sign-in").text)
        return next(e.get("value") for e in page.iter("input") if e.get("name") == "csrf_token")

    token = field()
    credentials = {"username": "student", "password": PASSWORD, "csrf_token": token}
    headers = {"Referer": "http://localhost/sign-in"}
    assert browser.post("/sign-in", data=credentials, headers=headers).status_code == 303
    stale = browser.post("/sign-out", data={"csrf_token": token}, headers=headers)
    assert stale.status_code == 400
    assert _is_in(browser)


def test_a_browser_that_was_updated_gets_no_cookie_at_each_page(visit: Visit) -> None:
    browser = visit("student")
    browser.get("/chat")
    page = browser.get("/chat", headers={"User-Agent": "another"})
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers


def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(visit: Visit) -> None:
    browser, thief = visit("student"), visit()
    thief.set_cookie("pedabot", _cookie(browser))
    assert _is_in(thief)
    left = browser.post("/sign-out")
    assert left.headers["Clear-Site-Data"] == '"storage"'
    assert not _is_in(thief)


@pytest.mark.parametrize(
    ("minutes", "still_in"), [(IDLE_MINUTES - 1, True), (IDLE_MINUTES + 1, False)]
)
def test_a_session_without_a_page_ends(visit: Visit, minutes: int, still_in: bool) -> None:
    browser = visit("student")
    with browser.session_transaction() as session:
        session["seen"] -= 60 * minutes
    assert _is_in(browser) is still_in


def test_each_page_keeps_the_session_in_use(visit: Visit) -> None:
    browser = visit("student")
    for _page in range(3):
        with browser.session_transaction() as session:
            session["seen"] -= 60 * (IDLE_MINUTES - 1)
        assert _is_in(browser)


def test_a_session_ends_however_much_it_is_used(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    with app.app_context():
        (row,) = db.session.query(SignIn)
        assert row.expires_at - row.started_at >= timedelta(hours=3)
        row.expires_at = utc_now() - timedelta(seconds=1)
        db.session.commit()
    assert not _is_in(browser)
    visit("student")
    with app.app_context():
        assert db.session.query(SignIn).count() == 1  # the ended one is not kept


def test_the_other_sessions_end_once_the_password_is_given(visit: Visit) -> None:
    here, elsewhere = visit("student"), visit("student")
    classmate = visit("classmate")
    page = here.get("/account/sessions")
    check_page(page.text)
    assert text_of(page.text).count("Ouverte le") == 2
    assert text_of(page.text).count("celle-ci") == 1
    refused = here.post("/account/sessions", data={"confirmation": "not this one"})
    assert refused.status_code == 422
    assert _is_in(elsewhere)
    assert here.post("/account/sessions", data={"confirmation": PASSWORD}).status_code == 303
    assert _is_in(here)
    assert not _is_in(elsewhere)
    assert _is_in(classmate)


def test_an_administrator_ends_all_sessions_of_an_account(visit: Visit, cast: Cast) -> None:
    student, admin = visit("student"), visit("admin")
    path = f"/admin/accounts/{cast.slugs['student']}/sessions"
    assert visit("teacher").post(path).status_code == 403
    assert _is_in(student)
    assert admin.post(path).status_code == 303
    assert not _is_in(student)
    assert admin.post(f"/admin/accounts/{cast.slugs['admin']}/sessions").status_code == 403


def test_only_a_hash_of_the_token_is_kept(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    with browser.session_transaction() as session:
        token = session["_user_id"]
    assert len(token) >= 43  # 256 bits
    with app.app_context():
        (row,) = db.session.query(SignIn)
        assert token not in {row.token_hash, *map(str, vars(row).values())}


def test_a_changed_cookie_opens_nothing(visit: Visit) -> None:
    browser = visit("student")
    payload, _, rest = _cookie(browser).partition(".")
    thief = visit()
    for forged in (f"{payload}x.{rest}", payload, f"{payload}.{rest[:-4]}AAAA", "", "null"):
        thief.set_cookie("pedabot", forged)
        assert not _is_in(thief)
