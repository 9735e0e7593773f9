"""A teacher reviews an answer, the student sees it, and the class is given the correction."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge.evaluation import Case
from pedabot.storage import people
from pedabot.storage.columns import utc_now
from pedabot.storage.predictions import Prediction
from pedabot.storage.reviews import Note, Review
from tests.conftest import Cast, Visit, Visitor, settings_with_model
from tests.mistral_server import MistralServer, stream
from tests.web.pages import check_page, text_of
from tests.web.test_chat import answer_slug
from tests.web.test_pages import QUESTION, ask

VERIFIED = "Vérifié par l'enseignant."
TEXT = "On garde **moins de bits** par poids [1]."
SHOWN = "On garde moins de bits par poids"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(instance, api)


def asked(visit: Visit, text: str = QUESTION) -> tuple[str, str]:
    """Ask as the student; returns the conversation's address and the answer's slug."""
    browser = visit("student")
    path = ask(browser, text)
    return path, answer_slug(browser.get(path).text)


def correct(teacher: Visitor, slug: str, text: str = TEXT, expected: str = "quantification") -> str:
    return teacher.post(
        f"/admin/answers/{slug}/correct",
        data={"text": text, "expected": expected},
        follow_redirects=True,
    ).text


def test_the_student_sees_the_correction_in_its_place(visit: Visit, api: MistralServer) -> None:
    api.script(stream("Ce qui est faux [1]."))
    path, slug = asked(visit)
    teacher = visit("teacher")
    review = check_page(teacher.get(f"/admin/answers/{slug}/review").text)
    field = review.find(".//textarea[@name='text']")
    assert field is not None
    assert "Ce qui est faux" in (field.text or "")
    page = correct(teacher, slug)
    check_page(page)
    assert "Corrigée par teacher" in text_of(page)
    student = visit("student")
    assert "corrigé, à lire" in text_of(student.get("/chat/history").text)
    page = student.get(path).text
    check_page(page)
    words = text_of(page)
    assert "Corrigé par teacher." in words
    assert words.index(SHOWN) < words.index("Ce que le tuteur avait répondu")
    assert words.index("Ce que le tuteur avait répondu") < words.index("Ce qui est faux")
    history = text_of(student.get("/chat/history").text)
    assert "corrigé" in history
    assert "à lire" not in history
    assert "lue par l'étudiant" in text_of(teacher.get(f"/admin/answers/{slug}/review").text)


@pytest.mark.parametrize("level", ["beginner", "advanced"])
@pytest.mark.parametrize("question", [QUESTION, "explique moi la quantifcation stp"])
def test_a_classmate_is_given_the_correction_without_a_call(
    app: Flask, visit: Visit, api: MistralServer, question: str, level: str
) -> None:
    _, slug = asked(visit)
    correct(visit("teacher"), slug)
    browser = visit("classmate")
    page = browser.get(ask(browser, question, level)).text
    check_page(page)
    assert SHOWN in text_of(page)
    assert VERIFIED in text_of(page)
    assert len(api.requests) == 1
    with app.app_context():
        row = db.session.query(Prediction).order_by(Prediction.id.desc()).first()
        assert row is not None
        assert (row.engine, row.cost, row.outcome) == ("verified", 0, "complete")


@pytest.mark.parametrize(
    ("name", "question"),
    [("classmate", "À quoi sert la quantification ?"), ("outsider", QUESTION)],
    ids=["another question", "another class"],
)
def test_others_are_answered_by_the_tutor(visit: Visit, name: str, question: str) -> None:
    _, slug = asked(visit)
    correct(visit("teacher"), slug)
    browser = visit(name)
    assert VERIFIED not in text_of(browser.get(ask(browser, question)).text)


def test_a_correction_answers_what_is_outside_the_course(visit: Visit, api: MistralServer) -> None:
    question = "Quelle est la capitale de la France ?"
    _, slug = asked(visit, question)
    correct(visit("teacher"), slug, "C'est hors du cours : parlons d'autre chose.", "")
    browser = visit("classmate")
    words = text_of(browser.get(ask(browser, question)).text)
    assert "parlons d'autre chose" in words
    assert VERIFIED in words
    assert api.requests == []


def test_a_correction_that_stands_on_no_page_shows_none(visit: Visit) -> None:
    outside = "Comment configurer un VLAN sur un switch ?"
    path, slug = asked(visit, outside)
    assert "Dans le cours" in text_of(visit("student").get(path).text)
    correct(visit("teacher"), slug, "Tu le verras dans le cours de réseaux.", expected="")
    assert "Dans le cours" not in text_of(visit("student").get(path).text)
    classmate = visit("classmate")
    given = text_of(classmate.get(ask(classmate, outside)).text)
    assert VERIFIED in given
    assert "Dans le cours" not in given


def test_whoever_wants_another_answer_is_answered_by_the_tutor(
    visit: Visit, api: MistralServer
) -> None:
    _, slug = asked(visit)
    correct(visit("teacher"), slug)
    browser = visit("classmate")
    path = ask(browser)
    browser.post(f"/messages/{answer_slug(browser.get(path).text)}/anew")
    assert VERIFIED not in text_of(browser.get(path).text)
    assert len(api.requests) == 2


def test_what_follows_leans_on_the_correction(visit: Visit, api: MistralServer) -> None:
    api.script(stream("Ce qui est faux [1]."))
    path, slug = asked(visit)
    correct(visit("teacher"), slug)
    visit("student").post(f"{path}/questions", data={"text": "Plus simple ?", "level": "beginner"})
    sent = repr(api.requests[-1].body["messages"])
    assert "moins de bits" in sent
    assert "Ce qui est faux" not in sent


def test_a_correction_of_a_follow_up_is_for_its_student_only(
    visit: Visit, api: MistralServer
) -> None:
    path, _ = asked(visit)
    student, teacher = visit("student"), visit("teacher")
    student.post(f"{path}/questions", data={"text": "Un autre exemple ?", "level": "beginner"})
    slug = answer_slug(student.get(path).text)
    assert "pour cet étudiant seulement" in text_of(
        teacher.get(f"/admin/answers/{slug}/review").text
    )
    correct(teacher, slug)
    assert SHOWN in text_of(student.get(path).text)
    browser = visit("classmate")
    assert VERIFIED not in text_of(browser.get(ask(browser, "Un autre exemple ?")).text)


def test_who_was_given_a_correction_gets_its_changes(visit: Visit, api: MistralServer) -> None:
    api.script(stream("Ce que dit le modèle [1]."), stream("Une autre fois [1]."))
    path, slug = asked(visit)
    teacher, browser = visit("teacher"), visit("classmate")
    correct(teacher, slug)
    given = ask(browser)
    correct(teacher, slug, "Mieux dit.")
    assert "Mieux dit." in text_of(browser.get(given).text)
    page = teacher.post(f"/admin/answers/{slug}/withdraw", follow_redirects=True).text
    assert "Ce que dit le modèle" in text_of(page)
    assert "Ton enseignant a retiré cette réponse" in text_of(browser.get(given).text)
    words = text_of(visit("student").get(path).text)
    assert "Ce que dit le modèle" in words
    assert "Corrigé par" not in words
    assert VERIFIED not in text_of(browser.get(ask(browser)).text)


def test_an_approved_answer_says_so(visit: Visit) -> None:
    path, slug = asked(visit)
    teacher = visit("teacher")
    teacher.post(f"/admin/answers/{slug}/approve")
    assert "Relu et approuvé par teacher." in text_of(visit("student").get(path).text)
    teacher.post(f"/admin/answers/{slug}/withdraw")
    assert "approuvé" not in text_of(visit("student").get(path).text)


def test_a_note_is_read_by_whom_it_is_for(visit: Visit) -> None:
    path, slug = asked(visit)
    teacher = visit("teacher")
    for audience, text in (("student", "Regarde la page 2."), ("self", "À revoir en cours.")):
        teacher.post(f"/admin/answers/{slug}/note", data={"for": audience, "text": text})
    address = path.replace("/chat/", "/admin/conversations/")
    student = text_of(visit("student").get(path).text)
    mine, others = (text_of(visit(name).get(address).text) for name in ("teacher", "colleague"))
    assert "Note de teacher : Regarde la page 2." in student
    assert "Regarde la page 2." in others
    assert "À revoir en cours." in mine
    assert "À revoir en cours." not in student + others
    teacher.post(f"/admin/answers/{slug}/note", data={"for": "student", "text": ""})
    assert "Regarde la page 2." not in text_of(visit("student").get(path).text)


def test_the_preview_shows_what_the_student_will_read(visit: Visit) -> None:
    _, slug = asked(visit)
    teacher = visit("teacher")
    data = {"text": "**Gras** <script>alert(1)</script>"}
    address = f"/admin/answers/{slug}/preview"
    fragment = teacher.post(address, data=data, headers={"HX-Request": "true"}).text
    assert "<strong>Gras</strong>" in fragment
    assert "<script>" not in fragment
    page = teacher.post(address, data=data).text
    check_page(page)
    assert "<strong>Gras</strong>" in page
    assert "**Gras**" in page


def test_an_empty_correction_is_refused(app: Flask, visit: Visit) -> None:
    _, slug = asked(visit)
    response = visit("teacher").post(f"/admin/answers/{slug}/correct", data={"text": "  "})
    assert response.status_code == 422
    check_page(response.text)
    with app.app_context():
        assert db.session.query(Review).count() == 0


@pytest.mark.parametrize("verb", ["approve", "correct", "withdraw", "note"])
def test_only_a_teacher_of_a_running_class_reviews(
    app: Flask, visit: Visit, cast: Cast, verb: str
) -> None:
    _, slug = asked(visit)
    address = f"/admin/answers/{slug}/{verb}"
    for name, status in (("student", 403), ("stranger", 404), ("admin", 404)):
        assert visit(name).post(address, data={"text": "x"}).status_code == status
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        classroom.archived_at = utc_now()
        db.session.commit()
    assert visit("teacher").post(address, data={"text": "x"}).status_code == 423


def test_a_correction_is_a_question_of_the_evaluation_file(visit: Visit, cast: Cast) -> None:
    _, slug = asked(visit)
    teacher = visit("teacher")
    correct(teacher, slug)
    lines = teacher.get(f"/admin/classes/{cast.classroom}/evaluation.jsonl").text.splitlines()
    case = Case.model_validate(json.loads(lines[0]))
    assert (case.question, case.expect, len(lines)) == (QUESTION, ["quantification"], 1)


def test_all_goes_with_the_conversation(app: Flask, visit: Visit) -> None:
    path, slug = asked(visit)
    teacher = visit("teacher")
    correct(teacher, slug)
    teacher.post(f"/admin/answers/{slug}/note", data={"for": "student", "text": "Bien vu."})
    visit("student").post(f"{path}/delete")
    with app.app_context():
        assert db.session.query(Review).count() == db.session.query(Note).count() == 0
