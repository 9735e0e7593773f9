"""Who is in a class: its team and its students, and names that are taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select

from pedabot.extensions import db
from pedabot.storage.class_settings import ClassSettings
from pedabot.storage.identities import Identity
from pedabot.storage.people import Classroom, Membership, User


def team_of(classroom: Classroom) -> list[User]:
    """Return the teachers of the class, by name."""
    query = (
        select(User)
        .join(Membership)
        .where(Membership.class_id == classroom.id, Membership.teaches)
        .order_by(User.username_key)
    )
    return list(db.session.scalars(query))


def student_counts(classes: Sequence[Classroom]) -> dict[int, int]:
    """Return how many students each of the classes has, by its id; empty ones are left out."""
    query = (
        select(Membership.class_id, func.count())
        .where(Membership.class_id.in_([classroom.id for classroom in classes]))
        .where(Membership.teaches.is_(False))
        .group_by(Membership.class_id)
    )
    return dict(iter(db.session.execute(query)))


def students_without_password(classroom: Classroom) -> list[User]:
    """Return the students who have no way to sign in yet, by name."""
    query = (
        select(User)
        .join(Membership)
        .where(Membership.class_id == classroom.id, Membership.teaches.is_(False))
        .where(User.password_hash.is_(None), User.deactivated_at.is_(None))
        .where(~select(Identity.id).where(Identity.user_id == User.id).exists())
        .order_by(User.username_key)
    )
    return list(db.session.scalars(query))


def names_in_use(keys: Iterable[str], class_id: int) -> dict[str, bool]:
    """Return the keys that accounts bear; True where that account is in the class already."""
    here = (
        select(Membership.id)
        .where(Membership.user_id == User.id, Membership.class_id == class_id)
        .exists()
    )
    query = select(User.username_key, here).where(User.username_key.in_(list(keys)))
    return dict(iter(db.session.execute(query)))


def leave_team(membership: Membership) -> bool:
    """Take a teacher out of a team, unless nobody would be left; tells whether it was done.

    The class is locked, so that the last two cannot both go at once (the caller commits).
    """
    db.session.execute(
        select(Classroom.id).where(Classroom.id == membership.class_id).with_for_update()
    )
    others = (
        select(User.id)
        .join(Membership)
        .where(Membership.class_id == membership.class_id, Membership.teaches)
        .where(Membership.id != membership.id, User.deactivated_at.is_(None))
    )
    gone = db.session.execute(
        delete(Membership)
        .where(Membership.id == membership.id, others.exists())
        .returning(Membership.id)
    ).first()
    return gone is not None


def days_kept() -> tuple[tuple[str, int], ...]:
    """Return the classes in use that keep conversations for days of their own, by name."""
    query = (
        select(Classroom.name, ClassSettings.days_kept)
        .join(Classroom.settings)
        .where(ClassSettings.days_kept.is_not(None), Classroom.archived_at.is_(None))
        .order_by(Classroom.name, Classroom.id)
    )
    return tuple((name, days) for name, days in db.session.execute(query) if days is not None)
