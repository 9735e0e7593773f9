"""What is written in the audit stays as it is until its day, and names nobody who is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from pedabot.extensions import db
from pedabot.storage import audit, people, retention
from pedabot.storage.audit import Action, Entry
from pedabot.storage.columns import utc_now
from pedabot.storage.erasure import erase
from pedabot.storage.people import User
from pedabot.storage.subjects import rows_about
from tests.conftest import Cast

pytestmark = pytest.mark.usefixtures("cast", "context")
ADDRESS = "192.0.2.7"


def _user(name: str) -> User:
    user = people.find_user(name)
    assert user is not None
    return user


def _entries() -> list[Entry]:
    db.session.expire_all()
    return list(db.session.scalars(select(Entry).order_by(Entry.id)))


@pytest.fixture
def noted(cast: Cast, context: None) -> None:
    """The student signed in, the teacher read what the student wrote, somebody tried a name."""
    teacher, student = _user("teacher"), _user("student")
    classroom = people.find_class(cast.classroom)
    audit.note(Action.SIGNED_IN, student, ADDRESS, 30)
    audit.note(Action.TALK_READ, teacher, ADDRESS, 30, subject=student, classroom=classroom)
    audit.note(Action.SIGN_IN_FAILED, None, ADDRESS, 30, subject=student)


@pytest.mark.usefixtures("noted")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET detail = 'nothing happened'",
        "UPDATE audit SET action = 'session.ended'",
        "UPDATE audit SET at = kept_until",
        "UPDATE audit SET kept_until = at",
        "UPDATE audit SET address = ''",
        "UPDATE audit SET address = '' WHERE actor_id IS NULL",
        "UPDATE audit SET actor_id = NULL WHERE actor_id IS NOT NULL",
        "UPDATE audit SET subject_id = NULL WHERE subject_id IS NOT NULL",
        "UPDATE audit SET class_id = NULL WHERE class_id IS NOT NULL",
        "UPDATE audit SET actor_id = (SELECT max(id) FROM users)",
        "DELETE FROM audit",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(change: str) -> None:
    with pytest.raises(DBAPIError, match="audit"):
        db.session.execute(text(change))
    db.session.rollback()
    assert [entry.address for entry in _entries()] == [ADDRESS] * 3


@pytest.mark.usefixtures("noted")
def test_an_entry_outlives_the_account_without_its_name_and_address() -> None:
    erase(_user("student"))
    signed_in, read, failed = _entries()
    assert (signed_in.actor, signed_in.address) == (None, "")
    assert (read.actor, read.subject, read.address) == (_user("teacher"), None, ADDRESS)
    assert (failed.subject, failed.address) == (None, ADDRESS)  # nobody knows whose it was
    erase(_user("teacher"))
    assert [entry.address for entry in _entries()] == ["", "", ADDRESS]
    assert [entry.action for entry in _entries()][1] is Action.TALK_READ


@pytest.mark.usefixtures("noted")
def test_what_has_reached_its_day_goes_and_nothing_else() -> None:
    audit.note(Action.MODELS_AWAKENED, None, "", 0)
    assert retention.clear(utc_now(), 365).audit_entries == 1
    assert len(_entries()) == 3


@pytest.mark.usefixtures("noted")
def test_a_copy_says_that_one_was_read_and_not_from_where() -> None:
    rows = list(dict(rows_about(_user("student").id))["audit"])
    assert [(row["action"], row["actor_id"], row["address"]) for row in rows] == [
        (Action.SIGNED_IN, _user("student").id, ADDRESS),
        (Action.TALK_READ, None, None),
        (Action.SIGN_IN_FAILED, None, None),
    ]
    theirs = list(dict(rows_about(_user("teacher").id))["audit"])
    assert [(row["action"], row["address"]) for row in theirs] == [(Action.TALK_READ, ADDRESS)]
