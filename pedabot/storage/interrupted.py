"""Answers whose process died before they were whole."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from pedabot.extensions import db
from pedabot.storage import answer_index
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import UNFINISHED, Message, State


def mark_interrupted(older_than: timedelta = timedelta(0)) -> int:
    """Mark answers begun longer ago and never finished as interrupted; tells how many. Commits."""
    marked = db.session.execute(
        update(Message)
        .where(Message.state.in_(UNFINISHED), Message.created_at <= utc_now() - older_than)
        .values(state=State.INTERRUPTED)
        .returning(Message.id)
    ).all()
    if marked:
        answer_index.keep_words(Message.id.in_([identifier for (identifier,) in marked]))
    db.session.commit()
    return len(marked)
