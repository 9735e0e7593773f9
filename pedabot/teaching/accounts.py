"""Accounts in the hands of an administrator: closed, opened again, given another role."""

from __future__ import annotations

from pedabot.extensions import db
from pedabot.storage import accounts, sign_ins
from pedabot.storage.columns import utc_now
from pedabot.storage.people import User
from pedabot.storage.roles import Permission, Role, allows
from pedabot.teaching.classes import ClassError


class LastAdminError(ClassError):
    """Nobody else would be left to administer the server."""


def deactivate(user: User) -> None:
    """Close an account and its sessions; nothing of it is deleted. Commits.

    Raises:
        LastAdminError: if nobody else could administer the server.
    """
    _keep_an_admin(user)
    user.deactivated_at = utc_now()
    sign_ins.end_all(user)
    db.session.commit()


def reactivate(user: User) -> None:
    """Open a closed account again. Commits."""
    user.deactivated_at = None
    db.session.commit()


def change_role(user: User, role: Role) -> None:
    """Give an account another role; its classes and conversations stay. Commits.

    Raises:
        LastAdminError: if nobody else could administer the server.
    """
    if not allows(Permission.ADMINISTER, role):
        _keep_an_admin(user)
    user.role = role
    if role is Role.STUDENT:
        user.edits_course = user.edits_prompts = False
    sign_ins.end_all(user)
    db.session.commit()


def end_sessions(user: User, but: str = "") -> None:
    """Sign an account out everywhere, save in the session with the token ``but``. Commits."""
    sign_ins.end_all(user, but)
    db.session.commit()


def _keep_an_admin(user: User) -> None:
    if user.may(Permission.ADMINISTER) and not accounts.other_active_admin(user):
        db.session.rollback()
        raise LastAdminError(user.username)
