"""Versions of the course: uploaded, compared, activated, rolled back, exported."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge.document import MAX_DOCUMENT_BYTES
from pedabot.storage import courses
from pedabot.storage.courses import CourseVersion
from pedabot.web.admin.course import ENVELOPE_BYTES
from tests.conftest import COURSE, Visit, Visitor
from tests.web.course_pages import EDIT, UPLOAD, changed_course, opened, running, send, versions
from tests.web.pages import check_page, text_of


def test_without_any_version_the_first_file_becomes_one(app: Flask, visit: Visit) -> None:
    browser = visit("admin")
    words = text_of(browser.get("/admin/course").text)
    assert "Version 1" in words
    assert "knowledge.json" in words
    assert versions(app) == ["knowledge.json"]


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
