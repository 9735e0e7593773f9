"""Accounts of the school: linked to ours by issuer and subject, and nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import identities, people
from pedabot.storage.identities import Identity
from pedabot.storage.people import Membership, User
from pedabot.storage.roles import Role
from pedabot.teaching.classes import ClassError, NameTakenError, class_by_code


class SchoolError(Exception):
    """Signing in with an account of the school did not work."""


class DeniedError(SchoolError):
    """The person did not agree, or the provider refused them."""


@dataclass(frozen=True, slots=True)
class SchoolAccount:
    """Who somebody is for the school; only issuer and subject are ever stored.

    ``name`` is a proposal for a pseudonym, ``teaches`` what the configured claim says.
    """

    issuer: str
    subject: str
    name: str
    teaches: bool

    def as_data(self) -> dict[str, Any]:
        """Return the account as a session keeps it for some minutes."""
        return asdict(self)


class AlreadyLinkedError(ClassError):
    """This account of the school belongs to another of our accounts."""


class OnlyWayInError(ClassError):
    """Without a password, the account could not be opened any more."""


def link(user: User, issuer: str, subject: str) -> None:
    """Let the account be opened with an account of the school. Commits.

    Raises:
        AlreadyLinkedError: if that one is linked to somebody else.
    """
    known = identities.find_identity(issuer, subject)
    if known is not None and known.user_id != user.id:
        raise AlreadyLinkedError(user.username)
    if known is None:
        db.session.add(Identity(user=user, issuer=issuer, subject=subject))
        db.session.commit()


def unlink(user: User) -> None:
    """Forget the accounts of the school of a user. Commits.

    Raises:
        OnlyWayInError: if the user has no password.
    """
    if user.password_hash is None:
        raise OnlyWayInError(user.username)
    for identity in identities.identities_of(user):
        db.session.delete(identity)
    db.session.commit()


def create(username: str, issuer: str, subject: str, code: str | None) -> User:
    """Make an account without a password: a student in the class of the code, else a teacher.

    Commits.

    Raises:
        UnknownCodeError, ClosedCodeError: if the code lets nobody in.
        NameTakenError: if another account bears the name.
    """
    classroom = None if code is None else class_by_code(code)
    level = classroom.settings.level if classroom else Difficulty.BEGINNER
    user = people.add_user(username, Role.TEACHER if classroom is None else Role.STUDENT)
    if classroom is not None:
        user.level = level
        user.memberships.append(Membership(classroom=classroom))
    db.session.add(Identity(user=user, issuer=issuer, subject=subject))
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise NameTakenError(username) from error
    return user
