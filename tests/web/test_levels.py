"""The level that is proposed under an answer, and the mark of a guided class."""

from __future__ import annotations

import re

from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import people, quizzes
from tests.conftest import Cast, Visit, Visitor
from tests.web.pages import text_of
from tests.web.test_pages import QUESTION

GUIDED = "Ta classe est en mode guidé"


def conversation(browser: Visitor, *questions: str, level: str = "intermediate") -> str:
    """Ask one thing after another; return the path of the conversation."""
    path = "/chat"
    for text in questions:
        response = browser.post(path, data={"text": text, "level": level})
        page = response.location.partition("#")[0]
        path = f"{page}/questions"
    return page


def level_of(app: Flask, name: str) -> Difficulty:
    with app.app_context():
        user = people.find_user(name)
        assert user is not None
        return user.level


def test_after_not_understanding_a_lower_level_is_proposed_and_not_set(
    app: Flask, visit: Visit
) -> None:
    browser = visit("student")
    page = conversation(browser, QUESTION, "je n'ai pas compris")
    html = browser.get(page).text
    assert html.count("Passer au niveau") == 1
    assert "Passer au niveau débutant" in text_of(html)
    assert level_of(app, "student") is Difficulty.INTERMEDIATE
    assert browser.post(f"{page}/level", data={"level": "beginner"}).status_code == 303
    assert level_of(app, "student") is Difficulty.BEGINNER
    assert "Passer au niveau" not in browser.get(page).text


def test_after_right_answers_a_higher_level_is_proposed(app: Flask, visit: Visit) -> None:
    with app.app_context():
        user = people.find_user("student")
        assert user is not None
        for number in range(4):
            quizzes.add_result(user, ("pooling", f"key{number}"), 0, correct=True)
    browser = visit("student")
    page = conversation(browser, QUESTION, level="beginner")
    assert "Passer au niveau intermédiaire" in text_of(browser.get(page).text)


def test_without_a_reason_nothing_is_proposed(visit: Visit) -> None:
    browser = visit("student")
    assert "Passer au niveau" not in browser.get(conversation(browser, QUESTION)).text


def test_no_other_level_can_be_chosen_and_none_for_others(visit: Visit) -> None:
    page = conversation(visit("student"), QUESTION)
    assert visit("student").post(f"{page}/level", data={"level": "expert"}).status_code == 400
    assert visit("classmate").post(f"{page}/level", data={"level": "beginner"}).status_code == 404


def test_a_guided_class_is_told_so_and_is_led(app: Flask, cast: Cast, visit: Visit) -> None:
    browser = visit("student")
    assert GUIDED not in browser.get("/chat").text
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        classroom.settings.guided = True
        db.session.commit()
    assert GUIDED in browser.get("/chat").text
    html = browser.get(conversation(browser, QUESTION)).text
    assert GUIDED in html
    assert re.search("À toi de chercher", html)
