"""Classes and their people: code, copy, archive, team, lists, cards."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import people, rosters
from pedabot.storage.columns import utc_now
from pedabot.storage.people import Classroom, User
from tests.conftest import PASSWORD, Cast, Visit, Visitor
from tests.web.pages import check_page, text_of
from tests.web.test_pages import QUESTION, ask


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/admin/classes/{cast.classroom}"


def the_class(cast: Cast) -> Classroom:
    """Return the class of the cast, within an application context."""
    classroom = people.find_class(cast.classroom)
    assert classroom is not None
    return classroom


def joins(visit: Visit, code: str, name: str = "newcomer") -> Any:
    data = {"code": code, "username": name, "password": PASSWORD}
    return visit().post("/join", data=data)


@pytest.mark.parametrize(
    "page",
    ["", "/projector", "/students", "/team", "/import", "/settings", "/conversations", "/week"],
)
def test_the_pages_of_a_class_are_well_made_and_for_its_team_only(
    visit: Visit, base: str, page: str
) -> None:
    check_page(visit("teacher").get(base + page).text)
    assert visit("colleague").get(base + page).status_code == 200
    assert visit("stranger").get(base + page).status_code == 404
    assert visit("student").get(base + page).status_code == 403


def test_the_projector_shows_the_code_and_no_more(visit: Visit, cast: Cast, base: str) -> None:
    page = check_page(visit("teacher").get(f"{base}/projector").text)
    assert page.find(".//header") is None
    words = text_of(visit("teacher").get(f"{base}/projector").text)
    assert cast.join_code in words
    assert "localhost/join" in words


def test_a_renewed_code_replaces_the_old_one(
    app: Flask, visit: Visit, cast: Cast, base: str
) -> None:
    visit("teacher").post(f"{base}/code")
    assert "Aucune classe n'a ce code" in text_of(joins(visit, cast.join_code).text)
    with app.app_context():
        code = the_class(cast).join_code
    assert joins(visit, code).status_code == 303


def test_a_code_is_closed_opened_and_limited_in_time(
    app: Flask, visit: Visit, cast: Cast, base: str
) -> None:
    teacher = visit("teacher")
    teacher.post(f"{base}/joining", data={"open": "closed"})
    assert "Ce code ne sert plus" in text_of(joins(visit, cast.join_code).text)
    assert cast.join_code not in teacher.get(f"{base}/projector").text
    teacher.post(f"{base}/joining", data={"open": "quarter"})
    assert "Ouvert jusqu'au" in text_of(teacher.get(base).text)
    assert joins(visit, cast.join_code).status_code == 303
    with app.app_context():
        the_class(cast).join_until = utc_now() - timedelta(seconds=1)
        db.session.commit()
    assert joins(visit, cast.join_code, "latecomer").status_code == 422
    assert teacher.post(f"{base}/joining", data={"open": "perhaps"}).status_code == 400


def test_a_copy_has_the_settings_and_the_team_and_no_student(
    app: Flask, visit: Visit, cast: Cast, base: str
) -> None:
    with app.app_context():
        settings = the_class(cast).settings
        settings.level, settings.budget_per_day, settings.paused = Difficulty.ADVANCED, 5, True
        db.session.commit()
    copied = visit("colleague").post(f"{base}/copy", data={"name": "BTS SIO 2, 2027"}).location
    with app.app_context():
        copy = people.find_class(copied.rsplit("/", 1)[1])
        assert copy is not None
        assert (copy.settings.level, copy.settings.budget_per_day) == (Difficulty.ADVANCED, 5)
        assert copy.settings.paused is False
        assert copy.join_code != cast.join_code
        assert {user.username for user in rosters.team_of(copy)} == {"teacher", "colleague"}
        assert people.students_of(copy) == []


def test_an_archived_class_is_read_only_hidden_and_can_come_back(
    visit: Visit, cast: Cast, base: str
) -> None:
    student, teacher = visit("student"), visit("teacher")
    path = ask(student)
    teacher.post(f"{base}/archive")
    listed = teacher.get("/admin").text
    check_page(listed)
    assert "1 classe archivée" in text_of(listed)
    for page in ("", "/students", "/team", "/conversations"):
        check_page(teacher.get(base + page).text)
    assert QUESTION in text_of(teacher.get(f"{base}/conversations").text)
    changes = ("/pause", "/code", "/joining", "/cards", "/import", "/archive", "/settings")
    for change in changes:
        assert teacher.post(base + change).status_code == 423, change
    assert joins(visit, cast.join_code).status_code == 422
    assert student.get(path).status_code == 200
    question = {"text": QUESTION, "level": "beginner"}
    for address in ("/chat", f"{path}/questions"):
        assert student.post(address, data=question).status_code == 423
    assert "archivée" in text_of(student.get(path).text)
    teacher.post(f"{base}/restore")
    ask(student)


def test_a_removed_student_reads_and_asks_no_more_there(
    visit: Visit, cast: Cast, base: str
) -> None:
    student, teacher = visit("student"), visit("teacher")
    path = ask(student)
    teacher.post(f"{base}/students/{cast.slugs['student']}/remove")
    teacher.get(base)  # shows the notice, which names the student
    assert cast.slugs["student"] not in teacher.get(f"{base}/students").text
    assert QUESTION in text_of(student.get(path).text)
    data = {"text": QUESTION, "level": "beginner"}
    assert student.post(f"{path}/questions", data=data).status_code == 423
    assert "rejoins la tienne" in text_of(student.get("/chat").text)
    assert QUESTION in text_of(teacher.get(f"{base}/conversations").text)


def test_a_colleague_comes_and_goes_and_the_last_one_stays(
    visit: Visit, cast: Cast, base: str
) -> None:
    teacher, stranger = visit("teacher"), visit("stranger")
    teacher.post(f"{base}/team", data={"username": "Stranger"})
    assert stranger.get(base).status_code == 200
    for name in ("teacher", "colleague"):
        stranger.post(f"{base}/team/{cast.slugs[name]}/remove")
    assert teacher.get(base).status_code == 404
    stranger.post(f"{base}/team/{cast.slugs['stranger']}/remove")
    assert "n'aurait plus d'enseignant" in text_of(stranger.get(f"{base}/team").text)
    assert stranger.get(base).status_code == 200


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nobody", "Aucun enseignant"),
        ("outsider", "Aucun enseignant"),
        ("colleague", "déjà dans la classe"),
        ("", "Indiquez le nom"),
    ],
)
def test_who_cannot_be_invited_is_said(visit: Visit, base: str, name: str, sentence: str) -> None:
    refused = visit("teacher").post(f"{base}/team", data={"username": name})
    assert refused.status_code == 422
    check_page(refused.text)
    assert sentence in text_of(refused.text)


def uploaded(browser: Visitor, base: str, text: str) -> Any:
    file = (io.BytesIO(text.encode("cp1252")), "list.csv")
    return browser.post(f"{base}/import/preview", data={"list": file})


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields with which a preview is confirmed."""
    fields = check_page(page).iterfind(".//input[@type='hidden']")
    values = {str(field.get("name")): str(field.get("value")) for field in fields}
    return {name: values[name] for name in ("text", "shown")}


def names(app: Flask) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(db.select(User.username)))


LIST = "pseudonyme;niveau\nZoé D.;avancé\nSTUDENT;\noutsider;\nKarim;\nzoé d.;\n<b>;\n"


def test_a_list_is_previewed_line_by_line_and_confirmed_without_the_file(
    app: Flask, visit: Visit, cast: Cast, base: str
) -> None:
    teacher, before = visit("teacher"), names(app)
    preview = uploaded(teacher, base, LIST).text
    words = text_of(preview)
    for part in (
        "2 comptes à créer, 4 lignes laissées de côté",
        "déjà dans la classe",
        "un compte porte déjà ce nom",
        "même nom qu'à la ligne 2",
        "de 2 à 32 lettres",
    ):
        assert part in words
    assert names(app) == before
    made = teacher.post(f"{base}/import", data=hidden(preview), follow_redirects=True)
    check_page(made.text)
    assert "2 comptes sont créés" in text_of(made.text)
    assert names(app) == before | {"Zoé D.", "Karim"}
    with app.app_context():
        students = {user.username: user.level for user in people.students_of(the_class(cast))}
    assert students["Zoé D."] is Difficulty.ADVANCED
    assert students["Karim"] is Difficulty.BEGINNER


def test_a_name_that_was_taken_since_the_preview_stops_the_whole_list(
    app: Flask, visit: Visit, cast: Cast, base: str
) -> None:
    teacher = visit("teacher")
    fields = hidden(uploaded(teacher, base, LIST).text)
    assert joins(visit, cast.join_code, "karim").status_code == 303
    before = names(app)
    refused = teacher.post(f"{base}/import", data=fields)
    assert refused.status_code == 409
    assert "Rien n'a été créé" in text_of(refused.text)
    assert names(app) == before
    again = teacher.post(f"{base}/import", data=hidden(refused.text))
    assert again.status_code == 303
    assert names(app) == before | {"Zoé D."}


@pytest.mark.parametrize("text", ["", '"Zoé\n', "ab\n" * 301])
def test_a_file_that_is_no_list_is_refused_with_a_sentence(
    app: Flask, visit: Visit, base: str, text: str
) -> None:
    before, teacher = names(app), visit("teacher")
    refused = uploaded(teacher, base, text)
    assert refused.status_code == 422
    check_page(refused.text)
    assert "Rien n'a été créé" in text_of(refused.text)
    assert teacher.post(f"{base}/import", data={"text": text}).status_code == 422
    assert names(app) == before


def test_cards_open_the_accounts_that_have_no_password_once(
    app: Flask, visit: Visit, base: str
) -> None:
    teacher = visit("teacher")
    teacher.post(f"{base}/import", data=hidden(uploaded(teacher, base, LIST).text))
    old = teacher.post(f"{base}/cards").text
    sheet = teacher.post(f"{base}/cards").text
    check_page(sheet)
    assert sheet.count("qr-code") == 2
    assert "classmate" not in text_of(sheet)
    codes = re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", sheet)
    assert len(set(codes)) == 2
    first_old = re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", old)[0]
    assert visit().post("/password", data={"code": first_old}).status_code == 422
    newcomer = visit()
    check_page(newcomer.get("/password").text)
    link = newcomer.post("/password", data={"code": codes[0].lower()}).location
    data = {"password": PASSWORD, "repeated": PASSWORD}
    assert newcomer.post(link, data=data).status_code == 303
    newcomer.post("/privacy")
    assert newcomer.get("/chat").status_code == 200
    assert visit().post("/password", data={"code": codes[0]}).status_code == 422
    assert teacher.post(f"{base}/cards").text.count("qr-code") == 1
