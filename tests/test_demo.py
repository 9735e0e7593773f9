"""``flask demo``: six weeks of a class, and nothing left of them after."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Table, delete, select

from pedabot.cli.demo import words
from pedabot.cli.demo.story import Drill, Story, Talk
from pedabot.cli.demo.telling import Teller, open_class
from pedabot.extensions import db
from pedabot.knowledge.document import loads
from pedabot.storage import demo, people
from pedabot.storage.conversations import VERIFIED, Conversation, Message
from pedabot.storage.day_sums import LOG, DaySums
from pedabot.storage.people import Role
from tests.conftest import Cast

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=ZoneInfo("Europe/Paris"))


def rows(table: Table) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(map(str, row)) for row in db.session.execute(select(table)))


def whole_database() -> dict[str, Counter[tuple[Any, ...]]]:
    return {table.name: rows(table) for table in db.metadata.sorted_tables}


def first_events(story: Story) -> list[Talk | Drill]:
    """A few of each kind: the whole story takes half a minute."""
    events = story.events()
    corrected = [e for e in events if isinstance(e, Talk) and e.exchanges[0].correction]
    asked = corrected[0].exchanges[0].text.lower()
    again = [e for e in events if isinstance(e, Talk) and e.exchanges[0].text == asked]
    drills = [e for e in events if isinstance(e, Drill)][:3]
    judged = [e for e in events if isinstance(e, Talk) and e.exchanges[0].helpful is False][:2]
    chosen = [*corrected[:1], *again[:1], *drills, *judged, *events[:3]]
    return sorted(chosen, key=lambda event: event.moment)


def test_a_story_lasts_six_weeks_and_is_told_the_same_way_twice(course_file: Path) -> None:
    document = loads(course_file.read_bytes())
    events = Story(document, NOW).events()
    assert events == Story(document, NOW).events()
    assert all(NOW - timedelta(weeks=6) <= event.moment < NOW for event in events)
    talks = [event for event in events if isinstance(event, Talk)]
    assert 380 <= len(talks) <= 450
    assert len({talk.student for talk in talks}) >= 25
    assert {event.student for event in events}.isdisjoint({28, 29})


def test_the_class_goes_as_it_came(app: Flask, cast: Cast) -> None:
    with app.app_context():
        before = whole_database()
        document = app.extensions["pedabot_course"].current().document
        story = Story(document, NOW)
        classroom = open_class(story.students, NOW.astimezone(UTC) - timedelta(weeks=6))
        teller = Teller(classroom, document, app.extensions, app.config)
        for event in first_events(story):
            teller.tell(event)
        answers = db.session.scalars(select(Message).where(Message.engine.is_not(None))).all()
        assert {answer.engine for answer in answers} == {"offline", VERIFIED}
        assert all(answer.created_at < NOW for answer in answers)
        assert all(talk.updated_at < NOW for talk in db.session.scalars(select(Conversation)))
        grown = {name for name, found in whole_database().items() if found != before[name]}
        assert grown >= {"messages", "predictions", "feedback", "reviews", "quiz_cards"}
        demo.remove()
        # Of the log's days, it stays that they are to be counted anew: no sums.
        db.session.execute(delete(DaySums).where(DaySums.scope == LOG, DaySums.sums.is_(None)))
        assert whole_database() == before


def test_names_that_belong_to_somebody_are_not_taken(app: Flask) -> None:
    with app.app_context():
        people.add_user(words.STUDENTS[3].upper(), Role.STUDENT)
        db.session.commit()
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    assert words.STUDENTS[3].upper() in result.output
    with app.app_context():
        assert not demo.exists()


def test_the_command_says_whether_there_is_a_demo(app: Flask) -> None:
    nothing = app.test_cli_runner().invoke(args=["demo", "--remove"])
    assert (nothing.exit_code, "no demo class" in nothing.output) == (1, True)
    with app.app_context():
        open_class(Story(app.extensions["pedabot_course"].current().document, NOW).students, NOW)
    twice = app.test_cli_runner().invoke(args=["demo"])
    assert (twice.exit_code, "--remove" in twice.output) == (1, True)
    assert app.test_cli_runner().invoke(args=["demo", "--remove"]).exit_code == 0
