"""A teacher looks for words in what a class asked, narrows the list, and keeps track of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.reading import ReadMark
from tests.conftest import Cast, Visit, Visitor
from tests.web.pages import check_page, text_of
from tests.web.test_chat import answer_slug
from tests.web.test_pages import ask

QUANTIFY, CONVOLVE = "C'est quoi la quantification ?", "Une convolution, c'est quoi ?"
OUTSIDE = "Quelle est la capitale de la France ?"


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/admin/classes/{cast.classroom}/conversations"


@pytest.fixture
def talks(visit: Visit) -> dict[str, str]:
    """Two students ask one question each; returns the slugs of their conversations."""
    paths = {
        "student": ask(visit("student"), QUANTIFY),
        "classmate": ask(visit("classmate"), CONVOLVE),
    }
    ask(visit("outsider"), "La quantification des autres ?")
    return {name: path.rsplit("/", 1)[1] for name, path in paths.items()}


def listed(page: ET.Element) -> list[str]:
    """Return the addresses of the list, without what is asked for."""
    links = page.findall(".//ul[@data-key-list]/li/a") + page.findall(".//ol[@data-key-list]/li/a")
    return [link.get("href", "").split("?")[0].rsplit("/", 1)[1] for link in links]


def read(browser: Visitor, base: str, **query: str) -> ET.Element:
    return check_page(browser.get(base, query_string=query).text)


def test_words_are_shown_where_they_were_found(
    visit: Visit, base: str, talks: dict[str, str]
) -> None:
    page = read(visit("teacher"), base, q="quantifié")
    assert listed(page) == [talks["student"]]
    marks = [mark.text for mark in page.iter("mark")]
    assert "quantification" in marks
    link = page.find(".//ol[@data-key-list]/li/a")
    assert link is not None
    assert "#a-" in link.get("href", "")
    assert "q=quantifi" in link.get("href", "")


@pytest.mark.usefixtures("talks")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"q": "xylophone"}, "Aucune question ni réponse n'a tous ces mots."),
        ({"q": "c'est quoi"}, "Ces mots sont trop courants pour être cherchés"),
        ({"q": '"*( OR NEAR'}, "Aucune question ni réponse n'a tous ces mots."),
        ({"q": "x" * 5000}, "Aucune question ni réponse n'a tous ces mots."),
        ({"topic": "nowhere"}, "Aucune conversation ne répond à ces filtres."),
        ({"review": "1"}, "Rien à relire"),
    ],
)
def test_what_is_not_found_says_what_to_do(
    visit: Visit, base: str, query: dict[str, str], said: str
) -> None:
    response = visit("teacher").get(base, query_string=query)
    check_page(response.text)
    assert said in text_of(response.text)


@pytest.mark.usefixtures("talks")
@pytest.mark.parametrize("name", ["stranger", "admin", "student"])
def test_nobody_else_searches_the_class(visit: Visit, base: str, name: str) -> None:
    assert visit(name).get(base, query_string={"q": "quantification"}).status_code in (403, 404)


def test_the_results_are_narrowed_and_ordered_as_the_address_says(
    visit: Visit, base: str, talks: dict[str, str], cast: Cast
) -> None:
    teacher, student = visit("teacher"), cast.slugs["student"]
    for order in ("relevance", "date", "nonsense"):
        page = read(teacher, base, q="quantification", student=student, order=order)
        assert listed(page) == [talks["student"]]
        current = page.findall(".//nav/a[@aria-current='true']")
        assert len(current) == (0 if order == "nonsense" else 1)
    assert not listed(read(teacher, base, q="quantification", student=cast.slugs["classmate"]))


def test_results_are_paged(visit: Visit, base: str, app: Flask) -> None:
    student, teacher = visit("student"), visit("teacher")
    path = ask(student, QUANTIFY)
    with app.app_context():
        answer = db.session.query(Message).filter_by(author="tutor").one()
        for _ in range(31):
            _repeat(answer)
        db.session.commit()
    assert path
    for order in ("relevance", "date"):
        page = read(teacher, base, q="quantification", order=order)
        assert len(listed(page)) == 30
        following = page.find(".//p/a[@class='button quiet']")
        assert following is not None
        rest = check_page(teacher.get(following.get("href", "")).text)
        assert len(listed(rest)) == 2


def _repeat(answer: Message) -> None:
    question = answer.question
    assert question is not None
    copy = Message(
        conversation=answer.conversation,
        author=question.author,
        state=question.state,
        content=question.content,
        level=question.level,
    )
    db.session.add(copy)
    db.session.add(
        Message(
            conversation=answer.conversation,
            question=copy,
            author=answer.author,
            state=answer.state,
            content=answer.content,
            level=answer.level,
        )
    )


def test_what_was_read_is_marked_for_its_reader_alone(
    visit: Visit, base: str, talks: dict[str, str]
) -> None:
    teacher, colleague = visit("teacher"), visit("colleague")
    unread = read(teacher, base, unread="1")
    assert len(listed(unread)) == 2
    teacher.get(f"/admin/conversations/{talks['student']}")
    assert listed(read(teacher, base, unread="1")) == [talks["classmate"]]
    assert len(read(teacher, base).findall(".//li[@class='unread']")) == 1
    assert len(listed(read(colleague, base, unread="1"))) == 2
    teacher.get(f"/admin/conversations/{talks['classmate']}")
    assert "Vous avez tout lu." in text_of(teacher.get(f"{base}?unread=1").text)


def test_a_new_question_makes_a_conversation_unread(
    visit: Visit, base: str, talks: dict[str, str]
) -> None:
    teacher = visit("teacher")
    for slug in talks.values():
        teacher.get(f"/admin/conversations/{slug}")
    visit("student").post(f"/chat/{talks['student']}/questions", data={"text": "Et l'élagage ?"})
    assert listed(read(teacher, base, unread="1")) == [talks["student"]]


def test_read_marks_are_changed_from_the_list(
    visit: Visit, base: str, talks: dict[str, str], app: Flask
) -> None:
    teacher = visit("teacher")
    for said, count in (("1", 1), ("1", 1), ("0", 0), ("0", 0)):
        response = teacher.post(
            f"/admin/conversations/{talks['student']}/read?topic=cnn", data={"read": said}
        )
        assert response.status_code == 303
        assert response.location.endswith(f"{base}?topic=cnn")
        with app.app_context():
            assert db.session.query(ReadMark).count() == count
    for name in ("stranger", "admin"):
        refused = visit(name).post(f"/admin/conversations/{talks['student']}/read")
        assert refused.status_code == 404


def test_conversations_are_read_one_after_the_other(
    visit: Visit, base: str, talks: dict[str, str], cast: Cast
) -> None:
    teacher = visit("teacher")
    third = ask(visit("student"), "À quoi sert l'élagage ?").rsplit("/", 1)[1]
    newest = check_page(teacher.get(f"/admin/conversations/{third}").text)
    assert _neighbours(newest) == {"next": talks["classmate"]}
    middle = check_page(teacher.get(f"/admin/conversations/{talks['classmate']}").text)
    assert _neighbours(middle) == {"prev": third, "next": talks["student"]}
    narrowed = f"?student={cast.slugs['student']}"
    oldest = check_page(teacher.get(f"/admin/conversations/{talks['student']}{narrowed}").text)
    assert _neighbours(oldest) == {"prev": third}
    link = oldest.find(".//a[@rel='prev']")
    assert link is not None
    assert link.get("href", "").endswith(narrowed)


def _neighbours(page: ET.Element) -> dict[str, str]:
    return {
        link.get("rel", ""): link.get("href", "").split("?")[0].rsplit("/", 1)[1]
        for link in page.iter("a")
        if link.get("rel") in {"prev", "next"}
    }


def test_what_is_to_review_is_a_filter(visit: Visit, base: str, talks: dict[str, str]) -> None:
    teacher, student = visit("teacher"), visit("student")
    path = ask(student, OUTSIDE)
    assert talks
    assert listed(read(teacher, base, review="1")) == [path.rsplit("/", 1)[1]]
    teacher.post(f"/admin/answers/{answer_slug(student.get(path).text)}/approve")
    assert listed(read(teacher, base, review="1")) == []


@pytest.mark.usefixtures("talks")
@pytest.mark.parametrize(
    "query",
    [
        {"slug": "x", "_external": "1", "endpoint": "y", "_anchor": "z"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"level": "impossible", "engine": "x" * 3000, "student": "\x00"},
        {"q": "quantification", "order": "date", "unread": "1", "review": "1", "thumb": "down"},
    ],
)
def test_an_address_that_somebody_made_up_is_borne(
    visit: Visit, base: str, query: dict[str, str], app: Flask
) -> None:
    response = visit("teacher").get(base, query_string=query)
    assert response.status_code == 200
    check_page(response.text)
    with app.app_context():
        slug = db.session.query(Conversation).filter_by(title=QUANTIFY).one().slug
    page = visit("teacher").get(f"/admin/conversations/{slug}", query_string=query)
    assert page.status_code == 200


@pytest.mark.usefixtures("talks")
def test_the_keys_are_told_on_the_page(visit: Visit, base: str) -> None:
    page = read(visit("teacher"), base)
    dialog = page.find(".//dialog[@id='keys']")
    assert dialog is not None
    assert [key.text for key in dialog.iter("kbd")] == ["j", "k", "Entrée", "m", "?"]
