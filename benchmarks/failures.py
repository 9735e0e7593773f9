"""Every failure of the API: what the student saw, how long it took, what it cost.

    python -m benchmarks.failures

A real server speaks the protocol on loopback and fails on demand; questions come in as forms, as
from a browser without JavaScript. The time limits are shorter than by default (see ``LIMITS``).
"""

from __future__ import annotations

import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.people import Membership, Role
from pedabot.storage.predictions import Prediction
from pedabot.teaching.passwords import hash_password
from pedabot.teaching.processing import notice_version
from tests.mistral_server import ERROR_EVENT, GARBAGE, Fault, MistralServer, Reply, refuse, stream

QUESTION = "C'est quoi la quantification ?"
PASSWORD = "ten letters or more"
LIMITS = {
    "PEDABOT_FIRST_TOKEN_TIMEOUT": "1.0",
    "PEDABOT_TOKEN_TIMEOUT": "0.5",
    "PEDABOT_ANSWER_TIMEOUT": "2.0",
}
PRICE = "0.10 0.30"
SETTINGS = {
    "SECRET_KEY": "x" * 32,
    "PEDABOT_MODELS": "model",
    "PEDABOT_PRICES": f"model {PRICE} 2026-04-01",
    "PEDABOT_EMBEDDING_MODEL": "none",
    "PEDABOT_QUESTION_LIMIT": "1000 per minute",
    **LIMITS,
}
FORM = {"text": QUESTION, "level": "beginner"}
WRONG_USAGE: Mapping[str, object] = {"prompt_tokens": "many", "completion_tokens": -1}

FAULTS: Mapping[str, Reply] = {
    "none": stream("La quantification ", "arrondit les poids [1]."),
    "slow first token": stream(Fault.COMMENTS),
    "stall in mid-stream": stream("La quantification ", Fault.STALL),
    "429, Retry-After 30": refuse(429, {"Retry-After": "30"}),
    "500": refuse(500),
    "401": refuse(401),
    "422": refuse(422),
    "broken JSON": stream("La quantification ", GARBAGE),
    "error in the stream": stream("La quantification ", ERROR_EVENT),
    "cut connection": stream("La quantification ", Fault.RESET),
    "empty answer": stream("", " "),
    "endless answer": stream(Fault.ENDLESS),
    "wrong usage figures": stream("La quantification arrondit.", usage=WRONG_USAGE),
    "no usage figures": stream("La quantification arrondit.", usage=None),
}


@dataclass(frozen=True)
class Row:
    """One failure, with the calls it made, their tokens (in and out) and cost in micro-euros."""

    fault: str
    seen: str
    seconds: float
    calls: int
    tokens: int
    cost: int
    log: str


def measure() -> list[Row]:
    """Ask one question for each failure, then after three of them, then stop a silent one."""
    with _school() as school:
        school.ask("warm-up", refuse(422))  # loads the SDK
        rows = [school.anew().ask(fault, reply) for fault, reply in FAULTS.items()]
        school.anew()
        for _ in range(3):
            school.ask("500", refuse(500))
        rows.append(school.ask("500, the fourth question", refuse(500)))
        rows.append(school.anew().stop_silent())
        return rows


@contextmanager
def _school() -> Iterator[School]:
    with tempfile.TemporaryDirectory() as folder, MistralServer() as server:
        app = create_app(
            {"FLASK_INSTANCE_PATH": folder, "MISTRAL_SERVER_URL": server.url, **SETTINGS}
        )
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            upgrade()
            student = people.add_user("student", Role.STUDENT, hash_password(PASSWORD))
            classroom = people.add_class("BTS SIO 2", people.add_user("teacher", Role.TEACHER))
            student.memberships.append(Membership(classroom=classroom))
            people.acknowledge(student, notice_version(app.config))
            db.session.commit()
        yield School(app, server)
        app.extensions["pedabot_chains"].engines.close()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


class School:
    """The application with one student, in front of a server that fails on demand."""

    def __init__(self, app: Flask, server: MistralServer) -> None:
        self.app = app
        self.server = server
        self.browser = self.signed_in()
        self._asked = 0

    def signed_in(self) -> FlaskClient:
        browser = self.app.test_client()
        browser.environ_base["wsgi.url_scheme"] = "https"
        browser.post("/sign-in", data={"username": "student", "password": PASSWORD})
        return browser

    def anew(self) -> School:
        """Forget the failures before: each row stands for itself."""
        with self.app.app_context():
            self.app.extensions["pedabot_chains"].breakers.begin_anew()
        return self

    def ask(self, fault: str, reply: Reply) -> Row:
        """Ask while the server fails so, as a browser without JavaScript; wait for the page."""
        self.server.forget_script()
        self.server.script(reply)
        calls, started = len(self.server.requests), time.perf_counter()
        # Each asks something else: the class's memory would answer the same question again.
        self._asked += 1
        form = {**FORM, "text": f"{QUESTION} ({self._asked})"}
        page = self.browser.post("/chat", data=form).location
        seconds = time.perf_counter() - started
        return self._row(fault, page, seconds, len(self.server.requests) - calls)

    def stop_silent(self) -> Row:
        """Stop an answer while the model is silent; the time is from the click to the page."""
        self.server.forget_script()
        self.server.script(stream("La quantification arrondit ", Fault.STALL))
        calls = len(self.server.requests)
        page = self.browser.post("/chat", data=FORM, headers={"HX-Request": "true"}).headers[
            "HX-Redirect"
        ]
        slug = re.search(r"/messages/([^/]+)/stream", self.browser.get(page).text)[1]  # type: ignore[index]
        stopping: list[float] = []

        def stop() -> None:
            stopping.append(time.perf_counter())
            other_tab.post(f"/messages/{slug}/stop")

        other_tab = self.signed_in()
        timer = threading.Timer(0.2, stop)
        timer.start()
        _ = self.browser.get(f"/messages/{slug}/stream").text
        seconds = time.perf_counter() - stopping[0]
        timer.join()
        return self._row("silent, then stopped", page, seconds, len(self.server.requests) - calls)

    def _row(self, fault: str, page: str, seconds: float, calls: int) -> Row:
        with self.app.app_context():
            last = db.session.query(Prediction.message_id).order_by(Prediction.id.desc()).limit(1)
            rows = db.session.query(Prediction).filter_by(message_id=last.scalar_subquery())
            attempts = rows.order_by(Prediction.id).all()
            return Row(
                fault,
                _seen(self.browser.get(page).text),
                seconds,
                calls,
                sum((row.tokens_in or 0) + (row.tokens_out or 0) for row in attempts),
                sum(row.cost or 0 for row in attempts),
                ", ".join(f"{row.engine} {row.outcome}" for row in attempts),
            )


def _seen(page: str) -> str:
    """Return where the page says that the answer comes from, and its first words."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    origin = " ".join("".join(tree.find(".//p[@class='origin']").itertext()).split())
    body = " ".join("".join(tree.find(".//div[@class='answer-body']").itertext()).split())
    return f"{origin} « {body[:40]}… »"


def report(rows: Sequence[Row]) -> str:
    """Return the table in markdown."""
    lines = [
        "| failure | the student saw | seconds | calls | tokens | micro-euros | log |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    lines += [
        f"| {row.fault} | {row.seen} | {row.seconds:.2f} | {row.calls} | {row.tokens} | {row.cost}"
        f" | {row.log} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    limits = ", ".join(f"{name} {value} s" for name, value in LIMITS.items())
    print(f"One model, {PRICE} euros per million tokens in and out; {limits}.\n")
    print(report(measure()))


if __name__ == "__main__":
    main()
