"""What is kept of a conversation's page as HTML changes when something about it does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import courses
from pedabot.storage.class_settings import ClassSettings
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import Membership, User
from pedabot.storage.reviews import Note, Review, Verdict
from pedabot.web.kept import INSIDE
from tests.conftest import Visit, Visitor
from tests.web.pages import parse, text_of
from tests.web.test_pages import ask

FIRST = Path(__file__).parents[2] / "knowledge.json"


def page_of_two(browser: Visitor) -> str:
    """Ask twice in one conversation; returns its path. The first answer is kept then."""
    path = ask(browser)
    browser.post(f"{path}/questions", data={"text": "et un exemple ?", "level": "beginner"})
    browser.get(path)
    return path


def first_answer(page: str) -> str:
    """Return the HTML of the first answer of a page."""
    return str(re.findall(r"<article class=\"answer.*?</article>", page, re.DOTALL)[0])


def test_an_answer_that_is_kept_is_what_was_made(visit: Visit) -> None:
    browser = visit("student")
    path = page_of_two(browser)
    assert text_of(browser.get(path).text) == text_of(browser.get(path).text)


def test_forms_of_a_kept_answer_have_the_token_of_each_session(visit: Visit) -> None:
    first, second = visit("student"), visit("student")
    path = page_of_two(first)
    pages = [first_answer(browser.get(path).text) for browser in (first, second)]
    tokens = [set(re.findall(r'name="csrf_token" value="([^"]+)"', page)) for page in pages]
    assert all(len(each) == 1 for each in tokens)
    assert tokens[0] != tokens[1]


@pytest.mark.parametrize("change", ["feedback", "correction", "note", "stored anew"])
def test_what_is_said_of_an_answer_is_seen_at_once(visit: Visit, app: Flask, change: str) -> None:
    browser = visit("student")
    path = page_of_two(browser)
    before = first_answer(browser.get(path).text)
    with app.app_context():
        answers = db.session.query(Message).filter_by(author="tutor").order_by(Message.id)
        message, teacher = (
            answers.all()[0],
            db.session.query(User).filter_by(role="teacher").all()[0],
        )
        if change == "feedback":
            db.session.add(Feedback(message=message, helpful=True))
        elif change == "correction":
            verdict = {"verdict": Verdict.CORRECTED, "correction": "Autrement."}
            db.session.add(Review(message=message, teacher=teacher, **verdict))
        elif change == "note":
            note = {"for_student": True, "text": "Relis la page."}
            db.session.add(Note(message=message, teacher=teacher, **note))
        else:
            message.content = "Tout autre chose."
        db.session.commit()
    assert first_answer(browser.get(path).text) != before


def test_a_page_has_the_token_of_its_own_session_and_no_other(visit: Visit) -> None:
    path = page_of_two(visit("student"))
    pages = [visit("student").get(path).text for _ in range(2)]
    tokens = [set(re.findall(r'name="csrf_token" value="([^"]+)"', page)) for page in pages]
    assert all(len(each) == 1 for each in tokens)
    assert tokens[0] != tokens[1]
    assert INSIDE not in pages[1]


def _pause(app: Flask) -> None:
    db.session.query(ClassSettings).update({"paused": True})


def _leave(app: Flask) -> None:
    student = db.session.query(User).filter_by(username="student").one()
    db.session.query(Membership).filter_by(user_id=student.id).delete()


def _guide(app: Flask) -> None:
    db.session.query(ClassSettings).update({"guided": True})


def _allow_less(app: Flask) -> None:
    db.session.query(ClassSettings).update({"questions_per_day": 3})


def _allow_none(app: Flask) -> None:
    db.session.query(ClassSettings).update({"questions_per_day": 1})


def _rename(app: Flask) -> None:
    db.session.query(Conversation).update({"title": "Un titre tout neuf"})


def _rename_student(app: Flask) -> None:
    db.session.query(User).filter_by(username="student").update({"username": "Neuf"})


def _begin_another(app: Flask) -> None:
    user = db.session.query(User).filter_by(username="student").one()
    db.session.add(Conversation(user=user, title="Une autre conversation"))


def _shorten(app: Flask) -> None:
    app.config["PEDABOT_MAX_QUESTION_LENGTH"] = 123


def _change_course(app: Flask) -> None:
    document = json.loads(FIRST.read_text().replace("Pooling", "Mise en commun"))
    courses.activate(courses.add_version(json.dumps(document), "another"))
    app.extensions["pedabot_course"].forget()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_pause, "en pause"),
        (_leave, "Tu n'es plus dans la classe"),
        (_guide, "mode guidé"),
        (_allow_less, "1 question aujourd"),
        (_allow_none, "Plus de question"),
        (_rename, "Un titre tout neuf"),
        (_rename_student, "Neuf"),
        (_begin_another, "Une autre conversation"),
        (_shorten, "123 caractères"),
        (_change_course, "Mise en commun"),
    ],
)
def test_what_changes_around_the_turns_is_seen_at_once(
    visit: Visit, app: Flask, change: Callable[[Flask], None], words: str
) -> None:
    browser = visit("student")
    path = page_of_two(browser)
    with app.app_context():
        db.session.query(Conversation).update({"subtopic": "pooling"})
        db.session.commit()
    assert words not in text_of(browser.get(path).text)
    with app.app_context():
        change(app)
        db.session.commit()
    assert words in text_of(browser.get(path).text)


def test_the_level_that_is_chosen_is_that_of_the_student(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    path = page_of_two(browser)
    for level in ("beginner", "advanced"):
        with app.app_context():
            db.session.query(User).filter_by(username="student").update({"level": level})
            db.session.commit()
        chosen = parse(browser.get(path).text).findall(".//input[@name='level'][@checked]")
        assert [element.get("value") for element in chosen] == [level]


def test_the_page_is_in_the_language_of_each_reader(visit: Visit) -> None:
    browser = visit("student")
    path = page_of_two(browser)
    for language in ("fr", "en", "fr"):
        words = text_of(browser.get(path, headers={"Accept-Language": language}).text)
        for french in ("Répondre à nouveau", "Mes conversations", "Question :", "débutant"):
            assert (french in words) == (language == "fr"), french


def test_where_nobody_may_ask_answers_offer_nothing(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    path = page_of_two(browser)
    for paused in (False, True, False):
        with app.app_context():
            db.session.query(ClassSettings).update({"paused": paused})
            db.session.commit()
        assert ("Répondre à nouveau" in first_answer(browser.get(path).text)) != paused


def test_a_message_that_is_shown_once_is_shown_once(visit: Visit) -> None:
    browser = visit("student")
    path = page_of_two(browser)
    with browser.session_transaction() as session:
        session["_flashes"] = [("message", "Cela se dit une fois.")]
    said = ["Cela se dit une fois." in browser.get(path).text for _ in range(3)]
    assert said == [True, False, False]


def test_a_correction_of_the_tutor_goes_when_it_is_withdrawn(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    path = page_of_two(browser)
    seen = []
    for verdict in (Verdict.CORRECTED, None, Verdict.CORRECTED):
        with app.app_context():
            db.session.query(Review).delete()
            if verdict:
                answer = db.session.query(Message).filter_by(author="tutor").first()
                assert answer is not None
                db.session.add(Review(message=answer, verdict=verdict, correction="Autrement."))
            db.session.commit()
        seen.append("Autrement." in browser.get(path).text)
    assert seen == [True, False, True]
