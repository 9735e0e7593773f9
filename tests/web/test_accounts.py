"""Joining, signing in, passwords, limits."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import password_links, people
from pedabot.storage.columns import utc_now
from pedabot.storage.password_links import PasswordLink
from pedabot.storage.people import User
from tests.conftest import PASSWORD, Cast, Visit, settings
from tests.web.pages import check_page, text_of

NEW_PASSWORD = "another horse battery"


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    return settings(
        instance,
        PEDABOT_QUESTION_LIMIT="2 per minute",
        PEDABOT_SIGN_IN_LIMIT="3 per minute",
    )


def test_a_student_joins_with_code_pseudonym_and_password(visit: Visit, cast: Cast) -> None:
    browser = visit()
    code = f"{cast.join_code[:4].lower()}-{cast.join_code[4:]}"
    data = {"code": code, "username": "Zoé D.", "password": NEW_PASSWORD}
    assert browser.post("/join", data=data).location == "/chat"
    assert browser.get("/chat").location == "/privacy?next=/chat"
    browser.post("/privacy")
    assert browser.get("/chat").status_code == 200
    assert "Zoé D." in visit("teacher").get(f"/admin/classes/{cast.classroom}/students").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "ZZZZZZZZ"}, "Aucune classe n'a ce code"),
        ({"username": "STUDENT"}, "déjà pris"),
        ({"username": "<b>"}, "Lettres, chiffres"),
        ({"password": "short"}, "Entre 10 et 128 caractères"),
    ],
)
def test_joining_says_what_is_wrong_and_makes_no_account(
    app: Flask, visit: Visit, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    with app.app_context():
        before = db.session.query(User).count()
    data = {"code": cast.join_code, "username": "newcomer", "password": NEW_PASSWORD, **change}
    response = visit().post("/join", data=data)
    assert response.status_code == 422
    assert sentence in text_of(response.text)
    with app.app_context():
        assert db.session.query(User).count() == before


def test_a_student_joins_a_second_class(app: Flask, visit: Visit, cast: Cast) -> None:
    with app.app_context():
        other = people.find_class(cast.other_classroom)
        assert other is not None
        code = other.join_code
    browser = visit("student")
    assert browser.post("/account/classes", data={"code": code}).status_code == 303
    assert "BTS SIO 1" in browser.get("/account").text


def test_a_wrong_password_is_refused_like_an_unknown_name(visit: Visit) -> None:
    pages = [
        text_of(visit().post("/sign-in", data={"username": name, "password": "wrong one"}).text)
        for name in ("student", "nobody")
    ]
    assert all("ne vont pas ensemble" in page for page in pages)


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/knowledge?q=cnn", "/knowledge?q=cnn"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\\/evil.example", "/"),
        ("/\t//evil.example", "/"),
        ("/\n//evil.example", "/"),
        ("/knowledge/\\/evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_leads_only_to_this_server(visit: Visit, wanted: str, goes_to: str) -> None:
    response = visit().post(
        "/sign-in",
        query_string={"next": wanted},
        data={"username": "student", "password": PASSWORD},
    )
    assert response.location == goes_to


@pytest.mark.parametrize(
    ("site", "secure"),
    [
        ("https://school.example", True),
        ("http://school.example", True),
        ("http://127.0.0.1.school.example", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost", False),
        ("https://localhost", True),
    ],
)
def test_cookies_are_for_this_site_only(visit: Visit, site: str, secure: bool) -> None:
    browser = visit()
    browser.environ_base.clear()
    credentials = {"username": "student", "password": PASSWORD}
    response = browser.post("/sign-in", base_url=site, data=credentials)
    cookies = response.headers.getlist("Set-Cookie")
    assert len(cookies) == 2  # the session, and the browser in which one has signed in
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is secure
        assert cookie.startswith("__Host-pedabot" if secure else "pedabot")
        assert "Path=/;" in cookie + ";"
        assert "Domain" not in cookie


def test_signing_out_ends_the_session(visit: Visit) -> None:
    browser = visit("student")
    browser.post("/sign-out")
    assert browser.get("/chat").status_code == 302


def test_changing_the_password_closes_the_other_sessions(visit: Visit) -> None:
    here, elsewhere = visit("student"), visit("student")
    data = {"current": PASSWORD, "password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    assert here.post("/account/password", data=data).status_code == 303
    assert here.get("/chat").status_code == 200
    assert elsewhere.get("/chat").status_code == 302


def test_a_wrong_present_password_changes_nothing(visit: Visit) -> None:
    browser = visit("student")
    data = {"current": "not this one", "password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    response = browser.post("/account/password", data=data)
    assert response.status_code == 422
    check_page(response.text)
    assert visit("student").get("/chat").status_code == 200


def _link(app: Flask, name: str) -> str:
    with app.app_context():
        user = people.find_user(name)
        assert user is not None
        token = password_links.add_password_link(user)
        db.session.commit()
    return f"/password/{token}"


def test_a_password_link_works_once(app: Flask, visit: Visit) -> None:
    link = _link(app, "student")
    browser = visit()
    check_page(browser.get(link).text)
    data = {"password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    assert browser.post(link, data=data).status_code == 303
    assert browser.get("/chat").status_code == 200
    assert visit().get(link).status_code == 410


def test_a_newer_or_expired_link_makes_the_older_one_void(app: Flask, visit: Visit) -> None:
    older, newer = _link(app, "student"), _link(app, "student")
    assert visit().get(older).status_code == 410
    assert visit().get(newer).status_code == 200
    with app.app_context():
        db.session.query(PasswordLink).update({"expires_at": utc_now() - timedelta(seconds=1)})
        db.session.commit()
    assert visit().get(newer).status_code == 410


def test_a_teacher_gives_a_link_to_a_student_of_the_class_only(visit: Visit, cast: Cast) -> None:
    teacher = visit("teacher")
    base = f"/admin/classes/{cast.classroom}/students"
    given = teacher.post(f"{base}/{cast.slugs['student']}/password-link", follow_redirects=True)
    assert "/password/" in given.text
    for name in ("outsider", "colleague", "admin"):
        assert teacher.post(f"{base}/{cast.slugs[name]}/password-link").status_code == 404


def test_an_administrator_makes_a_teachers_account(visit: Visit) -> None:
    data = {"username": "Mme Curie", "role": "teacher"}
    page = visit("admin").post("/admin/accounts", data=data, follow_redirects=True)
    assert "/password/" in page.text
    check_page(page.text)


def test_sign_ins_are_limited_by_name_and_not_for_the_whole_school(visit: Visit) -> None:
    browser = visit()
    for _attempt in range(3):
        browser.post("/sign-in", data={"username": "student", "password": "wrong one"})
    refused = browser.post("/sign-in", data={"username": "student", "password": PASSWORD})
    assert refused.status_code == 429
    assert visit("classmate").get("/chat").status_code == 200


def test_the_limit_says_when_to_try_again_and_counts_accepted_questions(visit: Visit) -> None:
    browser = visit("student")
    question = {"text": "C'est quoi la quantification ?", "level": "beginner"}
    assert browser.post("/chat", data={"text": ""}).status_code == 422  # costs nothing
    for _attempt in range(2):
        assert browser.post("/chat", data=question).status_code == 303
    refused = browser.post("/chat", data=question)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 60
    assert "Nouvel essai possible dans" in text_of(refused.text)
    check_page(refused.text)
    assert visit("classmate").post("/chat", data=question).status_code == 303


def test_a_body_that_is_too_large_is_refused(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    response = browser.post("/chat", data={"text": "x" * 8_400_000})
    assert response.status_code == 413
    check_page(response.text)


def test_what_is_too_large_is_read_to_its_end(visit: Visit) -> None:
    # A server that hangs up on a browser in mid-upload leaves it without any page.
    body = BytesIO(b"username=" + b"x" * 1_200_000)
    response = visit().post(
        "/sign-in",
        input_stream=body,
        content_length=len(body.getvalue()),
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 413
    assert body.read() == b""
