"""Classes: making one, and joining it."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.people import Classroom, Membership, Role, User
from pedabot.teaching import passwords


class ClassError(Exception):
    """Something about a class or an account that a person can put right."""


class UnknownCodeError(ClassError):
    """No class has this join code."""


class NameTakenError(ClassError):
    """Another account bears this name already."""


def create_class(name: str, teacher: User) -> Classroom:
    """Make a class with its join code. Commits."""
    classroom = people.add_class(" ".join(name.split()), teacher)
    db.session.commit()
    return classroom


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
        NameTakenError: if the name is in use.
    """
    classroom = _class_by_code(code)
    user = people.add_user(username, Role.STUDENT, passwords.hash_password(password))
    user.level = classroom.settings.level
    user.memberships.append(Membership(classroom=classroom))
    _commit_new(user)
    return user


def join(code: str, user: User) -> Classroom:
    """Add an account to the class of the code, if it is not in it yet. Commits.

    Raises:
        UnknownCodeError: if no class has the code.
    """
    classroom = _class_by_code(code)
    if people.membership_of(user, classroom.id) is None:
        db.session.add(Membership(user=user, classroom=classroom))
        db.session.commit()
    return classroom


def _class_by_code(code: str) -> Classroom:
    classroom = people.find_class_by_code(code)
    if classroom is None:
        raise UnknownCodeError(code)
    return classroom


def _commit_new(user: User) -> None:
    name = user.username
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise NameTakenError(name) from error
