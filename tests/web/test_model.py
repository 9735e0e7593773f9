"""What a student sees when a model answers, and when it fails: real SDK, real HTTP server."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import conversations
from pedabot.storage.conversations import Message, State
from pedabot.storage.predictions import Prediction
from tests.conftest import Visit, settings_with_model
from tests.mistral_server import GARBAGE, Fault, MistralServer, Reply, refuse, stream
from tests.web.pages import text_of
from tests.web.test_chat import answer_slug, frames, waiting_answer
from tests.web.test_pages import QUESTION, ask

KEY = "a-key-that-must-never-be-seen"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(
        instance,
        api,
        MISTRAL_API_KEY=KEY,
        PEDABOT_TEMPERATURE="0.2",
        PEDABOT_STOP="FIN",
        PEDABOT_TOKEN_TIMEOUT="2",
    )


def test_a_models_answer_is_streamed_cited_and_logged(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(stream("On passe de float32 ", "à int8 [1].\n\n", "C'est **utile** !"))
    browser = visit("student")
    slug = waiting_answer(browser)
    events = frames(browser.get(f"/messages/{slug}/stream").text)
    assert "<strong>utile</strong>" in dict(events)["whole"]
    assert (
        'href="/knowledge/optimisation/quantification" class="reference"' in (dict(events)["whole"])
    )
    with app.app_context():
        message = conversations.find_message(slug)
        assert message is not None
        assert message.content.startswith("On passe de float32 à int8 [1].")
        row = db.session.query(Prediction).one()
        assert (row.engine, row.outcome) == ("mistral", "complete")
        assert (row.tokens_in, row.tokens_out) == (12, 34)
        assert row.first_token_ms is not None
        assert row.parameters["temperature"] == 0.2
    body = api.requests[0].body
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]
    assert "float32" in body["messages"][0]["content"]
    assert body["stop"] == ["FIN"]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (refuse(401), "unauthorized"),
        (refuse(422), "invalid_request"),
        (refuse(429, {"Retry-After": "7"}), "rate_limited"),
        (refuse(503), "server_error"),
        (stream("Un début", Fault.DROP), "dropped"),
        (stream("Un début", GARBAGE), "garbled"),
        (stream("Un début", Fault.STALL), "timeout"),
        (stream("  "), "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_when_the_model_fails_the_course_answers_with_a_plain_notice(
    app: Flask,
    visit: Visit,
    api: MistralServer,
    caplog: pytest.LogCaptureFixture,
    reply: Reply,
    outcome: str,
) -> None:
    api.script(reply)
    browser = visit("student")
    page = browser.get(ask(browser)).text
    words = text_of(page)
    assert "Le tuteur ne pouvait pas répondre à l'instant" in words
    assert "float32" in words
    assert "Un début" not in words
    with app.app_context():
        rows = db.session.query(Prediction).order_by(Prediction.id).all()
        assert [(row.engine, row.outcome) for row in rows] == [
            ("mistral", outcome),
            ("offline", "complete"),
        ]
        assert rows[0].cause
        seen = page + caplog.text + "".join(row.cause for row in rows)
    assert KEY not in seen
    assert QUESTION not in caplog.text + rows[0].cause


def test_stopping_keeps_what_was_said_and_ends_the_call(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    browser, other_tab = visit("student"), visit("student")
    slug = waiting_answer(browser)
    # The first part is there before the student stops; the endless rest is never heard.
    assert other_tab.post(f"/messages/{slug}/stop").status_code == 303
    api.script(stream("Ce qui est dit.", Fault.ENDLESS))
    browser.get(f"/messages/{slug}/stream")
    assert api.wait_for_disconnect(5)
    with app.app_context():
        message = conversations.find_message(slug)
        assert message is not None
        assert message.state is State.STOPPED
        assert db.session.query(Prediction).one().outcome == "stopped"


def test_a_reader_who_leaves_finds_the_whole_answer_on_return(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(stream("Le début. ", "La fin."))
    browser = visit("student")
    path = browser.post(
        "/chat",
        data={"text": QUESTION, "level": "beginner"},
        headers={"HX-Request": "true"},
    ).headers["HX-Redirect"]
    slug = answer_slug(browser.get(path).text)
    response = browser.get(f"/messages/{slug}/stream", buffered=False)
    next(iter(response.response))
    response.close()
    assert "Le début. La fin." in text_of(browser.get(path).text)


def test_what_is_outside_the_course_is_not_sent_to_the_model(
    visit: Visit, api: MistralServer
) -> None:
    browser = visit("student")
    ask(browser, "Quelle est la recette des crêpes bretonnes ?")
    assert api.requests == []


def test_a_follow_up_carries_the_turns_before(visit: Visit, api: MistralServer) -> None:
    api.script(stream("La quantification arrondit les poids."), stream("Par exemple 12,97."))
    browser = visit("student")
    path = ask(browser)
    browser.post(f"{path}/questions", data={"text": "et un exemple ?", "level": "beginner"})
    turns = api.requests[1].body["messages"][1:]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[1]["content"] == "La quantification arrondit les poids."


def test_an_answer_cut_by_the_death_of_the_server_is_marked(app: Flask, visit: Visit) -> None:
    slug = waiting_answer(visit("student"))
    with app.app_context():
        message = db.session.query(Message).filter_by(slug=slug).one()
        # Where another machine may be making it, it is given up once no answer takes so long.
        message.created_at -= app.extensions["pedabot_delivery"].longest
        assert conversations.claim(message.id)
    assert app.test_cli_runner().invoke(args=["setup"]).exit_code == 0
    page = text_of(visit("student").get(f"/messages/{slug}").text)
    assert "Cette réponse a été interrompue" in page
