"""The sums of what was spent."""

from __future__ import annotations

from datetime import date

import pytest

from pedabot.extensions import db
from pedabot.storage import spending
from pedabot.storage.spending import Spent

pytestmark = pytest.mark.usefixtures("context")

DAY = date(2026, 3, 15)


def test_calls_of_a_day_are_summed_by_class_and_model() -> None:
    for day, classroom, model, cost in [
        (DAY, "one", "small", 10),
        (DAY, "one", "small", 5),
        (DAY, "one", "large", 100),
        (DAY, "two", "small", 7),
        (DAY, "", "small", None),
        (date(2026, 3, 1), "one", "small", 1000),
        (date(2026, 2, 28), "one", "small", 9999),
        (date(2026, 3, 16), "one", "small", 9999),
    ]:
        spending.add(day, classroom, model, cost)
    db.session.commit()
    assert spending.spent(DAY, "one") == (115, 1115)
    assert spending.spent(DAY, "two") == (7, 7)
    assert spending.spent(DAY) == (122, 1122)
    assert spending.by_class(DAY) == [
        Spent("one", 115, 1115, 4, 0),
        Spent("two", 7, 7, 1, 0),
        Spent("", 0, 0, 1, 1),
    ]
    assert spending.by_model(DAY, ["one"]) == [
        Spent("small", 15, 1015, 3, 0),
        Spent("large", 100, 100, 1, 0),
    ]


def test_nothing_spent_is_zero() -> None:
    assert spending.spent(DAY) == (0, 0)
    assert spending.by_class(DAY) == []
