"""Versions of the course document. The one activated last is the active one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, defer, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.people import User


class CourseVersion(Base):
    """A whole document, as its JSON text, with who brought it and why.

    ``activated_at`` is when it last became the active version; None if it never did.
    """

    __tablename__ = "course_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(200), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    author: Mapped[User | None] = relationship()


_NEWEST_ACTIVE = (CourseVersion.activated_at.desc(), CourseVersion.id.desc())


def active_version_id() -> int | None:
    """Return the id of the active version; None in a database that has none yet."""
    query = select(CourseVersion.id).where(CourseVersion.activated_at.is_not(None))
    return db.session.scalar(query.order_by(*_NEWEST_ACTIVE).limit(1))


def find_version(version_id: int) -> CourseVersion | None:
    """Return a version by its id."""
    return db.session.get(CourseVersion, version_id)


def add_version(document: str, note: str, author: User | None = None) -> CourseVersion:
    """Add a version to the session; it is not active yet (the caller commits)."""
    version = CourseVersion(document=document, note=note, author=author)
    db.session.add(version)
    return version


def activate(version: CourseVersion) -> None:
    """Make a version the active one (the caller commits)."""
    version.activated_at = utc_now()


def list_versions(limit: int, before_id: int | None = None) -> list[CourseVersion]:
    """Return a page of versions, newest first, without their documents."""
    query = select(CourseVersion).options(defer(CourseVersion.document))
    if before_id is not None:
        query = query.where(CourseVersion.id < before_id)
    return list(db.session.scalars(query.order_by(CourseVersion.id.desc()).limit(limit)))
