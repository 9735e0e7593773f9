"""Users, classes and memberships."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from flask_login import UserMixin
from sqlalchemy import (
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    false,
    select,
    update,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.knowledge.document import Difficulty
from pedabot.storage.class_settings import ClassSettings
from pedabot.storage.codes import normal_code, random_code
from pedabot.storage.columns import Slugged, UtcDateTime, Word, utc_now
from pedabot.storage.roles import Permission, allows
from pedabot.storage.roles import Role as Role

JOIN_CODE_LENGTH = 8


class User(UserMixin, Slugged, Base):
    """An account. ``username`` is a pseudonym or a teacher's name, unique, compared in lower case.

    ``language`` is that of the pages, the browser's where there is none.
    ``notice_version`` names the privacy notice that was read last, at ``notice_at``.
    ``session_token`` is that of the session from which the account was loaded, if from any.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
    username_key: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(Word(Role))
    password_hash: Mapped[str | None] = mapped_column(String(256))
    level: Mapped[Difficulty] = mapped_column(Word(Difficulty), default=Difficulty.BEGINNER)
    language: Mapped[str | None] = mapped_column(String(8))
    edits_course: Mapped[bool] = mapped_column(default=False, server_default=false())
    edits_prompts: Mapped[bool] = mapped_column(default=False, server_default=false())
    demo: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    deactivated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    notice_version: Mapped[str | None] = mapped_column(String(16))
    notice_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )

    session_token = ""

    def get_id(self) -> str:
        """Return what Flask-Login keeps in the session."""
        return self.session_token

    @property
    def is_active(self) -> bool:
        """Tell whether the account may sign in at all."""
        return self.deactivated_at is None

    def may(self, permission: Permission) -> bool:
        """Tell whether the account has a permission, by its role or because it was given."""
        given = {
            Permission.EDIT_COURSE: self.edits_course,
            Permission.EDIT_PROMPTS: self.edits_prompts,
        }
        return allows(permission, self.role, granted=given.get(permission, False))

    @property
    def teaches(self) -> bool:
        """Tell whether the account may use the teacher's side at all."""
        return self.may(Permission.TEACH)

    @property
    def may_edit_course(self) -> bool:
        """Tell whether the account may change the course: administrators, and whom they trust."""
        return self.may(Permission.EDIT_COURSE)

    @property
    def may_edit_prompts(self) -> bool:
        """Tell whether the account may change what the model is told, on the same terms."""
        return self.may(Permission.EDIT_PROMPTS)


class Classroom(Slugged, Base):
    """A class, joined by its code: until ``join_until`` if that is set, never if it is closed.

    An archived class is read-only, and hidden from lists.
    """

    __tablename__ = "classes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    join_code: Mapped[str] = mapped_column(String(16), unique=True)
    join_closed: Mapped[bool] = mapped_column(default=False, server_default=false())
    join_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    demo: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="classroom", cascade="all, delete-orphan"
    )
    settings: Mapped[ClassSettings] = relationship(cascade="all, delete-orphan")

    @property
    def may_be_joined(self) -> bool:
        """Tell whether the code lets anybody in now."""
        in_time = self.join_until is None or utc_now() < self.join_until
        return in_time and not self.join_closed and self.archived_at is None


class Membership(Base):
    """A user in a class: the teachers of the class are its members with ``teaches``."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "class_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"), index=True)
    teaches: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    user: Mapped[User] = relationship(back_populates="memberships")
    classroom: Mapped[Classroom] = relationship(back_populates="memberships")


def username_key(username: str) -> str:
    """Return the form in which usernames are compared."""
    return " ".join(username.split()).casefold()


def add_user(username: str, role: Role, password_hash: str | None = None) -> User:
    """Add an account to the session (the caller commits)."""
    username = " ".join(username.split())
    user = User(
        username=username,
        username_key=username_key(username),
        role=role,
        password_hash=password_hash,
    )
    db.session.add(user)
    return user


def find_user(username: str) -> User | None:
    """Return the account of that name, whatever its case."""
    return db.session.scalar(select(User).where(User.username_key == username_key(username)))


def known_names(usernames: Iterable[str]) -> list[str]:
    """Return those of the names that accounts bear already, as these write them."""
    keys = [username_key(username) for username in usernames]
    query = select(User.username).where(User.username_key.in_(keys)).order_by(User.username_key)
    return list(db.session.scalars(query))


def acknowledge(user: User, notice_version: str) -> None:
    """Remember that somebody has read a privacy notice now (the caller commits)."""
    user.notice_version, user.notice_at = notice_version, utc_now()


def show_notice_again(classroom: Classroom) -> None:
    """Let the students of a class read the notice once more (the caller commits)."""
    students = select(Membership.user_id).where(
        Membership.class_id == classroom.id, Membership.teaches.is_(False)
    )
    db.session.execute(
        update(User)
        .where(User.id.in_(students))
        .values(notice_version=None)
        .execution_options(synchronize_session=False)
    )


def has_admin() -> bool:
    """Tell whether an administrator has a password already."""
    query = select(User.id).where(
        User.role == Role.ADMIN, User.password_hash.is_not(None), User.deactivated_at.is_(None)
    )
    return db.session.scalar(query.limit(1)) is not None


def add_class(name: str, teacher: User) -> Classroom:
    """Add a class with its first teacher to the session (the caller commits)."""
    classroom = Classroom(name=name, join_code=new_join_code(), settings=ClassSettings())
    classroom.memberships.append(Membership(user=teacher, teaches=True))
    db.session.add(classroom)
    return classroom


def new_join_code() -> str:
    """Return a random code such as ``KXRT4WPZ`` (28^8, some 38 bits)."""
    return random_code(JOIN_CODE_LENGTH)


def find_class_by_code(code: str) -> Classroom | None:
    """Return the class with that join code; case, spaces and hyphens do not matter."""
    return db.session.scalar(select(Classroom).where(Classroom.join_code == normal_code(code)))


def find_class(slug: str) -> Classroom | None:
    """Return the class that addresses name by that slug."""
    return db.session.scalar(select(Classroom).where(Classroom.slug == slug))


def membership_of(user: User, class_id: int) -> Membership | None:
    """Return how the user belongs to the class, if at all."""
    return db.session.scalar(_membership(), {"user_id": user.id, "class_id": class_id})


@cache
def _membership() -> Select[Membership]:
    of_user = Membership.user_id == bindparam("user_id")
    return select(Membership).where(of_user, Membership.class_id == bindparam("class_id"))


def is_member(user: User, class_id: int) -> bool:
    """Tell whether the user belongs to the class, as teacher or student."""
    values = {"user_id": user.id, "class_id": class_id}
    return db.session.execute(_is_member(), values).first() is not None


@cache
def _is_member() -> Select[*tuple[Any, ...]]:
    """Of the table, not of objects: each page of a conversation asks."""
    member = Membership.__table__.c
    of_user = member.user_id == bindparam("user_id")
    return select(member.id).where(of_user, member.class_id == bindparam("class_id"))


def classes_of(user: User, *, teaches: bool, archived: bool = False) -> list[Classroom]:
    """Return the classes in which the user teaches, or learns, by name; or the archived ones."""
    query = (
        select(Classroom)
        .join(Membership)
        .where(Membership.user_id == user.id, Membership.teaches.is_(teaches))
        .where(Classroom.archived_at.is_not(None) if archived else Classroom.archived_at.is_(None))
        .order_by(Classroom.name, Classroom.id)
    )
    return list(db.session.scalars(query))


def all_classes() -> list[Classroom]:
    """Return all classes of the school, archived ones too, by name."""
    return list(db.session.scalars(select(Classroom).order_by(Classroom.name, Classroom.id)))


def students_of(classroom: Classroom) -> list[User]:
    """Return the students of the class, by name."""
    query = (
        select(User)
        .join(Membership)
        .where(Membership.class_id == classroom.id, Membership.teaches.is_(False))
        .order_by(User.username_key)
    )
    return list(db.session.scalars(query))


def names_in_class(class_id: int | None) -> list[str]:
    """Return the names of all members of a class, its teachers too; none without a class."""
    return list(db.session.scalars(_names(), {"class_id": class_id}))


@cache
def _names() -> Select[str]:
    query = select(User.username).join(Membership)
    return query.where(Membership.class_id == bindparam("class_id")).order_by(User.username_key)


def classes_by_slug(slugs: Iterable[str]) -> dict[str, Classroom]:
    """Return classes with their settings; those that were deleted are left out."""
    query = select(Classroom).where(Classroom.slug.in_(list(slugs)))
    found = db.session.scalars(query.options(joinedload(Classroom.settings)))
    return {classroom.slug: classroom for classroom in found}
