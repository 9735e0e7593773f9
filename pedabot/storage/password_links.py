"""Links and codes that set a password once, for an account that has none or lost it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.codes import normal_code, random_code
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.people import User

PASSWORD_LINK_LIFETIME = timedelta(days=2)
FIRST_CODE_LENGTH = 12
FIRST_CODE_LIFETIME = timedelta(days=14)


class PasswordLink(Base):
    """A link that sets a password once; only its hash is kept."""

    __tablename__ = "password_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


def set_password(user: User, password_hash: str) -> None:
    """Set the password, and make the account's open links void."""
    user.password_hash = password_hash
    void_password_links(user)


def void_password_links(user: User) -> None:
    """Make the links that were not used yet useless."""
    db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.user_id == user.id, PasswordLink.used_at.is_(None))
        .values(used_at=utc_now())
    )


def add_password_link(user: User) -> str:
    """Make a link's secret for the account, and void the earlier ones; returns the secret."""
    void_password_links(user)
    token = secrets.token_urlsafe(32)
    _add_link(user, token, PASSWORD_LINK_LIFETIME)
    return token


def add_first_codes(users: list[User]) -> list[str]:
    """Make for each account a code to type, such as ``KXRT4WPZBCDF``, that sets its password.

    Earlier links become void. 28^12 codes (57 bits) cannot be guessed within their two weeks.
    """
    db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.user_id.in_([user.id for user in users]))
        .where(PasswordLink.used_at.is_(None))
        .values(used_at=utc_now())
    )
    codes = [random_code(FIRST_CODE_LENGTH) for _ in users]
    for user, code in zip(users, codes, strict=True):
        _add_link(user, code, FIRST_CODE_LIFETIME)
    return codes


def _add_link(user: User, secret: str, lifetime: timedelta) -> None:
    hashed = sha256(secret.encode()).hexdigest()
    db.session.add(PasswordLink(user=user, token_hash=hashed, expires_at=utc_now() + lifetime))


def find_password_link(token: str) -> PasswordLink | None:
    """Return the link with that secret, or that code as somebody typed it, if it still works."""
    spellings = (token, normal_code(token))
    return db.session.scalar(
        select(PasswordLink)
        .join(PasswordLink.user)
        .where(
            PasswordLink.token_hash.in_([sha256(word.encode()).hexdigest() for word in spellings]),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > utc_now(),
            User.deactivated_at.is_(None),
        )
    )
