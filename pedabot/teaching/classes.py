"""Classes: making, copying and archiving one, and joining it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from pedabot.extensions import db
from pedabot.storage import people, rosters
from pedabot.storage.class_settings import ClassSettings
from pedabot.storage.columns import utc_now
from pedabot.storage.people import Classroom, Membership, Role, User
from pedabot.teaching import passwords


class ClassError(Exception):
    """Something about a class or an account that a person can put right."""


class UnknownCodeError(ClassError):
    """No class has this join code."""


class ClosedCodeError(ClassError):
    """The code was right, and lets nobody in any more."""


class NameTakenError(ClassError):
    """Another account bears this name already."""


def create_class(name: str, teacher: User) -> Classroom:
    """Make a class with its join code. Commits."""
    classroom = people.add_class(" ".join(name.split()), teacher)
    db.session.commit()
    return classroom


def copy_class(classroom: Classroom, name: str, teacher: User) -> Classroom:
    """Make a class with the settings and the team of another, without its students. Commits."""
    copied = people.add_class(" ".join(name.split()), teacher)
    for column in inspect(ClassSettings).column_attrs:
        if column.key not in {"class_id", "paused"}:
            setattr(copied.settings, column.key, getattr(classroom.settings, column.key))
    team = [user for user in rosters.team_of(classroom) if user is not teacher]
    copied.memberships += [Membership(user=user, teaches=True) for user in team]
    db.session.commit()
    return copied


def archive(classroom: Classroom) -> None:
    """Make a class read-only and hide it from lists. Commits."""
    classroom.archived_at = utc_now()
    db.session.commit()


def restore(classroom: Classroom) -> None:
    """Bring an archived class back. Commits."""
    classroom.archived_at = None
    db.session.commit()


def renew_code(classroom: Classroom) -> None:
    """Give the class another join code; the earlier one lets nobody in any more. Commits."""
    classroom.join_code = people.new_join_code()
    db.session.commit()


def open_code(classroom: Classroom, until: datetime | None) -> None:
    """Let the code work, for ever or until a moment. Commits."""
    classroom.join_closed, classroom.join_until = False, until
    db.session.commit()


def close_code(classroom: Classroom) -> None:
    """Let nobody join with the code until it is opened again. Commits."""
    classroom.join_closed, classroom.join_until = True, None
    db.session.commit()


def remove_student(classroom: Classroom, student: User) -> None:
    """Take a student out of a class; what they asked there stays. Commits."""
    membership = people.membership_of(student, classroom.id)
    if membership is not None and not membership.teaches:
        db.session.delete(membership)
        db.session.commit()


def create_account(username: str, role: Role, password: str | None = None) -> User:
    """Make an account; without a password it opens by a link only. Commits.

    Raises:
        NameTakenError: if the name is in use, whatever its case.
    """
    password_hash = passwords.hash_password(password) if password else None
    user = people.add_user(username, role, password_hash)
    _commit_new(user)
    return user


def join_as_new_student(code: str, username: str, password: str) -> User:
    """Make a student's account in the class of the code, at the level of the class. Commits.

    Raises:
        UnknownCodeError: if no class has the code; no account is made then.
        ClosedCodeError: if its class lets nobody in.
        NameTakenError: if the name is in use.
    """
    classroom = class_by_code(code)
    level = classroom.settings.level  # now: a look once the name is added would write it too early
    user = people.add_user(username, Role.STUDENT, passwords.hash_password(password))
    user.level = level
    user.memberships.append(Membership(classroom=classroom))
    _commit_new(user)
    return user


def join(code: str, user: User) -> Classroom:
    """Add an account to the class of the code, if it is not in it yet. Commits.

    Raises:
        UnknownCodeError: if no class has the code.
        ClosedCodeError: if its class lets nobody in.
    """
    classroom = class_by_code(code)
    if not people.is_member(user, classroom.id):
        db.session.add(Membership(user=user, classroom=classroom))
        db.session.commit()
    return classroom


def class_by_code(code: str) -> Classroom:
    """Return the class that lets people in with that code.

    Raises:
        UnknownCodeError: if no class has the code.
        ClosedCodeError: if its class lets nobody in.
    """
    classroom = people.find_class_by_code(code)
    if classroom is None:
        raise UnknownCodeError(code)
    if not classroom.may_be_joined:
        raise ClosedCodeError(code)
    return classroom


def _commit_new(user: User) -> None:
    name = user.username
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise NameTakenError(name) from error
