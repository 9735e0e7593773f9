"""Accounts of the school with which people sign in: issuer and subject, and nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.people import User


class Identity(Base):
    """An account of an OpenID Connect provider, linked to one of ours."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    user: Mapped[User] = relationship()


def find_identity(issuer: str, subject: str) -> Identity | None:
    """Return the link of that account of the school, if there is one."""
    query = select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    return db.session.scalar(query)


def identities_of(user: User) -> list[Identity]:
    """Return the accounts of the school that are linked to a user."""
    return list(db.session.scalars(select(Identity).where(Identity.user_id == user.id)))
