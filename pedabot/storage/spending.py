"""What was spent: one row for each day, class and model, so that no log has to be summed.

Written in the transaction of the prediction that it counts. Money that a class spent stays spent
when the class is deleted; hence a slug and no foreign key. Nothing here tells who asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, Date, String, case, func, select
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db
from pedabot.storage.upsert import insert

NO_CLASS = ""


class Spending(Base):
    """The sums of one day in micro-euros; ``unpriced`` counts the calls that could not be priced.

    ``day`` is the school's, ``classroom`` a class's slug, or empty where a teacher tried the tutor.
    """

    __tablename__ = "spending"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    classroom: Mapped[str] = mapped_column(String(24), primary_key=True)
    model: Mapped[str] = mapped_column(String(100), primary_key=True)
    cost: Mapped[int] = mapped_column(BigInteger)
    calls: Mapped[int]
    unpriced: Mapped[int]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a class or a model cost, in micro-euros: on a day, and in its month up to it."""

    name: str
    today: int
    month: int
    calls: int
    unpriced: int


def add(day: date, classroom: str, model: str, cost: int | None) -> None:
    """Count a call; None is a cost that nobody knows (the caller commits)."""
    values = {"cost": cost or 0, "calls": 1, "unpriced": int(cost is None)}
    statement = insert(Spending).values(day=day, classroom=classroom, model=model, **values)
    sums = {name: getattr(Spending, name) + statement.excluded[name] for name in values}
    keys = [Spending.day, Spending.classroom, Spending.model]
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=sums))


def spent(day: date, classroom: str | None = None) -> tuple[int, int]:
    """Return what a class, or with None the school, spent on a day and in its month up to it."""
    query = select(_today(day), func.coalesce(func.sum(Spending.cost), 0)).where(*_month(day))
    if classroom is not None:
        query = query.where(Spending.classroom == classroom)
    today, month = db.session.execute(query).one()
    return int(today), int(month)


def by_class(day: date, classrooms: Iterable[str] | None = None) -> list[Spent]:
    """Return what each class cost, dearest month first; None keeps all of the school."""
    return _grouped(Spending.classroom, day, classrooms)


def by_model(day: date, classrooms: Iterable[str] | None = None) -> list[Spent]:
    """Return what each model cost, dearest month first, in the classes given or in all."""
    return _grouped(Spending.model, day, classrooms)


def _grouped(column: Mapped[str] | Any, day: date, classrooms: Iterable[str] | None) -> list[Spent]:
    month = func.sum(Spending.cost)
    query = select(
        column, _today(day), month, func.sum(Spending.calls), func.sum(Spending.unpriced)
    ).where(*_month(day))
    if classrooms is not None:
        query = query.where(Spending.classroom.in_(list(classrooms)))
    rows = db.session.execute(query.group_by(column).order_by(month.desc(), column))
    return [Spent(name, *(int(figure) for figure in figures)) for name, *figures in rows]


def _today(day: date) -> Any:
    return func.coalesce(func.sum(case((Spending.day == day, Spending.cost), else_=0)), 0)


def _month(day: date) -> tuple[Any, Any]:
    return Spending.day >= day.replace(day=1), Spending.day < day + timedelta(days=1)


def by_day(classroom: str, first: date | None, last: date) -> dict[date, int]:
    """Return what a class spent on each day that has any call, in micro-euros."""
    query = select(Spending.day, func.sum(Spending.cost)).where(
        Spending.classroom == classroom, Spending.day < last + timedelta(days=1)
    )
    if first is not None:
        query = query.where(Spending.day >= first)
    rows = db.session.execute(query.group_by(Spending.day).order_by(Spending.day))
    return {day: int(cost) for day, cost in rows}
