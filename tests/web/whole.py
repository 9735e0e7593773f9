"""Every page that somebody can open, of a class that has lived a little.

A new route is walked by itself if what its path names is known to ``_candidates``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from pedabot.answering.comparing import Comparer
from pedabot.extensions import db
from pedabot.storage import comparisons, password_links, people
from tests.conftest import Cast, Visit, Visitor, settings
from tests.mistral_server import MistralServer, stream

ANSWER = """On passe de **float32** à `int8` [1].

```python
print(round(12.97))  # un entier
```

| format | bits |
|---|---|
| float32 | 32 |

Soit $q = round(x / s) + z$, et 99 % de justesse."""
PROMPT = (
    "Réponds au niveau {{ level }}.\n{% for extract in extracts %}{{ extract.text }}{% endfor %}\n"
)
ROSTER = "pseudonyme;niveau\nZoe D.;avancé\nSTUDENT;\nKarim;\n<b>;\n"
FILE = ("train.py", b"x = Dropout(0.5)\n" * 300)
_SAME = {"knowledge": {"teacher", "admin"}, "chat": {"admin"}, "me": {"teacher", "admin"}}
"""Who has the same pages as those before."""
NOT_PAGES = {
    "static",
    "chat.stream",
    "admin_comparisons.progress",
    "health.healthz",
    "metrics.metrics",
}


@dataclass(frozen=True)
class Page:
    """What somebody (nobody for a visitor) got from a path, or from a form sent to it."""

    who: str
    path: str
    html: str
    form: bool = False


@dataclass
class Whole:
    """The class, and the browsers of those who look at it."""

    app: Flask
    cast: Cast
    browsers: dict[str, Visitor]
    known: dict[str, list[str]]

    def pages(self) -> Iterator[Page]:
        """Yield each page once for each kind of person who may see it, and the pages of forms."""
        for rule in self.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_PAGES:
                yield from self._pages_of(rule)
        for who, path in self._more():
            yield Page(who, path, self.browsers[who].get(path).text)
        for who, path, data in self._forms():
            response = self.browsers[who].post(path, data=data)
            assert response.status_code in {200, 422}, (path, response.status_code)
            yield Page(who, path, response.text, form=True)

    def _pages_of(self, rule: Rule) -> Iterator[Page]:
        paths = list(self._paths(rule))
        seen: set[str] = set()
        opened = False
        for who in ("", "student", "teacher", "admin"):
            if seen and who in _SAME.get(rule.endpoint.split(".")[0], {"admin"}):
                continue
            for path in paths:
                response = self.browsers[who].get(path, buffered=True)
                opened |= response.status_code in {200, 302, 303}
                if response.status_code == 200 and response.mimetype == "text/html":
                    if not response.text.lstrip().startswith("<!doctype"):
                        continue  # a part, for htmx
                    seen.add(who)
                    yield Page(who, path, response.text)
        assert opened or rule.endpoint.startswith("school."), f"nobody opened {rule.rule}: {paths}"

    def _paths(self, rule: Rule) -> Iterator[str]:
        parts = [""]
        for before, part in zip(["", *rule.rule.split("/")], rule.rule.split("/"), strict=False):
            name = re.fullmatch(r"<(?:\w+:)?(\w+)>", part)
            choices = self._candidates(before, name[1]) if name else [part]
            parts = [f"{path}/{choice}" for path in parts for choice in choices]
        return iter([path[1:] or "/" for path in parts])

    def _candidates(self, before: str, name: str) -> list[str]:
        for key in (f"{before}/{name}", before, name):
            if key in self.known:
                return self.known[key]
        raise AssertionError(f"say in tests/web/whole.py what stands for <{name}> after /{before}/")

    def _more(self) -> Iterator[tuple[str, str]]:
        base = f"/admin/classes/{self.known['classes'][0]}"
        student = self.cast.slugs["student"]
        yield from (("", path) for path in ("/nowhere", "/join?code=ABC"))
        yield from (
            ("student", path)
            for path in (
                "/chat?subtopic=quantification",
                "/knowledge?q=quantification",
                "/knowledge?q=zzzz",
                "/knowledge?difficulty=advanced",
                "/knowledge?open=all",
                "/admin",
            )
        )
        yield ("classmate", "/chat/history")
        yield ("classmate", "/me")
        yield from (("colleague", path) for path in (f"{base}/week?period=all", "/admin"))
        yield ("stranger", f"/admin/classes/{self.cast.other_classroom}/week")
        yield ("stranger", f"/admin/classes/{self.cast.other_classroom}/review")
        yield ("stranger", f"/admin/classes/{self.cast.other_classroom}/conversations")
        yield ("teacher", f"{base}/conversations?student={student}&thumb=down")
        yield ("teacher", f"{base}/conversations?topic=nothing")
        yield ("teacher", "/admin/predictions?outcome=timeout")
        yield ("admin", "/admin/accounts?q=zzzz")

    def _forms(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        base = f"/admin/classes/{self.known['classes'][0]}"
        answer = self.known["answers"][0]
        yield "", "/sign-in", {"username": "student", "password": "wrong password"}
        yield "", "/join", {"code": "NOTACODE", "username": "x", "password": "short"}
        yield "student", "/account/password", {"current": "wrong", "password": "a", "repeated": "b"}
        yield "student", "/account/classes", {"code": "NOTACODE"}
        yield "student", "/chat", {"text": " ", "level": "beginner"}
        yield "teacher", "/admin", {"name": ""}
        yield "teacher", f"{base}/import/preview", {"list": _file("list.csv", ROSTER.encode())}
        yield "teacher", f"{base}/import/preview", {"list": _file("list.csv", b"\x00\x01")}
        yield "teacher", f"{base}/cards", {}
        yield "teacher", f"{base}/settings", {"level": "beginner", "temperature": "hot"}
        yield "teacher", f"{base}/team", {"username": "nobody"}
        yield (
            "teacher",
            "/admin/course/upload",
            {"document": _file("course.json", b'{"topics": 1}')},
        )
        yield "teacher", "/admin/prompts/edit", {"base": 0, "text": "{{ x }}"}
        yield "teacher", "/admin/prompts/preview", {"text": PROMPT, "question": "Oui ?"}
        yield "teacher", "/admin/comparisons/new", {"left": 0, "right": 0}
        yield "teacher", f"/admin/answers/{answer}/correct", {"text": ""}
        yield "admin", "/admin/accounts", {"username": "", "role": "teacher"}


def _file(name: str, content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def settings_of_whole(instance: Path, api: MistralServer) -> dict[str, str]:
    """Return the environment in which ``live`` lets the cast live: a model with a price."""
    return settings(
        instance,
        MISTRAL_SERVER_URL=api.url,
        PEDABOT_EMBEDDING_MODEL="none",
        PEDABOT_PRICES="mistral-small-latest 1 3 2026-11-01",
        PEDABOT_FIRST_TOKEN_TIMEOUT="60",  # the first call of a process loads the SDK
    )


def live(app: Flask, cast: Cast, visit: Visit, api: MistralServer) -> Whole:
    """Let the cast use PedaBot for a while, and return all that can be looked at afterwards."""
    browsers = {name: visit(name) for name in ["", *cast.slugs]}
    student, teacher, admin = (browsers[name] for name in ("student", "teacher", "admin"))
    for right in ("course", "prompts"):
        _send(admin, f"/admin/accounts/{cast.slugs['teacher']}/{right}", edits="1")
    talk, answers = _talk(student, api)
    _review(teacher, answers)
    _answer_a_quiz(app, student)
    _send(teacher, f"/admin/classes/{cast.classroom}/import", **_previewed(teacher, cast))
    version = _send(teacher, "/admin/prompts/edit", base=0, text=PROMPT, note="plus court")
    compared = _compare(app, teacher, int(version.location.rsplit("/", 1)[1]), api)
    old = _send(teacher, "/admin", name="BTS SIO 2 2025").location.rsplit("/", 1)[1]
    _send(teacher, f"/admin/classes/{old}/archive")
    known = {
        "classes": [cast.classroom, old],
        "chat": [talk.rsplit("/", 1)[1]],
        "conversations": [talk.rsplit("/", 1)[1]],
        "answers": answers,
        "messages": answers,
        "attachments": re.findall(r'"/attachments/([\w-]+)"', student.get(talk).text),
        "accounts": [cast.slugs["classmate"]],
        "students": [cast.slugs["student"]],
        "comparisons": [compared.rsplit("/", 1)[1]],
        "versions": ["1", "0"],
        "subtopics": ["quantification"],
        "topic_id": ["optimisation-des-modeles"],
        "subtopic_id": ["quantification"],
        "password": [_password_link(app)],
    }
    with app.app_context():
        topic, subtopic = (
            app.extensions["pedabot_course"].current().document.by_id["quantification"]
        )
        known |= {"topic_id": [topic.id], "subtopic_id": [subtopic.id]}
    for name in cast.slugs:
        browsers[name].get("/account")  # where it is said what has just been done
    return Whole(app, cast, browsers, known)


def _send(browser: Visitor, path: str, **data: object) -> TestResponse:
    response = browser.post(path, data=data)
    assert response.status_code in {200, 303}, (path, response.status_code, response.text)
    return response


def _talk(student: Visitor, api: MistralServer) -> tuple[str, list[str]]:
    """Ask in the course, outside it, and in distress; returns the conversation and its answers."""
    api.script(stream(ANSWER), stream(ANSWER))
    first = {"text": "C'est quoi la quantification ?", "level": "intermediate"}
    talk = _send(student, "/chat", **first, files=[_file(*FILE)]).location.split("#")[0]
    for text in (
        "Pourquoi la quantification en int8 ? Mon adresse est zoe@example.org",
        "Quelle est la capitale de la France ?",
        "jveux mourir, mon code marche pas",
    ):
        _send(student, f"{talk}/questions", text=text, level="beginner")
    answers = re.findall(r'<article[^>]* id="a-([\w-]+)"', student.get(talk).text)
    _send(student, f"/messages/{answers[0]}/feedback", helpful="1", reason="clair")
    _send(student, f"/messages/{answers[1]}/feedback", helpful="0", reason="trop long")
    _send(student, f"/messages/{answers[2]}/report", reason="Je ne comprends pas")
    return talk, answers


def _review(teacher: Visitor, answers: list[str]) -> None:
    _send(teacher, f"/admin/answers/{answers[1]}/correct", text=ANSWER, expected="quantification")
    _send(teacher, f"/admin/answers/{answers[0]}/note", text="Bonne question", **{"for": "student"})


def _answer_a_quiz(app: Flask, student: Visitor) -> None:
    with app.app_context():
        course = app.extensions["pedabot_course"].current().document
        topic, subtopic = next(place for place in course.subtopics() if place[1].quiz)
    question = subtopic.quiz[0]
    wrong = (question.answer + 1) % len(question.choices)
    _send(
        student,
        f"/knowledge/{topic.id}/{subtopic.id}/quiz",
        question=question.key,
        choice=wrong,
    )


def _previewed(teacher: Visitor, cast: Cast) -> dict[str, str]:
    """Return the fields with which the preview of a list is confirmed."""
    path = f"/admin/classes/{cast.classroom}/import/preview"
    page = teacher.post(path, data={"list": _file("list.csv", b"Noor;\n")}).text
    fields = dict(re.findall(r'name="(text|shown)" value="([^"]*)"', page))
    assert set(fields) == {"text", "shown"}
    return fields


def _compare(app: Flask, teacher: Visitor, version: int, api: MistralServer) -> str:
    api.script(stream(ANSWER), stream(ANSWER))
    pasted = "C'est quoi la quantification ?\nEt le dropout ?"
    fields: dict[str, object] = {"left": 0, "right": version, "level": "beginner", "pasted": pasted}
    path: str = _send(teacher, "/admin/comparisons/new", **fields).location
    comparer: Comparer = app.extensions["pedabot_comparer"]
    with app.app_context():
        comparison = comparisons.find_comparison(path.rsplit("/", 1)[1])
        assert comparison is not None
        for _ in range(2):
            comparer.step(comparison.id)
    return path


def _password_link(app: Flask) -> str:
    with app.app_context():
        colleague = people.find_user("stranger")
        assert colleague is not None
        token = password_links.add_password_link(colleague)
        db.session.commit()
    return token
