"""Answers of a page that are kept as HTML change when something about them does."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage.conversations import Feedback, Message
from pedabot.storage.people import User
from pedabot.storage.reviews import Note, Review, Verdict
from tests.conftest import Visit, Visitor
from tests.web.pages import text_of
from tests.web.test_pages import ask


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
