"""The pages on which the course is kept alive, as a browser without JavaScript uses them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from pedabot import create_app
from pedabot.answering.watching import SECONDS_BETWEEN_CHECKS
from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.knowledge.document import MAX_DOCUMENT_BYTES
from pedabot.storage import courses, people
from pedabot.storage.courses import CourseVersion
from pedabot.web.admin.course import ENVELOPE_BYTES
from tests.conftest import COURSE, PASSWORD, Cast, Visit, Visitor
from tests.web.pages import check_page, parse, text_of

EDIT = "/admin/course/subtopics/elagage"
PAGE = "/knowledge/optimisation/elagage"
UPLOAD = "/admin/course/upload"


@pytest.fixture
def editors(app: Flask, cast: Cast) -> None:
    """The small course is active (version 1); the teacher and the colleague may edit it."""
    with app.app_context():
        version = courses.add_version(document.dumps(document.validate(COURSE)), "first")
        courses.activate(version)
        for name in ("teacher", "colleague"):
            user = people.find_user(name)
            assert user is not None
            user.edits_course = True
        db.session.commit()


@pytest.fixture
def teacher(visit: Visit, editors: None) -> Visitor:
    return visit("teacher")


@pytest.fixture
def colleague(visit: Visit, editors: None) -> Visitor:
    return visit("colleague")


def form_data(html: str) -> dict[str, Any]:
    """Return what a browser would post for the form of a subtopic, left as it is."""
    page = parse(html)
    form = next(f for f in page.iter("form") if "subtopic-form" in f.get("class", ""))
    data: dict[str, Any] = {}
    for element in form.iter():
        name, kind = element.get("name"), element.get("type")
        if not name or (kind in {"radio", "checkbox"} and element.get("checked") is None):
            continue
        value = _value(element)
        if kind == "checkbox":
            data.setdefault(name, []).append(value)
        else:
            data[name] = value
    return data


def _value(element: ET.Element) -> str:
    if element.tag != "textarea":
        return element.get("value", "")
    return (element.text or "").replace("\n", "\r\n")  # as browsers send line ends


def opened(browser: Visitor, **changes: Any) -> dict[str, Any]:
    """Open the form of a subtopic and change some of its fields."""
    response = browser.get(EDIT)
    assert response.status_code == 200
    return {**form_data(response.text), **changes}


def versions(app: Flask) -> list[str]:
    with app.app_context():
        return [version.note for version in courses.list_versions(100)]


def running(app: Flask) -> document.Document:
    with app.app_context():
        active = courses.active_version()
        assert active is not None
        return document.loads(active.document)


def test_the_right_is_given_and_withdrawn_by_an_administrator(visit: Visit, cast: Cast) -> None:
    admin, teacher = visit("admin"), visit("teacher")
    path = f"/admin/accounts/{cast.slugs['teacher']}/course"
    assert teacher.get("/admin/course").status_code == 403
    assert "Modifier cette page" not in teacher.get(PAGE).text
    assert teacher.post(path, data={"edits": "1"}).status_code == 403
    page = admin.post(path, data={"edits": "1"}, follow_redirects=True)
    assert "teacher peut maintenant modifier le cours" in text_of(page.text)
    assert teacher.get("/admin/course").status_code == 200
    assert "Modifier cette page" in teacher.get(PAGE).text
    assert check_page(teacher.get("/admin").text).find(".//a[@href='/admin/course']") is not None
    admin.post(path, data={"edits": "0"})
    assert teacher.get("/admin/course").status_code == 403
    student = f"/admin/accounts/{cast.slugs['student']}/course"
    assert admin.post(student, data={"edits": "1"}).status_code == 404


def test_without_any_version_the_first_file_becomes_one(app: Flask, visit: Visit) -> None:
    browser = visit("admin")
    words = text_of(browser.get("/admin/course").text)
    assert "Version 1" in words
    assert "knowledge.json" in words
    assert versions(app) == ["knowledge.json"]


def test_a_form_sent_back_untouched_changes_nothing(app: Flask, visit: Visit) -> None:
    """On the course of the project, whose subtopics have every field."""
    browser = visit("admin")
    for identifier in ("quantification", "neurone-artificiel", "convolution"):
        data = form_data(browser.get(f"/admin/course/subtopics/{identifier}").text)
        response = browser.post(f"/admin/course/subtopics/{identifier}", data=data)
        assert response.status_code == 303, text_of(response.text)
    assert versions(app) == ["knowledge.json"]


def test_an_edit_is_served_at_once_and_in_the_list(app: Flask, teacher: Visitor) -> None:
    data = opened(teacher, summary="On coupe ce qui ne sert pas.", note="plus court")
    response = teacher.post(EDIT, data=data)
    assert (response.status_code, response.location) == (303, PAGE)
    assert "On coupe ce qui ne sert pas" in teacher.get(PAGE).text
    words = text_of(teacher.get("/admin/course").text)
    assert "Version 2 active plus court teacher" in words
    assert "Version 1" in words


def test_every_field_can_be_edited(app: Flask, teacher: Visitor) -> None:
    changes = {
        "title": "Élagage",
        "difficulty": "beginner",
        "summary": "Résumé.",
        "content": "Un.\r\n\r\nDeux.",
        "simpler": "Simple.",
        "deeper": "Profond.",
        "key_points": "Un\r\n\r\n Deux ",
        "aliases": "pruning\r\nsparsity",
        "questions": "Pourquoi ?",
        "wordings": "couper ce qui ne sert pas",
        "prerequisites": ["convolution"],
        "related": ["quantification", "convolution"],
        "example-0": "",
        "example-1": "Un autre exemple.",
        "quiz-0-question": "Que retire-t-on ?",
        "quiz-0-choice-0-text": "Des poids",
        "quiz-0-choice-0-why": "Oui.",
        "quiz-0-choice-2-text": "Des données",
        "quiz-0-choice-2-why": "Non.",
        "quiz-0-answer": "2",
    }
    assert teacher.post(EDIT, data=opened(teacher, **changes)).status_code == 303
    entry = running(app).by_id["elagage"][1].model_dump(mode="json")
    assert entry == {
        "id": "elagage",
        "title": "Élagage",
        "difficulty": "beginner",
        "summary": "Résumé.",
        "content": "Un.\n\nDeux.",
        "simpler": "Simple.",
        "deeper": "Profond.",
        "key_points": ["Un", "Deux"],
        "examples": ["Un autre exemple."],
        "aliases": ["pruning", "sparsity"],
        "questions": ["Pourquoi ?"],
        "wordings": ["couper ce qui ne sert pas"],
        "prerequisites": ["convolution"],
        "related": ["quantification", "convolution"],
        "quiz": [
            {
                "question": "Que retire-t-on ?",
                "choices": [
                    {"text": "Des poids", "why": "Oui."},
                    {"text": "Des données", "why": "Non."},
                ],
                "answer": 1,
            }
        ],
    }
    data = opened(teacher, **{"quiz-0-remove": "1"})
    assert teacher.post(EDIT, data=data).status_code == 303
    assert running(app).by_id["elagage"][1].quiz == []


def test_a_refused_edit_names_the_place_and_keeps_the_text(app: Flask, teacher: Visitor) -> None:
    data = opened(
        teacher,
        title="",
        content="Un texte à garder.",
        note="ma note",
        **{"quiz-0-question": "Sans choix ?", "example-7": "Encore un exemple."},
    )
    response = teacher.post(EDIT, data=data)
    assert response.status_code == 422
    page = check_page(response.text)
    words = text_of(response.text)
    assert "Ce n'est pas encore enregistré" in words
    for place in ("title", "quiz[0].choices", "quiz[0].answer"):
        assert place in words
    for text in ("Un texte à garder.", "Encore un exemple.", "Sans choix ?"):
        assert text in response.text
    assert page.find(".//input[@name='note'][@value='ma note']") is not None
    assert versions(app) == ["first"]


def test_the_preview_is_the_page_and_stores_nothing(app: Flask, teacher: Visitor) -> None:
    data = opened(teacher, content="Un **nouveau** texte.", simpler="")
    response = teacher.post(f"{EDIT}/preview", data=data)
    assert response.status_code == 200
    check_page(response.text)
    assert "<strong>nouveau</strong>" in response.text
    data["content"] = ""
    response = teacher.post(f"{EDIT}/preview", data=data)
    assert response.status_code == 422
    check_page(response.text)
    assert "content" in text_of(response.text)
    assert versions(app) == ["first"]


def test_the_second_of_two_editors_loses_nothing(
    app: Flask, teacher: Visitor, colleague: Visitor
) -> None:
    mine = opened(colleague, content="Le texte de la collègue.", note="mon essai")
    theirs = opened(teacher, content="Le texte de l'enseignant.", note="relu")
    assert teacher.post(EDIT, data=theirs).status_code == 303
    response = colleague.post(EDIT, data=mine)
    assert response.status_code == 409
    check_page(response.text)
    words = text_of(response.text)
    assert "Cette notion a changé entre-temps teacher" in words
    assert "relu" in words
    assert "enseignant" in "".join(ins.text or "" for ins in parse(response.text).iter("ins"))
    again = form_data(response.text)
    assert (again["content"], again["note"]) == ("Le texte de la collègue.", "mon essai")
    assert running(app).by_id["elagage"][1].content == "Le texte de l'enseignant."
    assert colleague.post(EDIT, data=again).status_code == 303
    assert running(app).by_id["elagage"][1].content == "Le texte de la collègue."


def test_editors_of_different_subtopics_do_not_meet(
    app: Flask, teacher: Visitor, colleague: Visitor
) -> None:
    mine = opened(colleague, content="Le texte de la collègue.")
    other = "/admin/course/subtopics/convolution"
    theirs = {**form_data(teacher.get(other).text), "content": "Le texte de l'enseignant."}
    assert teacher.post(other, data=theirs).status_code == 303
    assert colleague.post(EDIT, data=mine).status_code == 303
    contents = {entry.id: entry.content for _, entry in running(app).subtopics()}
    assert contents["elagage"] == "Le texte de la collègue."
    assert contents["convolution"] == "Le texte de l'enseignant."


def send(
    browser: Visitor, content: bytes, name: str = "cours.json", note: str = ""
) -> TestResponse:
    """Post the form of an upload, with a body of our own: the client's leaves a file open."""
    parts = (
        (f'name="document"; filename="{name}"\r\nContent-Type: application/json', content),
        ('name="note"', note.encode()),
    )
    body = b"".join(
        b"--parts\r\nContent-Disposition: form-data; "
        + head.encode()
        + b"\r\n\r\n"
        + data
        + b"\r\n"
        for head, data in parts
    )
    return browser.post(
        UPLOAD, data=body + b"--parts--\r\n", content_type="multipart/form-data; boundary=parts"
    )


def changed_course(old: str = "Quantification", new: str = "Quantifier") -> bytes:
    return json.dumps(COURSE, ensure_ascii=False).replace(f'"{old}"', f'"{new}"').encode()


def test_an_upload_is_compared_activated_and_rolled_back(app: Flask, teacher: Visitor) -> None:
    response = send(teacher, changed_course(), note="titre")
    assert response.location == "/admin/course/versions/2"
    page = check_page(teacher.get(response.location).text)
    assert [e.text for e in page.iter("del")][1:] == ["Quantification"]
    assert [e.text for e in page.iter("ins")][1:] == ["Quantifier"]
    assert running(app).by_id["quantification"][1].title == "Quantification"
    activate = f"{response.location}/activate"
    assert teacher.post(activate, data={"compared_with": "1"}).status_code == 303
    assert "Quantifier" in teacher.get("/knowledge").text
    back = teacher.post("/admin/course/versions/1/activate", data={"compared_with": "2"})
    assert back.status_code == 303
    assert "Quantifier" not in teacher.get("/knowledge").text
    check_page(teacher.get("/admin/course").text)


def test_what_is_added_removed_and_moved_is_shown(teacher: Visitor) -> None:
    data = json.loads(json.dumps(COURSE))
    first, second = data["topics"]
    second["subtopics"].append({**first["subtopics"].pop(), "title": "Élagage"})
    second["subtopics"][0]["id"] = "convolutions"
    response = send(teacher, json.dumps(data).encode())
    page = teacher.get(response.location)
    check_page(page.text)
    words = text_of(page.text)
    for part in (
        "1 notion ajoutée",
        "1 notion retirée",
        "1 notion modifiée",
        "1 notion déplacée",
        "Optimisation des modèles Réseaux de neurones convolutifs",
    ):
        assert part in words


def test_an_activation_is_refused_if_another_version_came_first(
    app: Flask, teacher: Visitor, colleague: Visitor
) -> None:
    path = send(teacher, changed_course()).location
    assert colleague.post(EDIT, data=opened(colleague, title="Couper")).status_code == 303
    response = teacher.post(f"{path}/activate", data={"compared_with": "1"})
    assert response.status_code == 409
    page = check_page(response.text)
    words = text_of(response.text)
    assert "une autre version est devenue active" in words
    assert "2 notions modifiées" in words
    assert running(app).by_id["elagage"][1].title == "Couper"
    named = page.find(".//input[@name='compared_with']")
    assert named is not None
    assert named.get("value") == "3"
    assert teacher.post(f"{path}/activate", data={"compared_with": "3"}).status_code == 303


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier est vide"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "n'est pas un texte JSON"),
        (changed_course().replace("é".encode(), b"\xe9"), "n'est pas en UTF-8"),
        (changed_course()[:300], "s'arrête avant la fin"),
        (b"{'topics': []}", "n'est pas du JSON correct"),
        (b'{"topics": []}', "pas un cours"),
        (changed_course("beginner", "easy"), 'topics[1].subtopics[0].difficulty "easy" is not'),
    ],
    ids=["empty", "image", "latin-1", "truncated", "not json", "no topics", "invalid"],
)
def test_a_file_that_is_no_course_is_refused_in_words(
    app: Flask, teacher: Visitor, content: bytes, sentence: str
) -> None:
    response = send(teacher, content)
    assert response.status_code == 422
    check_page(response.text)
    words = text_of(response.text)
    assert sentence in words
    assert "Rien n'a été gardé" in words
    assert versions(app) == ["first"]


def test_no_file_is_no_upload(app: Flask, teacher: Visitor) -> None:
    response = teacher.post(UPLOAD, data={"note": ""}, content_type="multipart/form-data")
    assert response.status_code == 422
    assert "Choisissez d'abord un fichier" in text_of(response.text)
    assert send(teacher, b"", name="").status_code == 422
    assert versions(app) == ["first"]


@pytest.mark.parametrize("more", [1, 200_000])
def test_a_file_too_large_is_refused_with_the_limit(
    app: Flask, teacher: Visitor, more: int
) -> None:
    # The check of forgery would be the first to read a body that is larger than any document.
    app.config["WTF_CSRF_ENABLED"] = more > ENVELOPE_BYTES
    response = send(teacher, changed_course().ljust(MAX_DOCUMENT_BYTES + more))
    assert response.status_code == 413
    check_page(response.text)
    assert "limite est de 5 Mo" in text_of(response.text)
    assert versions(app) == ["first"]


def test_only_the_upload_takes_more_than_the_limit(app: Flask, teacher: Visitor) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] < MAX_DOCUMENT_BYTES
    content = changed_course().ljust(MAX_DOCUMENT_BYTES)
    assert send(teacher, content).status_code == 303
    response = teacher.post(EDIT, data={"content": "a" * 2_000_000})
    assert response.status_code == 413
    assert "La limite est de 1 Mo" in text_of(response.text)


def test_the_active_course_is_not_kept_twice(app: Flask, teacher: Visitor) -> None:
    response = send(teacher, json.dumps(COURSE).encode())
    assert response.location == "/admin/course"
    assert "identique à la version active" in text_of(teacher.get("/admin/course").text)
    assert versions(app) == ["first"]


def test_an_export_is_stable_byte_for_byte(teacher: Visitor) -> None:
    first = teacher.get("/admin/course/versions/1/export")
    assert first.headers["Content-Disposition"] == 'attachment; filename="knowledge-1.json"'
    assert first.mimetype == "application/json"
    send(teacher, changed_course())
    teacher.post("/admin/course/versions/2/activate", data={"compared_with": "1"})
    path = send(teacher, first.data).location
    assert teacher.get(f"{path}/export").data == first.data


@pytest.mark.parametrize("number", ["99", "0", "-1", "nothing", "9" * 30, "²"])
def test_a_version_that_is_not_there_gives_404(teacher: Visitor, number: str) -> None:
    assert teacher.get(f"/admin/course/versions/{number}").status_code == 404
    data = {"compared_with": "1"}
    assert teacher.post(f"/admin/course/versions/{number}/activate", data=data).status_code == 404


def test_a_version_that_no_longer_follows_the_schema_cannot_be_activated(
    app: Flask, teacher: Visitor
) -> None:
    with app.app_context():
        courses.add_version('{"topics": []}', "old")
        db.session.commit()
    check_page(teacher.get("/admin/course/versions/2").text)
    response = teacher.post("/admin/course/versions/2/activate", data={"compared_with": "1"})
    assert response.status_code == 422
    assert "ne peut pas être utilisée" in text_of(response.text)
    with app.app_context():
        assert courses.active_version_id() == 1


def test_the_list_goes_on_from_page_to_page(app: Flask, teacher: Visitor) -> None:
    with app.app_context():
        db.session.add_all(CourseVersion(document="{}", note=f"essai {i}") for i in range(40))
        db.session.commit()
    listed, path = [], "/admin/course"
    while path:
        page = check_page(teacher.get(path).text)
        listed += [item.get("href") for item in page.findall(".//p[@class='version-title']/a")]
        path = next(
            (a.get("href", "") for a in page.iter("a") if "before=" in a.get("href", "")), ""
        )
    assert listed == [f"/admin/course/versions/{number}" for number in range(41, 0, -1)]
    check_page(teacher.get("/admin/course?before=1").text)


def test_another_process_serves_the_new_version_after_its_next_look(
    app: Flask, teacher: Visitor, environ: dict[str, str]
) -> None:
    class Clock:
        now = 1000.0

        def __call__(self) -> float:
            return self.now

    assert SECONDS_BETWEEN_CHECKS <= 5
    other, clock = create_app(environ), Clock()
    other.config["WTF_CSRF_ENABLED"] = False
    other.extensions["pedabot_course"].clock = clock
    reader = other.test_client()
    reader.environ_base["wsgi.url_scheme"] = "https"
    reader.post("/sign-in", data={"username": "student", "password": PASSWORD})
    assert "L’élagage retire" in reader.get(PAGE).text
    teacher.post(EDIT, data=opened(teacher, summary="On coupe ce qui ne sert pas."))
    assert "On coupe ce qui" not in reader.get(PAGE).text
    clock.now += SECONDS_BETWEEN_CHECKS
    assert "On coupe ce qui ne sert pas" in reader.get(PAGE).text
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("path", ["/admin/course", EDIT, UPLOAD, "/admin/course/versions/1"])
def test_the_pages_are_for_editors_only(visit: Visit, teacher: Visitor, path: str) -> None:
    check_page(teacher.get(path).text)
    assert visit("admin").get(path).status_code == 200
    for name in ("stranger", "student"):
        assert visit(name).get(path).status_code == 403
    assert visit().get(path).location.startswith("/sign-in")


def test_the_documentation_names_every_field() -> None:
    text = Path("docs/course.md").read_text(encoding="utf-8")
    for model in (document.Topic, document.Subtopic, document.QuizQuestion, document.Choice):
        for name in model.model_fields:
            assert f"`{name}`" in text, name
