"""The pages on which the course is kept alive, as a browser without JavaScript uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot import create_app
from pedabot.answering.watching import SECONDS_BETWEEN_CHECKS
from pedabot.extensions import db
from pedabot.knowledge import document
from tests.conftest import PASSWORD, Cast, Visit, Visitor
from tests.web.course_pages import EDIT, PAGE, UPLOAD, form_data, opened, running, versions
from tests.web.pages import check_page, parse, text_of


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
