"""The week of a class: its figures, what is missed, what the course lacks, and what is behind."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import people, quizzes, spending
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import (
    Author,
    Conversation,
    Message,
    State,
    start_conversation,
)
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import User
from pedabot.storage.predictions import Prediction
from tests.conftest import Cast, Visit
from tests.web.pages import check_page, text_of

QUANTIFICATION = [{"topic": "optimisation", "subtopic": "quantification", "title": "Q", "score": 1}]


def talk(
    app: Flask, cast: Cast, name: str, *texts: str, days_ago: int = 0, **answer: object
) -> None:
    """Store a conversation of the class whose answers all have the marks given."""
    helpful = answer.pop("helpful", None)
    with app.app_context():
        user, classroom = people.find_user(name), people.find_class(cast.classroom)
        assert user is not None
        assert classroom is not None
        when = utc_now() - timedelta(days=days_ago)
        conversation = start_conversation(user, classroom.id, texts[0])
        conversation.created_at = conversation.updated_at = when
        for text in texts:
            asked = Message(
                conversation=conversation,
                author=Author.STUDENT,
                state=State.COMPLETE,
                content=text,
                level=Difficulty.BEGINNER,
                created_at=when,
            )
            marks = {"engine": "offline", "in_scope": True, "sources": QUANTIFICATION, **answer}
            marks.setdefault("topic", "optimisation" if marks["in_scope"] else None)
            answered = Message(
                conversation=conversation,
                question=asked,
                author=Author.TUTOR,
                state=State.COMPLETE,
                content="Une réponse.",
                level=Difficulty.BEGINNER,
                created_at=when,
                **marks,
            )
            db.session.add_all([asked, answered])
            if helpful is not None:
                db.session.add(Feedback(message=answered, helpful=helpful))
        db.session.commit()


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/admin/classes/{cast.classroom}/week"


def test_an_empty_week_says_what_to_do(visit: Visit, base: str) -> None:
    page = visit("teacher").get(base).text
    check_page(page)
    words = text_of(page)
    assert "Aucune question sur cette période" in words
    assert "Rien n'a été dépensé" in words
    assert "student jamais venu" in words


def test_the_team_sees_it_and_nobody_else(visit: Visit, base: str) -> None:
    for path in (base, f"{base}/figures.json"):
        assert visit("colleague").get(path).status_code == 200
        assert visit("stranger").get(path).status_code == 404
        assert visit("admin").get(path).status_code == 404
        assert visit("student").get(path).status_code == 403


def test_four_figures_with_their_change(app: Flask, cast: Cast, visit: Visit, base: str) -> None:
    talk(app, cast, "student", "C'est quoi ?", "Et encore ?", helpful=False)
    talk(app, cast, "classmate", "Qui a gagné le match ?", in_scope=False)
    talk(app, cast, "student", "Avant", days_ago=35)
    words = text_of(visit("teacher").get(f"{base}?period=month").text)
    for part in (
        "Questions32 de plus",
        "Étudiants venus2 sur 21 de plus",
        "Réponses jugées pas utiles22 de plus",
        "Hors du cours11 de plus",
    ):
        assert part in words, words
    words = text_of(visit("teacher").get(f"{base}?period=all").text)
    assert "Questions4" in words
    assert "de plus" not in words


def test_what_is_missed_is_ranked_with_its_signs(
    app: Flask, cast: Cast, visit: Visit, base: str
) -> None:
    lost = ("C'est quoi la quantification ?", "je n'ai pas compris", "la quantification c quoi ?")
    talk(app, cast, "student", *lost, helpful=None)
    talk(app, cast, "classmate", "Pourquoi quantifier ?", helpful=False)
    with app.app_context():
        student = people.find_user("student")
        assert student is not None
        quizzes.add_result(student, ("quantification", "k"), 1, False)
        quizzes.add_result(student, ("elagage", "k"), 1, False)
        quizzes.add_result(student, ("convolution", "k"), 1, True)
    page = visit("teacher").get(f"{base}?period=month").text
    check_page(page)
    words = text_of(page).split("Ce qui n'est pas compris")[1]
    missed = words.split("Questions par jour")[0]
    assert (
        "2 étudiants · 1 réponse jugée pas utile · 1 « pas compris » · 1 question reposée"
        " · quiz raté par 1 étudiant"
    ) in missed
    assert "« Pourquoi quantifier ? »" in missed
    assert missed.index("jugée pas utile") < missed.index("lagage")
    assert "convolution" not in missed


def test_what_the_course_lacks_is_grouped(app: Flask, cast: Cast, visit: Visit, base: str) -> None:
    for text in (
        "Comment installer Docker ?",
        "Docker, comment on l'installe sur Windows ?",
        "Comment installer Docker sur mon PC ?",
        "Qui a gagné la coupe du monde ?",
    ):
        talk(app, cast, "student", text, in_scope=False)
    words = text_of(visit("teacher").get(f"{base}?period=month").text)
    lacking = words.split("Ce qui manque au cours")[1].split("Questions par jour")[0]
    assert "3 questions · 1 étudiant" in lacking
    assert lacking.index("Docker") < lacking.index("coupe du monde")


def test_each_part_leads_to_the_conversations_behind_it(
    app: Flask, cast: Cast, visit: Visit, base: str
) -> None:
    talk(app, cast, "student", "Pourquoi quantifier ?", helpful=False)
    talk(app, cast, "classmate", "Qui a gagné le match ?", in_scope=False, engine="mistral")
    teacher = visit("teacher")
    page = check_page(teacher.get(f"{base}?period=month").text)
    behind = [
        link.get("href", "")
        for link in page.findall(".//dl//a") + page.findall(".//table//a")
        if "/conversations?" in link.get("href", "")
    ]
    found = {}
    for address in behind:
        words = text_of(teacher.get(address).text).split("Filtrer")[1]
        found[address.split("?")[1].split("&")[-1]] = (
            "quantifier" in words,
            "match" in words,
        )
    assert found["thumb=down"] == (True, False)
    assert found["scope=out"] == (False, True)
    assert found["engine=mistral"] == (False, True)
    assert found["level=beginner"] == (True, False)


def test_the_charts_read_what_the_tables_say(
    app: Flask, cast: Cast, visit: Visit, base: str
) -> None:
    talk(app, cast, "student", "Une", "Deux")
    with app.app_context():
        today = app.extensions["pedabot_ledger"].today()
        spending.add(today, cast.classroom, "m", 2_000_000)
        db.session.commit()
    teacher = visit("teacher")
    response = teacher.get(f"{base}/figures.json?period=month")
    figures = json.loads(response.text)
    questions, costs = figures["questions"], figures["costs"]
    assert (len(questions), questions[-1]["value"], questions[-1]["last"]) == (
        30,
        2,
        today.isoformat(),
    )
    assert costs[-1]["value"] == 2_000_000
    assert [(e["label"], e["value"]) for e in figures["engines"]] == [("le cours, sans IA", 2)]
    known = {"If-None-Match": response.headers["ETag"]}
    assert teacher.get(f"{base}/figures.json?period=month", headers=known).status_code == 304
    talk(app, cast, "student", "Trois")
    assert teacher.get(f"{base}/figures.json?period=month", headers=known).status_code == 200
    words = text_of(teacher.get(f"{base}?period=month").text)
    assert "2,00 € sur la période" in words


def test_a_long_time_is_shown_by_weeks(app: Flask, cast: Cast, visit: Visit, base: str) -> None:
    talk(app, cast, "student", "Il y a longtemps", days_ago=100)
    talk(app, cast, "student", "Maintenant")
    questions = json.loads(visit("teacher").get(f"{base}/figures.json?period=all").text)[
        "questions"
    ]
    assert len(questions) in (15, 16)
    assert sum(week["value"] for week in questions) == 2


def test_waiting_is_told_in_percentiles(app: Flask, cast: Cast, visit: Visit, base: str) -> None:
    talk(app, cast, "student", *(f"Question {n}" for n in range(20)), engine="mistral")
    with app.app_context():
        for number, message in enumerate(
            db.session.query(Message).filter(Message.author == Author.TUTOR), start=1
        ):
            db.session.add(
                Prediction(
                    message=message,
                    engine="mistral",
                    model="m",
                    prompt_hash="",
                    parameters={},
                    passages=[],
                    first_token_ms=number * 100,
                    duration_ms=1,
                    outcome="complete",
                )
            )
        db.session.commit()
    words = text_of(visit("teacher").get(f"{base}?period=month").text)
    # Nearest ranks are 1 s and 1,9 s, told from buckets that are right within two hundredths.
    assert "Mistral20 0,99 s1,88 s" in words


def test_who_did_not_come_is_named(app: Flask, cast: Cast, visit: Visit, base: str) -> None:
    talk(app, cast, "student", "Bonjour", days_ago=40)
    talk(app, cast, "classmate", "Bonjour")
    page = visit("teacher").get(f"{base}?period=month").text
    absent = text_of(page).split("Étudiants qui ne sont pas venus")[1]
    assert "student le " in absent
    assert "classmate" not in absent.split("Qui a répondu")[0]


def test_deleted_conversations_are_gone_from_the_week(
    app: Flask, cast: Cast, visit: Visit, base: str
) -> None:
    talk(app, cast, "student", "Une question")
    with app.app_context():
        db.session.delete(db.session.query(Conversation).one())
        db.session.commit()
        assert db.session.query(User).count() > 0
    assert "Aucune question" in text_of(visit("teacher").get(base).text)
