"""Who did what, when and from where: rows that are only ever added.

Triggers of the database (``migrations/versions/*_audit.py``) refuse to change a row, or to delete
it before ``kept_until``. One change is let through: when an account or a class is gone, its foreign
key becomes NULL, and the address goes with the account that acted. So an erasure leaves what was
done, and no trace of the person.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, Word, utc_now
from pedabot.storage.people import Classroom, User

DETAIL_LENGTH = 200


class Action(StrEnum):
    """What somebody did; the word before the point is its family."""

    SIGNED_IN = "session.began"
    SIGN_IN_FAILED = "session.refused"
    SIGNED_OUT = "session.ended"
    SESSIONS_CLOSED = "session.closed"
    TALK_READ = "reading.talk"
    FILE_READ = "reading.file"
    ANSWER_APPROVED = "review.approved"
    ANSWER_CORRECTED = "review.corrected"
    VERDICT_WITHDRAWN = "review.withdrawn"
    ANSWER_ANNOTATED = "review.annotated"
    ANSWER_PINNED = "review.pinned"
    ANSWER_UNPINNED = "review.unpinned"
    ALARM_DISMISSED = "review.alarm"
    OWN_DATA_EXPORTED = "export.own"
    TALK_EXPORTED = "export.talk"
    CLASS_EXPORTED = "export.class"
    TRAINING_EXPORTED = "export.training"
    EVALUATION_EXPORTED = "export.evaluation"
    COURSE_EXPORTED = "export.course"
    ACCOUNT_ERASED = "account.erased"
    ACCOUNT_MADE = "account.made"
    ACCOUNTS_IMPORTED = "account.imported"
    ACCOUNT_CLOSED = "account.closed"
    ACCOUNT_REOPENED = "account.reopened"
    PASSWORD_CHANGED = "account.password"  # noqa: S105
    PASSWORD_LINK_GIVEN = "account.link"  # noqa: S105
    CARDS_PRINTED = "account.cards"
    SCHOOL_LINKED = "account.linked"
    SCHOOL_UNLINKED = "account.unlinked"
    ROLE_CHANGED = "rights.role"
    COURSE_RIGHT = "rights.course"
    PROMPTS_RIGHT = "rights.prompts"
    CLASS_MADE = "class.made"
    CLASS_COPIED = "class.copied"
    CLASS_ARCHIVED = "class.archived"
    CLASS_RESTORED = "class.restored"
    CLASS_SETTINGS = "class.settings"
    CLASS_PAUSED = "class.paused"
    CLASS_RESUMED = "class.resumed"
    CODE_RENEWED = "class.code"
    JOINING_CHANGED = "class.joining"
    STUDENT_JOINED = "class.joined"
    STUDENT_REMOVED = "class.removed"
    COLLEAGUE_ADDED = "class.colleague"
    COLLEAGUE_REMOVED = "class.left"
    COURSE_KEPT = "course.kept"
    COURSE_ACTIVATED = "course.activated"
    COURSE_EDITED = "course.edited"
    PROMPT_KEPT = "prompts.kept"
    PROMPT_ACTIVATED = "prompts.activated"
    PROMPTS_COMPARED = "prompts.compared"
    COMPARISON_DELETED = "prompts.deleted"
    MODELS_AWAKENED = "models.awakened"

    @property
    def family(self) -> str:
        """What kind of action it is, as the filter of the page has it."""
        return self.value.partition(".")[0]


class Entry(Base):
    """One action. ``actor`` is who did it, ``subject`` another account that it concerned.

    A failed sign-in has no actor; its subject is the account of the name that was typed, if there
    is one. ``detail`` names no person. A row whose account was erased keeps its action only.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    action: Mapped[Action] = mapped_column(Word(Action))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("classes.id", ondelete="SET NULL"))
    detail: Mapped[str] = mapped_column(String(DETAIL_LENGTH))
    address: Mapped[str] = mapped_column(String(45))
    kept_until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id])
    subject: Mapped[User | None] = relationship(foreign_keys=[subject_id])
    classroom: Mapped[Classroom | None] = relationship()

    __table_args__ = (
        Index(None, "actor_id", "id"),
        Index(None, "subject_id", "id"),
        Index(None, "class_id", "id"),
        Index(None, "action", "id"),
    )


def note(
    action: Action,
    actor: User | None,
    address: str,
    days_kept: int,
    *,
    subject: User | None = None,
    classroom: Classroom | None = None,
    detail: str = "",
) -> None:
    """Write down what was done. Commits."""
    now = utc_now()
    db.session.add(
        Entry(
            at=now,
            action=action,
            actor_id=actor.id if actor else None,
            subject_id=subject.id if subject and subject is not actor else None,
            class_id=classroom.id if classroom else None,
            detail=detail[:DETAIL_LENGTH],
            address=address,
            kept_until=now + timedelta(days=days_kept),
        )
    )
    db.session.commit()


def page_of_entries(
    limit: int,
    before_id: int | None = None,
    *,
    actions: Collection[Action] = (),
    person: User | None = None,
    classroom: Classroom | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Entry]:
    """Return a page of the audit, newest first, before the row given.

    ``person`` keeps what somebody did and what concerned them; no ``actions`` keeps all.
    """
    wanted = _filters(actions, classroom, since, until)
    if before_id is not None:
        wanted.append(Entry.id < before_id)
    query = (
        select(Entry)
        .where(*wanted)
        .options(joinedload(Entry.actor), joinedload(Entry.subject), joinedload(Entry.classroom))
    )
    if person is not None:  # each way has its index; together they have none
        columns = (Entry.actor_id, Entry.subject_id)
        query = query.where(
            or_(*(_newest(column == person.id, wanted, limit) for column in columns))
        )
    return list(db.session.scalars(query.order_by(Entry.id.desc()).limit(limit)))


def _filters(
    actions: Collection[Action],
    classroom: Classroom | None,
    since: datetime | None,
    until: datetime | None,
) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if actions:
        wanted.append(Entry.action.in_(actions))
    if classroom is not None:
        wanted.append(Entry.class_id == classroom.id)
    if since is not None:
        wanted.append(Entry.at >= since)
    if until is not None:
        wanted.append(Entry.at < until)
    return wanted


def _newest(
    way: ColumnElement[bool], wanted: list[ColumnElement[bool]], limit: int
) -> ColumnElement[bool]:
    ids = select(Entry.id).where(way, *wanted).order_by(Entry.id.desc()).limit(limit).subquery()
    return Entry.id.in_(select(ids.c.id))
