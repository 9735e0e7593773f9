"""What a teacher reads: classes, conversations with filters, the prediction log."""

from __future__ import annotations

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage.conversations import Conversation
from tests.conftest import Cast, Visit
from tests.web.pages import check_page, text_of
from tests.web.test_chat import answer_slug
from tests.web.test_pages import ask


def test_a_class_is_made_with_a_code_and_a_drawing_of_it(visit: Visit) -> None:
    browser = visit("teacher")
    page = browser.post("/admin", data={"name": "BTS SIO 2 SISR"}, follow_redirects=True).text
    parsed = check_page(page)
    assert parsed.find(".//{*}svg[@class='qr-code']") is not None
    assert "join?code=" in page


@pytest.fixture
def talks(visit: Visit) -> None:
    """Two students ask about two topics; one likes the answer, the other does not."""
    student, classmate, outsider = visit("student"), visit("classmate"), visit("outsider")
    liked = answer_slug(student.get(ask(student, "C'est quoi la quantification ?")).text)
    student.post(f"/messages/{liked}/feedback", data={"helpful": "1"})
    disliked = answer_slug(classmate.get(ask(classmate, "Une convolution, c'est quoi ?")).text)
    classmate.post(f"/messages/{disliked}/feedback", data={"helpful": "0", "reason": "trop dur"})
    ask(outsider, "À quoi sert le pooling ?")


@pytest.mark.usefixtures("talks")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"quantification", "convolution"}),
        ({"topic": "cnn"}, {"convolution"}),
        ({"thumb": "up"}, {"quantification"}),
        ({"thumb": "down"}, {"convolution"}),
        ({"from": "2999-01-01"}, set()),
        ({"to": "2000-01-01"}, set()),
        ({"from": "2000-01-01", "to": "2999-01-01"}, {"quantification", "convolution"}),
        ({"from": "not a day"}, {"quantification", "convolution"}),
        ({"student": "STUDENT"}, {"quantification"}),
    ],
)
def test_conversations_are_filtered(
    visit: Visit, cast: Cast, query: dict[str, str], expected: set[str]
) -> None:
    query = {name: cast.slugs["student"] if v == "STUDENT" else v for name, v in query.items()}
    response = visit("teacher").get(
        f"/admin/classes/{cast.classroom}/conversations", query_string=query
    )
    check_page(response.text)
    listed = text_of(response.text).split("Filtrer")[1].lower()
    assert {word for word in ("quantification", "convolution", "pooling") if word in listed} == (
        expected
    )


@pytest.mark.usefixtures("talks")
def test_a_teacher_reads_what_is_behind_an_answer(visit: Visit, app: Flask) -> None:
    with app.app_context():
        talk = db.session.query(Conversation).filter(Conversation.title.like("Une%")).one()
        slug = talk.slug
    words = text_of(visit("teacher").get(f"/admin/conversations/{slug}").text)
    for part in ("classmate", "Jugée pas utile", "trop dur", "offline", "complete"):
        assert part in words
    assert visit("stranger").get(f"/admin/conversations/{slug}").status_code == 404
    assert visit("admin").get(f"/admin/conversations/{slug}").status_code == 404


@pytest.mark.usefixtures("talks")
@pytest.mark.parametrize(
    ("name", "query", "rows"),
    [
        ("teacher", {}, 2),
        ("stranger", {}, 1),
        ("admin", {}, 3),
        ("admin", {"engine": "mistral"}, 0),
        ("admin", {"outcome": "complete", "from": "2000-01-01"}, 3),
    ],
)
def test_the_log_holds_the_attempts_that_one_may_see(
    visit: Visit, name: str, query: dict[str, str], rows: int
) -> None:
    response = visit(name).get("/admin/predictions", query_string=query)
    page = check_page(response.text)
    assert len(page.findall(".//table[@class='numbers attempts']/tbody/tr")) == rows
