"""What an answer costs, in the log and on the pages of teachers: real SDK, real HTTP server."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage.predictions import Prediction
from pedabot.web import i18n
from tests.conftest import Visit, settings_with_model
from tests.mistral_server import Fault, MistralServer, Reply, refuse, stream
from tests.web.pages import check_page, text_of
from tests.web.test_pages import ask


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(
        instance,
        api,
        PEDABOT_PRICES="mistral-small-latest 1000 2000 2026-04-01",
    )


def logged(app: Flask) -> list[tuple[str, int | None, bool, int | None]]:
    with app.app_context():
        rows = db.session.query(Prediction).order_by(Prediction.id).all()
        return [(row.outcome, row.tokens_out, row.estimated, row.cost) for row in rows]


def test_an_answer_costs_what_the_api_counted(app: Flask, visit: Visit, api: MistralServer) -> None:
    ask(visit("student"))
    assert logged(app) == [("complete", 34, False, 12 * 1000 + 34 * 2000)]
    words = text_of(visit("teacher").get("/admin/costs").text)
    for part in ("BTS SIO 20,08 €0,08 €1", "mistral-small-latest", "1 000,00 € lus"):
        assert part in words
    assert "au 1 avr. 2026" in words
    assert "rien n'a été dépensé" in text_of(visit("stranger").get("/admin/costs").text)
    assert "BTS SIO 20,08 €" in text_of(visit("admin").get("/admin/costs").text)


@pytest.mark.parametrize(
    ("reply", "tokens_out"),
    [
        (stream("Bonjour !", usage=None), 3),
        (stream("Bonjour !", usage={"prompt_tokens": -1, "completion_tokens": 10**15}), 3),
        (stream("Bonjour !", Fault.DROP), 3),
    ],
    ids=["no figures", "wrong figures", "dropped"],
)
def test_without_figures_of_the_api_they_are_estimated(
    app: Flask, visit: Visit, api: MistralServer, reply: Reply, tokens_out: int
) -> None:
    api.script(reply)
    path = ask(visit("student"))
    (_outcome, tokens, estimated, cost), *_rest = logged(app)
    assert (tokens, estimated) == (tokens_out, True)
    assert cost is not None
    assert cost > tokens_out * 2000
    page = visit("teacher").get(path.replace("/chat/", "/admin/conversations/"))
    assert "(estimés)" in text_of(page.text)


def test_a_call_that_the_api_refuses_costs_nothing(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(refuse(429))
    ask(visit("student"))
    assert logged(app) == [("rate_limited", None, False, 0), ("complete", None, False, 0)]
    assert "rien n'a été dépensé" in text_of(visit("teacher").get("/admin/costs").text)


def test_a_deleted_conversation_stays_paid(visit: Visit, api: MistralServer) -> None:
    browser = visit("student")
    browser.post(f"{ask(browser)}/delete")
    page = visit("teacher").get("/admin/costs").text
    check_page(page)
    assert "0,08 €" in text_of(page)


@pytest.mark.parametrize(
    ("micro", "written"),
    [
        (None, "inconnu"),
        (0, "0,00 €"),
        (12, "0,000012 €"),
        (9_999, "0,009999 €"),
        (10_000, "0,01 €"),
        (1_234_567_890, "1 234,57 €"),
    ],
)
def test_money_is_written_as_the_french_do(app: Flask, micro: int | None, written: str) -> None:
    with app.test_request_context():
        spaced = i18n.euros(micro).replace("\u202f", " ").replace("\u00a0", " ")
    assert spaced == written
