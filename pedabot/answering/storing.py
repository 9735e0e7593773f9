"""A question out of the database, and its answer into it with what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pedabot.answering.budget import NO_CLASS, Purse, purse_of
from pedabot.answering.chains import SCHOOL
from pedabot.answering.engines import Choice
from pedabot.answering.events import Answer
from pedabot.answering.ledger import Ledger
from pedabot.answering.privacy.names import identifying
from pedabot.answering.templates import template
from pedabot.answering.values import Attachment, Hidden, Kind, Prompt, Question, Turn
from pedabot.extensions import db
from pedabot.knowledge.distress import Distress
from pedabot.knowledge.search import Passage
from pedabot.storage import answers, attachments, history, people
from pedabot.storage.alarms import Alarm
from pedabot.storage.answers import RememberedAnswer
from pedabot.storage.conversations import HELP, PINNED, REMEMBERED, VERIFIED, Author, Message, State
from pedabot.storage.history import Said

MESSAGES_READ = 40  # those before are forgotten; most of these are only summarised


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what its class decided; ``again`` tells that another answer is wanted."""

    question: Question
    again: bool
    class_id: int | None = None
    choice: Choice = SCHOOL
    purse: Purse = NO_CLASS


def load_question(message_id: int, prompt: Prompt, words: frozenset[str]) -> Asked:
    """Read the question, the turns before it and the class's choice, then let the database go.

    ``words`` are those of the course: a member's name that is one of them is not hidden.
    """
    asked = db.session.get_one(Message, message_id).question
    if asked is None:
        raise ValueError(f"message {message_id} is not an answer")
    circumstances = history.circumstances_of(asked)
    files = attachments.whole_attachments(asked) if circumstances.has_files else ()
    classroom = asked.conversation.classroom
    question = Question(
        text=asked.content,
        level=asked.level,
        history=tuple(map(_turn, history.turns_before(asked, MESSAGES_READ))),
        subtopic=asked.subtopic,
        attachments=tuple(Attachment(file.name, file.text) for file in files),
        guided=classroom is not None and classroom.settings.guided,
        prompt=prompt,
        names=identifying(people.names_in_class(asked.conversation.class_id), words),
        hidden=tuple(map(_hidden, history.hidden_before(asked))),
    )
    loaded = _asked(asked, question, circumstances.again)
    db.session.commit()
    return loaded


def _asked(message: Message, question: Question, again: bool) -> Asked:
    classroom = message.conversation.classroom
    if classroom is None:
        return Asked(question, again)
    settings = classroom.settings
    return Asked(
        question,
        again,
        class_id=classroom.id,
        choice=Choice(tuple(settings.models), settings.temperature, settings.max_tokens),
        purse=purse_of(classroom),
    )


def _turn(said: Said) -> Turn:
    if said.author is Author.STUDENT:
        return Turn("user", said.content)
    return Turn("assistant", said.content, tuple(source["title"] for source in said.sources))


def _hidden(row: dict[str, str]) -> Hidden:
    return Hidden(Kind(row["kind"]), row["mark"], row["value"])


def store(message_id: int, answer: Answer, ledger: Ledger, *, shared: bool) -> None:
    """Store the answer, its attempts and what they cost in one transaction.

    Unless it may be ``shared``, nobody else will be given this answer. Done twice it stores once.
    """
    message = db.session.get_one(Message, message_id)
    if message.state in (State.COMPLETE, State.STOPPED):
        return
    message.content = answer.text
    message.state = State.STOPPED if answer.stopped else State.COMPLETE
    message.engine = answer.engine
    message.in_scope = answer.in_scope
    message.degraded = answer.degraded
    message.prompt_digest = answer.prompt_digest or None
    message.reason = answer.reason
    message.unverified = list(answer.unverified)
    message.topic = answer.passages[0].topic.id if answer.in_scope and answer.passages else None
    message.sources = sources_of(answer.passages)
    if message.question is not None and answer.asked_a_model:
        message.question.hidden = [asdict(hidden) for hidden in answer.hidden]
    ledger.enter(message, answer.attempts)
    if not shared:
        answers.forget(message)
    db.session.commit()


def sources_of(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Return the passages as an answer remembers them."""
    return [
        {
            "topic": passage.topic.id,
            "subtopic": passage.subtopic.id,
            "title": passage.subtopic.title,
            "score": round(passage.score, 3),
            "why": asdict(passage.reason),
        }
        for passage in passages
    ]


def repeat(kept: RememberedAnswer, message_id: int, ledger: Ledger) -> bool:
    """Store an answer that was given before once more; False while it is not whole. Commits."""
    first = kept.message
    if first.state is not State.COMPLETE:
        return False
    message = db.session.get_one(Message, message_id)
    message.content, message.unverified = first.content, first.unverified
    message.engine = PINNED if kept.pinned else REMEMBERED
    message.repeats = first.repeats or first.slug
    _finish_repeat(message, first, ledger)
    return True


def give_correction(corrected_id: int, message_id: int, ledger: Ledger) -> None:
    """Store what a teacher wrote in place of another answer as this one. Commits."""
    first = db.session.get_one(Message, corrected_id)
    message = db.session.get_one(Message, message_id)
    message.content, message.engine, message.repeats = first.valid_content, VERIFIED, first.slug
    _finish_repeat(message, first, ledger)


def give_help(message_id: int, kind: Distress) -> None:
    """Store the numbers to call as the answer, and an alarm where there is a teacher. Commits.

    Nothing goes to the prediction log: no engine was asked, and what was written is nobody's.
    """
    message = db.session.get_one(Message, message_id)
    message.content = template("distress.md.j2").render(kind=kind.value)
    message.engine, message.state = HELP, State.COMPLETE
    if message.conversation.class_id is not None:
        db.session.add(Alarm(message=message, kind=kind))
    db.session.commit()


def _finish_repeat(message: Message, first: Message, ledger: Ledger) -> None:
    message.sources, message.topic = first.valid_sources, first.topic
    message.in_scope = first.in_scope
    message.state = State.COMPLETE
    ledger.enter_repeat(message, first)
    db.session.commit()


def store_snapshot(message_id: int, said: str) -> None:
    """Keep what was said so far, for the page that comes back in mid-answer."""
    db.session.get_one(Message, message_id).content = said
    db.session.commit()


def set_state(message_id: int, state: State) -> None:
    """Mark an answer."""
    db.session.get_one(Message, message_id).state = state
    db.session.commit()
