"""What a student reports, and the list of answers that ask for a teacher's eyes."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import concerns, people
from pedabot.storage.concerns import Concern, Report
from pedabot.storage.conversations import Message
from tests.conftest import Cast, Visit, Visitor, settings_with_model
from tests.mistral_server import MistralServer, stream
from tests.web.pages import check_page, text_of
from tests.web.test_chat import BY_SCRIPT, answer_slug
from tests.web.test_pages import QUESTION, ask

OUTSIDE = "Quelle est la capitale de la France ?"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(instance, api)


def asked(browser: Visitor, text: str) -> tuple[str, str]:
    path = ask(browser, text)
    return path, answer_slug(browser.get(path).text)


def test_a_report_reaches_the_teacher(visit: Visit, cast: Cast) -> None:
    student, teacher = visit("student"), visit("teacher")
    path, slug = asked(student, QUESTION)
    student.post(f"/messages/{slug}/report", data={"reason": "Le calcul n'est pas juste."})
    page = student.get(path).text
    check_page(page)
    assert "Signalée à ton enseignant : Le calcul n'est pas juste." in text_of(page)
    page = teacher.get(f"/admin/classes/{cast.classroom}/review").text
    check_page(page)
    assert "1 réponse attend votre avis." in text_of(page)
    assert "Signalée : Le calcul n'est pas juste." in text_of(page)
    assert "Le calcul n'est pas juste." in text_of(
        teacher.get(f"/admin/answers/{slug}/review").text
    )


def test_the_gravest_comes_first_and_each_says_why(
    app: Flask, visit: Visit, api: MistralServer, cast: Cast
) -> None:
    student = visit("student")
    api.script(stream("Elle gagne 37 % de mémoire [1]."), stream("Bien [1]."), stream("Bon [1]."))
    doubtful, down, reported = (
        asked(student, text)[1]
        for text in (QUESTION, "C'est quoi l'élagage ?", "C'est quoi la convolution ?")
    )
    outside = asked(student, OUTSIDE)[1]
    student.post(f"/messages/{down}/feedback", data={"helpful": "0", "reason": "Trop long."})
    student.post(f"/messages/{reported}/report", data={"reason": "Faux."})
    student.post(f"/messages/{reported}/feedback", data={"helpful": "0"})
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        found = concerns.answers_to_review(classroom.id, 10)
        assert [(item.answer.slug, item.concerns) for item in found] == [
            (reported, Concern.REPORTED | Concern.RATED_DOWN),
            (down, Concern.RATED_DOWN),
            (doubtful, Concern.DOUBTFUL),
            (outside, Concern.OUTSIDE),
        ]
        rest = concerns.answers_to_review(classroom.id, 2, found[1].answer)
        assert [item.answer.slug for item in rest] == [doubtful, outside]
    words = text_of(visit("teacher").get(f"/admin/classes/{cast.classroom}/review").text)
    for reason in ("Signalée : Faux.", "Jugée pas utile : Trop long.", "37 %", "Hors du cours"):
        assert reason in words


def test_what_a_teacher_has_judged_leaves_the_list(visit: Visit, cast: Cast) -> None:
    teacher = visit("teacher")
    address = f"/admin/classes/{cast.classroom}/review"
    assert "Rien à relire" in text_of(teacher.get(address).text)
    _, slug = asked(visit("student"), OUTSIDE)
    assert "1 réponse attend" in text_of(teacher.get(address).text)
    assert "C'est tout." in text_of(teacher.get(f"{address}?after={slug}").text)
    teacher.post(f"/admin/answers/{slug}/approve")
    page = teacher.get(address).text
    check_page(page)
    assert "Rien à relire" in text_of(page)


def test_the_list_is_of_one_class(visit: Visit, cast: Cast) -> None:
    asked(visit("outsider"), OUTSIDE)
    teacher = visit("teacher")
    assert "Rien à relire" in text_of(teacher.get(f"/admin/classes/{cast.classroom}/review").text)
    assert teacher.get(f"/admin/classes/{cast.other_classroom}/review").status_code == 404


def test_a_report_needs_a_reason(app: Flask, visit: Visit) -> None:
    student = visit("student")
    _, slug = asked(student, QUESTION)
    address = f"/messages/{slug}/report"
    fragment = student.post(address, data={"reason": " "}, headers=BY_SCRIPT)
    assert "Dis en quelques mots" in text_of(fragment.text)
    assert student.post(address, data={"reason": ""}).status_code == 422
    with app.app_context():
        assert db.session.query(Report).count() == 0
    fragment = student.post(address, data={"reason": "Faux."}, headers=BY_SCRIPT)
    assert "Signalée à ton enseignant : Faux." in text_of(fragment.text)


def test_only_whoever_asked_reports_in_a_class(app: Flask, visit: Visit) -> None:
    _, slug = asked(visit("student"), QUESTION)
    data = {"reason": "Faux."}
    assert visit("classmate").post(f"/messages/{slug}/report", data=data).status_code == 404
    with app.app_context():
        db.session.query(Message).filter_by(slug=slug).one().conversation.class_id = None
        db.session.commit()
    assert visit("student").post(f"/messages/{slug}/report", data=data).status_code == 409


def test_a_report_goes_with_its_conversation(app: Flask, visit: Visit) -> None:
    student = visit("student")
    path, slug = asked(student, QUESTION)
    student.post(f"/messages/{slug}/report", data={"reason": "Faux."})
    student.post(f"{path}/delete")
    with app.app_context():
        assert db.session.query(Report).count() == 0


def test_one_answer_leads_to_the_next_of_the_list(visit: Visit) -> None:
    student, teacher = visit("student"), visit("teacher")
    slugs = [asked(student, text)[1] for text in (OUTSIDE, "Qui a gagné le match ?")]
    newest, oldest = slugs[1], slugs[0]
    for here, there in ((newest, oldest), (oldest, newest)):
        page = check_page(teacher.get(f"/admin/answers/{here}/review").text)
        link = page.find(".//a[@rel='next']")
        assert link is not None
        assert link.get("href") == f"/admin/answers/{there}/review"
    teacher.post(f"/admin/answers/{newest}/approve")
    page = check_page(teacher.get(f"/admin/answers/{oldest}/review").text)
    assert page.find(".//a[@rel='next']") is None
