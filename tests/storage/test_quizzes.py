"""The answers to quizzes: all are kept, the latest counts."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, event

from pedabot.extensions import db
from pedabot.storage import people, quizzes
from pedabot.storage.people import Role, User
from pedabot.storage.quizzes import QuizResult

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def user(context: None) -> User:
    made = people.add_user("somebody", Role.STUDENT)
    db.session.commit()
    return made


def test_every_attempt_is_kept_and_the_latest_counts(user: User) -> None:
    for chosen, correct in ((1, False), (0, True)):
        quizzes.add_result(user, ("pooling", "q1"), chosen, correct)
    quizzes.add_result(user, ("pooling", "q2"), 0, True)
    quizzes.add_result(user, ("pooling", "q2"), 2, False)
    assert db.session.query(QuizResult).count() == 4
    assert quizzes.latest_choices(user, "pooling") == {"q1": 0, "q2": 2}
    assert quizzes.answered_right(user) == {("pooling", "q1")}


def test_the_same_question_in_two_notions_is_two_questions(user: User) -> None:
    quizzes.add_result(user, ("pooling", "q1"), 0, True)
    quizzes.add_result(user, ("convolution", "q1"), 1, False)
    assert quizzes.answered_right(user) == {("pooling", "q1")}
    assert quizzes.latest_choices(user, "convolution") == {"q1": 1}


def test_nobody_sees_the_answers_of_another(user: User) -> None:
    other = people.add_user("other", Role.STUDENT)
    db.session.commit()
    quizzes.add_result(user, ("pooling", "q1"), 0, True)
    quizzes.add_result(other, ("pooling", "q1"), 1, False)
    assert quizzes.answered_right(other) == set()
    assert quizzes.answered_right(user) == {("pooling", "q1")}


def test_the_answers_go_with_the_account(user: User) -> None:
    quizzes.add_result(user, ("pooling", "q1"), 0, True)
    db.session.execute(delete(User).where(User.id == user.id))
    db.session.commit()
    assert db.session.query(QuizResult).count() == 0


def test_the_whole_progress_is_one_query(user: User, app: Flask) -> None:
    for name in ("a", "b", "c"):
        quizzes.add_result(user, (name, "q1"), 0, True)
    assert user.id
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    assert len(quizzes.answered_right(user)) == 3
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) == 1
