"""The story into the database, with answers by the real offline tutor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pedabot.answering.chains import Chains
from pedabot.answering.delivery import Delivery
from pedabot.answering.engines import Engines
from pedabot.answering.ledger import Ledger
from pedabot.answering.retrieval import Retrieval
from pedabot.answering.semantics import Semantics
from pedabot.cli.demo import words
from pedabot.cli.demo.story import Drill, Exchange, Student, Talk
from pedabot.extensions import db
from pedabot.knowledge.document import Document
from pedabot.storage import conversations, people, reviews
from pedabot.storage.concerns import Report
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import Classroom, Membership, Role, User
from pedabot.teaching import review, revision

BETWEEN_QUESTIONS = timedelta(minutes=2)
READING = timedelta(seconds=40)
TEACHER_COMES = timedelta(hours=20)
"""After a question: the teacher looks at the answers of the day before."""


def open_class(students: Iterable[Student], since: datetime) -> Classroom:
    """Make the class with its teacher and students, all marked as a demonstration. Commits."""
    teacher = _account(words.TEACHER, Role.TEACHER, since)
    classroom = people.add_class("BTS SIO 2 — démo", teacher)
    classroom.demo, classroom.created_at = True, since
    for name, student in zip(words.STUDENTS, students, strict=True):
        user = _account(name, Role.STUDENT, since)
        user.level = student.level
        user.memberships.append(Membership(classroom=classroom, joined_at=since))
    db.session.commit()
    return classroom


def _account(name: str, role: Role, since: datetime) -> User:
    user = people.add_user(name, role)
    user.demo, user.created_at = True, since
    return user


class Teller:
    """Lets things happen at their moments."""

    def __init__(
        self,
        classroom: Classroom,
        document: Document,
        parts: Mapping[str, Any],
        settings: Mapping[str, Any],
    ) -> None:
        team = [member.user for member in classroom.memberships if member.teaches]
        self.teacher = team[0]
        self._students = people.students_of(classroom)
        self._classroom = classroom
        self._document = document
        self._moment = classroom.created_at
        self._delivery = _offline_delivery(parts, settings, lambda: self._moment)

    def tell(self, event: Talk | Drill) -> None:
        """Let one thing happen. Commits."""
        self._moment = event.moment.astimezone(UTC)
        if isinstance(event, Drill):
            self._take(event)
        else:
            self._hold(event)

    def _take(self, drill: Drill) -> None:
        user = self._students[drill.student]
        _, notion = self._document.by_id[drill.subtopic]
        for question, right in zip(notion.quiz, drill.right, strict=True):
            chosen = question.answer if right else (question.answer + 1) % len(question.choices)
            name = (notion.id, question.key)
            revision.answer(user, name, chosen, right, self._moment)

    def _hold(self, talk: Talk) -> None:
        user = self._students[talk.student]
        first = talk.exchanges[0].text
        conversation = conversations.start_conversation(user, self._classroom.id, first)
        conversation.created_at = self._moment
        for exchange in talk.exchanges:
            self._judge(self._answered(conversation, talk, exchange), exchange)
            self._moment += BETWEEN_QUESTIONS

    def _answered(self, conversation: Conversation, talk: Talk, exchange: Exchange) -> Message:
        answer = conversations.add_question(conversation, exchange.text, talk.level)
        for message in (answer, answer.question):
            if message is not None:
                message.created_at = self._moment
        conversation.updated_at = self._moment
        db.session.commit()
        for _ in self._delivery.deliver(answer.id):
            pass
        return answer

    def _judge(self, answer: Message, exchange: Exchange) -> None:
        read = self._moment + READING
        if exchange.helpful is not None:
            thumb = Feedback(helpful=exchange.helpful, reason=exchange.reason, created_at=read)
            answer.feedback = thumb
        if exchange.report:
            answer.report = Report(reason=exchange.report, created_at=read)
        if exchange.correction:
            text, expected = exchange.correction, exchange.expected
            review.correct(answer, self.teacher, text, expected=expected, shared=True)
        elif exchange.approved:
            review.approve(answer, self.teacher)
        if answer.review is not None:
            answer.review.updated_at = self._moment + TEACHER_COMES
            answer.review.seen_at = self._moment + 2 * TEACHER_COMES
        db.session.commit()
        if exchange.note:
            reviews.set_note(answer, self.teacher, exchange.note, for_student=True)


def _offline_delivery(
    parts: Mapping[str, Any], settings: Mapping[str, Any], clock: Callable[[], datetime]
) -> Delivery:
    """The school's own way of a question, without its models: a demonstration costs nothing."""
    offline = Engines({**settings, "MISTRAL_API_KEY": "", "MISTRAL_SERVER_URL": ""})
    chains: Chains = parts["pedabot_chains"]
    ledger: Ledger = parts["pedabot_ledger"]
    return Delivery(
        Retrieval(parts["pedabot_course"], Semantics(None)),
        parts["pedabot_prompts"],
        Chains(offline, chains.breakers, chains.queue, chains.longest),
        parts["pedabot_memory"],
        parts["pedabot_budgets"],
        Ledger(ledger.prices, ledger.zone, clock),
    )
