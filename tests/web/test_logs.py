"""The log of a whole visit, errors included, holds no question, no key and no name."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from pedabot.extensions import db
from pedabot.web.access import public
from pedabot.web.logs import JsonFormatter, configure
from tests.conftest import Visit, settings_with_model
from tests.mistral_server import GARBAGE, Fault, MistralServer, refuse, stream
from tests.web.test_chat import waiting_answer
from tests.web.test_pages import ask

KEY = "kQ7mZ2xW9vB4nL6tR8yP3cJ5hD1fG0sA"
QUESTION = "Zanzibar : explique la quantification int8 à Classmate, lea@lycee.fr"
SECRETS = (KEY, "Zanzibar", "lea@lycee.fr", "lassmate", "tudent", "correct horse", "Mot retenu")


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(
        instance,
        api,
        MISTRAL_API_KEY=KEY,
        PEDABOT_LOG_LEVEL="info",
        PEDABOT_TOKEN_TIMEOUT="1",
    )


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the handler of the process writes."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield kept
    logging.getLogger().removeHandler(handler)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_visit_with_every_kind_of_error_tells_nothing(
    app: Flask, visit: Visit, api: MistralServer, written: io.StringIO
) -> None:
    @app.get("/fails/<word>")
    @public
    def fails(word: str) -> str:
        db.session.execute(
            text("SELECT nothing at all WHERE a = :question"), {"question": QUESTION}
        )
        return word

    api.embedding_refusal = refuse(500)
    replies = (refuse(401), refuse(500), stream("Mot retenu", GARBAGE), stream("Mot", Fault.DROP))
    api.script(*replies, stream("Mot retenu", KEY))
    browser = visit("student")
    path = ask(browser, QUESTION)
    for _ in replies:
        browser.post(f"{path}/questions", data={"text": QUESTION, "level": "beginner"})
    browser.get(f"/messages/{waiting_answer(browser)}/stream")
    browser.get(f"/chat?question={QUESTION}")
    browser.get(f"/knowledge/{KEY}")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert browser.get(f"/fails/{KEY}").status_code == 500
    visit("teacher").get(path.replace("/chat/", "/admin/conversations/"))
    assert (
        visit().post("/sign-in", data={"username": "student", "password": KEY}).status_code == 422
    )

    log = written.getvalue()
    assert log
    for secret in SECRETS:
        assert secret not in log, next(line for line in log.splitlines() if secret in line)


def test_an_error_has_its_place_and_the_id_that_the_page_shows(
    app: Flask, visit: Visit, written: io.StringIO
) -> None:
    @app.get("/fails")
    @public
    def fails() -> str:
        raise ValueError(QUESTION) from KeyError(KEY)

    app.config["PROPAGATE_EXCEPTIONS"] = False
    page = visit().get("/fails").text
    line = next(line for line in lines(written) if line["level"] == "error")
    assert line["request"] in page
    assert [error["kind"] for error in line["error"]] == ["ValueError", "KeyError"]
    assert line["error"][0]["at"][-1].endswith(" fails")


def test_a_request_is_one_line_with_its_route(visit: Visit, written: io.StringIO) -> None:
    visit("student").get("/chat?question=Zanzibar")
    line = lines(written)[-1]
    assert (line["event"], line["level"], line["logger"]) == ("request", "info", "pedabot.web.logs")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/chat", 200)
    assert isinstance(line["ms"], int)
    assert len(line["request"]) == 10


def test_other_libraries_tell_their_numbers_but_not_their_words(written: io.StringIO) -> None:
    logging.getLogger("gunicorn.error").error(
        "Error handling request %s", "/chat?question=Zanzibar"
    )
    logging.getLogger("gunicorn.error").error("Worker (pid:%s) exited", 42)
    first, second = lines(written)
    assert first["event"] == "Error handling request %s"
    assert second["event"] == "Worker (pid:42) exited"


def test_the_process_has_one_handler_and_the_level_asked_for(app: Flask) -> None:
    configure("error")
    handlers = [h for h in logging.getLogger().handlers if isinstance(h.formatter, JsonFormatter)]
    assert len(handlers) == 1
    assert logging.getLogger("pedabot").level == logging.ERROR
