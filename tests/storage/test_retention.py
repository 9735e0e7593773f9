"""What was kept long enough goes, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from huey.api import PeriodicTask

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import allowances, calls, conversations, password_links, people, retention
from pedabot.storage.allowances import AskedQuestion
from pedabot.storage.calls import Call
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.password_links import PasswordLink
from pedabot.storage.people import Classroom, User
from tests.conftest import Cast

pytestmark = pytest.mark.usefixtures("cast", "context")
DAY = timedelta(days=1)


def _user(name: str) -> User:
    user = people.find_user(name)
    assert user is not None
    return user


def _classroom(slug: str) -> Classroom:
    classroom = people.find_class(slug)
    assert classroom is not None
    return classroom


def _talk(name: str, classroom: Classroom | None, age: timedelta) -> str:
    """Make a conversation whose last question is of that age; returns its title."""
    title = f"{name} {age.days}"
    class_id = classroom.id if classroom else None
    talk = conversations.start_conversation(_user(name), class_id, title)
    conversations.add_question(talk, title, Difficulty.BEGINNER)
    talk.updated_at = utc_now() - age
    db.session.commit()
    return title


def _left() -> set[str]:
    db.session.expire_all()
    return {talk.title for talk in db.session.query(Conversation)}


@pytest.fixture
def talks(cast: Cast, context: None) -> None:
    """Conversations around the limits of 30 days (the class) and 100 (the school)."""
    with_days, without = _classroom(cast.classroom), _classroom(cast.other_classroom)
    with_days.settings.days_kept = 30
    for days in (29, 31, 99):
        _talk("student", with_days, days * DAY)
    for days in (99, 101):
        _talk("outsider", without, days * DAY)
        _talk("teacher", None, days * DAY)


@pytest.mark.usefixtures("talks")
@pytest.mark.parametrize(
    ("school_days", "left"),
    [
        (100, {"student 29", "outsider 99", "teacher 99"}),
        (0, {"student 29", "outsider 99", "outsider 101", "teacher 99", "teacher 101"}),
    ],
)
def test_a_class_keeps_as_long_as_it_says_and_the_others_as_the_school(
    school_days: int, left: set[str]
) -> None:
    now, before = utc_now(), _left()
    expected = retention.due(now, school_days)
    assert _left() == before  # a count deletes nothing
    assert dict(expected.conversations)["BTS SIO 2"] == 2
    assert retention.clear(now, school_days) == expected
    assert _left() == left
    assert {message.content for message in db.session.query(Message)} == left | {""}
    assert retention.due(now, school_days).total == 0


def test_more_than_one_transaction_can_hold_goes_too(cast: Cast, instance: Path) -> None:
    classroom = _classroom(cast.classroom)
    for number in range(retention.ROWS_AT_ONCE + 1):
        conversations.start_conversation(_user("student"), classroom.id, f"vvqz {number}")
    db.session.query(Conversation).update({"updated_at": utc_now() - 400 * DAY})
    db.session.commit()
    found = retention.clear(utc_now(), 365)
    assert found.conversations == (("BTS SIO 2", retention.ROWS_AT_ONCE + 1),)
    assert _left() == set()
    db.session.remove()
    assert b"vvqz" not in b"".join(path.read_bytes() for path in instance.glob("*.db*"))


def test_what_is_used_up_goes_and_what_still_serves_stays() -> None:
    user, now = _user("student"), utc_now()
    password_links.add_password_link(user)
    open_link = password_links.add_password_link(user)  # voids the first one
    talk = conversations.start_conversation(user, None, "?")
    answer = conversations.add_question(talk, "?", Difficulty.BEGINNER)
    db.session.flush()
    for age in (allowances.DAYS_KEPT - DAY, allowances.DAYS_KEPT + DAY):
        db.session.add(AskedQuestion(user_id=user.id, message=answer, asked_at=now - age))
    _call(now - 2 * DAY)
    _call(now)
    db.session.commit()
    found = retention.clear(now, 365)
    assert (found.password_links, found.asked_questions, found.calls) == (1, 1, 1)
    assert password_links.find_password_link(open_link) is not None
    for table in (PasswordLink, AskedQuestion, Call):
        assert db.session.query(table).count() == 1, table


def _call(since: datetime) -> None:
    calls.join("a process", since, DAY)


@pytest.mark.usefixtures("talks")
def test_the_command_shows_first_and_deletes_then(app: Flask) -> None:
    runner = app.test_cli_runner()
    shown = runner.invoke(args=["retention", "--dry-run"])
    assert shown.exit_code == 0, shown.output
    assert "BTS SIO 2: 2 conversation(s)" in shown.output
    assert "Nothing was deleted" in shown.output
    assert "student 99" in _left()
    assert "Deleted" in runner.invoke(args=["retention"]).output
    assert "student 99" not in _left()


@pytest.mark.usefixtures("talks")
def test_the_worker_deletes_each_night_and_when_it_starts(app: Flask) -> None:
    jobs = app.extensions["pedabot_jobs"]
    task = jobs.daily_tasks()["retention"]
    assert issubclass(task.task_class, PeriodicTask)
    hours = [hour for hour in range(24) if task.task_class().validate_datetime(_at(hour))]
    assert len(hours) == 1
    task.call_local()
    assert "student 99" not in _left()


def _at(hour: int) -> datetime:
    return datetime(2026, 11, 25, hour, 0)  # noqa: DTZ001 - as the queue asks, in UTC
