"""Sums of days that are over say the same as the rows, whatever happens to those."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import concerns, conversations, day_sums, insights, people, retention
from pedabot.storage.columns import utc_now
from pedabot.storage.concerns import ToReview
from pedabot.storage.conversations import Conversation, Message, State
from pedabot.storage.day_sums import DaySums, day_of
from pedabot.storage.erasure import erase
from pedabot.storage.feedback import set_feedback
from pedabot.storage.insights import Activity
from pedabot.storage.people import Classroom, User
from pedabot.storage.predictions import Prediction
from pedabot.teaching import insights as insights_of_teachers
from pedabot.teaching import review
from tests.conftest import Cast

pytestmark = pytest.mark.usefixtures("cast", "context")
PARIS = ZoneInfo("Europe/Paris")
DAYS_AGO = 3


def _user(name: str) -> User:
    user = people.find_user(name)
    assert user is not None
    return user


@pytest.fixture
def classroom(cast: Cast, context: None) -> Classroom:
    """The class, in which two students asked three days ago, and one asks today."""
    found = people.find_class(cast.classroom)
    assert found is not None
    for name, days in (("student", DAYS_AGO), ("classmate", DAYS_AGO), ("classmate", 0)):
        _talk(found, name, days)
    return found


def _talk(classroom: Classroom, name: str, days_ago: int) -> None:
    when = utc_now() - timedelta(days=days_ago)
    talk = conversations.start_conversation(_user(name), classroom.id, name)
    answer = conversations.add_question(talk, "C'est quoi ?", Difficulty.BEGINNER)
    assert answer.question is not None
    answer.created_at = answer.question.created_at = talk.created_at = talk.updated_at = when
    answer.state, answer.topic, answer.engine = State.COMPLETE, "cnn", "mistral"
    answer.in_scope = days_ago == 0
    db.session.add(
        Prediction(
            message=answer,
            created_at=when,
            engine="mistral",
            model="m",
            prompt_hash="",
            parameters={},
            passages=[],
            first_token_ms=500,
            duration_ms=900,
            outcome="complete",
        )
    )
    db.session.commit()


def _activity(classroom: Classroom) -> Activity:
    today = utc_now().astimezone(PARIS).date()
    days = [day_of(today - timedelta(days=n), PARIS) for n in range(7, -1, -1)]
    return insights.activity(classroom.id, days)


def _counted_anew(classroom: Classroom) -> Activity:
    db.session.execute(delete(DaySums))
    return _activity(classroom)


def _answer(name: str) -> Message:
    """The answer of three days ago to a student."""
    talk = db.session.query(Conversation).filter_by(title=name).order_by(Conversation.id).first()
    assert talk is not None
    return talk.messages[-1]


def test_days_that_are_over_are_counted_once(classroom: Classroom) -> None:
    first = _activity(classroom)
    assert (first.questions, first.outside, first.by_engine["mistral"]) == (3, 2, 3)
    assert db.session.query(DaySums).filter_by(scope=classroom.id).count() == 7  # not today
    kept = db.session.query(DaySums).filter(DaySums.sums["questions"].as_integer() == 2).one()
    kept.sums = {**(kept.sums or {}), "questions": 40}
    db.session.commit()
    assert _activity(classroom).questions == 41


def test_the_worker_counts_what_nobody_has_looked_at(classroom: Classroom) -> None:
    insights_of_teachers.count_past_days(PARIS)
    counted = {scope for (scope,) in db.session.query(DaySums.scope).distinct()}
    assert counted == {classroom.id, day_sums.LOG}
    assert db.session.query(DaySums).filter(DaySums.sums.is_(None)).count() == 0
    assert _activity(classroom) == _counted_anew(classroom)


def _thumb(_room: Classroom) -> None:
    set_feedback(_answer("student"), helpful=False, reason="")


def _anew(_room: Classroom) -> None:
    conversations.add_answer_anew(_answer("student"))
    db.session.commit()


def _deletion(_room: Classroom) -> None:
    conversations.delete_conversation(_answer("student").conversation)


def _erasure(_room: Classroom) -> None:
    erase(_user("student"))


def _retention(room: Classroom) -> None:
    room.settings.days_kept = DAYS_AGO - 1
    db.session.commit()
    retention.clear(utc_now(), 0)


def _late_attempt(_room: Classroom) -> None:
    answer = _answer("student")
    first = db.session.query(Prediction).filter_by(message_id=answer.id).one()
    row = {c.name: getattr(first, c.name) for c in Prediction.__table__.columns if c.name != "id"}
    db.session.add(Prediction(**row | {"first_token_ms": 90_000}))
    db.session.commit()


@pytest.mark.parametrize(
    "change",
    [_thumb, _anew, _deletion, _erasure, _retention, _late_attempt],
    ids=lambda c: c.__name__,
)
def test_a_change_of_such_a_day_is_counted(
    classroom: Classroom, change: Callable[[Classroom], None]
) -> None:
    before = _activity(classroom)
    change(classroom)
    after = _activity(classroom)
    assert after != before
    assert after == _counted_anew(classroom)


def test_who_counted_before_a_change_cannot_keep_it(classroom: Classroom) -> None:
    day = day_of((utc_now() - timedelta(days=DAYS_AGO)).astimezone(PARIS).date(), PARIS)
    noon = day.since + timedelta(hours=12)

    def count(_days: object) -> dict[day_sums.Day, day_sums.Sums]:
        day_sums.forget([(classroom.id, noon)])  # somebody changes that day meanwhile
        return {day: {"questions": 1}}

    assert day_sums.read(classroom.id, [day], count) == [(day, {"questions": 1})]
    assert db.session.query(DaySums.sums).filter_by(scope=classroom.id).scalar() is None


def test_a_day_has_the_hours_that_it_has_at_the_school() -> None:
    hours = {
        day: (day_of(day, PARIS).until - day_of(day, PARIS).since) / timedelta(hours=1)
        for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 25))
    }
    assert list(hours.values()) == [23, 25, 24]
    days = [day_of(date(2026, 3, number), PARIS) for number in (1, 2, 3, 9)]
    assert [(span.since, span.until) for span in day_sums.runs(days)] == [
        (days[0].since, days[2].until),
        (days[3].since, days[3].until),
    ]


def _list() -> set[tuple[str, int]]:
    rows = db.session.query(ToReview).all()
    return {(row.message.conversation.title, row.weight) for row in rows}


def test_the_list_to_review_follows_what_is_said_of_answers(classroom: Classroom) -> None:
    outside, down, reported = 1, 4, 8
    assert _list() == {("student", outside), ("classmate", outside)}
    answer = _answer("student")
    set_feedback(answer, helpful=False, reason="")
    concerns.report(answer, "Faux.")
    assert ("student", outside + down + reported) in _list()
    set_feedback(answer, helpful=True, reason="")
    assert ("student", outside + reported) in _list()
    review.approve(answer, _user("teacher"))
    assert _list() == {("classmate", outside)}
    review.withdraw(answer)
    assert ("student", outside + reported) in _list()
    conversations.add_answer_anew(answer)
    db.session.commit()
    assert _list() == {("classmate", outside)}
    kept = _list()
    concerns.weigh()
    assert _list() == kept
