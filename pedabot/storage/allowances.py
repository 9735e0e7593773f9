"""Which questions of an account count against its limits.

A row is kept when a question is asked. Whether it counts is told by its answer: what failed, or was
given from memory, costs a student nothing. A deleted conversation keeps its rows, or deleting would
give questions back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, bindparam, case, func, not_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.conversations import FROM_MEMORY, HELP, Message, State
from pedabot.storage.people import User

DAYS_KEPT = timedelta(days=40)
FREE = (State.FAILED, State.INTERRUPTED)


class AskedQuestion(Base):
    """A question that somebody asked, with the answer that it waits for or got."""

    __tablename__ = "asked_questions"
    __table_args__ = (Index(None, "user_id", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("messages.id", ondelete="SET NULL"), index=True
    )
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    message: Mapped[Message | None] = relationship()


def note(user: User, answer: Message) -> None:
    """Keep that the user asked; retention drops what no limit looks at (the caller commits)."""
    db.session.add(AskedQuestion(user_id=user.id, message=answer))
    db.session.flush()


def counted(user: User, since: Sequence[datetime]) -> list[tuple[int, datetime | None]]:
    """Return how many questions count since each moment, and when the first of them was asked."""
    moments = {f"since_{number}": moment for number, moment in enumerate(since)}
    values = {"user_id": user.id, "earliest": min(since), **moments}
    row = list(db.session.execute(_counted(len(since)), values).one())
    return list(zip(row[0::2], row[1::2], strict=True))


@cache
def _counted(moments: int) -> Select[*tuple[Any, ...]]:
    """Of the tables, not of objects: each page of a conversation asks."""
    question, answer = AskedQuestion.__table__, Message.__table__
    engine = answer.c.engine
    # Compared one by one: a list of values is written into the SQL anew at each execution.
    free_state = or_(*(answer.c.state == state for state in FREE))
    free_engine = or_(*(engine == name for name in (*FROM_MEMORY, HELP)))
    is_free = or_(free_state, answer.c.degraded, engine.is_not(None) & free_engine)
    counts = or_(answer.c.id.is_(None), not_(is_free))
    asked = question.c.asked_at
    after = [case((asked > bindparam(f"since_{number}"), asked)) for number in range(moments)]
    return (
        select(*(counter(moment) for moment in after for counter in (func.count, func.min)))
        .select_from(question.outerjoin(answer, answer.c.id == question.c.message_id))
        .where(question.c.user_id == bindparam("user_id"), asked > bindparam("earliest"), counts)
    )
