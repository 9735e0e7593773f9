"""Six weeks of a class, made up: who asks what and when. Plain data, the same for the same seed."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property

from pedabot.cli.demo import words
from pedabot.knowledge.document import Difficulty, Document, Subtopic

WEEKS = 6
TALKS_PER_WEEK = (50, 55, 85, 55, 60, 95)
"""More before the two tests, in the third week and the last."""
ABSENT = 2
"""Students, the last ones, who never came."""
DRILLS_PER_WEEK = 1.5
WEIGHT_OF_DAY = (3, 5, 2, 6, 4, 1, 2)
"""Monday first: the course is on Tuesday and Thursday."""
WEIGHT_OF_HOUR = {8: 2, 9: 5, 10: 5, 11: 3, 13: 1, 14: 5, 15: 4, 16: 2, 18: 2, 20: 4, 21: 4, 22: 2}
_ENGLISH = re.compile(r"\b(?:what|how|why|which|is|are|do|does|the|an|of|to|my)\b", re.IGNORECASE)
OFTEN_HARD = ("retropropagation", "attention", "quantification", "rag")


@dataclass(slots=True)
class Exchange:
    """A question, and what becomes of its answer."""

    text: str
    helpful: bool | None = None
    reason: str = ""
    report: str = ""
    note: str = ""
    approved: bool = False
    correction: str = ""
    expected: tuple[str, ...] = ()


@dataclass(slots=True)
class Talk:
    """A conversation: ``student`` is a place in the list of students."""

    student: int
    moment: datetime
    level: Difficulty
    exchanges: list[Exchange] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Drill:
    """A quiz that a student takes; each answer is right or not."""

    student: int
    moment: datetime
    subtopic: str
    right: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Student:
    """How somebody learns: how often they ask, how they write, how much they know."""

    diligence: float
    care: float
    skill: float
    level: Difficulty


class Story:
    """The weeks that end now, told from a document."""

    def __init__(self, document: Document, now: datetime, seed: int = 2) -> None:
        self._document = document
        self._now = now
        self._random = random.Random(seed)  # noqa: S311 -- a story, not a secret
        self.students = [self._student() for _ in words.STUDENTS]

    def _student(self) -> Student:
        levels = list(Difficulty)
        return Student(
            diligence=self._random.lognormvariate(0, 0.7),
            care=self._random.random(),
            skill=self._random.uniform(0.45, 0.95),
            level=self._random.choices(levels, (6, 3, 1))[0],
        )

    @cached_property
    def hard(self) -> list[Subtopic]:
        """The notions with which this class has trouble."""
        known = [
            self._document.by_id[name][1] for name in OFTEN_HARD if name in self._document.by_id
        ]
        others = [notion for _, notion in self._document.subtopics() if notion not in known]
        return known + self._random.sample(others, min(len(others), max(0, 4 - len(known))))

    def events(self) -> list[Talk | Drill]:
        """Return everything that happens, in the order in which it does."""
        told: list[Talk | Drill] = [*self._talks(), *self._corrected_talks(), *self._drills()]
        return sorted(told, key=lambda event: event.moment)

    def _talks(self) -> Iterator[Talk]:
        for week, count in enumerate(TALKS_PER_WEEK):
            for _ in range(count):
                yield self._talk(week)

    def _talk(self, week: int) -> Talk:
        number = self._who()
        student = self.students[number]
        talk = Talk(number, self._moment(week), student.level)
        if self._random.random() < 0.09:
            talk.exchanges.append(Exchange(self._typed(self._one_of(words.OUTSIDE), student)))
            return talk
        notion = self._notion(week)
        hard = notion in self.hard
        text = self._one_of(_in_french(notion.questions) or [f"C'est quoi {notion.title} ?"])
        talk.exchanges.append(Exchange(self._typed(text, student)))
        while len(talk.exchanges) < 5 and self._random.random() < (0.6 if hard else 0.45):
            lost = hard and self._random.random() < 0.55
            talk.exchanges.append(Exchange(self._one_of(words.LOST if lost else words.FOLLOW_UPS)))
        for exchange in talk.exchanges:
            self._judge(exchange, hard, week)
        return talk

    def _judge(self, exchange: Exchange, hard: bool, week: int) -> None:
        """The student's thumb, and the teacher's eye on it: not yet on the last ten days."""
        draw = self._random.random()
        if draw < (0.22 if hard else 0.03):
            exchange.helpful, exchange.reason = False, self._one_of(words.UNHELPFUL)
        elif draw > 0.78:
            exchange.helpful = True
        if self._random.random() < 0.006:
            exchange.report = self._one_of(words.REPORTS)
        if week < WEEKS - 2 and self._random.random() < (
            0.4 if exchange.helpful is False else 0.02
        ):
            exchange.approved = True
            exchange.note = self._one_of(words.NOTES) if self._random.random() < 0.4 else ""

    def _corrected_talks(self) -> Iterator[Talk]:
        """Questions that the teacher answered in person; others ask them again later."""
        chapters = [topic.title for topic in self._document.topics[:4]]
        told = [
            (words.ON_THE_TEST, words.test_correction(chapters), ()),
            (words.ON_VLANS, words.VLAN_CORRECTION, ()),
            *(
                (n.questions[0], words.notion_correction(n.summary, n.key_points[:4]), (n.id,))
                for n in self.hard
                if n.questions and n.summary and n.key_points
            ),
        ]
        for text, correction, expected in told:
            first = self._asked(text, week=self._random.choice((0, 1)))
            first.exchanges[0].correction = correction
            first.exchanges[0].expected = expected
            yield first
            for _ in range(self._random.randint(2, 4)):
                yield self._asked(text.lower(), week=self._random.randint(2, WEEKS - 1))

    def _asked(self, text: str, week: int) -> Talk:
        number = self._who()
        return Talk(number, self._moment(week), self.students[number].level, [Exchange(text)])

    def _drills(self) -> Iterator[Drill]:
        for number, student in list(enumerate(self.students))[:-ABSENT]:
            for week in range(WEEKS):
                for _ in range(round(student.diligence * DRILLS_PER_WEEK)):
                    notion = self._notion(week)
                    chance = student.skill - (0.3 if notion in self.hard else 0)
                    right = tuple(self._random.random() < chance for _ in notion.quiz)
                    if right:
                        yield Drill(number, self._moment(week), notion.id, right)

    def _who(self) -> int:
        weights = [student.diligence for student in self.students[:-ABSENT]]
        return self._random.choices(range(len(weights)), weights)[0]

    def _notion(self, week: int) -> Subtopic:
        """The chapters of the week; now and then an earlier one, and what is hard for all."""
        if week >= 1 and self._random.random() < 0.15:
            return self._random.choice(self.hard)
        topics = self._document.topics
        if week and self._random.random() < 0.2:
            week = self._random.randrange(week)
        first, last = len(topics) * week // WEEKS, len(topics) * (week + 1) // WEEKS
        chapters = topics[first : max(last, first + 1)]
        return self._random.choice([notion for topic in chapters for notion in topic.subtopics])

    def _moment(self, week: int) -> datetime:
        """A moment of a week, at an hour at which such a class asks."""
        begin = self._now - timedelta(weeks=WEEKS - week)
        days = [begin + timedelta(days=n) for n in range(8)]
        weights = [WEIGHT_OF_DAY[day.weekday()] for day in days]
        while True:
            day = self._random.choices(days, weights)[0]
            hour = self._random.choices(list(WEIGHT_OF_HOUR), list(WEIGHT_OF_HOUR.values()))[0]
            at = time(
                hour, self._random.randrange(60), self._random.randrange(60), tzinfo=day.tzinfo
            )
            moment = datetime.combine(day.date(), at)
            if begin <= moment < begin + timedelta(weeks=1) - timedelta(hours=1):
                return moment

    def _typed(self, text: str, student: Student) -> str:
        """A text as somebody types it: without much care in small letters, and with slips."""
        if self._random.random() < 0.08:
            text = self._one_of(words.GREETINGS) + text[0].lower() + text[1:]
        if self._random.random() < student.care:
            return text
        text = text.lower().rstrip(" ?")
        if self._random.random() < 0.5:
            text = _without_accents(text)
        if self._random.random() < 0.3:
            text = self._with_a_slip(text)
        return text + (self._one_of(words.ENDINGS) if self._random.random() < 0.2 else "")

    def _with_a_slip(self, text: str) -> str:
        """Swap two letters within one of the longer words."""
        typed = text.split(" ")
        long = [n for n, word in enumerate(typed) if len(word) > 6 and word.isalpha()]
        if long:
            n = self._random.choice(long)
            at = self._random.randrange(2, len(typed[n]) - 2)
            typed[n] = typed[n][:at] + typed[n][at + 1] + typed[n][at] + typed[n][at + 2 :]
        return " ".join(typed)

    def _one_of(self, texts: Sequence[str]) -> str:
        return self._random.choice(texts)


def _in_french(questions: Sequence[str]) -> list[str]:
    """The course also holds wordings in English, for students who ask so."""
    return [text for text in questions if not _ENGLISH.search(text)][:3]


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))
