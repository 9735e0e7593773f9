"""What may still be spent: by a class and by the school, in a day and in a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pedabot.answering.events import Gate
from pedabot.answering.ledger import Ledger
from pedabot.answering.outcomes import DayBudgetError, MonthBudgetError, UnpricedError
from pedabot.extensions import db
from pedabot.storage import spending
from pedabot.storage.patience import patiently
from pedabot.storage.people import Classroom

NOTICE_AT = 0.8


class Scope(StrEnum):
    """Whose budget it is."""

    CLASS = "class"
    SCHOOL = "school"


class Period(StrEnum):
    """What time a budget is for; both are the school's, by the calendar."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Purse:
    """The budgets of a class in micro-euros, None without a limit; the slug tells what it spent."""

    classroom: str
    per_day: int | None = None
    per_month: int | None = None


NO_CLASS = Purse(spending.NO_CLASS)


def purse_of(classroom: Classroom) -> Purse:
    """Return what a class decided."""
    settings = classroom.settings
    return Purse(classroom.slug, settings.budget_per_day, settings.budget_per_month)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a budget is used, in micro-euros."""

    scope: Scope
    period: Period
    spent: int
    budget: int

    @property
    def used_up(self) -> bool:
        """Tell whether nothing is left."""
        return self.spent >= self.budget

    @property
    def share(self) -> float:
        """The part that is used: 1.0 is all of it."""
        return self.spent / self.budget if self.budget else 1.0

    @property
    def near(self) -> bool:
        """Tell whether teachers should know."""
        return self.share >= NOTICE_AT


class Budgets:
    """Compares what was spent with what may be."""

    def __init__(self, ledger: Ledger, per_day: int | None, per_month: int | None) -> None:
        self._ledger = ledger
        self.school = Purse("", per_day, per_month)

    def standings(self, purse: Purse) -> list[Standing]:
        """Return how far each budget that is set is used: the class's, then the school's."""
        return [
            *self._of(Scope.CLASS, purse, purse.classroom),
            *self._of(Scope.SCHOOL, self.school, None),
        ]

    def gate(self, purse: Purse, model: str) -> Gate:
        """Return what keeps a model from being asked once a budget is used up."""
        return _BudgetGate(self, purse, model)

    def check(self, purse: Purse, model: str) -> None:
        """Refuse a call that could exceed a budget; what is free always passes.

        Raises:
            DayBudgetError, MonthBudgetError: if a budget is used up.
            UnpricedError: if there is a budget, and the price of the model is not known.
        """
        prices = self._ledger.prices
        if prices.cost(model, 1, 1) == 0:
            return
        standings = patiently(lambda: self.standings(purse))
        db.session.commit()  # no transaction stays open while a model is waited for
        if standings and not prices.known(model):
            raise UnpricedError(model)
        for standing in sorted(standings, key=lambda found: found.period, reverse=True):
            if standing.used_up:
                errors = {Period.DAY: DayBudgetError, Period.MONTH: MonthBudgetError}
                raise errors[standing.period](standing.scope.value)

    def _of(self, scope: Scope, purse: Purse, classroom: str | None) -> Iterator[Standing]:
        if purse.per_day is None and purse.per_month is None:
            return
        today, month = spending.spent(self._ledger.today(), classroom)
        if purse.per_day is not None:
            yield Standing(scope, Period.DAY, today, purse.per_day)
        if purse.per_month is not None:
            yield Standing(scope, Period.MONTH, month, purse.per_month)


class _BudgetGate(Gate):
    def __init__(self, budgets: Budgets, purse: Purse, model: str) -> None:
        self._budgets = budgets
        self._purse = purse
        self._model = model

    def check(self) -> None:
        self._budgets.check(self._purse, self._model)


def make_budgets(settings: Mapping[str, Any], ledger: Ledger) -> Budgets:
    """Return the budgets with those of the school that the settings give."""
    per_day, per_month = (
        round(settings[f"PEDABOT_BUDGET_PER_{period}"] * 1_000_000) or None
        for period in ("DAY", "MONTH")
    )
    return Budgets(ledger, per_day, per_month)
