"""The privacy notice, made from the settings, and the register sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.teaching.processing import notice_version
from tests.conftest import Cast, Visit, Visitor, settings
from tests.web.pages import check_page, text_of

MISTRAL = {"MISTRAL_API_KEY": "key", "PEDABOT_EMBEDDING_MODEL": "none"}


def _newcomer(app: Flask, visit: Visit, name: str = "student") -> Visitor:
    """Sign in as somebody who has read no notice."""
    with app.app_context():
        user = people.find_user(name)
        assert user is not None
        user.notice_version = user.notice_at = None
        db.session.commit()
    return visit(name)


def test_the_notice_comes_before_all_pages_and_once(app: Flask, visit: Visit) -> None:
    browser = _newcomer(app, visit)
    for path in ("/chat", "/knowledge", "/me", "/account"):
        assert browser.get(path).location == f"/privacy?next={path}"
    page = browser.get("/privacy?next=/knowledge?q=int8")
    check_page(page.text)
    assert "À lire une fois" in text_of(page.text)
    read = browser.post("/privacy", data={"next": "/knowledge?q=int8"})
    assert (read.status_code, read.location) == (303, "/knowledge?q=int8")
    assert browser.get("/chat").status_code == 200
    with app.app_context():
        user = people.find_user("student")
        assert user is not None
        assert user.notice_version == notice_version(app.config)
        assert user.notice_at is not None
    later = text_of(browser.get("/privacy").text)
    assert "Lu le" in later
    assert "J'ai lu" not in later


def test_a_notice_never_costs_what_was_written_and_never_stands_before_a_right(
    app: Flask, visit: Visit
) -> None:
    browser = _newcomer(app, visit)
    asked = browser.post("/chat", data={"text": "int8 ?", "level": "beginner"})
    assert asked.location.startswith("/chat/")
    assert browser.get("/account/data").mimetype == "application/zip"
    assert browser.get("/account/erase").status_code == 200


def test_staff_read_it_too_and_no_address_leads_elsewhere(app: Flask, visit: Visit) -> None:
    browser = _newcomer(app, visit, "teacher")
    assert browser.get("/admin").location == "/privacy?next=/admin"
    assert browser.post("/privacy", data={"next": "//evil.example"}).location == "/"
    assert browser.get("/admin").status_code == 200


def test_anybody_reads_the_notice_at_any_time(visit: Visit) -> None:
    page = visit().get("/privacy")
    check_page(page.text)
    assert "J'ai lu" not in text_of(page.text)
    assert 'href="/privacy"' in visit().get("/join").text
    assert 'href="/privacy"' in visit("student").get("/account").text


def _notice(folder: Path, **more: str) -> str:
    app = create_app(settings(folder, **more))
    words = text_of(app.test_client().get("/privacy").text)
    with app.app_context():
        db.engine.dispose()
    return words


@pytest.mark.parametrize(
    ("more", "said", "not_said"),
    [
        ({}, "s'efface 365 jours après", "Mistral"),
        ({"PEDABOT_DAYS_KEPT": "30"}, "s'efface 30 jours après", "365"),
        ({"PEDABOT_DAYS_KEPT": "0"}, "jusqu'à ce que quelqu'un l'efface", "365"),
        ({"PEDABOT_AUDIT_DAYS": "90"}, "ligne du journal s'efface après 90 jours", "180"),
        (MISTRAL, "envoie à Mistral AI", "comparée au cours par le sens"),
        ({"MISTRAL_API_KEY": "key"}, "comparée au cours par le sens", "Rien :"),
        ({"MISTRAL_SERVER_URL": "http://gpu.lycee:8080/v1"}, "gpu.lycee", "Mistral AI"),
        ({"PEDABOT_DATA_OFFICER": "dpo@lycee.example"}, "dpo@lycee.example", "ou au délégué"),
        ({"PEDABOT_SCHOOL": "Lycée Ada"}, "Responsable : Lycée Ada", "l'école qui fait tourner"),
    ],
)
def test_the_notice_says_what_the_settings_make_so(
    instance: Path, more: dict[str, str], said: str, not_said: str
) -> None:
    words = _notice(instance, **more)
    assert said in words
    assert not_said not in words


def test_a_change_of_substance_shows_the_notice_again(app: Flask, visit: Visit) -> None:
    versions = {notice_version(app.config)}
    for name, value in (
        ("MISTRAL_API_KEY", "key"),
        ("PEDABOT_DAYS_KEPT", 30),
        ("PEDABOT_AUDIT_DAYS", 30),
        ("PEDABOT_SCHOOL", "Lycée Ada"),
    ):
        versions.add(notice_version({**app.config, name: value}))
    assert len(versions) == 5
    asking = {**app.config, "MISTRAL_API_KEY": "key"}
    other_model = {**asking, "PEDABOT_MODELS": "mistral-large-latest"}
    assert notice_version(asking) == notice_version(other_model)

    browser = visit("student")
    app.extensions["pedabot_notice"] = "another"  # as after a restart with other settings
    assert browser.get("/chat").location == "/privacy?next=/chat"
    assert "Quelque chose a changé" in text_of(browser.get("/privacy").text)


def test_other_days_of_a_class_are_told_and_show_the_notice_to_its_students(
    visit: Visit, cast: Cast
) -> None:
    student, teacher, outsider = visit("student"), visit("teacher"), visit("outsider")
    path = f"/admin/classes/{cast.classroom}/settings"
    teacher.post(path, data={"level": "advanced"})
    assert student.get("/chat").status_code == 200
    teacher.post(path, data={"level": "advanced", "days_kept": "90"})
    assert student.get("/chat").location == "/privacy?next=/chat"
    assert outsider.get("/chat").status_code == teacher.get("/chat").status_code == 200
    assert "Dans la classe « BTS SIO 2 » : 90 jours" in text_of(student.get("/privacy").text)
    assert "BTS SIO 2" not in text_of(outsider.get("/privacy").text)


def test_the_register_sheet_is_a_page_and_a_command(app: Flask, visit: Visit, cast: Cast) -> None:
    visit("teacher").post(
        f"/admin/classes/{cast.classroom}/settings", data={"level": "advanced", "days_kept": "90"}
    )
    page = visit("admin").get("/admin/register")
    check_page(page.text)
    words = text_of(page.text)
    for part in (
        "Responsable du traitement",
        "réglage PEDABOT_SCHOOL",
        "Aucun sous-traitant",
        "365 jours après la dernière question",
        "Classe « BTS SIO 2 » : 90 jours",
        "Journal des actions : 180 jours",
    ):
        assert part in words
    printed = app.test_cli_runner().invoke(args=["register"])
    assert printed.exit_code == 0, printed.output
    assert printed.output.startswith("## Responsable du traitement")
    assert "Classe « BTS SIO 2 » : 90 jours" in printed.output.replace("\u202f", " ").replace(
        "\u00a0", " "
    )
    assert visit("teacher").get("/admin/register").status_code == 403
