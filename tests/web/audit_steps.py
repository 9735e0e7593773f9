"""What staff can do, step by step, and the entry that each step must leave."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from pedabot.extensions import db
from pedabot.storage.audit import Action
from pedabot.storage.comparisons import Comparison
from pedabot.storage.prompts import PromptVersion
from tests.conftest import COURSE, PASSWORD, Visit, Visitor
from tests.web.course_pages import form_data
from tests.web.pages import parse
from tests.web.test_pages import QUESTION
from tests.web.test_prompts import TEXT

CONFIRMED = {"confirmation": PASSWORD}


@dataclass
class School:
    """A class that has asked, with everybody's browser."""

    app: Flask
    visit: Visit
    names: dict[str, str]
    browsers: dict[str, Visitor]

    def browser(self, name: str) -> Visitor:
        """Return the browser of somebody, signed in once."""
        if name not in self.browsers:
            self.browsers[name] = self.visit(name)
        return self.browsers[name]

    def path(self, template: str) -> str:
        """Fill in the slugs."""
        return template.format(**self.names)


def last_prompt(school: School) -> str:
    with school.app.app_context():
        return str(db.session.scalar(select(PromptVersion.id).order_by(PromptVersion.id.desc())))


def last_comparison(school: School) -> str:
    with school.app.app_context():
        return str(db.session.scalar(select(Comparison.slug).order_by(Comparison.id.desc())))


def _import(school: School) -> dict[str, Any]:
    file = {"list": (io.BytesIO(b"nom\nNoor\n"), "list.csv")}
    preview = school.browser("teacher").post(
        school.path("/admin/classes/{class}/import/preview"), data=file
    )
    fields = parse(preview.text).findall(".//input[@type='hidden']")
    fields += parse(preview.text).findall(".//textarea")
    return {f.get("name", ""): f.get("value") or f.text or "" for f in fields}


def _page_of_course(school: School) -> dict[str, Any]:
    form = school.browser("teacher").get("/admin/course/subtopics/elagage").text
    return {**form_data(form), "summary": "On coupe ce qui sert peu."}


def _another_course(_: School) -> dict[str, Any]:
    changed = json.loads(json.dumps(COURSE))
    changed["topics"][0]["title"] = "Optimiser"
    return {"document": (io.BytesIO(json.dumps(changed).encode()), "course.json")}


Data = dict[str, Any] | Callable[[School], dict[str, Any]]


@dataclass(frozen=True)
class Step:
    """Somebody does something; ``get`` where a GET does it."""

    who: str
    path: str
    action: Action
    data: Data | None = None
    get: bool = False


C, A, T = "/admin/classes/{class}", "/admin/accounts", "teacher"
# In this order: what is closed is opened again, and who is erased comes last.
STEPS = (
    Step(T, "/admin/conversations/{talk}", Action.TALK_READ, get=True),
    Step(T, "/admin/answers/{answer}/prompt", Action.TALK_READ, get=True),
    Step(T, "/admin/answers/{answer}/review", Action.TALK_READ, get=True),
    Step(T, "/admin/answers/{answer}/approve", Action.ANSWER_APPROVED),
    Step(T, "/admin/answers/{answer}/withdraw", Action.VERDICT_WITHDRAWN),
    Step(T, "/admin/answers/{answer}/pin", Action.ANSWER_PINNED),
    Step(T, "/admin/answers/{answer}/unpin", Action.ANSWER_UNPINNED),
    Step(T, "/admin/answers/{answer}/correct", Action.ANSWER_CORRECTED, {"text": "Non."}),
    Step(T, "/admin/answers/{answer}/note", Action.ANSWER_ANNOTATED, {"text": "!"}),
    Step(T, "/admin/answers/{help}/alarm", Action.ALARM_DISMISSED),
    Step(T, "/admin/conversations/{talk}/markdown", Action.TALK_EXPORTED, get=True),
    Step(T, "/admin/conversations/{talk}/print", Action.TALK_EXPORTED, get=True),
    Step(T, C + "/conversations.csv", Action.CLASS_EXPORTED, get=True),
    Step(T, C + "/conversations.jsonl", Action.CLASS_EXPORTED, get=True),
    Step(T, C + "/training.jsonl", Action.TRAINING_EXPORTED, get=True),
    Step(T, C + "/evaluation.jsonl", Action.EVALUATION_EXPORTED, get=True),
    Step(T, "/admin", Action.CLASS_MADE, {"name": "Neuve"}),
    Step(T, C + "/copy", Action.CLASS_COPIED, {"name": "Copie"}),
    Step(T, C + "/settings", Action.CLASS_SETTINGS, {"level": "advanced"}),
    Step(T, C + "/pause", Action.CLASS_PAUSED, {"paused": "1"}),
    Step(T, C + "/pause", Action.CLASS_RESUMED, {"paused": "0"}),
    Step(T, C + "/code", Action.CODE_RENEWED),
    Step(T, C + "/joining", Action.JOINING_CHANGED, {"open": "closed"}),
    Step(T, C + "/import", Action.ACCOUNTS_IMPORTED, _import),
    Step(T, C + "/cards", Action.CARDS_PRINTED),
    Step(T, C + "/students/{classmate}/password-link", Action.PASSWORD_LINK_GIVEN),
    Step(T, C + "/team", Action.COLLEAGUE_ADDED, {"username": "stranger"}),
    Step(T, C + "/team/{stranger}/remove", Action.COLLEAGUE_REMOVED),
    Step(T, C + "/students/{classmate}/remove", Action.STUDENT_REMOVED),
    Step(T, C + "/archive", Action.CLASS_ARCHIVED),
    Step(T, C + "/restore", Action.CLASS_RESTORED),
    Step(T, "/admin/course/subtopics/elagage", Action.COURSE_EDITED, _page_of_course),
    Step(T, "/admin/course/upload", Action.COURSE_KEPT, _another_course),
    Step(T, "/admin/course/versions/1/activate", Action.COURSE_ACTIVATED, {"compared_with": "2"}),
    Step(T, "/admin/course/versions/1/export", Action.COURSE_EXPORTED, get=True),
    Step(T, "/admin/prompts/edit", Action.PROMPT_KEPT, {"base": "0", "text": TEXT}),
    Step(T, "/admin/prompts/versions/{prompt}/activate", Action.PROMPT_ACTIVATED, {"after": "0"}),
    Step(
        T,
        "/admin/comparisons/new",
        Action.PROMPTS_COMPARED,
        lambda school: {"left": "0", "right": last_prompt(school), "pasted": QUESTION},
    ),
    Step(T, "/admin/comparisons/{comparison}/delete", Action.COMPARISON_DELETED),
    Step("admin", "/admin/models/awaken", Action.MODELS_AWAKENED),
    Step("admin", A, Action.ACCOUNT_MADE, {"username": "nouvelle", "role": "teacher"}),
    Step("admin", A + "/{colleague}/password-link", Action.PASSWORD_LINK_GIVEN),
    Step("admin", A + "/{colleague}/sessions", Action.SESSIONS_CLOSED),
    Step("admin", A + "/{colleague}/course", Action.COURSE_RIGHT, {"edits": "1"}),
    Step("admin", A + "/{colleague}/prompts", Action.PROMPTS_RIGHT, {"edits": "1"}),
    Step("admin", A + "/{colleague}/role", Action.ROLE_CHANGED, {"role": "admin"}),
    Step("admin", A + "/{colleague}/activity", Action.ACCOUNT_CLOSED, {"active": "0"}),
    Step("admin", A + "/{colleague}/activity", Action.ACCOUNT_REOPENED, {"active": "1"}),
    Step("student", "/account/data", Action.OWN_DATA_EXPORTED, get=True),
    Step(T, C + "/students/{student}/erase", Action.ACCOUNT_ERASED, CONFIRMED),
    Step("admin", A + "/{outsider}/erase", Action.ACCOUNT_ERASED, CONFIRMED),
    Step("colleague", "/account/erase", Action.ACCOUNT_ERASED, CONFIRMED),
)


def endpoint(app: Flask, step: Step) -> str:
    path = step.path.replace("{", "").replace("}", "")
    name, _ = app.url_map.bind("").match(path, method="GET" if step.get else "POST")
    return str(name)


def take(school: School, step: Step) -> TestResponse:
    school.names |= {"prompt": last_prompt(school), "comparison": last_comparison(school)}
    browser, path = school.browser(step.who), school.path(step.path)
    if step.get:
        return browser.get(path, buffered=True)
    data = step.data(school) if callable(step.data) else step.data or {}
    return browser.post(path, data=data)
