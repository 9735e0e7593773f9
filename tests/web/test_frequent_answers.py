"""The same question asked again in a class: real SDK, real HTTP server, two students at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from pedabot import turns
from pedabot.answering.memory import normalised
from pedabot.extensions import db
from pedabot.storage import courses, people
from pedabot.storage.answers import RememberedAnswer
from pedabot.storage.conversations import Message
from pedabot.storage.predictions import Prediction
from tests.conftest import Cast, Visit, settings_with_model
from tests.mistral_server import Fault, MistralServer, Reply, refuse, stream
from tests.web.pages import check_page, text_of
from tests.web.test_chat import answer_slug
from tests.web.test_pages import QUESTION, ask

AGAIN = "Réponse déjà donnée à cette question dans ta classe"
CHOSEN = "Réponse choisie par ton enseignant"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(
        instance,
        api,
        PEDABOT_PRICES="mistral-small-latest 1000 2000 2026-04-01",
    )


def words_after(visit: Visit, name: str, question: str = QUESTION, level: str = "beginner") -> str:
    browser = visit(name)
    return text_of(browser.get(ask(browser, question, level)).text)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("C'est quoi la quantification ?", "c’est quoi la  QUANTIFICATION"),
        ("Bonjour, c'est quoi un réseau ? Merci !", "c'est quoi un reseau"),
        ("S'il te plaît, explique le dropout.", "explique le dropout"),
        ("Bonjour !", "bonjour"),
    ],
)
def test_what_is_polite_or_typed_otherwise_is_the_same_question(written: str, same: str) -> None:
    assert normalised(written) == normalised(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("un pas de 0.5", "un pas de 0 5"),
        ("le langage c", "le langage c++"),
        ("x = y", "x != y"),
        ("pourquoi le dropout", "comment le dropout"),
    ],
)
def test_what_may_mean_something_else_is_another_question(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_a_classmate_is_given_the_answer_from_memory(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(stream("On arrondit les poids [1]."))
    assert AGAIN not in words_after(visit, "student")
    browser = visit("classmate")
    page = browser.get(ask(browser, "c'est quoi LA quantification")).text
    check_page(page)
    words = text_of(page)
    assert "On arrondit les poids" in words
    assert AGAIN in words
    assert "Répondre à nouveau" in words
    assert len(api.requests) == 1
    with app.app_context():
        row = db.session.query(Prediction).order_by(Prediction.id.desc()).first()
        assert row is not None
        assert (row.engine, row.cost, row.outcome) == ("memory", 0, "complete")
        assert row.passages[0] == "quantification"


@pytest.mark.parametrize(
    ("name", "question", "level"),
    [
        ("classmate", "Pourquoi la quantification ?", "beginner"),
        ("classmate", QUESTION, "advanced"),
        ("outsider", QUESTION, "beginner"),
    ],
    ids=["another question", "another level", "another class"],
)
def test_another_question_is_asked(
    visit: Visit, api: MistralServer, name: str, question: str, level: str
) -> None:
    words_after(visit, "student")
    assert AGAIN not in words_after(visit, name, question, level)
    assert len(api.requests) == 2


def test_a_follow_up_is_for_one_student_only(visit: Visit, api: MistralServer) -> None:
    for name in ("student", "classmate"):
        browser = visit(name)
        path = ask(browser)
        browser.post(f"{path}/questions", data={"text": "Un exemple ?", "level": "beginner"})
    assert len(api.requests) == 3


def test_answering_anew_asks_the_model(visit: Visit, api: MistralServer) -> None:
    words_after(visit, "student")
    browser = visit("classmate")
    path = ask(browser)
    browser.post(f"/messages/{answer_slug(browser.get(path).text)}/anew")
    assert AGAIN not in text_of(browser.get(path).text)
    assert len(api.requests) == 2


def test_a_new_course_makes_the_memory_void(app: Flask, visit: Visit, api: MistralServer) -> None:
    words_after(visit, "student")
    with app.app_context():
        course = app.extensions["pedabot_course"]
        raw = course.first_document.read_text(encoding="utf-8")
        version = courses.add_version(raw, "new", None)
        courses.activate(version, None)
        db.session.commit()
        course.forget()
    assert AGAIN not in words_after(visit, "classmate")


def test_other_settings_of_the_class_make_the_memory_void(
    app: Flask, visit: Visit, api: MistralServer, cast: Cast
) -> None:
    words_after(visit, "student")
    with app.app_context():
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        classroom.settings.guided = True
        db.session.commit()
    assert AGAIN not in words_after(visit, "classmate")


@pytest.mark.parametrize(
    "reply", [refuse(503), stream("Un début", Fault.DROP)], ids=["refused", "dropped"]
)
def test_what_is_second_best_is_not_remembered(
    app: Flask, visit: Visit, api: MistralServer, reply: object
) -> None:
    api.script(reply)  # type: ignore[arg-type]
    words_after(visit, "student")
    with app.app_context():
        assert db.session.query(RememberedAnswer).count() == 0
    assert AGAIN not in words_after(visit, "classmate")


@pytest.mark.parametrize("name", ["student", "classmate"])
def test_an_answer_rated_down_is_given_no_more(visit: Visit, api: MistralServer, name: str) -> None:
    browsers = {who: visit(who) for who in ("student", "classmate")}
    pages = {who: browser.get(ask(browser)).text for who, browser in browsers.items()}
    browsers[name].post(f"/messages/{answer_slug(pages[name])}/feedback", data={"helpful": "0"})
    assert AGAIN not in words_after(visit, "classmate")
    assert len(api.requests) == 2


def test_erasing_a_conversation_erases_it_from_the_memory(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    browser = visit("student")
    browser.post(f"{ask(browser)}/delete")
    with app.app_context():
        assert db.session.query(RememberedAnswer).count() == 0
    assert AGAIN not in words_after(visit, "classmate")


def words_of_two_at_once(visit: Visit, go_on: threading.Event) -> list[str]:
    """Let two ask the same, whose answer ends once both wait for it; returns their pages."""
    browsers = visit("student"), visit("classmate")
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(ask, browser) for browser in browsers]
        go_on.set()
        paths = [answer.result() for answer in answers]
    return [text_of(browser.get(path).text) for browser, path in zip(browsers, paths, strict=True)]


def test_two_who_ask_at_once_cause_one_call(visit: Visit, api: MistralServer) -> None:
    go_on = threading.Event()
    api.script(stream("Le début. ", go_on, "La fin."))
    words = words_of_two_at_once(visit, go_on)
    assert len(api.requests) == 1
    assert all("Le début. La fin." in text for text in words)
    assert [AGAIN in text for text in words].count(True) == 1


def test_those_who_wait_for_an_answer_leave_their_turn_to_others(
    visit: Visit, api: MistralServer
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def told() -> Iterator[str | threading.Event]:
        begun.set()
        yield "Le début. "
        yield go_on

    api.script(Reply(told()), stream("Autre chose."))
    browsers = [visit("student") for _ in range(2 * turns.AT_ONCE)]
    with ThreadPoolExecutor(len(browsers)) as threads:
        waiting = [threads.submit(ask, browser) for browser in browsers]
        begun.wait()
        other = visit("classmate")
        assert "Autre chose." in text_of(other.get(ask(other, "Qu'est-ce qu'une époque ?")).text)
        go_on.set()
        assert all(answer.result() for answer in waiting)


def test_when_the_first_fails_the_second_goes_on_by_itself(
    visit: Visit, api: MistralServer
) -> None:
    go_on = threading.Event()
    api.script(stream("Le début. ", go_on, Fault.DROP), stream("Une autre réponse."))
    words = words_of_two_at_once(visit, go_on)
    assert len(api.requests) == 2
    assert ["Une autre réponse" in text for text in words].count(True) == 1
    assert not any(AGAIN in text for text in words)


def test_an_answer_that_a_crash_cut_off_holds_nobody_up(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    words_after(visit, "student")
    with app.app_context():
        db.session.query(Message).filter_by(author="tutor").update({"state": "interrupted"})
        db.session.commit()
    assert AGAIN not in words_after(visit, "classmate")
    assert AGAIN in words_after(visit, "student")


def test_a_pinned_answer_wins_until_it_is_unpinned(visit: Visit, api: MistralServer) -> None:
    api.script(stream("La première."), stream("La meilleure."))
    words_after(visit, "student")
    browser, teacher = visit("classmate"), visit("teacher")
    path = ask(browser)
    browser.post(f"/messages/{answer_slug(browser.get(path).text)}/anew")
    best = answer_slug(browser.get(path).text)
    page = teacher.post(f"/admin/answers/{best}/pin", follow_redirects=True).text
    check_page(page)
    assert "Épinglée" in text_of(page)
    given = words_after(visit, "student")
    assert "La meilleure." in given
    assert CHOSEN in given
    browser.post(f"/messages/{best}/feedback", data={"helpful": "0"})
    assert CHOSEN in words_after(visit, "student")
    teacher.post(f"/admin/answers/{best}/unpin")
    assert CHOSEN not in words_after(visit, "student")
    assert len(api.requests) == 3


def test_only_a_teacher_of_the_class_pins(visit: Visit, api: MistralServer) -> None:
    browser = visit("student")
    slug = answer_slug(browser.get(ask(browser)).text)
    for name, status in (("student", 403), ("stranger", 404), ("admin", 404)):
        assert visit(name).post(f"/admin/answers/{slug}/pin").status_code == status
        assert visit(name).post(f"/admin/answers/{slug}/unpin").status_code == status


def test_a_follow_up_cannot_be_pinned(visit: Visit, api: MistralServer) -> None:
    browser = visit("student")
    path = ask(browser)
    browser.post(f"{path}/questions", data={"text": "Un exemple ?", "level": "beginner"})
    slug = answer_slug(browser.get(path).text)
    assert visit("teacher").post(f"/admin/answers/{slug}/pin").status_code == 409
