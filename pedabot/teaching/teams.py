"""The team of a class: colleagues come and go, and somebody always stays."""

from __future__ import annotations

from pedabot.extensions import db
from pedabot.storage import people, rosters
from pedabot.storage.people import Classroom, Membership, User
from pedabot.teaching.classes import ClassError


class UnknownTeacherError(ClassError):
    """No teacher's account bears this name."""


class AlreadyInClassError(ClassError):
    """The account is in the class already."""


class LastTeacherError(ClassError):
    """Nobody else would be left to look after the class."""


def invite(classroom: Classroom, username: str) -> User:
    """Add a colleague to the team. Commits.

    Raises:
        UnknownTeacherError: if no active teacher's account bears the name.
        AlreadyInClassError: if it is in the class already.
    """
    colleague = people.find_user(username)
    if colleague is None or not colleague.teaches or not colleague.is_active:
        raise UnknownTeacherError(username)
    if people.is_member(colleague, classroom.id):
        raise AlreadyInClassError(username)
    db.session.add(Membership(user=colleague, classroom=classroom, teaches=True))
    db.session.commit()
    return colleague


def remove(classroom: Classroom, colleague: User) -> None:
    """Take a colleague, or oneself, out of the team. Commits.

    Raises:
        LastTeacherError: if nobody else would be left.
    """
    membership = people.membership_of(colleague, classroom.id)
    if membership is None or not membership.teaches:
        return
    gone = rosters.leave_team(membership)
    db.session.commit()
    if not gone:
        raise LastTeacherError(colleague.username)
