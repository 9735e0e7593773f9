"""Versions of the prompt. Which one is active is what the last activation says."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.people import User

NOTE_LENGTH = 200


class PromptVersion(Base):
    """A prompt that somebody wrote; it never changes afterwards."""

    __tablename__ = "prompt_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    author: Mapped[User | None] = relationship()


class PromptActivation(Base):
    """Somebody made a version the active one; without a version, the file that comes with PedaBot.

    Each takes the number after the last one, so of two at the same moment only one can.
    """

    __tablename__ = "prompt_activations"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("prompt_versions.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    user: Mapped[User | None] = relationship()


def last_activation() -> PromptActivation | None:
    """Return the activation that counts; None if nobody ever left the file."""
    query = select(PromptActivation).options(selectinload(PromptActivation.user))
    return db.session.scalar(query.order_by(PromptActivation.number.desc()).limit(1))


def active_version_id() -> int | None:
    """Return the id of the active version; None where the file is."""
    query = select(PromptActivation.version_id).order_by(PromptActivation.number.desc())
    return db.session.scalar(query.limit(1))


def find_version(version_id: int) -> PromptVersion | None:
    """Return a version by its id."""
    return db.session.get(PromptVersion, version_id)


def add_version(text: str, note: str, author: User | None) -> PromptVersion:
    """Add a version to the session; it is not active yet (the caller commits)."""
    version = PromptVersion(text=text, note=note, author=author)
    db.session.add(version)
    return version


def activate_after(number: int, version_id: int | None, user: User | None) -> bool:
    """Make a version the active one if ``number`` is still the last activation (0: there is none).

    Commits, or rolls back.
    """
    db.session.add(PromptActivation(number=number + 1, version_id=version_id, user=user))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def list_versions(limit: int, before_id: int | None = None) -> list[PromptVersion]:
    """Return a page of versions, newest first."""
    query = select(PromptVersion).options(selectinload(PromptVersion.author))
    if before_id is not None:
        query = query.where(PromptVersion.id < before_id)
    return list(db.session.scalars(query.order_by(PromptVersion.id.desc()).limit(limit)))


def once_active(version_ids: list[int]) -> set[int]:
    """Return which of the versions were active at some time."""
    query = select(PromptActivation.version_id).where(PromptActivation.version_id.in_(version_ids))
    return {found for found in db.session.scalars(query) if found is not None}
