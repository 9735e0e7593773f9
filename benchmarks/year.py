"""A school year in a database: classes, students, a million messages, and all that hangs on them.

Made from a seed, so that each run has the same rows. Questions are words of the course, drawn with
the frequencies that words have in texts (Zipf: the n-th word 1/n as often as the first), behind the
beginnings that questions have; answers are sentences of the course.
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import Any, cast

from sqlalchemy import Table, insert, text

from pedabot.extensions import Base, db
from pedabot.knowledge.distress import Distress
from pedabot.knowledge.document import Difficulty, Document
from pedabot.storage import answer_index, concerns, people
from pedabot.storage.alarms import Alarm
from pedabot.storage.answer_index import IndexedAnswer
from pedabot.storage.columns import utc_now
from pedabot.storage.concerns import Report
from pedabot.storage.conversations import Author, Conversation, Message, State
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import Classroom, Membership, Role, User
from pedabot.storage.predictions import Prediction
from pedabot.storage.quizzes import QuizResult
from pedabot.storage.reviews import Review, Verdict
from pedabot.storage.spending import Spending

DAYS = 240
ROWS_AT_ONCE = 10_000
TURNS_OF_A_CONVERSATION = 8  # at most; half of that on average
MODELS = ("mistral-small-latest", "mistral-medium-latest")
FAILURES = ("timeout", "rate_limited", "unreachable", "server_error", "dropped", "garbled")
BEGINNINGS = ("C'est quoi", "Comment marche", "Pourquoi", "À quoi sert", "Quelle différence entre")
OUTSIDE = (
    "Comment installer Docker sur mon PC ?",
    "C'est quoi un VLAN ?",
    "Comment faire une jointure SQL ?",
    "Qui a gagné la coupe du monde ?",
    "Comment configurer Apache ?",
    "C'est quoi le modèle OSI ?",
)
FIRST_NAMES = ("lea", "noah", "ines", "adam", "jade", "lina", "hugo", "nour", "theo", "emma")


HANGING = (Feedback, Report, Review, Alarm, Prediction)


@dataclass(slots=True)
class Batch:
    """Rows that wait to be written together, by table in the order of their foreign keys."""

    rows: dict[type[Base], list[dict[str, Any]]] = field(
        default_factory=lambda: {
            table: [] for table in (Conversation, Message, IndexedAnswer, *HANGING)
        }
    )

    def add(self, table: type[Base], **values: Any) -> None:
        """Add a row."""
        self.rows[table].append(values)

    def write(self) -> None:
        """Write all rows. Commits."""
        for table, rows in self.rows.items():
            if rows:
                # Into the table, not the class: the ORM would write each row with a None by itself.
                db.session.execute(insert(_table(table)), rows)
                rows.clear()
        db.session.commit()


def _table(mapped: type[Base]) -> Table:
    return cast("Table", mapped.__table__)


class Words:
    """Questions and answers out of the words of a course."""

    def __init__(self, document: Document, dice: random.Random) -> None:
        self._dice = dice
        texts = [f"{part.summary or ''} {part.content}" for _, part in document.subtopics()]
        words = sorted(set(re.findall(r"[a-zàâçéèêëîïôûùœ-]{3,}", " ".join(texts).lower())))
        dice.shuffle(words)
        self._words = words
        self._weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
        self._sentences = [line for line in re.split(r"(?<=[.!?])\s+", " ".join(texts)) if line]

    def question(self, notion: str) -> str:
        """Return a question; none in ten says that the one before was not understood."""
        if self._dice.random() < 0.05:
            return "Je n'ai pas compris"
        words = self._dice.choices(self._words, cum_weights=self._weights, k=5)
        return f"{self._dice.choice(BEGINNINGS)} {notion.lower()} {' '.join(words)} ?"

    def answer(self) -> str:
        """Return some sentences of the course."""
        return " ".join(self._dice.choices(self._sentences, k=4))


@dataclass(frozen=True, slots=True)
class School:
    """What has been filled: the classes with their students, and who teaches them."""

    teacher: User
    admin: User
    classes: Sequence[Classroom]
    students: Sequence[Sequence[User]]


def found(classes: int, students: int) -> School:
    """Make the accounts and the classes. Commits."""
    teacher = people.add_user("teacher", Role.TEACHER)
    admin = people.add_user("admin", Role.ADMIN)
    rooms = [people.add_class(f"BTS SIO 2{chr(65 + n)}", teacher) for n in range(classes)]
    groups = []
    for number, room in enumerate(rooms):
        room.settings.budget_per_day = 400_000
        names = [f"{FIRST_NAMES[n % 10]}{number}{n:02}" for n in range(students // classes)]
        groups.append([people.add_user(name, Role.STUDENT) for name in names])
        room.memberships += [Membership(user=user) for user in groups[-1]]
    db.session.commit()
    return School(teacher, admin, rooms, groups)


def fill(school: School, document: Document, messages: int, seed: int = 1) -> None:
    """Write the conversations of a year, oldest first, and what hangs on them. Commits."""
    Year(school, document, random.Random(seed)).write(messages)
    _fill_quizzes(school, document, random.Random(seed))
    _fill_spending(school, random.Random(seed))
    _set_sequences()
    concerns.weigh()
    db.session.commit()


class Year:
    """The conversations of a school, one after the other."""

    def __init__(self, school: School, document: Document, dice: random.Random) -> None:
        self._places = [
            (room.id, [student.id for student in group])
            for room, group in zip(school.classes, school.students, strict=True)
        ]
        self._teacher = school.teacher.id
        self._notions = list(document.subtopics())
        self._words = Words(document, dice)
        self._dice = dice
        self._message = 0
        self._who = (0, 0)  # class and student of the conversation
        self._batch = Batch()

    def write(self, messages: int) -> None:
        """Write so many messages."""
        turns = TURNS_OF_A_CONVERSATION // 2
        starts = self._starts(max(messages // (2 * turns), 1))
        for number, start in enumerate(starts, start=1):
            self._converse(number, start)
            if len(self._batch.rows[Message]) >= ROWS_AT_ONCE:
                self._batch.write()
        self._batch.write()

    def _starts(self, conversations: int) -> Iterator[datetime]:
        """Yield when each conversation begins: mostly on week days, between 8 and 20 hours."""
        first = utc_now() - timedelta(days=DAYS)
        for number in range(conversations):
            when = first + timedelta(days=DAYS * (number + 1) / conversations)
            if when.weekday() > 4 and self._dice.random() < 0.8:
                when -= timedelta(days=2)
            hour = min(max(round(self._dice.gauss(13, 3)), 7), 20)
            moved = when.replace(hour=hour, minute=self._dice.randrange(60))
            yield min(moved, utc_now() - timedelta(minutes=30)).astimezone(UTC)

    def _converse(self, number: int, start: datetime) -> None:
        room, students = self._dice.choice(self._places)
        topic, notion = self._dice.choice(self._notions)
        turns = self._dice.randint(1, TURNS_OF_A_CONVERSATION - 1)
        self._who = room, self._dice.choice(students[: len(students) * 9 // 10])
        when = start
        first = len(self._batch.rows[Message])
        for _ in range(turns):
            self._turn(number, topic.id, notion, when)
            when += timedelta(seconds=self._dice.randint(40, 200))
        title = self._batch.rows[Message][first]["content"][:80]
        self._batch.add(
            Conversation,
            id=number,
            slug=secrets.token_urlsafe(12),
            user_id=self._who[1],
            class_id=room,
            title=title,
            created_at=start,
            updated_at=when,
        )

    def _turn(self, conversation: int, topic: str, notion: Any, when: datetime) -> None:
        dice = self._dice
        outside = dice.random() < 0.06
        level = dice.choice(tuple(Difficulty))
        engine = dice.choices(("mistral", "offline", "memory"), (70, 20, 10))[0]
        question, answer = self._message + 1, self._message + 2
        self._message += 2
        text = dice.choice(OUTSIDE) if outside else self._words.question(notion.title)
        found = {"topic": topic, "subtopic": notion.id, "title": notion.title, "score": 0.5}
        common = {"conversation_id": conversation, "level": level, "state": State.COMPLETE}
        common |= {"created_at": when, "unverified": [], "hidden": []}
        self._batch.add(
            Message,
            id=question,
            slug=secrets.token_urlsafe(12),
            author=Author.STUDENT,
            content=text,
            question_id=None,
            topic=None,
            engine=None,
            in_scope=None,
            sources=[],
            **common,
        )
        self._batch.add(
            Message,
            id=answer,
            slug=secrets.token_urlsafe(12),
            author=Author.TUTOR,
            content=self._words.answer(),
            question_id=question,
            topic=None if outside else topic,
            engine=engine,
            in_scope=not outside,
            sources=[] if outside else [found],
            **common | {"unverified": ["un chiffre"] if dice.random() < 0.01 else []},
        )
        said = f"{text}\n{self._batch.rows[Message][-1]['content']}"
        self._batch.add(
            IndexedAnswer,
            key=answer_index.key_of(when, answer),
            message_id=answer,
            words=answer_index.words_of(*self._who, said),
        )
        self._judge(answer, when)
        self._log(answer, text, engine, when)

    def _judge(self, answer: int, when: datetime) -> None:
        """Add what students and teachers say of some answers."""
        dice, batch = self._dice, self._batch
        if dice.random() < 0.12:
            helpful = dice.random() < 0.75
            batch.add(Feedback, message_id=answer, helpful=helpful, created_at=when)
        if dice.random() < 0.002:
            batch.add(Report, message_id=answer, reason="C'est faux.", created_at=when)
        if dice.random() < 0.01:
            verdict = dice.choice(tuple(Verdict))
            batch.add(
                Review,
                message_id=answer,
                teacher_id=self._teacher,
                verdict=verdict,
                correction="Voici la bonne réponse." if verdict is Verdict.CORRECTED else "",
                expected=[],
                updated_at=when,
            )
        if dice.random() < 0.0005:
            taken = None if dice.random() < 0.02 else when
            kind = dice.choice(tuple(Distress))
            batch.add(Alarm, message_id=answer, kind=kind, created_at=when, dismissed_at=taken)

    def _log(self, answer: int, question: str, engine: str, when: datetime) -> None:
        """Add the attempts behind an answer: where a model failed, another engine answered."""
        dice = self._dice
        if engine == "offline" and dice.random() < 0.6:
            self._attempt(answer, question, "mistral", MODELS[0], dice.choice(FAILURES), when)
        model = dice.choices(MODELS, (85, 15))[0] if engine != "offline" else "offline"
        self._attempt(answer, question, engine, model, "complete", when)

    def _attempt(
        self, answer: int, question: str, engine: str, model: str, outcome: str, when: datetime
    ) -> None:
        dice, asked = self._dice, engine == "mistral"
        first = round(dice.lognormvariate(6.3, 0.5)) if asked else dice.randint(5, 30)
        whole = outcome == "complete"
        self._batch.add(
            Prediction,
            message_id=answer,
            created_at=when,
            engine=engine,
            model=model,
            prompt_hash="0" * 64,
            parameters={"temperature": 0.3} if asked else {},
            passages=[],
            question=question if asked else "",
            tokens_in=1200 if asked else None,
            tokens_out=250 if asked and whole else None,
            cost=300 if asked else 0,
            first_token_ms=first if whole and engine != "memory" else None,
            duration_ms=first + (round(dice.lognormvariate(7.8, 0.4)) if asked else 20),
            outcome=outcome,
            cause="" if whole else f"{outcome} of the server",
        )


def _fill_quizzes(school: School, document: Document, dice: random.Random) -> None:
    notions = [notion.id for _, notion in document.subtopics()]
    now = utc_now()
    rows = (
        {
            "user_id": student.id,
            "subtopic": dice.choice(notions),
            "question": f"q{dice.randrange(3)}",
            "chosen": dice.randrange(3),
            "correct": dice.random() < 0.6,
            "answered_at": now - timedelta(days=dice.random() * DAYS),
        }
        for group in school.students
        for student in group
        for _ in range(100)
    )
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        db.session.execute(insert(_table(QuizResult)), batch)
    db.session.commit()


def _fill_spending(school: School, dice: random.Random) -> None:
    rows = [
        {
            "day": (utc_now() - timedelta(days=back)).date(),
            "classroom": room.slug,
            "model": model,
            "cost": dice.randint(20_000, 150_000),
            "calls": 80,
            "unpriced": 0,
        }
        for back in range(DAYS)
        for room in school.classes
        for model in MODELS
    ]
    db.session.execute(insert(_table(Spending)), rows)
    db.session.commit()


def _set_sequences() -> None:
    """Let PostgreSQL go on after the keys that were given."""
    if db.session.get_bind().dialect.name == "postgresql":
        for table in ("conversations", "messages"):
            db.session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
            )
        db.session.commit()
