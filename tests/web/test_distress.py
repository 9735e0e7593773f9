"""A message of distress: the numbers at once, no model, a line for the teachers of the class."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import conversations, people
from pedabot.storage.alarms import Alarm
from pedabot.storage.predictions import Prediction
from tests.conftest import Cast, Visit, settings_with_model
from tests.mistral_server import MistralServer
from tests.web.pages import check_page, text_of
from tests.web.test_chat import answer_slug
from tests.web.test_pages import QUESTION, ask

MESSAGE = "jveux mourir, mon code marche pas"
LINE = "Le message d'un étudiant demande votre attention"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(instance, api)


@pytest.mark.parametrize(
    ("message", "first"),
    [(MESSAGE, "3114"), ("mon père me frappe", "119"), ("je me fais harceler", "3018")],
)
def test_the_right_numbers_come_at_once_and_nothing_leaves(
    app: Flask, visit: Visit, api: MistralServer, message: str, first: str
) -> None:
    browser = visit("student")
    page = browser.get(ask(browser, message)).text
    check_page(page)
    words = text_of(page)
    places = {number: words.index(number) for number in ("3114", "119", "3018")}
    assert min(places, key=lambda number: places[number]) == first
    assert "appelle le 15 ou le 112." in words
    assert "</ul>\n<p>Tu peux aussi en parler" in page
    assert "aucune IA" in words
    assert (api.requests, api.embedded) == ([], [])
    with app.app_context():
        assert db.session.query(Prediction).count() == 0


def test_what_follows_does_not_take_the_message_along(visit: Visit, api: MistralServer) -> None:
    browser = visit("student")
    path = ask(browser, MESSAGE)
    browser.post(f"{path}/questions", data={"text": QUESTION, "level": "beginner"})
    assert len(api.requests) == 1
    assert "mourir" not in repr(api.requests[0].body)
    assert "3114" not in repr(api.requests[0].body)


def test_it_is_no_question_for_a_comparison_of_prompts(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    browser = visit("student")
    ask(browser, MESSAGE)
    ask(browser, QUESTION)
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        opening = conversations.opening_questions(classroom.id, 10)
        assert [question.content for question in opening] == [QUESTION]


def test_whoever_was_misunderstood_is_answered(visit: Visit, api: MistralServer) -> None:
    browser = visit("student")
    path = ask(browser, MESSAGE)
    browser.post(f"/messages/{answer_slug(browser.get(path).text)}/anew")
    assert "3114" not in text_of(browser.get(path).text)


def test_the_teachers_of_the_class_see_a_line_until_one_takes_note(
    visit: Visit, cast: Cast
) -> None:
    teacher, colleague, stranger = visit("teacher"), visit("colleague"), visit("stranger")
    browser = visit("student")
    slug = answer_slug(browser.get(ask(browser, MESSAGE)).text)
    address = f"/admin/classes/{cast.classroom}/conversations"
    for reader in (teacher, colleague):
        page = reader.get(address).text
        check_page(page)
        assert LINE in text_of(page)
        assert "suicide" not in text_of(page)  # such a page may be on the projector
    other = f"/admin/classes/{cast.other_classroom}/conversations"
    assert LINE not in text_of(stranger.get(other).text)
    assert stranger.post(f"/admin/answers/{slug}/alarm").status_code == 404
    assert browser.post(f"/admin/answers/{slug}/alarm").status_code == 403
    page = colleague.post(f"/admin/answers/{slug}/alarm", follow_redirects=True).text
    check_page(page)
    assert LINE not in text_of(teacher.get(address).text)


def test_an_alarm_goes_with_the_conversation(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    browser.post(f"{ask(browser, MESSAGE)}/delete")
    with app.app_context():
        assert db.session.query(Alarm).count() == 0
