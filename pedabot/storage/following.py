"""What follows from messages follows at once: void sums of days, and the list of answers to review.

This listens to the session, so that nobody who changes a message, a thumb, a report or a verdict
has to think of it, and nobody can forget. It runs in the transaction of the change. What is written
past the session, in bulk, has to call ``day_sums.forget`` and ``concerns.weigh`` itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, event, inspect, literal, select, true
from sqlalchemy.orm import ORMExecuteState, Session

from pedabot.extensions import db
from pedabot.storage import concerns, day_sums
from pedabot.storage.comparisons import ComparedAnswer, Comparison
from pedabot.storage.concerns import Report
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.day_sums import DaySums
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import Classroom, User
from pedabot.storage.predictions import Prediction
from pedabot.storage.reviews import Review

ROWS_AT_ONCE = 1000

_COUNTED = ("author", "created_at", "topic", "level", "engine", "in_scope", "replaced")
_WEIGHED = ("state", "replaced", "in_scope", "unverified")


@event.listens_for(Session, "after_flush")
def _after_changes(session: Session, _context: Any) -> None:
    """Bring up to date what follows from the rows that were just written."""
    changed = [*session.new, *session.dirty, *session.deleted]
    answers = {identifier for row in changed for identifier in _weighed(row)}
    if answers:
        concerns.weigh(Message.id.in_(answers))
    moments = [moment for row in changed for moment in _counted(row)]
    if moments:
        day_sums.forget(moments)


def _weighed(row: object) -> Iterator[int]:
    """Yield the answer whose place in the list a change may move."""
    if isinstance(row, Feedback | Report | Review):
        yield row.message_id
    elif isinstance(row, Message) and _changed(row, _WEIGHED) and _is_of_concern(row):
        yield row.id


def _is_of_concern(answer: Message) -> bool:
    """Tell whether an answer is in the list for itself, or leaves it: most never are in it."""
    return bool(answer.in_scope is False or answer.unverified or answer.replaced)


def _counted(row: object) -> Iterator[tuple[int, datetime]]:
    """Yield scope and moment of what changed on a day that is over: sums of it may be kept."""
    if isinstance(row, Feedback):
        yield from _of(db.session.get_one(Message, row.message_id))
    elif isinstance(row, Message) and _changed(row, _COUNTED):
        yield from _of(row)
    elif isinstance(row, Prediction) and day_sums.is_over(row.created_at):
        yield day_sums.LOG, row.created_at
        if row.message_id is not None:
            yield from _of(db.session.get_one(Message, row.message_id))


def _of(message: Message) -> Iterator[tuple[int, datetime]]:
    if day_sums.is_over(message.created_at):
        class_id = message.conversation.class_id
        if class_id is not None:
            yield class_id, message.created_at


def _changed(row: object, names: Sequence[str]) -> bool:
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in names)


@event.listens_for(Session, "before_flush")
def _before_deletions(session: Session, _context: Any, _instances: Any) -> None:
    for row in session.deleted:
        if isinstance(row, Conversation):
            _forget_talks(Conversation.id == row.id)


@event.listens_for(Session, "do_orm_execute")
def _before_mass_deletions(state: ORMExecuteState) -> None:
    """Make sums void while it can still be seen which: what hangs on the rows goes with them."""
    if not state.is_delete or state.bind_mapper is None:
        return
    which = getattr(state.statement, "whereclause", None)
    condition = true() if which is None else which
    table = state.bind_mapper.class_
    if table is Conversation:
        _forget_talks(condition)
    elif table is User:
        _forget_talks(Conversation.user_id.in_(select(User.id).where(condition)))
    elif table is Classroom:
        theirs = select(Classroom.id).where(condition)
        _forget_talks(Conversation.class_id.in_(theirs))
        # A class that comes later may be given the same number.
        db.session.execute(delete(DaySums).where(DaySums.scope.in_(theirs)))
    elif table is Comparison:
        theirs = select(ComparedAnswer.id).where(
            ComparedAnswer.comparison_id.in_(select(Comparison.id).where(condition))
        )
        attempts = select(Prediction.created_at).where(Prediction.compared_id.in_(theirs))
        day_sums.forget((day_sums.LOG, moment) for moment in db.session.scalars(attempts))


def _forget_talks(which: ColumnElement[bool]) -> None:
    """Make the sums void of all days of some conversations."""
    messages = (
        select(Conversation.class_id, Message.created_at).join(Conversation.messages).where(which)
    )
    attempts = (
        select(literal(day_sums.LOG), Prediction.created_at)
        .join(Message, Prediction.message_id == Message.id)
        .join(Message.conversation)
        .where(which)
    )
    for query in (messages, attempts):
        rows = db.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE))
        day_sums.forget((scope, moment) for scope, moment in rows if scope is not None)
