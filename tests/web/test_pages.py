"""Every page is valid, labelled, and free of inline scripts and styles."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pedabot.web.security import HEADERS
from tests.conftest import Cast, Visit, Visitor
from tests.web.pages import check_page, text_of

QUESTION = "C'est quoi la quantification ?"

PAGES = {
    "": ["/", "/sign-in", "/join", "/join?code=ABC", "/nowhere"],
    "student": [
        "/chat",
        "/chat?subtopic=quantification",
        "/chat/history",
        "/knowledge",
        "/knowledge?difficulty=advanced",
        "/knowledge?q=quantification",
        "/knowledge?q=zzzzzz",
        "/knowledge?q=convolution&difficulty=beginner&difficulty=advanced",
        "/knowledge?open=all",
        "/knowledge/map",
        "/knowledge/optimisation/quantification",
        "/knowledge/cnn/convolution",
        "/account",
        "/me",
        "/me/review",
        "/me/review?subtopic=quantification&question=none",
        "/account/erase",
        "/admin",
    ],
    "teacher": ["/admin", "/admin/predictions", "/admin/costs", "/account", "/chat"],
    "admin": [
        "/admin/accounts",
        "/admin/models",
        "/admin/costs",
        "/admin/predictions?outcome=timeout",
        "/admin/course",
        "/admin/course/upload",
        "/admin/course/versions/1",
        "/admin/course/subtopics/quantification",
    ],
}


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, paths in PAGES.items() for path in paths]
)
def test_a_page_is_well_made(visit: Visit, name: str, path: str) -> None:
    response = visit(name).get(path)
    check_page(response.text)
    for header, value in HEADERS.items():
        assert response.headers[header] == value
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]


def ask(browser: Visitor, text: str = QUESTION, level: str = "beginner") -> str:
    """Ask as a browser without JavaScript does; returns the address of the conversation."""
    response = browser.post("/chat", data={"text": text, "level": level})
    assert response.status_code == 303, response.text
    return response.location


def test_the_pages_around_a_conversation_are_well_made(visit: Visit, cast: Cast) -> None:
    student, teacher = visit("student"), visit("teacher")
    path = ask(student)
    check_page(student.get(path).text)
    check_page(student.get("/chat/history").text)
    check_page(teacher.get(f"/admin/classes/{cast.classroom}").text)
    check_page(teacher.get(f"/admin/classes/{cast.classroom}/conversations").text)
    check_page(teacher.get(path.replace("/chat/", "/admin/conversations/")).text)
    check_page(teacher.get("/admin/predictions").text)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/sign-in", {"username": "student", "password": "wrong password"}),
        ("/join", {"code": "NOTACODE", "username": "x", "password": "short"}),
    ],
)
def test_a_refused_form_is_well_made_and_keeps_what_was_typed(
    visit: Visit, path: str, data: dict[str, str]
) -> None:
    response = visit().post(path, data=data)
    assert response.status_code == 422
    page = check_page(response.text)
    typed = page.find(f".//input[@name='username'][@value='{data['username']}']")
    assert typed is not None
    assert data["password"] not in response.text


def test_the_course_is_listed_by_difficulty(visit: Visit) -> None:
    browser = visit("student")
    everything = text_of(browser.get("/knowledge").text)
    advanced = text_of(browser.get("/knowledge?difficulty=advanced").text)
    assert "Quantification" in everything
    assert "Distillation de connaissances" in advanced
    assert "Opération de convolution" not in advanced


def test_the_course_is_searched(visit: Visit) -> None:
    found = text_of(visit("student").get("/knowledge?q=quantifcation").text)
    assert "Quantification" in found


def test_a_subtopic_shows_its_parts_and_its_neighbours(visit: Visit) -> None:
    words = text_of(visit("student").get("/knowledge/optimisation/quantification").text)
    for part in (
        "Poser une question au tuteur",
        "À retenir",
        "Exemples",
        "intermédiaire",
        "Élagage",
    ):
        assert part in words


@pytest.mark.parametrize(
    "path", ["/knowledge/cnn/quantification", "/knowledge/optimisation/nothing"]
)
def test_a_subtopic_that_is_not_there_gives_404(visit: Visit, path: str) -> None:
    assert visit("student").get(path).status_code == 404


def test_an_unexpected_error_shows_an_id_and_nothing_else(
    app: Flask, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    browser = visit("student")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.extensions["pedabot_course"] = None  # as if the program had a fault
    response = browser.get("/knowledge")
    assert response.status_code == 500
    check_page(response.text)
    assert "AttributeError" not in response.text
    number = re.search(r"demande ([0-9a-f]{10})", text_of(response.text))
    assert number is not None
    assert number[1] in caplog.text


def test_static_files_are_named_by_their_content(visit: Visit) -> None:
    browser = visit()
    address = re.search(r'href="(/static/css/base.css\?v=[0-9a-f]{12})"', browser.get("/").text)
    assert address is not None
    with browser.get(address[1]) as response:
        assert "max-age=31536000" in response.headers["Cache-Control"]
    assert browser.get("/sign-in").headers["Cache-Control"] == "no-store"
