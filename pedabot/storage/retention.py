"""What has been kept long enough: conversations by the days of their class, and what is used up."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, and_, delete, false, func, or_, select

from pedabot.extensions import Base, db
from pedabot.storage.allowances import DAYS_KEPT, AskedQuestion
from pedabot.storage.audit import Entry
from pedabot.storage.calls import Call
from pedabot.storage.class_settings import ClassSettings
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Conversation
from pedabot.storage.erasure import overwrite_deleted
from pedabot.storage.password_links import PasswordLink
from pedabot.storage.people import Classroom
from pedabot.storage.sign_ins import SignIn

_log = logging.getLogger(__name__)

ROWS_AT_ONCE = 200
"""Conversations that go in one transaction: questions that come meanwhile do not wait for all."""


@dataclass(frozen=True, slots=True)
class Due:
    """How much has been kept long enough.

    ``conversations`` counts them by the name of their class, None for those without one.
    """

    conversations: tuple[tuple[str | None, int], ...]
    password_links: int
    asked_questions: int
    calls: int
    sign_ins: int
    audit_entries: int

    @property
    def total(self) -> int:
        """How many rows go, without those that hang on them."""
        used_up = self.password_links + self.asked_questions + self.calls + self.sign_ins
        return sum(count for _, count in self.conversations) + used_up + self.audit_entries


def due(now: datetime, school_days: int) -> Due:
    """Count what would go; ``school_days`` is for classes that say nothing (0: no end)."""
    query = (
        select(Classroom.name, func.count())
        .select_from(Conversation)
        .outerjoin(Conversation.classroom)
        .where(_kept_too_long(now, school_days))
        .group_by(Classroom.id, Classroom.name)
        .order_by(Classroom.name, Classroom.id)
    )
    conversations = tuple((name, count) for name, count in db.session.execute(query))
    used_up = [
        db.session.scalar(select(func.count()).select_from(table).where(condition)) or 0
        for table, condition in _used_up(now)
    ]
    return Due(conversations, *used_up)


def clear(now: datetime, school_days: int) -> Due:
    """Delete what has been kept long enough, in the bytes of the file too; tells what. Commits."""
    found = due(now, school_days)
    oldest = select(Conversation.id).where(_kept_too_long(now, school_days)).limit(ROWS_AT_ONCE)
    while _delete(delete(Conversation).where(Conversation.id.in_(oldest))):
        pass
    for table, condition in _used_up(now):
        _delete(delete(table).where(condition))
    if found.total:
        overwrite_deleted()
    return found


def run(school_days: int) -> None:
    """Delete what has been kept long enough by now, and write to the log how much. Commits."""
    found = clear(utc_now(), school_days)
    _log.info("Retention: %d rows were kept long enough and are deleted", found.total)


def _delete(statement: Delete) -> bool:
    """Run a deletion and commit; tells whether there was anything to delete."""
    gone = db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def _kept_too_long(now: datetime, school_days: int) -> ColumnElement[bool]:
    """Return the condition: longer without a new question than the class, or the school, keeps."""
    days = set(db.session.scalars(select(ClassSettings.days_kept).distinct()))
    ways = [
        and_(_in_classes_with(kept), Conversation.updated_at < now - timedelta(days=kept))
        for kept in days
        if kept is not None
    ]
    if school_days:
        others = Conversation.class_id.is_(None) | _in_classes_with(None)
        ways.append(and_(others, Conversation.updated_at < now - timedelta(days=school_days)))
    return or_(false(), *ways)


def _in_classes_with(days: int | None) -> ColumnElement[bool]:
    those = select(ClassSettings.class_id).where(ClassSettings.days_kept.is_not_distinct_from(days))
    return Conversation.class_id.in_(those)


def _used_up(now: datetime) -> list[tuple[type[Base], ColumnElement[bool]]]:
    """Return the rows that nothing looks at any more, in the order of ``Due``."""
    return [
        (PasswordLink, PasswordLink.used_at.is_not(None) | (PasswordLink.expires_at <= now)),
        (AskedQuestion, AskedQuestion.asked_at < now - DAYS_KEPT),
        (Call, Call.expires_at <= now),
        (SignIn, SignIn.expires_at <= now),
        (Entry, Entry.kept_until <= now),
    ]
