"""What leaves the school of a question that holds personal data, and what the student is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage.conversations import Message
from pedabot.storage.predictions import Prediction
from tests.conftest import Visit, settings_with_model
from tests.mistral_server import MistralServer, stream
from tests.web.pages import text_of
from tests.web.test_chat import frames, waiting_answer
from tests.web.test_pages import ask

MAIL, PHONE, NAME = "lea.martin@lycee.fr", "06 12 34 56 78", "Classmate"
QUESTION = f"Explique la quantification à {NAME}, mon adresse est {MAIL}"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(instance, api)


def everything_sent(api: MistralServer) -> str:
    return repr([received.body for received in api.requests]) + repr(api.embedded)


def test_only_marks_leave_and_the_answer_has_the_values(visit: Visit, api: MistralServer) -> None:
    api.script(stream("Dis à [NO", "M 1] d'écrire à [e-mail 1] [1]."))
    browser = visit("student")
    words = text_of(browser.get(ask(browser, QUESTION)).text)
    assert f"Dis à {NAME} d'écrire à {MAIL}" in words
    sent = everything_sent(api)
    assert "[NOM 1], mon adresse est [E-MAIL 1]" in sent
    assert MAIL not in sent
    assert NAME not in sent
    assert "PedaBot a masqué 1 nom et 1 adresse électronique avant l'envoi" in words


def test_the_turns_before_are_hidden_too_under_the_same_marks(
    visit: Visit, api: MistralServer
) -> None:
    api.script(stream("J'écrirai à [E-MAIL 1]."), stream("Oui."))
    browser = visit("student")
    path = ask(browser, QUESTION)
    text = f"Plus simple, mon numéro est le {PHONE}, mon mail toujours {MAIL.upper()}"
    browser.post(f"{path}/questions", data={"text": text, "level": "beginner"})
    turns = [turn["content"] for turn in api.requests[1].body["messages"][1:]]
    assert "[NOM 1], mon adresse est [E-MAIL 1]" in turns[0]
    assert "J'écrirai à [E-MAIL 1]." in turns[1]
    assert "le [TÉLÉPHONE 1], mon mail toujours [E-MAIL 1]" in turns[2]
    assert PHONE not in everything_sent(api)


def test_the_log_keeps_the_question_as_it_was_sent(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    browser = visit("student")
    path = ask(browser, QUESTION)
    with app.app_context():
        row = db.session.query(Prediction).one()
        assert row.question == "Explique la quantification à [NOM 1], mon adresse est [E-MAIL 1]"
    page = visit("teacher").get(path.replace("/chat/", "/admin/conversations/")).text
    assert "Question envoyée : Explique la quantification à [NOM 1]" in text_of(page)


def test_what_was_hidden_is_told_while_the_answer_is_made(visit: Visit, api: MistralServer) -> None:
    browser = visit("student")
    path = ask(browser)
    data = {"text": f"Plus simple : {MAIL}", "level": "beginner"}
    fragment = browser.post(f"{path}/questions", data=data, headers={"HX-Request": "true"}).text
    slug = fragment.split('id="a-')[1].split('"')[0]
    events = dict(frames(browser.get(f"/messages/{slug}/stream").text))
    assert "PedaBot a masqué 1 adresse électronique" in text_of(events["sources"])
    assert "PedaBot a masqué 1 adresse électronique" in text_of(events["whole"])


def test_nothing_is_said_where_nothing_is_sent(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    words = text_of(browser.get(ask(browser, f"La recette des crêpes, {MAIL} ?")).text)
    assert "PedaBot a masqué" not in words
    with app.app_context():
        assert all(message.hidden == [] for message in db.session.query(Message))


def test_an_answer_without_personal_data_says_nothing(visit: Visit) -> None:
    browser = visit("student")
    events = dict(frames(browser.get(f"/messages/{waiting_answer(browser)}/stream").text))
    assert "PedaBot a masqué" not in events["whole"]
