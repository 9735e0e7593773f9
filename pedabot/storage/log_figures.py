"""What the prediction log says of some days: attempts, failures by cause, times by model.

Added up from the sums of each day, so that no page reads a year of the log (``day_sums.py``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from pedabot.extensions import db
from pedabot.greenlets import giving_way
from pedabot.storage import day_sums, sketches
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.day_sums import LOG, Day, Sums
from pedabot.storage.predictions import Prediction

PERCENTILES = (0.5, 0.9, 0.95, 0.99)
WHOLE = ("complete", "stopped")
"""How an attempt ends that did not fail: a student may have enough of an answer."""

NO_CLASS = 0
"""Attempts that belong to no class: teachers trying the tutor, comparisons of prompts."""

ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attempts: of some classes (None: of all), an engine, a model, a way to end."""

    class_ids: frozenset[int] | None = None
    engine: str = ""
    model: str = ""
    outcome: str = ""

    def has(self, class_id: int, engine: str, model: str, outcome: str) -> bool:
        """Tell whether these attempts are wanted."""
        return (
            (self.class_ids is None or class_id in self.class_ids)
            and self.engine in ("", engine)
            and self.model in ("", model)
            and self.outcome in ("", outcome)
        )


@dataclass(slots=True)
class Times:
    """The attempts of a model: how many, how many failed, times of the others in buckets.

    The first word has a time where an engine streams; the whole answer always has.
    """

    attempts: int = 0
    failures: int = 0
    first_words: Counter[int] = field(default_factory=Counter)
    durations: Counter[int] = field(default_factory=Counter)

    def percentiles(self) -> tuple[list[int | None], list[int | None]]:
        """Return the milliseconds to the first word, and to the last, at ``PERCENTILES``."""
        first, whole = (
            [sketches.percentile(counts, share) for share in PERCENTILES]
            for counts in (self.first_words, self.durations)
        )
        return first, whole


@dataclass(slots=True)
class LogFigures:
    """The sums of some days: in all, by day, by model, and failures by cause and model."""

    all: Times = field(default_factory=Times)
    attempts_by_day: Counter[date] = field(default_factory=Counter)
    failures_by_day: Counter[date] = field(default_factory=Counter)
    by_model: dict[str, Times] = field(default_factory=dict)
    causes: dict[str, Counter[str]] = field(default_factory=dict)
    days: list[Day] = field(default_factory=list)
    models: set[str] = field(default_factory=set)

    def busiest(self) -> list[tuple[str, Times]]:
        """Return the models, the most asked first."""
        return sorted(self.by_model.items(), key=lambda item: (-item[1].attempts, item[0]))

    def worst(self) -> list[tuple[str, Counter[str]]]:
        """Return the causes of failures, the most frequent first."""
        return sorted(self.causes.items(), key=lambda item: (-item[1].total(), item[0]))


def figures(days: Sequence[Day], wanted: Wanted) -> LogFigures:
    """Return what the log says of consecutive days. Commits what it keeps of past ones."""
    found = LogFigures()
    for day, sums in day_sums.read(LOG, days, _count):
        for *who, attempts, first_words, durations in sums["cells"]:
            class_id, engine, model, outcome = who
            found.models.add(model)
            if wanted.has(class_id, engine, model, outcome):
                _add(found, day, model, outcome, attempts, first_words, durations)
    for times in found.by_model.values():
        found.all.attempts += times.attempts
        found.all.failures += times.failures
        found.all.first_words.update(times.first_words)
        found.all.durations.update(times.durations)
    return found


def _add(
    found: LogFigures,
    day: Day,
    model: str,
    outcome: str,
    attempts: int,
    first_words: dict[str, int],
    durations: dict[str, int],
) -> None:
    if not found.days or found.days[-1] != day:
        found.days.append(day)
    found.attempts_by_day[day.day] += attempts
    failed = outcome not in WHOLE
    if failed:
        found.failures_by_day[day.day] += attempts
        found.causes.setdefault(outcome, Counter())[model] += attempts
    times = found.by_model.setdefault(model, Times())
    times.attempts += attempts
    if failed:
        times.failures += attempts
    else:
        _add_buckets(times.first_words, first_words)
        _add_buckets(times.durations, durations)


def _add_buckets(counts: Counter[int], more: dict[str, int]) -> None:
    for number, count in more.items():
        counts[int(number)] += count


def first_attempt() -> datetime | None:
    """Return the moment of the oldest attempt."""
    return db.session.scalar(select(func.min(Prediction.created_at)))


def _count(days: Sequence[Day]) -> dict[Day, Sums]:
    starts = [day.since for day in days]
    counted: dict[Day, dict[tuple[Any, ...], tuple[Counter[str], Counter[str], list[int]]]] = {}
    for moment, first_word, whole, class_id, *who in giving_way(
        db.session.execute(_attempts(days))
    ):
        cells = counted.setdefault(days[bisect_right(starts, moment) - 1], {})
        key = (class_id or NO_CLASS, *who)
        first_words, durations, attempts = cells.setdefault(key, (Counter(), Counter(), [0]))
        attempts[0] += 1
        if key[-1] not in WHOLE:
            continue  # how soon an attempt failed is no figure of the log
        if first_word is not None:
            first_words[str(sketches.bucket(first_word))] += 1
        durations[str(sketches.bucket(whole))] += 1
    return {
        day: {
            "cells": [
                [*key, attempts[0], first_words, durations]
                for key, (first_words, durations, attempts) in cells.items()
            ]
        }
        for day, cells in counted.items()
    }


def _attempts(days: Sequence[Day]) -> Any:
    query = (
        select(
            Prediction.created_at,
            Prediction.first_token_ms,
            Prediction.duration_ms,
            Conversation.class_id,
            Prediction.engine,
            Prediction.model,
            Prediction.outcome,
        )
        .outerjoin(Prediction.message)
        .outerjoin(Message.conversation)
        .where(day_sums.on(Prediction.created_at, days))
    )
    return query.execution_options(yield_per=ROWS_AT_ONCE)


def page_of_attempts(
    found: LogFigures, wanted: Wanted, limit: int, before: Prediction | None = None
) -> list[Prediction]:
    """Return a page of the attempts behind some figures, newest first, before the row given.

    The figures tell on which days there are any: however rare they are, no other day is read.
    """
    days = _days_of_page(found, limit, before)
    if not days:
        return []
    query = _shown().where(day_sums.on(Prediction.created_at, days), *_conditions(wanted))
    if before is not None:
        earlier = Prediction.created_at < before.created_at
        same = (Prediction.created_at == before.created_at) & (Prediction.id < before.id)
        query = query.where(earlier | same)
    ordered = query.order_by(Prediction.created_at.desc(), Prediction.id.desc())
    return list(db.session.scalars(ordered.limit(limit)))


def _days_of_page(found: LogFigures, limit: int, before: Prediction | None) -> list[Day]:
    """The newest days that have so many attempts together, up to that of ``before``."""
    days: list[Day] = []
    count = 0
    for day in reversed(found.days):
        if count >= limit:
            break
        if before is None or day.until <= before.created_at:
            count += found.attempts_by_day[day.day]
        elif day.since > before.created_at:
            continue
        days.append(day)
    return days[::-1]


def _shown() -> Any:
    return select(Prediction).options(
        selectinload(Prediction.message)
        .selectinload(Message.conversation)
        .selectinload(Conversation.classroom)
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Prediction.engine, wanted.engine),
            (Prediction.model, wanted.model),
            (Prediction.outcome, wanted.outcome),
        )
        if value
    ]
    if wanted.class_ids is not None:
        conditions.append(_in_classes(wanted.class_ids))
    return conditions


def _in_classes(class_ids: frozenset[int]) -> ColumnElement[bool]:
    """As EXISTS and not as a join: SQLite then begins with the days, not with the classes."""
    of_class = Prediction.message.has(
        Message.conversation.has(Conversation.class_id.in_(class_ids))
    )
    if NO_CLASS not in class_ids:
        return of_class
    of_none = Prediction.message.has(Message.conversation.has(Conversation.class_id.is_(None)))
    return of_class | of_none | Prediction.message_id.is_(None)
