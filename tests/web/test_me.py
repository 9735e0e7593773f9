"""The student's own page, and the review of the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.cards import QuizCard, find_card
from pedabot.storage.people import User
from pedabot.storage.quizzes import QuizResult
from pedabot.teaching import revision
from tests.conftest import Cast, Visit
from tests.web.pages import check_page, text_of
from tests.web.test_pages import ask

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Quiz:
    """A question of the running course: where it is, and which choices are right and wrong."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            document = app.extensions["pedabot_course"].current().document
        self.topic, self.subtopic = next(p for p in document.subtopics() if p[1].quiz)
        self.question = self.subtopic.quiz[0]
        self.key = self.question.key
        self.name = (self.subtopic.id, self.key)
        self.right = self.question.answer
        self.wrong = (self.right + 1) % len(self.question.choices)

    def form(self, choice: int | str) -> dict[str, str]:
        return {"subtopic": self.subtopic.id, "question": self.key, "choice": str(choice)}


@pytest.fixture
def quiz(app: Flask) -> Quiz:
    return Quiz(app)


@pytest.fixture
def student(app: Flask, cast: Cast) -> Iterator[User]:
    assert cast.slugs["student"]
    with app.app_context():
        user = people.find_user("student")
        assert user is not None
        yield user


def planned(user: User, quiz: Quiz) -> QuizCard:
    card = find_card(user, quiz.name)
    assert card is not None
    return card


def test_what_is_known_comes_back_later_and_later(student: User, quiz: Quiz) -> None:
    now, gaps = NOON, []
    for _ in range(4):
        revision.answer(student, quiz.name, quiz.right, True, now)
        due = planned(student, quiz).due_at
        gaps.append((due - now).days)
        now = due
    assert gaps == sorted(set(gaps))
    assert gaps[0] >= 1
    assert gaps[-1] > 20
    revision.answer(student, quiz.name, quiz.wrong, False, now)
    assert (planned(student, quiz).due_at - now).days < gaps[-1]


def test_only_what_is_due_and_still_in_the_course_is_asked(
    app: Flask, student: User, quiz: Quiz
) -> None:
    document = app.extensions["pedabot_course"].current().document
    revision.answer(student, quiz.name, quiz.wrong, False, NOON)
    revision.answer(student, (quiz.subtopic.id, "gone"), 0, False, NOON)
    later = NOON + timedelta(days=30)
    assert [name for name, _ in revision.due(student, document, later)] == [quiz.name]
    assert revision.due(student, document, NOON) == []


def test_an_answer_in_the_course_comes_back_for_review(
    app: Flask, visit: Visit, quiz: Quiz
) -> None:
    browser = visit("student")
    assert "chaque question reviendra ici" in text_of(browser.get("/me").text)
    page = f"/knowledge/{quiz.topic.id}/{quiz.subtopic.id}/quiz"
    browser.post(page, data=quiz.form(quiz.wrong))
    assert "La prochaine question revient le" in text_of(browser.get("/me").text)
    make_due(app)
    assert "1 question t'attend" in text_of(browser.get("/me").text)
    asked = browser.get("/me/review").text
    check_page(asked)
    assert quiz.key in asked
    explained = browser.post("/me/review", data=quiz.form(quiz.right), follow_redirects=True).text
    check_page(explained)
    assert "C'est juste" in text_of(explained)
    assert "Terminer" in text_of(explained)
    assert "Tu as tout revu" in text_of(browser.get("/me/review").text)
    with app.app_context():
        assert db.session.query(QuizResult).count() == 2
    assert "1 question" not in text_of(visit("classmate").get("/me").text)


def make_due(app: Flask) -> None:
    with app.app_context():
        card = db.session.query(QuizCard).one()
        card.due_at = card.reviewed_at = card.reviewed_at - timedelta(days=3)
        db.session.commit()


def test_a_review_without_a_choice_or_of_a_question_that_is_gone(visit: Visit, quiz: Quiz) -> None:
    browser = visit("student")
    refused = browser.post("/me/review", data=quiz.form(""))
    assert refused.status_code == 422
    check_page(refused.text)
    assert "Choisis une réponse" in text_of(refused.text)
    gone = browser.post("/me/review", data={"subtopic": "gone", "question": "x", "choice": "0"})
    assert gone.status_code == 303


def test_the_page_shows_what_was_asked_and_mastered(
    app: Flask, visit: Visit, quiz: Quiz, student: User
) -> None:
    browser = visit("student")
    path = ask(browser, "C'est quoi la quantification ?")
    for question in quiz.subtopic.quiz:
        name = (quiz.subtopic.id, question.key)
        revision.answer(student, name, question.answer, True, NOON)
    page = browser.get("/me").text
    check_page(page)
    assert path in page
    words = text_of(page)
    assert "C'est quoi la quantification ?" in words
    assert "1 sur" in words
    assert "C'est quoi" not in text_of(visit("classmate").get("/me").text)


def test_the_plan_goes_with_the_account(student: User, quiz: Quiz) -> None:
    revision.answer(student, quiz.name, quiz.right, True, NOON)
    db.session.execute(db.delete(User).where(User.id == student.id))
    db.session.commit()
    assert db.session.query(QuizCard).count() == 0
