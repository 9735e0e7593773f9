"""The pages where what the model is told is written, compared and activated."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot import create_app
from pedabot.answering.templates import first_prompt
from pedabot.answering.watching import SECONDS_BETWEEN_CHECKS
from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.storage import courses, people, prompts
from pedabot.storage.predictions import Prediction
from tests.conftest import COURSE, Cast, Visit, Visitor
from tests.web.pages import check_page, text_of
from tests.web.test_pages import ask

EXTRACTS = "{% for e in extracts %}\n[{{ e.number }}] {{ e.text }}\n{% endfor %}\n"
TEXT = "Réponds en une phrase.\n" + EXTRACTS


@pytest.fixture
def editor(app: Flask, visit: Visit) -> Visitor:
    """The teacher, with the right; the small course is active."""
    with app.app_context():
        courses.activate(courses.add_version(document.dumps(document.validate(COURSE)), ""))
        give_right("teacher")
    return visit("teacher")


def give_right(name: str) -> None:
    user = people.find_user(name)
    assert user is not None
    user.edits_prompts = True
    db.session.commit()


def write(browser: Visitor, text: str = TEXT, note: str = "") -> int:
    """Keep a text as a version; returns its number."""
    response = browser.post("/admin/prompts/edit", data={"base": 0, "text": text, "note": note})
    assert response.status_code == 303, text_of(response.text)
    return int(response.location.rsplit("/", 1)[1])


def activate(browser: Visitor, number: int, after: int) -> int:
    path = f"/admin/prompts/versions/{number}/activate"
    return browser.post(path, data={"after": after}).status_code


def active(app: Flask) -> int | None:
    with app.app_context():
        return prompts.active_version_id()


def test_the_right_is_given_and_withdrawn_by_an_administrator(visit: Visit, cast: Cast) -> None:
    admin, teacher = visit("admin"), visit("teacher")
    path = f"/admin/accounts/{cast.slugs['teacher']}/prompts"
    assert teacher.get("/admin/prompts").status_code == 403
    assert teacher.get("/admin/comparisons").status_code == 403
    assert teacher.post(path, data={"edits": "1"}).status_code == 403
    page = admin.post(path, data={"edits": "1"}, follow_redirects=True)
    assert "teacher peut maintenant modifier les consignes" in text_of(page.text)
    assert teacher.get("/admin/prompts").status_code == 200
    assert check_page(teacher.get("/admin").text).find(".//a[@href='/admin/prompts']") is not None
    assert teacher.get("/admin/course").status_code == 403  # another right
    admin.post(path, data={"edits": "0"})
    assert teacher.get("/admin/prompts").status_code == 403


def test_the_file_is_the_first_and_each_page_is_well_made(editor: Visitor) -> None:
    assert "Texte d'origine actif" in text_of(check_page_text(editor, "/admin/prompts"))
    number = write(editor, note="Plus court")
    for path in ("", "/edit", f"/edit?base={number}", f"/versions/{number}", "/versions/0"):
        check_page(editor.get(f"/admin/prompts{path}").text)
    assert editor.get("/admin/prompts/versions/99").status_code == 404
    assert editor.get("/admin/prompts/versions/x").status_code == 404


def check_page_text(browser: Visitor, path: str) -> str:
    html = browser.get(path).text
    check_page(html)
    return html


def test_a_version_is_kept_beside_the_active_one_and_compared(app: Flask, editor: Visitor) -> None:
    number = write(editor, first_prompt().text.replace("le tuteur", "la tutrice"), "Féminin")
    assert active(app) is None
    page = editor.get(f"/admin/prompts/versions/{number}").text
    assert "<del>le tuteur</del><ins>la tutrice</ins>" in page
    assert "Féminin" in page


def test_what_cannot_be_a_prompt_is_refused_with_its_line_and_kept_in_the_form(
    app: Flask, editor: Visitor
) -> None:
    text = "Bonjour\n{{ niveau }}\n" + EXTRACTS
    response = editor.post("/admin/prompts/edit", data={"base": 0, "text": text, "note": "n"})
    assert response.status_code == 422
    words = text_of(response.text)
    assert "ligne 2 « niveau » n'existe pas. Il y a : level, extracts." in words
    assert "{{ niveau }}" in words
    check_page(response.text)
    with app.app_context():
        assert prompts.list_versions(9) == []


def test_an_unchanged_text_makes_no_version(app: Flask, editor: Visitor) -> None:
    text = first_prompt().text.replace("\n", "\r\n")
    page = editor.post("/admin/prompts/edit", data={"base": 0, "text": text})
    assert "il n'y a rien à garder" in text_of(page.text)
    with app.app_context():
        assert prompts.list_versions(9) == []


def test_the_preview_shows_the_prompt_on_a_sample_question(editor: Visitor) -> None:
    data = {"base": 0, "text": TEXT, "question": "C'est quoi la quantification ?"}
    page = editor.post("/admin/prompts/preview", data={**data, "level": "beginner"}).text
    check_page(page)
    assert "Réponds en une phrase. [1] La quantification stocke" in text_of(page)
    assert "comme des prix" in text_of(page)
    bad = editor.post("/admin/prompts/preview", data={**data, "text": "<b>{{ x }}</b>"})
    assert bad.status_code == 422
    assert "« x » n'existe pas" in text_of(bad.text)


def test_what_a_prompt_says_is_never_markup_on_our_pages(editor: Visitor) -> None:
    number = write(editor, "<script>alert(1)</script>\n" + EXTRACTS, "<b>note</b>")
    for path in ("", f"/versions/{number}", f"/edit?base={number}"):
        page = editor.get(f"/admin/prompts{path}").text
        assert "<script>alert" not in page
        assert "<b>note" not in page


def test_activating_and_going_back_takes_one_click_each(app: Flask, editor: Visitor) -> None:
    number = write(editor)
    assert activate(editor, number, after=0) == 303
    assert active(app) == number
    assert activate(editor, 0, after=1) == 303
    assert active(app) is None
    assert activate(editor, number, after=2) == 303
    page = text_of(editor.post(f"/admin/prompts/versions/{number}/activate").text)
    assert active(app) == number
    assert page is not None


def test_who_activates_on_an_old_page_is_told_and_changes_nothing(
    app: Flask, editor: Visitor, visit: Visit
) -> None:
    mine, other = write(editor), write(editor, "Autre.\n" + EXTRACTS)
    assert activate(visit("admin"), other, after=0) == 303
    response = editor.post(f"/admin/prompts/versions/{mine}/activate", data={"after": 0})
    assert response.status_code == 409
    assert "une autre version est devenue active" in text_of(response.text)
    assert active(app) == other
    assert activate(editor, mine, after=-7) == 409


def test_a_version_that_no_longer_works_cannot_be_activated(app: Flask, editor: Visitor) -> None:
    with app.app_context():
        old = prompts.add_version("{{ dropped }}", "", None)
        db.session.commit()
        number = old.id
    response = editor.post(f"/admin/prompts/versions/{number}/activate", data={"after": 0})
    assert response.status_code == 422
    assert "« dropped » n'existe pas" in text_of(response.text)
    assert active(app) is None


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_every_process_picks_the_new_version_up_within_seconds(
    app: Flask, environ: dict[str, str], editor: Visitor
) -> None:
    other = create_app(environ)
    cache, clock = other.extensions["pedabot_prompts"], Clock()
    cache.clock = clock
    with other.app_context():
        assert cache.current() == first_prompt()
    number = write(editor)
    activate(editor, number, after=0)
    with other.app_context():
        assert cache.current() == first_prompt()
        clock.now += SECONDS_BETWEEN_CHECKS
        assert (cache.current().version, cache.current().text) == (number, TEXT)
        db.session.remove()
        db.engine.dispose()


def test_every_prediction_names_its_prompt_version(
    app: Flask, editor: Visitor, visit: Visit
) -> None:
    student = visit("student")
    ask(student)
    number = write(editor)
    activate(editor, number, after=0)
    ask(student)
    with app.app_context():
        rows = db.session.query(Prediction).order_by(Prediction.id).all()
        assert [row.prompt_version_id for row in rows] == [None, number]
        assert rows[0].prompt_hash == first_prompt().hash != rows[1].prompt_hash
    assert "d'origine" in text_of(editor.get("/admin/predictions").text)


def test_without_a_model_the_workshop_says_that_prompts_do_not_matter(
    instance: Path, editor: Visitor
) -> None:
    assert "ne lit pas ces consignes" in text_of(editor.get("/admin/prompts").text)
    page = editor.get("/admin/comparisons/new").text
    check_page(page)
    assert "Il n'y a pas de modèle à comparer" in text_of(page)
    assert "<textarea" not in page
    data = {"left": 0, "right": write(editor), "pasted": "C'est quoi ?"}
    assert editor.post("/admin/comparisons/new", data=data).status_code == 422
    assert "Aucun essai" not in text_of(editor.get("/admin/comparisons").text)
