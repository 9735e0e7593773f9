"""All accounts, for administrators: searched, a page at a time."""

from __future__ import annotations

from sqlalchemy import select

from pedabot.extensions import db
from pedabot.storage.people import User, username_key
from pedabot.storage.roles import Role


def page_of_accounts(
    limit: int,
    after: str = "",
    *,
    search: str = "",
    role: Role | None = None,
    active: bool | None = None,
) -> list[User]:
    """Return accounts by name, from the first one after the name key ``after``.

    ``search`` is a part of the name.
    """
    query = select(User).where(User.username_key > after)
    if search:
        query = query.where(User.username_key.contains(username_key(search), autoescape=True))
    if role is not None:
        query = query.where(User.role == role)
    if active is not None:
        there = User.deactivated_at.is_(None)
        query = query.where(there if active else ~there)
    return list(db.session.scalars(query.order_by(User.username_key).limit(limit)))


def find_account(slug: str) -> User | None:
    """Return the account that addresses name by that slug."""
    return db.session.scalar(select(User).where(User.slug == slug))


def other_active_admin(user: User) -> bool:
    """Tell whether somebody else could still administer the server; locks them for the change."""
    query = (
        select(User.id)
        .where(User.role == Role.ADMIN, User.deactivated_at.is_(None), User.id != user.id)
        .with_for_update()
    )
    return db.session.scalar(query.limit(1)) is not None
