"""The settings of a class, and what the pages do with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import people
from pedabot.storage.class_settings import ClassSettings
from pedabot.storage.conversations import Message
from pedabot.storage.people import Membership
from pedabot.web.asking import school_time
from tests.conftest import PASSWORD, Cast, Visit
from tests.web.pages import check_page, text_of
from tests.web.test_chat import BY_SCRIPT, answer_slug, frames, waiting_answer
from tests.web.test_pages import QUESTION, ask

NUMBERS = (
    "temperature",
    "max_tokens",
    "questions_per_minute",
    "questions_per_hour",
    "questions_per_day",
    "budget_per_day",
    "budget_per_month",
    "days_kept",
)
BLANK = {"level": "beginner", **dict.fromkeys(NUMBERS, "")}
FILLED: dict[str, Any] = {
    "level": "advanced",
    "guided": "y",
    "temperature": "0,7",
    "max_tokens": "600",
    "questions_per_minute": "4",
    "questions_per_hour": "40",
    "questions_per_day": "100",
    "budget_per_day": "0,50",
    "budget_per_month": "12,345678 €",
    "days_kept": "365",
    "opening_hours-0-days": ["0", "4"],
    "opening_hours-0-opens": "08:00",
    "opening_hours-0-closes": "18:30",
    "opening_hours-1-opens": "",
    "opening_hours-1-closes": "",
}


def stored(app: Flask, slug: str) -> ClassSettings:
    """Return the settings of a class, free of the session."""
    with app.app_context():
        classroom = people.find_class(slug)
        assert classroom is not None
        settings = classroom.settings
        db.session.expunge(settings)
        return settings


def settings_path(cast: Cast) -> str:
    return f"/admin/classes/{cast.classroom}/settings"


def pause(visit: Visit, cast: Cast, paused: str = "1") -> None:
    response = visit("teacher").post(
        f"/admin/classes/{cast.classroom}/pause", data={"paused": paused}
    )
    assert response.status_code == 303


def test_every_field_is_kept_and_shown_again(app: Flask, visit: Visit, cast: Cast) -> None:
    teacher = visit("teacher")
    assert teacher.post(settings_path(cast), data=FILLED).status_code == 303
    settings = stored(app, cast.classroom)
    assert settings.level is Difficulty.ADVANCED
    assert settings.guided is True
    assert (settings.temperature, settings.max_tokens) == (0.7, 600)
    assert (settings.questions_per_minute, settings.questions_per_hour) == (4, 40)
    assert (settings.questions_per_day, settings.days_kept) == (100, 365)
    assert (settings.budget_per_day, settings.budget_per_month) == (500_000, 12_345_678)
    assert settings.opening_hours == [{"days": [0, 4], "opens": "08:00", "closes": "18:30"}]
    shown = teacher.get(settings_path(cast)).text
    check_page(shown)
    for value in ("0,7", "600", "0,5", "12,345678", "365", "08:00", "18:30"):
        assert f'value="{value}"' in shown


def test_blank_fields_leave_the_choice_to_the_school(app: Flask, visit: Visit, cast: Cast) -> None:
    teacher = visit("teacher")
    teacher.post(settings_path(cast), data=FILLED)
    assert teacher.post(settings_path(cast), data=BLANK).status_code == 303
    settings = stored(app, cast.classroom)
    assert {getattr(settings, name) for name in NUMBERS} == {None}
    assert (settings.opening_hours, settings.models, settings.guided) == ([], [], False)
    assert 'placeholder="0,3"' in teacher.get(settings_path(cast)).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"level": "genius"}, "Rien n'est enregistré"),
        ({"temperature": "1,5"}, "Un nombre de 0,1 à 1"),
        ({"temperature": "nan"}, "Un nombre de 0,1 à 1"),
        ({"temperature": "chaud"}, "par exemple 2,50"),
        ({"max_tokens": "901"}, "Un nombre de 50 à 900"),
        ({"questions_per_minute": "0"}, "Un nombre de 1 à 60"),
        ({"budget_per_day": "-1"}, "Une somme de 0 à"),
        ({"budget_per_day": "5", "budget_per_month": "4"}, "moins qu'un seul de ses jours"),
        ({"days_kept": "1"}, "Un nombre de 7 à 3650"),
        ({"models": "a model nobody has"}, "Rien n'est enregistré"),
        ({"opening_hours-0-days": []}, "Cochez les jours"),
        ({"opening_hours-0-closes": ""}, "le début et la fin"),
        ({"opening_hours-0-closes": "07:00"}, "La fin doit venir après le début"),
        ({"opening_hours-0-opens": "midi"}, "le début et la fin"),
        ({"opening_hours-0-days": ["7"]}, "Rien n'est enregistré"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_changes_nothing(
    app: Flask, visit: Visit, cast: Cast, change: dict[str, Any], sentence: str
) -> None:
    response = visit("teacher").post(settings_path(cast), data={**FILLED, **change})
    assert response.status_code == 422
    check_page(response.text)
    assert sentence in text_of(response.text)
    assert stored(app, cast.classroom).days_kept is None


def test_a_new_student_begins_at_the_level_of_the_class(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    visit("teacher").post(settings_path(cast), data={**BLANK, "level": "intermediate"})
    data = {"code": cast.join_code, "username": "newcomer", "password": PASSWORD}
    assert visit().post("/join", data=data).status_code == 303
    with app.app_context():
        newcomer = people.find_user("newcomer")
        assert newcomer is not None
        assert newcomer.level is Difficulty.INTERMEDIATE


def test_a_pause_stops_questions_and_leaves_reading(visit: Visit, cast: Cast, app: Flask) -> None:
    student = visit("student")
    path = ask(student)
    answer = answer_slug(student.get(path).text)
    pause(visit, cast)
    for page in (student.get("/chat").text, student.get(path).text):
        check_page(page)
        assert "en pause pour la classe « BTS SIO 2 »" in text_of(page)
        assert "<textarea" not in page
    assert "float32" in student.get(path).text
    assert student.get("/knowledge").status_code == 200
    question = {"text": QUESTION, "level": "beginner"}
    for address in ("/chat", f"{path}/questions", f"/messages/{answer}/anew"):
        refused = student.post(address, data=question)
        assert refused.status_code == 423
        check_page(refused.text)
        assert student.post(address, data=question, headers=BY_SCRIPT).status_code == 423
    with app.app_context():
        assert db.session.query(Message).count() == 2
    pause(visit, cast, "0")
    ask(student)


def test_an_answer_on_its_way_comes_to_its_end_in_a_pause(visit: Visit, cast: Cast) -> None:
    student = visit("student")
    waiting = waiting_answer(student)
    pause(visit, cast)
    names = dict(frames(student.get(f"/messages/{waiting}/stream").text))
    assert "float32" in names["whole"]


def test_a_pause_is_for_the_class_alone(visit: Visit, cast: Cast) -> None:
    pause(visit, cast)
    ask(visit("outsider"))
    ask(visit("teacher"))


def test_outside_its_hours_a_class_reads_when_it_opens(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    student = visit("student")
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        elsewhen = (school_time() + timedelta(days=3)).weekday()
        classroom.settings.opening_hours = [
            {"days": [elsewhen], "opens": "08:00", "closes": "09:00"}
        ]
        db.session.commit()
    days = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
    assert f"Il rouvre {days[elsewhen]} à 08:00" in text_of(student.get("/chat").text)


@pytest.fixture
def in_two_classes(app: Flask, cast: Cast) -> None:
    """The student also learns in the stranger's class."""
    with app.app_context():
        student, other = people.find_user("student"), people.find_class(cast.other_classroom)
        assert student is not None
        assert other is not None
        db.session.add(Membership(user=student, classroom=other))
        db.session.commit()


@pytest.mark.usefixtures("in_two_classes")
def test_a_student_of_two_classes_chooses_where_to_ask(visit: Visit, cast: Cast) -> None:
    student, question = visit("student"), {"text": QUESTION, "level": "beginner"}
    student.post("/chat", data={**question, "classroom": cast.classroom})
    page = check_page(student.get("/chat").text)
    chosen = page.find(".//select[@name='classroom']/option[@selected]")
    assert chosen is not None
    assert chosen.text == "BTS SIO 2"
    student.post("/chat", data=question)  # no choice: as the last time
    listed = text_of(visit("teacher").get(f"/admin/classes/{cast.classroom}/conversations").text)
    assert listed.count(QUESTION) == 2


@pytest.mark.usefixtures("in_two_classes")
def test_while_one_class_pauses_the_other_may_ask(visit: Visit, cast: Cast) -> None:
    student = visit("student")
    data = {"text": QUESTION, "level": "beginner", "classroom": cast.classroom}
    path = student.post("/chat", data=data).location
    pause(visit, cast)
    student.post("/chat", data=data)
    assert student.post(f"{path}/questions", data=data).status_code == 423
    listed = visit("stranger").get(f"/admin/classes/{cast.other_classroom}/conversations")
    assert QUESTION in text_of(listed.text)
