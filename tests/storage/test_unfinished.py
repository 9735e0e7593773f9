"""The few answers under way are found without reading a year of messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from pedabot.extensions import db
from pedabot.storage import conversations, interrupted
from tests.databases import only_sqlite


@only_sqlite
@pytest.mark.parametrize(
    "look", [conversations.stops_requested, interrupted.mark_interrupted], ids=["stops", "dead"]
)
def test_the_index_of_unfinished_answers_is_used(app: Flask, look: Callable[[], object]) -> None:
    asked: list[tuple[str, Any]] = []
    with app.app_context():

        @event.listens_for(db.engine, "before_cursor_execute")
        def note(*call: Any) -> None:
            asked.append((call[2], call[3]))

        look()
        event.remove(db.engine, "before_cursor_execute", note)
        statement, parameters = next(row for row in asked if "messages" in row[0])
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        )
        assert "ix_messages_unfinished" in str(plan.all())
