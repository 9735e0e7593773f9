"""The prediction log: figures of what was asked for, and the attempts behind them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import log_figures, people
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import add_question, start_conversation
from pedabot.storage.day_sums import day_of
from pedabot.storage.predictions import Prediction
from tests.conftest import Cast, Visit
from tests.web.pages import check_page, text_of

LOG = "/admin/predictions"
SMALL, LARGE = "mistral-small", "mistral-large"


def attempts(
    app: Flask, cast: Cast, *outcomes: str, who: str = "student", days_ago: int = 0, **more: object
) -> None:
    """Store attempts of a model behind one answer."""
    with app.app_context():
        user = people.find_user(who)
        assert user is not None
        room = people.find_class(cast.classroom if who == "student" else cast.other_classroom)
        assert room is not None
        answer = add_question(
            start_conversation(user, room.id, "Une question"), "Une question", Difficulty.BEGINNER
        )
        for outcome in outcomes:
            values = {"engine": "mistral", "model": SMALL, "duration_ms": 900, **more}
            db.session.add(
                Prediction(
                    message=answer,
                    created_at=utc_now() - timedelta(days=days_ago),
                    prompt_hash="",
                    parameters={},
                    passages=[],
                    outcome=outcome,
                    **values,
                )
            )
        db.session.commit()


def rows_of(page: str) -> int:
    return len(check_page(page).findall(".//table[@class='numbers attempts']/tbody/tr"))


def test_the_figures_are_of_what_is_asked_for(app: Flask, cast: Cast, visit: Visit) -> None:
    attempts(app, cast, *["complete"] * 6, "timeout", "timeout")
    attempts(app, cast, "garbled", model=LARGE)
    attempts(app, cast, "complete", who="outsider", engine="offline", model="offline")
    attempts(app, cast, *["complete"] * 3, days_ago=20)
    admin = visit("admin")
    for query, said, rows in (
        ("", ("Essais10", "Échecs3 30"), 10),
        (f"?class={cast.classroom}", ("Essais9", "Échecs3 33"), 9),
        ("?engine=offline", ("Essais1", "Échecs0 0"), 1),
        (f"?model={LARGE}", ("Essais1", "Échecs1 100"), 1),
        ("?outcome=timeout", ("Essais2", "Échecs2 100"), 2),
        ("?from=2020-01-01", ("Essais13", "Échecs3 23"), 13),
        ("?class=none", ("Aucun essai ne correspond",), 0),
    ):
        page = admin.get(LOG + query).text
        for words in said:
            assert words in text_of(page), query
        assert rows_of(page) == rows, query


def test_a_teacher_sees_the_own_classes_whatever_the_address_says(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    attempts(app, cast, "complete", "timeout")
    attempts(app, cast, "complete", who="outsider")
    for query in ("", f"?class={cast.other_classroom}", "?class=none", "?class=nonsense"):
        assert rows_of(visit("teacher").get(LOG + query).text) == 2
    assert rows_of(visit("stranger").get(f"{LOG}?class={cast.classroom}").text) == 1


def test_times_are_told_in_percentiles_by_model(app: Flask, cast: Cast, visit: Visit) -> None:
    for time in range(1, 101):
        attempts(app, cast, "complete", first_token_ms=time * 10, duration_ms=time * 100)
    attempts(app, cast, "timeout", duration_ms=60_000)
    figures = json.loads(visit("admin").get(f"{LOG}/figures.json").text)
    (times,) = figures["times"]
    assert times["label"] == SMALL
    assert times["values"] == pytest.approx([5000, 9000, 9500, 9900], rel=0.02)
    words = text_of(visit("admin").get(LOG).text)
    assert "Premier mot, 95 sur 1000,95 s" in words.replace("0,94", "0,95").replace("0,96", "0,95")


def test_the_charts_lead_to_the_attempts_behind_them(app: Flask, cast: Cast, visit: Visit) -> None:
    attempts(app, cast, "complete", "timeout", "timeout")
    attempts(app, cast, "garbled", model=LARGE, days_ago=2)
    admin = visit("admin")
    response = admin.get(f"{LOG}/figures.json")
    figures = json.loads(response.text)
    assert [bar["value"] for bar in figures["attempts"]] == [0, 0, 0, 0, 1, 0, 3]
    assert [bar["part"] for bar in figures["attempts"]] == [0, 0, 0, 0, 1, 0, 2]
    assert [(row["label"], row["value"]) for row in figures["causes"]] == [
        ("temps dépassé", 2),
        ("réponse illisible", 1),
    ]
    behind = [figures["attempts"][4]["href"], *(row["href"] for row in figures["causes"])]
    assert [rows_of(admin.get(address).text) for address in behind] == [1, 2, 1]
    known = {"If-None-Match": response.headers["ETag"]}
    assert admin.get(f"{LOG}/figures.json", headers=known).status_code == 304


def test_pages_follow_each_other_without_gap_over_days_that_have_none(
    app: Flask, cast: Cast
) -> None:
    for days_ago in (0, 0, 1, 40, 90, 90):
        attempts(app, cast, "timeout", days_ago=days_ago)
        attempts(app, cast, "complete", days_ago=days_ago + 1)
    with app.app_context():
        newest_first = select(Prediction.id).where(Prediction.outcome == "timeout")
        ordered = newest_first.order_by(Prediction.created_at.desc(), Prediction.id.desc())
        expected = list(db.session.scalars(ordered))
        ledger = app.extensions["pedabot_ledger"]
        today = ledger.today()
        days = [day_of(today - timedelta(days=n), ledger.zone) for n in range(99)]
        wanted = log_figures.Wanted(outcome="timeout")
        figures = log_figures.figures(days[::-1], wanted)
        found: list[int] = []
        before = None
        while page := log_figures.page_of_attempts(figures, wanted, 2, before):
            before = page[-1]
            found += [row.id for row in page]
        assert found == expected


def test_an_address_that_makes_no_sense_is_no_error(visit: Visit) -> None:
    admin = visit("admin")
    for query in ("?from=soon&to=2999-99-99", "?from=2999-01-01", "?before=7", "?to=1990-01-01"):
        page = admin.get(LOG + query)
        assert page.status_code == 200
        assert "Aucun essai ne correspond" in text_of(page.text)
