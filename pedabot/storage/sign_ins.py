"""The browsers in which accounts are signed in: a session ends here, whoever has its cookie."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from sqlalchemy import ForeignKey, Select, String, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.people import User


class SignIn(Base):
    """One session; the cookie holds its token, the table only a hash of it."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


def begin(user: User, lifetime: timedelta) -> str:
    """Add a session that ends after ``lifetime``; returns its token (256 random bits). Commits."""
    token, now = secrets.token_urlsafe(32), utc_now()
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.expires_at <= now))
    db.session.add(
        SignIn(user_id=user.id, token_hash=_hash(token), started_at=now, expires_at=now + lifetime)
    )
    db.session.commit()
    return token


def find_user(token: str) -> User | None:
    """Return the account whose session it is, unless it has ended or the account is closed."""
    user = db.session.scalar(_user(), {"token_hash": _hash(token), "now": utc_now()})
    if user is not None:
        user.session_token = token
    return user


@cache  # each request asks
def _user() -> Select[User]:
    return (
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(SignIn.token_hash == bindparam("token_hash"), SignIn.expires_at > bindparam("now"))
        .where(User.deactivated_at.is_(None))
    )


def open_sessions(user: User) -> list[SignIn]:
    """Return the sessions of an account that have not ended, the newest first."""
    query = (
        select(SignIn)
        .where(SignIn.user_id == user.id, SignIn.expires_at > utc_now())
        .order_by(SignIn.id.desc())
    )
    return list(db.session.scalars(query))


def is_session_of(sign_in: SignIn, token: str) -> bool:
    """Tell whether it is the session with that token."""
    return secrets.compare_digest(sign_in.token_hash, _hash(token))


def end(token: str) -> None:
    """End one session. Commits."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash == _hash(token)))
    db.session.commit()


def end_all(user: User, but: str = "") -> None:
    """End the sessions of an account, save the one with the token ``but`` (the caller commits)."""
    db.session.execute(
        delete(SignIn).where(SignIn.user_id == user.id, SignIn.token_hash != _hash(but))
    )


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
