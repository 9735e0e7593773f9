"""Versions of the course document. The one activated last is the active one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, Text, select, update
from sqlalchemy.orm import Mapped, defer, mapped_column, relationship, selectinload

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.people import User

NOTE_LENGTH = 200


class CourseVersion(Base):
    """A whole document, as its JSON text, with who brought it and why.

    ``activated_at`` is when it last became the active version; None if it never did.
    ``activated_by`` is who made it so; None for a command of the server.
    """

    __tablename__ = "course_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    activated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    author: Mapped[User | None] = relationship(foreign_keys=[author_id])
    activated_by: Mapped[User | None] = relationship(foreign_keys=[activated_by_id])


_NEWEST_ACTIVE = (CourseVersion.activated_at.desc(), CourseVersion.id.desc())


def active_version_id() -> int | None:
    """Return the id of the active version; None in a database that has none yet."""
    query = select(CourseVersion.id).where(CourseVersion.activated_at.is_not(None))
    return db.session.scalar(query.order_by(*_NEWEST_ACTIVE).limit(1))


def active_version() -> CourseVersion | None:
    """Return the active version; None in a database that has none yet."""
    version_id = active_version_id()
    return None if version_id is None else find_version(version_id)


def find_version(version_id: int) -> CourseVersion | None:
    """Return a version by its id."""
    return db.session.get(CourseVersion, version_id)


def add_version(document: str, note: str, author: User | None = None) -> CourseVersion:
    """Add a version to the session; it is not active yet (the caller commits)."""
    version = CourseVersion(document=document, note=note, author=author)
    db.session.add(version)
    return version


def activate(version: CourseVersion, user: User | None = None) -> None:
    """Make a version the active one (the caller commits)."""
    query = select(CourseVersion.activated_at).where(CourseVersion.activated_at.is_not(None))
    last = db.session.scalar(query.order_by(*_NEWEST_ACTIVE).limit(1))
    now = utc_now()
    # The last one wins, even where the clock was set back meanwhile.
    version.activated_at = now if last is None else max(now, last + timedelta(microseconds=1))
    version.activated_by = user


def activate_in_place_of(active_id: int | None, version: CourseVersion, user: User | None) -> bool:
    """Make a version the active one if ``active_id`` still is; commits, or rolls back.

    Writers wait for one another: SQLite has one at a time, elsewhere the row of the active version
    is locked. So of two that would replace the same version only one can.
    """
    db.session.flush()
    # SQLite takes its lock at the first change, so there is one even where nothing changes.
    db.session.execute(
        update(CourseVersion)
        .where(CourseVersion.id == version.id)
        .values(activated_by_id=user.id if user else None)
    )
    db.session.execute(
        select(CourseVersion.id).where(CourseVersion.id == active_id).with_for_update()
    )
    if active_version_id() != active_id:
        db.session.rollback()
        return False
    activate(version, user)
    db.session.commit()
    return True


def list_versions(limit: int, before_id: int | None = None) -> list[CourseVersion]:
    """Return a page of versions, newest first, without their documents."""
    query = select(CourseVersion).options(
        defer(CourseVersion.document), selectinload(CourseVersion.author)
    )
    if before_id is not None:
        query = query.where(CourseVersion.id < before_id)
    return list(db.session.scalars(query.order_by(CourseVersion.id.desc()).limit(limit)))


def activated_between(first_id: int, last_id: int, limit: int) -> list[CourseVersion]:
    """Return the last versions after one and up to another that were active once, oldest first."""
    query = (
        select(CourseVersion)
        .where(
            CourseVersion.id > first_id,
            CourseVersion.id <= last_id,
            CourseVersion.activated_at.is_not(None),
        )
        .options(selectinload(CourseVersion.author))
        .order_by(CourseVersion.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))[::-1]
