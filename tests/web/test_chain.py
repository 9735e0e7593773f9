"""Models in order, at rest, crowded, stopped: real SDK, real HTTP server, real pages."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import conversations, people
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Message, State
from pedabot.storage.predictions import Prediction
from tests.conftest import Cast, Visit, Visitor, settings
from tests.mistral_server import Announced, Fault, MistralServer, refuse, stream
from tests.web.pages import check_page, text_of
from tests.web.test_chat import frames, waiting_answer
from tests.web.test_pages import ask

AMPLE = 60.0


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings(
        instance,
        MISTRAL_SERVER_URL=f"{api.url}/v1",
        PEDABOT_MODELS="small, medium first_token=50",
        PEDABOT_EMBEDDING_MODEL="none",
        PEDABOT_FIRST_TOKEN_TIMEOUT="60",
        PEDABOT_TOKEN_TIMEOUT="60",
        PEDABOT_ANSWER_TIMEOUT="60",
        PEDABOT_CALLS_IN_FLIGHT="1",
        PEDABOT_QUEUE_TIMEOUT="0",
        PEDABOT_BREAKER_FAILURES="2",
    )


def log() -> list[tuple[str, str]]:
    rows = db.session.query(Prediction).order_by(Prediction.id).all()
    return [(row.model, row.outcome) for row in rows]


def the_answer(slug: str) -> Message:
    message = conversations.find_message(slug)
    assert message is not None
    return message


def test_the_second_model_answers_where_the_first_fails(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(stream("Un mauvais début", Fault.DROP), stream("La bonne réponse."))
    browser = visit("student")
    page = text_of(browser.get(ask(browser)).text)
    assert "La bonne réponse." in page
    assert "Un mauvais début" not in page
    assert "Écrit par le tuteur d'après le cours." in page
    assert [received.body["model"] for received in api.requests] == ["small", "medium"]
    with app.app_context():
        assert log() == [("small", "dropped"), ("medium", "complete")]


def test_a_dead_api_costs_nothing_after_the_first_failures(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(*[refuse(503)] * 9)
    browser = visit("student")
    for _ in range(2):
        ask(browser)
    assert len(api.requests) == 4
    page = text_of(browser.get(ask(browser)).text)
    assert len(api.requests) == 4, "nobody asks it any more"
    assert "Le tuteur se repose un moment après plusieurs pannes" in page
    assert not {"small", "medium"} & set(page.split()), "a student never sees a model's name"
    with app.app_context():
        assert log()[-3:] == [("small", "resting"), ("medium", "resting"), ("course", "complete")]


def test_a_refused_key_opens_the_breaker_until_the_server_starts_anew(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(refuse(401), refuse(401))
    browser = visit("student")
    ask(browser)
    ask(browser)
    assert len(api.requests) == 2
    assert app.test_cli_runner().invoke(args=["setup"]).exit_code == 0
    app.extensions["pedabot_chains"].breakers.forget()
    ask(browser)
    assert len(api.requests) == 3


def test_a_429_is_not_asked_again_before_it_wants_to_be(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(refuse(429, {"Retry-After": "120"}))
    browser = visit("student")
    before = utc_now()
    ask(browser)
    ask(browser, "C'est quoi le dropout ?")
    assert [received.body["model"] for received in api.requests] == ["small", "medium", "medium"]
    with app.app_context():
        (known,) = app.extensions["pedabot_chains"].breakers.store.standings().values()
        assert known.open_until is not None
        assert 120 <= (known.open_until - before).total_seconds() < 180


def test_a_class_restricts_the_models_and_their_settings(
    app: Flask, visit: Visit, api: MistralServer, cast: Cast
) -> None:
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        classroom.settings.models = ["medium", "a model that the school has no longer"]
        classroom.settings.temperature = 0.9
        classroom.settings.max_tokens = 4000
        db.session.commit()
    ask(visit("student"))
    ask(visit("outsider"))
    mine, other = (received.body for received in api.requests)
    assert (mine["model"], mine["temperature"], mine["max_tokens"]) == ("medium", 0.9, 900)
    assert (other["model"], other["temperature"], other["max_tokens"]) == ("small", 0.3, 900)


def test_the_administrator_sees_which_model_answers_and_lets_all_be_asked_again(
    visit: Visit, api: MistralServer
) -> None:
    api.script(refuse(401), stream("Oui."), refuse(500))
    student, admin = visit("student"), visit("admin")
    ask(student)
    words = text_of(check(admin.get("/admin/models").text))
    assert "1 panne de suite" not in words
    assert re.search(r"small Au repos jusqu'à .* unauthorized \(HTTP 401\)", words)
    assert "medium Disponible Aucune panne" in words
    assert "Réponses en cours0 / 1" in words.replace(" 0", "0")
    ask(student, "C'est quoi le dropout ?")
    assert "medium Disponible · 1 panne de suite" in text_of(admin.get("/admin/models").text)
    assert admin.post("/admin/models/awaken").status_code == 303
    assert "small Disponible Aucune panne" in text_of(admin.get("/admin/models").text)
    ask(student, "C'est quoi un perceptron ?")
    assert api.requests[-1].body["model"] == "small"


@pytest.mark.parametrize("name", ["student", "teacher"])
def test_nobody_else_sees_the_models(visit: Visit, name: str) -> None:
    assert visit(name).get("/admin/models").status_code == 403
    assert visit(name).post("/admin/models/awaken").status_code == 403


def check(page: str) -> str:
    check_page(page)
    return page


class Listener:
    """Reads a stream in another thread, as another student's browser does."""

    def __init__(self, browser: Visitor, slug: str) -> None:
        self._heard = ""
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=[browser, slug])
        self._thread.start()

    def _read(self, browser: Visitor, slug: str) -> None:
        for chunk in browser.get(f"/messages/{slug}/stream").iter_encoded():
            with self._more:
                self._heard += chunk.decode()
                self._more.notify()

    def wait_for(self, words: str) -> None:
        """Return once these words have come."""
        with self._more:
            assert self._more.wait_for(lambda: words in self._heard, AMPLE)

    def whole(self) -> str:
        """Return all that came, once the stream has ended."""
        self._thread.join()
        return self._heard


def test_too_many_at_once_get_the_course_with_the_reason(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    api.script(stream(Announced(asked), go_on, "Voilà."))
    first = visit("student")
    listener = Listener(first, waiting_answer(first))
    assert asked.wait(AMPLE)
    second = visit("outsider")  # a classmate would wait for the answer to the same question
    page = text_of(second.get(ask(second)).text)
    go_on.set()
    listener.whole()
    assert "Trop de questions arrivaient en même temps" in page
    assert len(api.requests) == 1
    with app.app_context():
        assert ("medium", "crowded") in log()
        assert ("small", "crowded") in log()


class TestQueue:
    @pytest.fixture
    def environ(self, instance: Path, api: MistralServer) -> dict[str, str]:
        return settings(
            instance,
            MISTRAL_SERVER_URL=api.url,
            PEDABOT_EMBEDDING_MODEL="none",
            PEDABOT_FIRST_TOKEN_TIMEOUT="60",
            PEDABOT_TOKEN_TIMEOUT="60",
            PEDABOT_CALLS_IN_FLIGHT="1",
            PEDABOT_QUEUE_TIMEOUT="60",
        )

    def test_the_next_one_sees_the_place_and_then_the_answer(
        self, app: Flask, visit: Visit, api: MistralServer
    ) -> None:
        asked, go_on = threading.Event(), threading.Event()
        api.script(stream(Announced(asked), go_on, "Première."), stream("Seconde."))
        first, second = visit("student"), visit("outsider")
        listener = Listener(first, waiting_answer(first))
        assert asked.wait(AMPLE)
        response = second.get(f"/messages/{waiting_answer(second)}/stream", buffered=False)
        sent = ""
        for chunk in response.response:
            sent += chunk.decode() if isinstance(chunk, bytes) else chunk
            if "Plus personne devant toi dans la file" in text_of(sent):
                go_on.set()
        listener.whole()
        events = frames(sent)
        assert [name for name, _data in events][:3] == ["sources", "queue", "queue"]
        assert "C'est ton tour" in text_of(events[2][1])
        assert "Seconde." in dict(events)["whole"]
        with app.app_context():
            rows = db.session.query(Prediction).order_by(Prediction.queued_ms).all()
            waited = rows[-1].message
            assert waited is not None
            assert waited.content == "Seconde."

    def test_stopped_in_the_queue_the_model_is_not_asked(
        self, app: Flask, visit: Visit, api: MistralServer
    ) -> None:
        asked, go_on = threading.Event(), threading.Event()
        api.script(stream(Announced(asked), go_on, "Première."))
        first, second, other_tab = visit("student"), visit("outsider"), visit("outsider")
        listener = Listener(first, waiting_answer(first))
        assert asked.wait(AMPLE)
        slug = waiting_answer(second)
        other_tab.post(f"/messages/{slug}/stop")
        second.get(f"/messages/{slug}/stream")
        go_on.set()
        listener.whole()
        assert len(api.requests) == 1
        with app.app_context():
            assert the_answer(slug).state is State.STOPPED

    @pytest.mark.parametrize("said", [(), ("La quantification arrondit les poids.",)])
    def test_stopped_while_the_model_is_silent_it_hangs_up_and_keeps_what_was_said(
        self, app: Flask, visit: Visit, api: MistralServer, said: tuple[str, ...]
    ) -> None:
        silent = threading.Event()
        api.script(stream(*said, Announced(silent), Fault.STALL))
        browser, other_tab = visit("student"), visit("student")
        slug = waiting_answer(browser)
        listener = Listener(browser, slug)
        assert silent.wait(AMPLE)
        for words in said:
            listener.wait_for(words)
        other_tab.post(f"/messages/{slug}/stop")
        assert api.wait_for_disconnect(AMPLE)
        assert "Tu as arrêté cette réponse." in text_of(dict(frames(listener.whole()))["whole"])
        with app.app_context():
            assert the_answer(slug).content == "".join(said)
            assert the_answer(slug).state is State.STOPPED
            assert [outcome for _model, outcome in log()] == ["stopped"]
