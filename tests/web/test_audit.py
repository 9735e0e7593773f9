"""Nothing that staff do goes unnoted: each route is run, and must leave its entry."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.storage import audit, courses, people
from pedabot.storage.audit import Action, Entry
from pedabot.storage.roles import Permission
from tests.conftest import COURSE, Cast, Visit, settings_with_model
from tests.mistral_server import MistralServer
from tests.web.audit_steps import STEPS, A, C, School, endpoint, take
from tests.web.pages import check_page, parse, text_of
from tests.web.test_chat import answer_slug
from tests.web.test_distress import MESSAGE
from tests.web.test_pages import QUESTION, ask

STAFF = set(Permission) - {Permission.VISIT, Permission.USE}
# Lists, where the first words of many students stand; a conversation that is opened is noted.
OVERVIEWS = {
    "admin_conversations.index",
    "admin_review_list.index",
    "admin_week.show",
    "admin_comparisons.new",
}


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(
        instance,
        api,
        PEDABOT_EMBEDDING_MODEL="none",
    )


@pytest.fixture
def school(app: Flask, visit: Visit, cast: Cast) -> School:
    """The teacher edits course and prompts; a student has asked, and has called for help."""
    with app.app_context():
        version = courses.add_version(document.dumps(document.validate(COURSE)), "first")
        courses.activate(version)
        teacher = people.find_user("teacher")
        assert teacher is not None
        teacher.edits_course = teacher.edits_prompts = True
        db.session.commit()
    student = visit("student")
    talk, help_ = ask(student), ask(student, MESSAGE)
    names = {
        "class": cast.classroom,
        "talk": talk.rsplit("/", 1)[1],
        "answer": answer_slug(student.get(talk).text),
        "help": answer_slug(student.get(help_).text),
        "version": "1",
        **cast.slugs,
    }
    return School(app, visit, names, {"student": student})


def entries(app: Flask) -> list[dict[str, Any]]:
    """Return the audit, oldest first, in words."""
    with app.app_context():
        return [
            {
                "id": entry.id,
                "action": entry.action,
                "actor": entry.actor.username if entry.actor else None,
                "subject": entry.subject.username if entry.subject else None,
                "class": entry.classroom.name if entry.classroom else None,
                "detail": entry.detail,
                "address": entry.address,
            }
            for entry in db.session.scalars(select(Entry).order_by(Entry.id))
        ]


def test_each_step_leaves_its_entry(school: School) -> None:
    for step in STEPS:
        school.browser(step.who)  # whose sign-in is another entry
        before = _count(school.app)
        response = take(school, step)
        assert response.status_code in (200, 303), (step.path, text_of(response.text))
        found = entries(school.app)[before:]
        assert [entry["action"] for entry in found] == [step.action], step.path
        erased = step.path == "/account/erase"
        actor = None if erased else step.who
        assert found[0]["actor"] == actor, step.path
        assert found[0]["address"] == ("" if erased else "127.0.0.1"), step.path


def _changes(app: Flask, rule: Rule) -> bool:
    return "POST" in (rule.methods or ()) and _guard(app, rule) in STAFF


def _guard(app: Flask, rule: Rule) -> Permission:
    return Permission(getattr(app.view_functions[rule.endpoint], "guard", Permission.VISIT))


def test_no_route_by_which_staff_change_something_is_forgotten(app: Flask) -> None:
    noted = {endpoint(app, step) for step in STEPS}
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if _changes(app, rule)}
    excused = {name for name in changing if hasattr(app.view_functions[name], "not_noted")}
    assert changing - noted - excused == set(), (
        "note() what the view does and add a step above, or say why not: @not_noted(reason)"
    )
    assert not excused & noted


def test_no_page_shows_a_students_words_and_no_file_is_taken_unnoted(school: School) -> None:
    school.names |= {"number": "1", "identifier": "quantification"}
    checked = 0
    for rule in school.app.url_map.iter_rules():
        guard = _guard(school.app, rule)
        if "GET" not in (rule.methods or ()) or guard not in STAFF:
            continue
        path = _address(school, rule)
        before = _count(school.app)
        admin = guard is Permission.ADMINISTER
        response = school.browser("admin" if admin else "teacher").get(path, buffered=True)
        taken = "attachment" in response.headers.get("Content-Disposition", "")
        tells = QUESTION in text_of(response.text) and rule.endpoint not in OVERVIEWS
        course = rule.rule.startswith(("/admin/course", "/admin/prompts"))
        if taken or (tells and not course):  # the course has the same question
            assert _count(school.app) > before, path
            checked += 1
    assert checked > 8


def _count(app: Flask) -> int:
    with app.app_context():
        return db.session.query(Entry).count()


def _address(school: School, rule: Rule) -> str:
    """Return an address of a rule that is there, if it is of a class, a conversation, an answer."""
    kinds = {"/classes/": "class", "/conversations/": "talk", "/answers/": "answer"}
    slug = next((school.names[name] for kind, name in kinds.items() if kind in rule.rule), "")
    values = {name: school.names.get(name, "nothing") for name in rule.arguments}
    built = rule.build({**values, "slug": slug or "nothing"} if "slug" in values else values)
    assert built is not None
    return built[1]


def test_a_file_of_a_student_that_a_teacher_opens_is_noted(school: School) -> None:
    student, teacher = school.browser("student"), school.browser("teacher")
    data = {"text": QUESTION, "level": "beginner", "files": (io.BytesIO(b"x = 1\n"), "mine.py")}
    page = student.get(student.post("/chat", data=data).location)
    path = next(
        a.get("href", "")
        for a in parse(page.text).iter("a")
        if a.get("href", "").startswith("/attachments/")
    )
    before = len(entries(school.app))
    assert student.get(path).status_code == 200
    assert len(entries(school.app)) == before
    assert teacher.get(path).status_code == 200
    last = entries(school.app)[-1]
    assert (last["action"], last["actor"], last["subject"]) == (
        Action.FILE_READ,
        "teacher",
        "student",
    )


def test_sessions_are_noted_with_the_name_typed_only_if_it_is_somebodys(
    app: Flask, visit: Visit
) -> None:
    browser = visit()
    for name in ("Student ", "nobody-at-all"):
        browser.post("/sign-in", data={"username": name, "password": "not the right one"})
    browser.sign_in("student")
    browser.post("/sign-out")
    found = entries(app)
    assert [(entry["action"], entry["actor"], entry["subject"]) for entry in found] == [
        (Action.SIGN_IN_FAILED, None, "student"),
        (Action.SIGN_IN_FAILED, None, None),
        (Action.SIGNED_IN, "student", None),
        (Action.SIGNED_OUT, "student", None),
    ]
    assert all(entry["address"] == "127.0.0.1" for entry in found)
    assert "nobody-at-all" not in str(found)


def test_what_is_refused_is_not_noted_as_done(school: School) -> None:
    teacher, admin = school.browser("teacher"), school.browser("admin")
    before = len(entries(school.app))
    teacher.post(school.path(C + "/students/{student}/erase"), data={"confirmation": "wrong"})
    teacher.post(school.path("/admin/answers/{answer}/correct"), data={"text": ""})
    teacher.post(school.path(C + "/settings"), data={"level": "beginner", "temperature": "9"})
    admin.post(school.path(A + "/{admin}/role"), data={"role": "student"})
    teacher.post(school.path(C + "/team"), data={"username": "nobody"})
    assert entries(school.app)[before:] == []


def test_the_administrator_reads_and_filters_the_audit(school: School) -> None:
    teacher, admin = school.browser("teacher"), school.browser("admin")
    teacher.get(school.path("/admin/conversations/{talk}"))
    teacher.post(school.path(C + "/settings"), data={"level": "advanced", "days_kept": "30"})

    def rows(query: str) -> list[str]:
        page = check_page(admin.get(f"/admin/audit?{query}").text)
        return [" ".join("".join(row.itertext()).split()) for row in page.findall(".//tbody/tr")]

    assert "niveau, conservation" in rows("")[0]
    assert "BTS SIO 2" in rows("")[0]
    assert len(rows("action=reading.talk")) == len(rows("action=reading")) == 1
    assert "a lu une conversation" in rows("action=reading")[0]
    assert len(rows("person=Student")) == 2  # was read, and signed in
    assert all("student" in row for row in rows("person=Student"))
    assert rows(f"classroom={school.names['class']}&action=class") == rows("action=class")
    assert rows("to=2020-01-01") == rows("person=nobody") == rows("action=export") == []
    assert len(rows("from=2020-01-01")) == len(rows(""))
    assert teacher.get("/admin/audit").status_code == 403


def test_the_audit_is_read_a_page_at_a_time(school: School) -> None:
    admin = school.browser("admin")
    with school.app.app_context():
        user = people.find_user("admin")
        for number in range(60):
            audit.note(Action.MODELS_AWAKENED, user, "", 7, detail=str(number))
    seen: list[str] = []
    path: str | None = "/admin/audit?action=models.awakened&person=admin"
    while path:
        page = parse(admin.get(path).text)
        seen += [row.findall("td")[2].findtext("span") or "" for row in page.findall(".//tbody/tr")]
        links = [a.get("href", "") for a in page.iter("a") if "before=" in a.get("href", "")]
        path = links[0] if links else None
    assert seen == [str(number) for number in reversed(range(60))]


def test_the_audit_has_no_route_that_changes_it(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin/audit")]
    assert rules
    assert all(rule.methods == {"GET", "HEAD", "OPTIONS"} for rule in rules)
