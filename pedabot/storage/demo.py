"""The class of ``flask demo`` and its accounts, which bear a mark: nothing else is taken away."""

from __future__ import annotations

from sqlalchemy import delete, select

from pedabot.extensions import db
from pedabot.storage.people import Classroom, User


def exists() -> bool:
    """Tell whether a demo class, or an account of one, is there."""
    marked = select(Classroom.id).where(Classroom.demo).union(select(User.id).where(User.demo))
    return db.session.execute(marked.limit(1)).first() is not None


def remove() -> None:
    """Delete the demo class and its accounts with all that hangs on them. Commits."""
    db.session.execute(delete(Classroom).where(Classroom.demo))
    db.session.execute(delete(User).where(User.demo))
    db.session.commit()
