"""Never over budget: real SDK, real HTTP server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from pedabot.answering.budget import NO_CLASS, Budgets, Purse
from pedabot.answering.ledger import Ledger
from pedabot.answering.outcomes import UnpricedError
from pedabot.answering.prices import Prices
from pedabot.extensions import db
from pedabot.storage import people, spending
from pedabot.storage.predictions import Prediction
from tests.conftest import Cast, Visit, settings_with_model
from tests.mistral_server import MistralServer
from tests.web.pages import check_page, text_of
from tests.web.test_pages import ask

COST = 12 * 1000 + 34 * 2000  # what the stand-in counts, at the prices below
TODAY = "Le budget du jour est utilisé : voici ce que dit le cours, sans IA"
MONTH = "Le budget du mois est utilisé : voici ce que dit le cours, sans IA"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(
        instance,
        api,
        PEDABOT_EMBEDDING_MODEL="none",
        PEDABOT_PRICES="mistral-small-latest 1000 2000 2026-04-01",
        PEDABOT_BUDGET_PER_MONTH="1.00",
    )


def decide(app: Flask, cast: Cast, **budgets: int | None) -> None:
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        for name, value in budgets.items():
            setattr(classroom.settings, f"budget_per_{name}", value)
        db.session.commit()


def spend(app: Flask, classroom: str, cost: int, days_ago: int = 0) -> None:
    with app.app_context():
        day = app.extensions["pedabot_ledger"].today() - timedelta(days=days_ago)
        spending.add(day, classroom, "mistral-small-latest", cost)
        db.session.commit()


def words_after(visit: Visit, name: str, question: str = "C'est quoi le dropout ?") -> str:
    browser = visit(name)
    return text_of(browser.get(ask(browser, question)).text)


def test_a_class_that_spent_its_budget_is_answered_by_the_course(
    app: Flask, visit: Visit, api: MistralServer, cast: Cast
) -> None:
    decide(app, cast, day=COST)
    assert TODAY not in words_after(visit, "student")
    assert TODAY in words_after(visit, "classmate", "C'est quoi la quantification ?")
    assert TODAY not in words_after(visit, "outsider")
    assert len(api.requests) == 2
    with app.app_context():
        row = db.session.query(Prediction).filter_by(outcome="day_budget").one()
        assert (row.cause, row.cost, row.tokens_in) == ("class", 0, None)


def test_what_is_remembered_is_given_without_any_budget(
    app: Flask, visit: Visit, api: MistralServer, cast: Cast
) -> None:
    decide(app, cast, day=COST)
    words_after(visit, "student")
    assert "Réponse déjà donnée" in words_after(visit, "classmate")


def test_a_new_day_has_a_new_budget_and_the_month_goes_on(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    decide(app, cast, day=COST)
    spend(app, cast.classroom, 10 * COST, days_ago=1)
    assert TODAY not in words_after(visit, "student")


def test_the_budget_of_the_school_is_for_all_classes(
    app: Flask, visit: Visit, api: MistralServer, cast: Cast
) -> None:
    spend(app, cast.other_classroom, 1_000_000)
    assert MONTH in words_after(visit, "student")
    assert api.requests == []
    assert "Le budget du mois de l'établissement est utilisé" in text_of(
        visit("admin").get("/admin/costs").text
    )


def test_at_80_percent_the_teacher_reads_a_notice(app: Flask, visit: Visit, cast: Cast) -> None:
    decide(app, cast, day=1_000_000)
    teacher, path = visit("teacher"), f"/admin/classes/{cast.classroom}"
    spend(app, cast.classroom, 790_000)
    assert "Le budget du jour" not in text_of(teacher.get(path).text)
    spend(app, cast.classroom, 10_000)
    for page in (path, f"{path}/conversations"):
        html = teacher.get(page).text
        check_page(html)
        assert "Le budget du jour de la classe est utilisé à 80 % (0,80 € sur 1,00 €)" in (
            text_of(html)
        )
    spend(app, cast.classroom, 200_000)
    assert "Le budget du jour de la classe est utilisé (1,00 € sur 1,00 €)" in (
        text_of(teacher.get(path).text)
    )


def test_the_page_of_costs_shows_the_budgets(app: Flask, visit: Visit, cast: Cast) -> None:
    decide(app, cast, day=2_000_000, month=5_000_000)
    spend(app, cast.classroom, 500_000)
    html = visit("teacher").get("/admin/costs").text
    check_page(html)
    words = text_of(html)
    for part in ("sur 2,00 €", "sur 5,00 €", "pour ce mois-ci : 0,50 € sur 1,00 €"):
        assert part in words


@pytest.mark.usefixtures("context")
def test_with_a_budget_a_model_without_a_price_is_not_asked() -> None:
    ledger = Ledger(Prices([], own_server=False), ZoneInfo("Europe/Paris"))
    budgets = Budgets(ledger, per_day=None, per_month=None)
    budgets.check(NO_CLASS, "unheard-of")
    with pytest.raises(UnpricedError):
        budgets.check(Purse("slug", per_day=1_000_000), "unheard-of")


def test_requests_at_once_overspend_by_no_more_than_the_calls_in_flight(
    app: Flask, visit: Visit, api: MistralServer, cast: Cast
) -> None:
    decide(app, cast, day=1)
    questions = ["C'est quoi le dropout ?", "C'est quoi la quantification ?"]
    browsers = [visit("student"), visit("classmate")]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(ask, browsers, questions))
    in_flight = len(api.requests)
    assert 1 <= in_flight <= 2
    assert TODAY in words_after(visit, "student", "C'est quoi un perceptron ?")
    assert len(api.requests) == in_flight
    with app.app_context():
        day = app.extensions["pedabot_ledger"].today()
        assert spending.spent(day, cast.classroom)[0] == in_flight * COST
