"""The end of an account: its rows, what hangs on them, and their bytes in the file."""

from __future__ import annotations

import logging
from typing import cast

from sqlalchemy import Table, delete, select, text, update
from sqlalchemy.exc import OperationalError

from pedabot.extensions import db
from pedabot.storage import answer_index
from pedabot.storage.conversations import Message
from pedabot.storage.people import Classroom, Membership, User
from pedabot.storage.subjects import is_about

_log = logging.getLogger(__name__)


def erase(user: User) -> None:
    """Delete an account and all rows about it; the file holds none of their bytes after. Commits.

    Rows that only bear the name, such as a version of the course, stay and bear none.
    """
    messages = cast(Table, Message.__table__)
    theirs = select(Message.slug).where(is_about(messages, user.id))
    # Classmates keep the answers that they were given again, without a trace of who asked first.
    db.session.execute(
        update(Message)
        .where(Message.repeats.in_(theirs))
        .values(repeats=None)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(delete(User).where(User.id == user.id))
    db.session.commit()
    overwrite_deleted()


def overwrite_deleted() -> None:
    """Leave no deleted byte in the files of SQLite; elsewhere the database tidies up by itself.

    ``secure_delete`` is not enough: where SQLite moves rows between pages, old copies of them stay
    in the free space of a page. VACUUM writes the file anew from the rows that are left, and the
    write-ahead log is cut to nothing. Readers go on meanwhile, writers wait.
    """
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            answer_index.tidy(connection)
            connection.execute(text("VACUUM"))
            busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
        except OperationalError as error:
            busy = error.orig
    if busy:
        _log.warning("Deleted rows stay in the database file until the next erasure: it is in use")


def learns_elsewhere(user: User, classroom: Classroom) -> bool:
    """Tell whether an account belongs to another class too."""
    query = select(Membership.id).where(
        Membership.user_id == user.id, Membership.class_id != classroom.id
    )
    return db.session.scalar(query.limit(1)) is not None


def taught_alone(user: User) -> list[Classroom]:
    """Return the classes in use that would be left without a teacher, by name."""
    colleague = (
        select(Membership.id)
        .join(Membership.user)
        .where(Membership.class_id == Classroom.id, Membership.teaches)
        .where(Membership.user_id != user.id, User.deactivated_at.is_(None))
    )
    query = (
        select(Classroom)
        .join(Membership)
        .where(Membership.user_id == user.id, Membership.teaches, Classroom.archived_at.is_(None))
        .where(~colleague.correlate(Classroom).exists())
        .order_by(Classroom.name, Classroom.id)
    )
    return list(db.session.scalars(query))
