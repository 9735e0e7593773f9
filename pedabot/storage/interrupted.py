"""Answers whose process died before they were whole."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from sqlalchemy import Select, bindparam, select, update

from pedabot.extensions import db
from pedabot.storage import answer_index
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Message, State, is_unfinished


def mark_interrupted(older_than: timedelta = timedelta(0)) -> int:
    """Mark answers begun longer ago and never finished as interrupted; tells how many. Commits."""
    limit = utc_now() - older_than
    # Nearly always there is none, and looking takes no lock.
    if db.session.scalar(_some(), {"limit": limit}) is None:
        return 0
    marked = db.session.execute(
        update(Message)
        .where(is_unfinished(), Message.created_at <= limit)
        .values(state=State.INTERRUPTED)
        .returning(Message.id)
    ).all()
    if marked:
        answer_index.keep_words(Message.id.in_([identifier for (identifier,) in marked]))
    db.session.commit()
    return len(marked)


@cache
def _some() -> Select[int]:
    begun_before = Message.created_at <= bindparam("limit")
    return select(Message.id).where(is_unfinished(), begun_before).limit(1)
