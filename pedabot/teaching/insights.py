"""What a class asks and misses, over some days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pedabot.knowledge import followup, grouping
from pedabot.knowledge.document import Document
from pedabot.knowledge.followup import Wish
from pedabot.storage import insights, log_figures, people, spending
from pedabot.storage.columns import utc_now
from pedabot.storage.day_sums import Span
from pedabot.storage.insights import Activity, Turn
from pedabot.storage.log_figures import Wanted
from pedabot.storage.people import Classroom, User
from pedabot.teaching.periods import Days

TURNS_READ = 500
"""The latest questions whose words are read; older ones are only counted."""

OUTSIDE_READ = 300
DAYS_SHOWN = 62
"""Longer periods are shown by weeks."""

EXAMPLES = 3
NOTIONS_SHOWN = 8
GROUPS_SHOWN = 6


@dataclass(slots=True)
class Missed:
    """A notion that is not understood: the signs of it, and questions that show it."""

    subtopic: str
    unhelpful: int = 0
    lost: int = 0
    repeated: int = 0
    failed: int = 0
    students: set[int] = field(default_factory=set)
    examples: list[Turn] = field(default_factory=list)

    @property
    def signs(self) -> int:
        """All signs together."""
        return self.unhelpful + self.lost + self.repeated + self.failed


@dataclass(frozen=True, slots=True)
class Bar:
    """What fell on some days, one or a week: questions, or micro-euros."""

    first: date
    last: date
    value: int


def activity(classroom: Classroom, days: Days, zone: ZoneInfo) -> Activity:
    """Return what a class did on some days. Commits what it keeps of those that are over."""
    start = None
    if days.first is None:
        began = insights.first_conversation(classroom.id)
        start = began and began.astimezone(zone).date()
    return insights.activity(classroom.id, days.each(zone, start))


def count_past_days(zone: ZoneInfo) -> None:
    """Count all days of all classes, and of the log, that nobody has looked at yet. Commits."""
    today = utc_now().astimezone(zone).date()
    for classroom in people.all_classes():
        activity(classroom, Days(None, today), zone)
    oldest = log_figures.first_attempt()
    if oldest is not None:
        days = Days(oldest.astimezone(zone).date(), today).each(zone)
        log_figures.figures(days, Wanted())


def questions_per_day(activity: Activity, days: Days) -> list[Bar]:
    """Return the questions of each day or week, those without any too."""
    return bars(activity.by_day, days)


def costs_per_day(classroom: Classroom, days: Days) -> list[Bar]:
    """Return the micro-euros of each day or week; none if nothing was spent at all."""
    found = spending.by_day(classroom.slug, days.first, days.last)
    return bars(found, days) if any(found.values()) else []


def bars(found: Mapping[date, int], days: Days) -> list[Bar]:
    """Return the values of each day, or of each week of a longer time, those without any too."""
    if days.first is None and not found:
        return []
    first = days.first or min(found)
    if (days.last - first).days < DAYS_SHOWN:
        return [Bar(day, day, found.get(day, 0)) for day in _every(first, days.last, 1)]
    monday = first - timedelta(days=first.weekday())
    weeks = Counter(dict.fromkeys(_every(monday, days.last, 7), 0))
    for day, value in found.items():
        weeks[day - timedelta(days=day.weekday())] += value
    return [
        Bar(start, min(start + timedelta(days=6), days.last), value)
        for start, value in sorted(weeks.items())
    ]


def _every(first: date, last: date, step: int) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range(0, (last - first).days + 1, step))


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many students a class has and how many came; who did not, by name, and came last when."""

    students: int
    came: int
    absent: Sequence[tuple[User, datetime | None]]


@dataclass(frozen=True, slots=True)
class Words:
    """What the latest questions tell: notions missed, and what the course lacks, in groups.

    ``complete`` is False where a period has more questions than are read.
    """

    missed: Sequence[Missed]
    lacking: Sequence[Sequence[Turn]]
    complete: bool


def words(classroom: Classroom, span: Span, document: Document) -> Words:
    """Read the latest questions of a class."""
    turns = insights.latest_turns(classroom.id, span, TURNS_READ)
    students = [student.id for student in people.students_of(classroom)]
    failed = insights.failed_quizzes(students, span)
    return Words(
        _missed(turns, failed, document)[:NOTIONS_SHOWN],
        lacking(turns)[:GROUPS_SHOWN],
        len(turns) < TURNS_READ,
    )


def _missed(
    turns: Sequence[Turn], failed: Mapping[str, set[int]], document: Document
) -> list[Missed]:
    """Rank the notions of the course by the signs that they are not understood."""
    found: dict[str, Missed] = {}
    again = _asked_again(turns)
    for turn in turns:
        if turn.subtopic in document.by_id and turn.in_scope:
            _count(found.setdefault(turn.subtopic, Missed(turn.subtopic)), turn, turn in again)
    for subtopic in failed.keys() & document.by_id.keys():
        entry = found.setdefault(subtopic, Missed(subtopic))
        entry.failed = len(failed[subtopic])
        entry.students |= failed[subtopic]
    signalled = (entry for entry in found.values() if entry.signs)
    ranked = sorted(signalled, key=lambda e: (-e.signs, -len(e.students), e.subtopic))
    for entry in ranked:
        # "Je n'ai pas compris" shows a teacher less than a question with words of its own.
        entry.examples.sort(key=lambda turn: followup.wish(turn.question) is not None)
        del entry.examples[EXAMPLES:]
    return ranked


def _count(entry: Missed, turn: Turn, repeated: bool) -> None:
    unhelpful = turn.helpful is False
    lost = followup.wish(turn.question) is Wish.SIMPLER
    entry.unhelpful += unhelpful
    entry.lost += lost
    entry.repeated += repeated
    if unhelpful or lost or repeated:
        entry.students.add(turn.student_id)
        shown = {example.question for example in entry.examples}
        if turn.question not in shown:
            entry.examples.append(turn)


def _asked_again(turns: Sequence[Turn]) -> set[Turn]:
    """Return the questions that a student asked before in nearly the same words, or anew."""
    seen: set[tuple[int, frozenset[str]]] = set()
    again = set()
    for turn in reversed(turns):
        asked = turn.student_id, grouping.stems(turn.question)
        if turn.anew or (asked[1] and asked in seen):
            again.add(turn)
        seen.add(asked)
    return again


def lacking(turns: Sequence[Turn]) -> list[list[Turn]]:
    """Group the questions that the course does not answer; each group begins with its centre."""
    outside = [turn for turn in turns if turn.in_scope is False][:OUTSIDE_READ]
    return [
        [outside[position] for position in group]
        for group in grouping.groups([turn.question for turn in outside])
    ]


def attendance(classroom: Classroom, span: Span) -> Attendance:
    """Return which students asked something, and which did not."""
    students = people.students_of(classroom)
    came = insights.students_who_asked(classroom.id, span)
    missing = [student for student in students if student.id not in came]
    last = insights.last_seen(classroom.id, [student.id for student in missing])
    absent = [(student, last.get(student.id)) for student in missing]
    return Attendance(len(students), len(came), absent)
