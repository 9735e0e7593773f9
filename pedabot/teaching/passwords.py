"""Passwords: argon2id, and a check that takes as long for a name that does not exist."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pedabot.extensions import db
from pedabot.greenlets import aside
from pedabot.storage import password_links, people, sign_ins
from pedabot.storage.password_links import PasswordLink
from pedabot.storage.people import User

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 128

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 iterations, 1 degree of parallelism.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its parameters and salt."""
    return aside(lambda: _HASHER.hash(password))


@cache
def _hash_of_nobody() -> str:
    return _HASHER.hash("the password of an account that does not exist")


def authenticate(username: str, password: str) -> User | None:
    """Return the account if the password is right, None otherwise, in the same time for both.

    A hash that was made with older parameters is made anew (and committed).
    """
    user = people.find_user(username)
    known_hash = user.password_hash if user else None
    matches = verify(known_hash or _hash_of_nobody(), password)
    if user is None or known_hash is None or not matches:
        return None
    if _HASHER.check_needs_rehash(known_hash):
        user.password_hash = hash_password(password)
        db.session.commit()
    return user


def verify(password_hash: str, password: str) -> bool:
    """Tell whether the password belongs to the hash."""
    try:
        return aside(lambda: _HASHER.verify(password_hash, password))
    except (VerificationError, InvalidHashError):
        return False


def change(user: User, password: str) -> None:
    """Set a new password; all sessions of the account end. Commits."""
    password_links.set_password(user, hash_password(password))
    sign_ins.end_all(user)
    db.session.commit()


def use_link(link: PasswordLink, password: str) -> User:
    """Set the password with a link, which is then used up. Commits."""
    change(link.user, password)
    return link.user
