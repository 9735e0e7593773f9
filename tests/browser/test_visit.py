"""One whole visit in headless Chromium, against gunicorn, SQLite and the real SDK."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Server
from tests.databases import only_sqlite
from tests.mistral_server import Fault, MistralServer, stream

PATIENCE_MS = 60_000

pytestmark = pytest.mark.browser


def open_page(browser: Browser, faults: list[str], *, width: int = 1280) -> Page:
    """Open a page of its own session; what the console complains of is collected."""
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if message.type == "error" else None,
    )
    return page


# The guard holds back the last words of an answer that goes on.
MANY_WORDS = "les poids du modèle tiennent sur moins de bits, puis " * 4


def test_a_visit(
    browser: Browser, server: Server, shared_api: MistralServer, join_code: str
) -> None:
    faults: list[str] = []
    student = open_page(browser, faults, width=360)
    join(student, server, join_code, "ada")
    expect(student).to_have_url(f"{server.address}/chat")

    # She asks; the thinking state, the sources and the first block come before the end.
    go_on = threading.Event()
    begun = f"On passe de **float32** à int8 [1].\n\nEnsuite {MANY_WORDS}"
    shared_api.script(stream(begun, go_on, "on mesure."))
    student.get_by_label("Ta question").fill("C'est quoi la quantification ?")
    student.get_by_role("button", name="Envoyer").click()
    answer = student.locator("article.answer")
    expect(answer).to_have_attribute("aria-busy", "true", timeout=PATIENCE_MS)
    expect(answer.get_by_role("link", name="Quantification", exact=True)).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(answer.locator("strong", has_text="float32")).to_be_visible(timeout=PATIENCE_MS)
    expect(answer.locator(".tail")).to_contain_text("Ensuite", timeout=PATIENCE_MS)
    expect(answer.locator(".tail")).not_to_contain_text("on mesure")
    go_on.set()
    expect(answer.locator(".origin")).to_be_visible(timeout=PATIENCE_MS)
    expect(answer).to_contain_text("on mesure.")

    # She says what she thinks of it.
    answer.get_by_role("button", name="Cette réponse m’aide", exact=True).click()
    answer.get_by_label("Pourquoi ?").fill("clair")
    answer.get_by_role("button", name="Dire pourquoi").click()
    expect(answer).to_contain_text("Merci, c’est noté.")

    # A second question is added below the first; she browses the course.
    shared_api.script(stream("Voici un exemple : 12,97 devient 13."))
    student.get_by_role("button", name="Un exemple").click()
    expect(student.locator(".origin")).to_have_count(2, timeout=PATIENCE_MS)
    student.get_by_role("link", name="Le cours").click()
    student.wait_for_load_state()  # what is typed before the scripts are there finds nothing yet
    student.get_by_label("Chercher dans le cours").press_sequentially("quantif")
    student.locator("#results").get_by_role("link", name=re.compile("^Quantification")).click()
    expect(student.get_by_role("heading", level=1)).to_have_text("Quantification")
    question = student.locator(".quiz-question").first
    question.get_by_role("radio").first.check()
    question.get_by_role("button", name="Vérifier").click()
    expect(question).to_contain_text("ta réponse")

    # The teacher reads it.
    teacher = open_page(browser, faults)
    teacher.goto(f"{server.address}/sign-in")
    teacher.get_by_label("Nom").fill("curie")
    teacher.get_by_label("Mot de passe").fill(PASSWORD)
    teacher.get_by_role("main").get_by_role("button").click()
    read_notice(teacher)
    teacher.get_by_role("link", name="La classe").click()
    teacher.get_by_role("link", name="Lire les conversations").click()
    teacher.get_by_role("link", name=re.compile("quantification")).click()
    expect(teacher.get_by_role("main")).to_contain_text("Jugée utile : clair")
    assert faults == []


def test_the_stop_button_keeps_what_was_said(
    browser: Browser, server: Server, shared_api: MistralServer, join_code: str
) -> None:
    student = open_page(browser, [])
    join(student, server, join_code, "grace")
    go_on = threading.Event()
    shared_api.script(stream("Le premier point.\n\n", MANY_WORDS, go_on, Fault.ENDLESS))
    ask(student, "Pourquoi la quantification en int8 ?")
    expect(student.locator(".answer")).to_contain_text("Le premier point.", timeout=PATIENCE_MS)
    with student.expect_response("**/stop"):
        student.get_by_role("button", name="Arrêter").click()
    go_on.set()
    expect(student.locator(".origin")).to_contain_text("Tu as arrêté", timeout=PATIENCE_MS)
    expect(student.locator(".answer-body")).to_contain_text("Le premier point.")


@only_sqlite  # on PostgreSQL another machine may be making it: tests/web/test_model.py
def test_a_killed_server_loses_no_question(
    browser: Browser, server: Server, shared_api: MistralServer, join_code: str
) -> None:
    student = open_page(browser, [])
    join(student, server, join_code, "alan")
    # With a word of the course the guard passes the beginning on before anything else comes.
    shared_api.script(stream("Le premier point.\n\n", MANY_WORDS, threading.Event()))
    ask(student, "Quand utiliser la quantification en int8 ?")
    expect(student.locator(".answer")).to_contain_text("Le premier point.", timeout=PATIENCE_MS)
    server.kill()
    server.start()
    student.reload()
    expect(student.locator(".question")).to_contain_text("quantification")
    expect(student.locator(".origin")).to_contain_text("interrompue")


def join(page: Page, server: Server, join_code: str, name: str) -> None:
    """Make a student's account in the class."""
    page.goto(f"{server.address}/join?code={join_code}")
    page.get_by_label("Pseudonyme").fill(name)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Rejoindre").click()
    read_notice(page)


def read_notice(page: Page) -> None:
    """Read the privacy notice, which comes before all else."""
    page.get_by_role("button", name="J’ai lu, continuer").click()


def ask(page: Page, question: str) -> None:
    """Ask what nobody in the class has asked: a question asked before is answered from memory."""
    page.get_by_label("Ta question").fill(question)
    page.get_by_role("button", name="Envoyer").click()
