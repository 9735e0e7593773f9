"""A class whose students are signed in, in a database of its own, made without the web."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import conversations, people
from pedabot.storage.conversations import Conversation, State
from pedabot.storage.people import Membership, Role, User
from pedabot.teaching.passwords import hash_password
from pedabot.teaching.processing import notice_version
from pedabot.web.access import sign_in

PASSWORD = "only for a benchmark"
SECRET = "a secret for benchmarks that is long enough"


@dataclass(frozen=True, slots=True)
class Student:
    """A signed-in student: the session's cookie, the token of its forms, a conversation begun."""

    username: str
    cookie: str
    csrf_token: str
    conversation: str


def settings(folder: Path, upstream: str, port: int) -> dict[str, str]:
    """Return the environment of PedaBot as ``make run`` serves it, but for addresses and limits."""
    return {
        "FLASK_INSTANCE_PATH": str(folder),
        "SECRET_KEY": SECRET,
        "PORT": str(port),
        "MISTRAL_SERVER_URL": upstream,
        "PEDABOT_EMBEDDING_MODEL": "none",
        "PEDABOT_CALLS_IN_FLIGHT": "1000",  # what is measured is the stream, not the queue
        "PEDABOT_QUESTION_LIMIT": "100000 per minute",
        "PEDABOT_REQUEST_LIMIT": "100000 per minute",
        "PEDABOT_SIGN_IN_LIMIT": "100000 per minute",
    }


def make_tables(environ: dict[str, str]) -> None:
    """Make the tables of the database, or leave them as they are."""
    app = create_app(environ)
    with app.app_context():
        upgrade()
        db.engine.dispose()


def found(environ: dict[str, str], students: int) -> list[Student]:
    """Make the database, a class, and students who have a conversation each."""
    make_tables(environ)
    app = create_app(environ)
    with app.app_context():
        talks = _talks(students)
        for user in db.session.scalars(select(User)):
            people.acknowledge(user, notice_version(app.config))
        db.session.commit()
        places = [(talk.user_id, talk.slug) for talk in talks]
    signed_in = [_signed_in(app, *place) for place in places]
    with app.app_context():
        db.engine.dispose()
    return signed_in


def talk(environ: dict[str, str], student: Student, messages: int) -> None:
    """Fill a student's conversation with questions of the course and answers from it."""
    app = create_app(environ)
    with app.app_context():
        course = app.extensions["pedabot_course"].current().document
        conversation = conversations.find_conversation(student.conversation)
        if conversation is None:
            raise LookupError(student.conversation)
        for topic, subtopic in list(course.subtopics())[: messages // 2]:
            text = subtopic.questions[0] if subtopic.questions else subtopic.title
            answer = conversations.add_question(conversation, text, subtopic.difficulty)
            answer.state, answer.engine, answer.in_scope = State.COMPLETE, "mistral", True
            answer.content = f"{subtopic.title} [1]\n\n{subtopic.content[:1500]}"
            source = {"topic": topic.id, "subtopic": subtopic.id, "title": subtopic.title}
            answer.sources = [{**source, "score": 1.0}]
        db.session.commit()
        db.engine.dispose()


def _talks(students: int) -> list[Conversation]:
    """Add a class to the session, and a conversation begun by each of its students."""
    classroom = people.add_class("BTS SIO 2", people.add_user("a teacher", Role.TEACHER))
    password = hash_password(PASSWORD)
    users = [people.add_user(f"student {n}", Role.STUDENT, password) for n in range(students)]
    for user in users:
        user.memberships.append(Membership(classroom=classroom))
    db.session.flush()
    return [conversations.start_conversation(user, classroom.id, "Bonjour") for user in users]


def _signed_in(app: Flask, user_id: int, conversation: str) -> Student:
    """Make the session that a sign-in would make, without its price."""
    with app.test_request_context():
        user = db.session.get_one(User, user_id)
        sign_in(user)
        token = generate_csrf()
        response = app.process_response(app.make_response(""))
        cookies = (cookie.split(";")[0] for cookie in response.headers.getlist("Set-Cookie"))
        cookie = "; ".join(cookies)
        return Student(user.username, cookie, token, conversation)
