"""Conversations, their messages, and what students think of the answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import (
    Mapped,
    aliased,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.orm.attributes import set_committed_value

from pedabot.extensions import Base, db
from pedabot.knowledge.document import Difficulty
from pedabot.storage.columns import Slugged, UtcDateTime, Word, utc_now
from pedabot.storage.people import Classroom, User

if TYPE_CHECKING:  # the tables of the other side hang on these
    from pedabot.storage.concerns import Report
    from pedabot.storage.feedback import Feedback
    from pedabot.storage.reviews import Note, Review

TITLE_LENGTH = 80
_REFERENCE = re.compile(r"\[\d+\]")


class Author(StrEnum):
    """Who wrote a message."""

    STUDENT = "student"
    TUTOR = "tutor"


class State(StrEnum):
    """How far a message is. A question is complete from the start."""

    WAITING = "waiting"  # an answer that no request has begun to make
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"  # by the student, who keeps what was said
    INTERRUPTED = "interrupted"  # by the death of the process
    FAILED = "failed"  # by an error of the program


REMEMBERED, PINNED, VERIFIED = FROM_MEMORY = ("memory", "pinned", "verified")
"""The engines of answers that were given before: in the class, chosen or written by a teacher."""

HELP = "help"
"""The engine of answers to distress: numbers to call. Neither they nor their questions leave."""

UNFINISHED = (State.WAITING, State.STREAMING)


class Conversation(Slugged, Base):
    """A talk of one student, in a class or (teachers trying the tutor) in none.

    ``subtopic`` is the page of the course from which it began, if any.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index(None, "user_id", "updated_at", "id"),
        Index(None, "class_id", "updated_at", "id"),
        Index(None, "class_id", "user_id", "updated_at"),
        Index(None, "class_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    class_id: Mapped[int | None] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    subtopic: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    user: Mapped[User] = relationship()
    classroom: Mapped[Classroom | None] = relationship()
    messages: Mapped[list[Message]] = relationship(
        back_populates="conversation", order_by="Message.id", passive_deletes=True
    )


class Message(Slugged, Base):
    """A question, or an answer to one. ``content`` is markdown as written; HTML is made from it.

    An answer keeps its question in ``question_id``, the passages as ``sources`` (a list of topic,
    subtopic, title, score, and why it was found) and the first one's topic as ``topic``.
    ``prompt_digest`` names the prompt as it was sent. ``degraded`` tells that a model should have
    answered, and ``reason`` how it ended instead (an ``Outcome``). ``replaced`` marks an answer
    after which the student asked for another; ``repeats`` is the slug of the answer to a classmate
    that this one repeats; ``unverified`` are claims of a model that no passage holds. A question
    keeps in ``hidden`` what was taken out of it before it was sent to a model (a list of kind,
    mark, value).
    """

    __tablename__ = "messages"
    __table_args__ = (
        # Which conversations have an answer with all that is filtered by: no row has to be read.
        Index(
            "ix_messages_facets",
            *("conversation_id", "author", "topic", "level", "engine", "in_scope", "created_at"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    question_id: Mapped[int | None] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    author: Mapped[Author] = mapped_column(Word(Author))
    state: Mapped[State] = mapped_column(Word(State))
    content: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[Difficulty] = mapped_column(Word(Difficulty))
    subtopic: Mapped[str | None] = mapped_column(String(64))
    topic: Mapped[str | None] = mapped_column(String(64))
    engine: Mapped[str | None] = mapped_column(String(32))
    in_scope: Mapped[bool | None]
    degraded: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(String(20))
    replaced: Mapped[bool] = mapped_column(default=False)
    stop_requested: Mapped[bool] = mapped_column(default=False)
    repeats: Mapped[str | None] = mapped_column(String(24))
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    unverified: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    prompt_digest: Mapped[str | None] = mapped_column(String(64))
    hidden: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)

    conversation: Mapped[Conversation] = relationship(back_populates="messages")
    question: Mapped[Message | None] = relationship(remote_side=[id])
    feedback: Mapped[Feedback | None] = relationship(back_populates="message", passive_deletes=True)
    review: Mapped[Review | None] = relationship(back_populates="message", passive_deletes=True)
    report: Mapped[Report | None] = relationship(back_populates="message", passive_deletes=True)
    notes: Mapped[list[Note]] = relationship(
        back_populates="message", order_by="Note.id", passive_deletes=True
    )

    @property
    def valid_content(self) -> str:
        """What the message says now: the teacher's correction, if there is one."""
        if self.review is not None and self.review.corrects:
            return self.review.correction
        return self.content

    @property
    def valid_sources(self) -> list[dict[str, Any]]:
        """The pages behind what the message says now.

        A correction that names no page, and that its teacher gave none, stands on none.
        """
        review = self.review
        if review is None or not review.corrects or review.expected:
            return self.sources
        return self.sources if _REFERENCE.search(review.correction) else []

    @property
    def unfinished(self) -> bool:
        """Tell whether the answer is still to come or coming."""
        return self.state in UNFINISHED


# The sweep for interrupted answers and the watch for stops look at these few rows only.
Index(
    "ix_messages_unfinished",
    Message.state,
    sqlite_where=Message.state.in_(UNFINISHED),
    postgresql_where=Message.state.in_(UNFINISHED),
)
# A correction that changes finds those who were given it.
Index(
    "ix_messages_repeats",
    Message.repeats,
    sqlite_where=Message.repeats.is_not(None),
    postgresql_where=Message.repeats.is_not(None),
)


def title_from(text: str) -> str:
    """Make a conversation's title from its first question."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def start_conversation(
    user: User, class_id: int | None, first_question: str, subtopic: str | None = None
) -> Conversation:
    """Add a conversation to the session (the caller commits)."""
    title = title_from(first_question)
    conversation = Conversation(user=user, class_id=class_id, title=title, subtopic=subtopic)
    db.session.add(conversation)
    return conversation


def add_question(
    conversation: Conversation, text: str, level: Difficulty, subtopic: str | None = None
) -> Message:
    """Add a question and the answer it waits for; returns the answer (the caller commits)."""
    question = Message(
        conversation=conversation,
        author=Author.STUDENT,
        state=State.COMPLETE,
        content=text,
        level=level,
        subtopic=subtopic,
    )
    return _add_answer(question)


def add_answer_anew(answer: Message) -> Message:
    """Replace an answer by a new one that waits (the caller commits)."""
    if answer.question is None:
        raise ValueError("only an answer can be given anew")
    answer.replaced = True
    return _add_answer(answer.question)


def _add_answer(question: Message) -> Message:
    question.conversation.updated_at = utc_now()
    answer = Message(
        conversation=question.conversation,
        question=question,
        author=Author.TUTOR,
        state=State.WAITING,
        level=question.level,
    )
    db.session.add_all([question, answer])
    return answer


def claim(message_id: int) -> bool:
    """Take a waiting answer in hand; False if another request has it already. Commits."""
    taken = db.session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == State.WAITING)
        .values(state=State.STREAMING)
        .returning(Message.id)
    ).first()
    db.session.commit()
    return taken is not None


def shown_messages(conversation: Conversation) -> Sequence[Message]:
    """Return the messages of a conversation's page in order, with the feedback on them."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.replaced.is_(False))
        .options(
            selectinload(Message.feedback),
            selectinload(Message.report),
            selectinload(Message.review),
            selectinload(Message.notes),
        )
    )
    return sorted(db.session.scalars(query), key=lambda m: (m.question_id or m.id, m.id))


def find_conversation(slug: str) -> Conversation | None:
    """Return the conversation that addresses name by that slug, with what its class decided."""
    return db.session.scalar(_conversation(), {"slug": slug})


def find_message(slug: str) -> Message | None:
    """Return the message that addresses name by that slug, with its question and its class."""
    return db.session.scalar(_message(), {"slug": slug})


def find_shown_message(slug: str) -> Message | None:
    """Return the same with all that a page shows of an answer, as the database has it now."""
    return db.session.scalar(_shown_message(), {"slug": slug})


def note_nobody_has_judged(answer: Message) -> None:
    """Let an answer that its session has just stored be shown without another look at it."""
    for about_it, nothing in (
        ("feedback", None),
        ("report", None),
        ("review", None),
        ("notes", []),
    ):
        set_committed_value(answer, about_it, nothing)


def _with_class() -> Any:
    return joinedload(Conversation.classroom).joinedload(Classroom.settings)


# Statements that each question needs are built once: building takes as long as asking.
@cache
def _conversation() -> Select[Conversation]:
    query = select(Conversation).where(Conversation.slug == bindparam("slug"))
    return query.options(_with_class())


@cache
def _message() -> Select[Message]:
    conversation = joinedload(Message.conversation)
    return (
        select(Message)
        .where(Message.slug == bindparam("slug"))
        .options(joinedload(Message.question), conversation.options(_with_class()))
    )


@cache
def _shown_message() -> Select[Message]:
    about_it = (Message.feedback, Message.report, Message.review)
    query = _message().options(*map(joinedload, about_it), selectinload(Message.notes))
    return query.execution_options(populate_existing=True)


def conversations_of(
    user: User, limit: int, before: Conversation | None = None
) -> list[Conversation]:
    """Return a page of a user's conversations, newest first, after the one given."""
    query = select(Conversation).where(Conversation.user_id == user.id)
    return _newest_first(query, limit, before)


def _newest_first(query: Any, limit: int, before: Conversation | None) -> list[Conversation]:
    if before is not None:
        query = query.where(
            (Conversation.updated_at < before.updated_at)
            | ((Conversation.updated_at == before.updated_at) & (Conversation.id < before.id))
        )
    ordered = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc())
    return list(db.session.scalars(ordered.limit(limit)))


def stops_requested() -> set[int]:
    """Return the ids of the unfinished answers that their students want stopped."""
    return set(db.session.scalars(_stops_requested()))


@cache
def _stops_requested() -> Select[int]:
    return select(Message.id).where(is_unfinished(), Message.stop_requested)


def is_unfinished() -> ColumnElement[bool]:
    """The condition of ``ix_messages_unfinished``, in its words.

    SQLite uses such an index only where it sees the values: not behind parameters.
    """
    return Message.state.in_(
        bindparam("states", UNFINISHED, Word(State), expanding=True, literal_execute=True)
    )


def delete_conversation(conversation: Conversation) -> None:
    """Delete a conversation with all its messages and what hangs on them. Commits."""
    db.session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    db.session.commit()


def opening_questions(class_id: int, limit: int) -> list[Message]:
    """Return the last questions of a class that need no turn before them, newest first."""
    first = select(func.min(Message.id)).group_by(Message.conversation_id)
    query = (
        select(Message)
        .join(Message.conversation)
        .where(
            Conversation.class_id == class_id,
            Message.id.in_(first),
            told_no_distress(),
        )
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def told_no_distress() -> ColumnElement[bool]:
    """Neither a question that was answered with numbers to call, nor such an answer."""
    answer = aliased(Message)
    helped = select(answer.id).where(answer.question_id == Message.id, answer.engine == HELP)
    return ~helped.exists() & Message.engine.is_distinct_from(HELP)
