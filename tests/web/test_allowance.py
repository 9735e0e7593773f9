"""How many questions are left, told in advance and on refusal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.allowances import AskedQuestion
from pedabot.storage.columns import utc_now
from pedabot.web.i18n import duration
from pedabot.web.limits import in_words
from tests.conftest import Cast, Visit, settings_with_model
from tests.mistral_server import MistralServer, refuse
from tests.web.pages import text_of
from tests.web.test_chat import BY_SCRIPT, answer_slug, frames, waiting_answer
from tests.web.test_pages import QUESTION, ask


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(
        instance,
        api,
        PEDABOT_QUESTION_LIMIT="20 per minute; 30 per day",
    )


def decide(app: Flask, cast: Cast, **limits: int) -> None:
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        for name, value in limits.items():
            setattr(classroom.settings, f"questions_per_{name}", value)
        db.session.commit()


def left(visit: Visit, name: str = "student") -> str:
    words = text_of(visit(name).get("/chat").text)
    return words[words.index("Il te reste") :].split(".")[0]


def test_what_is_left_is_told_before_and_after_a_question(visit: Visit) -> None:
    assert left(visit) == "Il te reste 30 questions aujourd'hui"
    path = ask(visit("student"))
    assert "Il te reste 29 questions aujourd'hui" in text_of(visit("student").get(path).text)
    assert left(visit, "classmate") == "Il te reste 30 questions aujourd'hui"


def test_by_script_the_line_is_put_in_place_with_the_answer(visit: Visit) -> None:
    browser = visit("student")
    path = ask(browser)
    data = {"text": "Un exemple ?", "level": "beginner"}
    turn = browser.post(f"{path}/questions", data=data, headers=BY_SCRIPT).text
    assert 'hx-swap-oob="true">Il te reste 28' in turn.replace("\u202f", " ")
    events = dict(frames(browser.get(f"/messages/{answer_slug(turn)}/stream").text))
    assert "Il te reste 28" in events["whole"]


def test_a_class_lowers_and_raises_the_limits(app: Flask, visit: Visit, cast: Cast) -> None:
    decide(app, cast, day=2)
    assert left(visit) == "Il te reste 2 questions aujourd'hui"
    assert left(visit, "outsider") == "Il te reste 30 questions aujourd'hui"
    decide(app, cast, day=500, hour=3)
    assert left(visit) == "Il te reste 3 questions dans l'heure"


def test_a_refusal_says_how_long_to_wait_and_stores_nothing(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    decide(app, cast, hour=1)
    browser = visit("student")
    path = ask(browser)
    refused = browser.post("/chat", data={"text": QUESTION, "level": "beginner"})
    assert refused.status_code == 429
    assert "Nouvel essai possible dans 1 heure" in text_of(refused.text)
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    assert "Plus de question pour l'instant" in text_of(browser.get(path).text)
    notice = browser.post(
        f"{path}/questions", data={"text": "Et ?", "level": "beginner"}, headers=BY_SCRIPT
    )
    assert (notice.status_code, notice.headers["HX-Retarget"]) == (429, "#notices")
    with app.app_context():
        assert db.session.query(AskedQuestion).count() == 1


def test_a_question_leaves_its_window(app: Flask, visit: Visit, cast: Cast) -> None:
    decide(app, cast, hour=1)
    ask(visit("student"))
    with app.app_context():
        db.session.query(AskedQuestion).update({"asked_at": utc_now() - timedelta(minutes=61)})
        db.session.commit()
    assert left(visit) == "Il te reste 1 question dans l'heure"


def test_what_failed_or_was_remembered_costs_nothing(visit: Visit, api: MistralServer) -> None:
    api.script(refuse(503))
    ask(visit("student"))
    assert left(visit) == "Il te reste 30 questions aujourd'hui"
    ask(visit("student"))
    assert left(visit) == "Il te reste 29 questions aujourd'hui"
    ask(visit("classmate"))
    assert left(visit, "classmate") == "Il te reste 30 questions aujourd'hui"


def test_a_question_that_waits_counts_already(visit: Visit) -> None:
    waiting_answer(visit("student"))
    assert left(visit) == "Il te reste 29 questions aujourd'hui"


def test_deleting_a_conversation_gives_no_question_back(visit: Visit) -> None:
    browser = visit("student")
    browser.post(f"{ask(browser)}/delete")
    assert left(visit) == "Il te reste 29 questions aujourd'hui"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 seconde"),
        (59, "59 secondes"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (3541, "1 heure"),
        (3601, "2 heures"),
        (36_000, "10 heures"),
    ],
)
def test_a_wait_is_told_in_words(app: Flask, seconds: int, words: str) -> None:
    with app.test_request_context():
        assert duration(seconds) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "12 toutes les 5 minutes, 300 par jour, 900 tous les 2 mois"),
        ("en", "12 every 5 minutes, 300 per day, 900 every 2 months"),
    ],
)
def test_a_limit_is_told_in_the_words_of_the_page(app: Flask, language: str, words: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert in_words("12 per 5 minute; 300 per day; 900 per 2 months") == words
