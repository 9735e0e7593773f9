"""A person takes away what is kept about them, and erases it."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.identities import Identity
from pedabot.storage.people import Membership, Role
from tests.conftest import PASSWORD, Cast, Visit
from tests.web.pages import check_page, parse, text_of
from tests.web.test_pages import QUESTION, ask

CONFIRMED = {"confirmation": PASSWORD}


def _exists(app: Flask, name: str) -> bool:
    with app.app_context():
        return people.find_user(name) is not None


def test_a_student_takes_everything_away(visit: Visit) -> None:
    student, classmate = visit("student"), visit("classmate")
    student.get(ask(student))
    ask(classmate, "Une convolution, c'est quoi ?")
    response = student.get("/account/data")
    assert "attachment; filename=pedabot-student-" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    with ZipFile(BytesIO(response.data)) as archive:
        page = archive.read("mes-donnees.html").decode()
        tables = json.loads(archive.read("donnees.json"))
        assert b"--ink" in archive.read("mes-donnees.css")
    parse(page)
    words = text_of(page)
    assert QUESTION in words
    assert "BTS SIO 2" in words
    assert "convolution, c'est" not in words
    assert [row["username"] for row in tables["users"]] == ["student"]
    assert [row["author"] for row in tables["messages"]] == ["student", "tutor"]
    assert len(tables["predictions"]) == 1


def test_a_student_erases_the_account_with_the_password(app: Flask, visit: Visit) -> None:
    browser, elsewhere = visit("student"), visit("student")
    ask(browser)
    page = browser.get("/account/erase").text
    check_page(page)
    assert "définitif" in text_of(page)
    refused = browser.post("/account/erase", data={"confirmation": "not this one"})
    assert refused.status_code == 422
    check_page(refused.text)
    assert _exists(app, "student")
    done = browser.post("/account/erase", data=CONFIRMED, follow_redirects=True)
    assert "effacés" in text_of(done.text)
    assert not _exists(app, "student")
    assert browser.get("/chat").status_code == elsewhere.get("/chat").status_code == 302


def test_who_signs_in_with_the_schools_account_alone_types_the_name(
    app: Flask, visit: Visit
) -> None:
    browser = visit("student")
    with app.app_context():
        user = people.find_user("student")
        assert user is not None
        user.password_hash = None
        db.session.add(Identity(user_id=user.id, issuer="https://school.example", subject="7"))
        db.session.commit()
    check_page(browser.get("/account/erase").text)
    assert browser.post("/account/erase", data=CONFIRMED).status_code == 422
    assert browser.post("/account/erase", data={"confirmation": "Student"}).status_code == 303
    assert not _exists(app, "student")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("admin", "reste un administrateur"), ("stranger", "n'aurait plus d'enseignant")],
)
def test_nobody_leaves_the_server_or_a_class_without_anybody(
    app: Flask, visit: Visit, name: str, sentence: str
) -> None:
    refused = visit(name).post("/account/erase", data=CONFIRMED)
    assert refused.status_code == 422
    assert sentence in text_of(refused.text)
    assert _exists(app, name)


def test_a_teacher_with_a_colleague_may_go(app: Flask, visit: Visit) -> None:
    assert visit("teacher").post("/account/erase", data=CONFIRMED).status_code == 303
    assert not _exists(app, "teacher")


def test_a_teacher_erases_a_student_of_this_class_only(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    teacher = visit("teacher")
    path = f"/admin/classes/{cast.classroom}/students/{cast.slugs['student']}/erase"
    check_page(teacher.get(path).text)
    assert teacher.post(path, data={"confirmation": "not this one"}).status_code == 422
    assert _exists(app, "student")
    assert visit("stranger").post(path, data=CONFIRMED).status_code == 404
    assert teacher.post(path, data=CONFIRMED).status_code == 303
    assert not _exists(app, "student")


def test_a_teacher_erases_nobody_who_belongs_elsewhere(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    with app.app_context():
        other, student = people.find_class(cast.other_classroom), people.find_user("student")
        classmate = people.find_user("classmate")
        assert other is not None
        assert student is not None
        assert classmate is not None
        db.session.add(Membership(user=student, classroom=other))
        classmate.role = Role.TEACHER  # a teacher who learns in the class
        db.session.commit()
    for name in ("student", "classmate"):
        path = f"/admin/classes/{cast.classroom}/students/{cast.slugs[name]}/erase"
        refused = visit("teacher").post(path, data=CONFIRMED)
        assert refused.status_code == 422
        assert "ailleurs" in text_of(refused.text)
        assert _exists(app, name)


def test_an_administrator_erases_any_account_but_their_own_here(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    admin = visit("admin")
    for name in ("stranger", "outsider"):
        path = f"/admin/accounts/{cast.slugs[name]}/erase"
        check_page(admin.get(path).text)
        assert admin.post(path, data=CONFIRMED).status_code == 303
        assert not _exists(app, name)
    own = f"/admin/accounts/{cast.slugs['admin']}/erase"
    assert admin.post(own, data=CONFIRMED).status_code == 403
