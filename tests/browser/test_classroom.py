"""A teacher's first day with a class, in headless Chromium against the real server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Server
from tests.browser.test_visit import PATIENCE_MS, ask, join, open_page, read_notice
from tests.mistral_server import MistralServer, stream

pytestmark = pytest.mark.browser

CORRECTION = "On passe de **32 bits à 8 bits** par poids. On refait le calcul jeudi."


def sign_in(page: Page, server: Server, name: str) -> None:
    page.goto(f"{server.address}/sign-in")
    page.get_by_label("Nom").fill(name)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").click()


def test_a_first_day(browser: Browser, server: Server, shared_api: MistralServer) -> None:
    faults: list[str] = []
    server.command("user", "create", "lovelace", "--password-stdin", typed=PASSWORD + "\n")
    teacher = open_page(browser, faults)
    sign_in(teacher, server, "lovelace")
    read_notice(teacher)

    # She makes a class and projects its code.
    teacher.get_by_role("link", name="La classe").click()
    teacher.get_by_label("Nom de la classe").fill("BTS SIO 2 B")
    teacher.get_by_role("button", name="Créer la classe").click()
    teacher.get_by_role("link", name="Projeter").click()
    code = teacher.locator(".projected-code").inner_text()
    teacher.get_by_role("link", name="Fermer").click()
    overview = teacher.url

    # Three students join and ask, the first on a phone.
    students = [open_page(browser, faults, width=width) for width in (360, 1280, 1280)]
    questions = (
        "C'est quoi la quantification ?",
        "À quoi sert le pooling ?",
        "C'est quoi un embedding ?",
    )
    for page, name, question in zip(students, ("zoe", "malik", "lea"), questions, strict=True):
        join(page, server, code, name)
        shared_api.script(stream(f"Une réponse à {name} sur le modèle et ses poids [1]."))
        ask(page, question)
        expect(page.locator(".origin")).to_be_visible(timeout=PATIENCE_MS)

    # She reads the first one's conversation and corrects the answer.
    teacher.goto(overview)
    teacher.get_by_role("navigation").get_by_role("link", name="Conversations").click()
    teacher.get_by_role("link", name=re.compile("quantification")).click()
    expect(teacher.get_by_role("main")).to_contain_text("Une réponse à zoe")
    teacher.get_by_role("link", name="Corriger ou noter").click()
    teacher.get_by_label("Votre réponse").fill(CORRECTION)
    teacher.get_by_role("button", name="Aperçu").click()
    expect(teacher.locator("#preview strong")).to_have_text("32 bits à 8 bits")
    teacher.get_by_role("button", name="Corriger", exact=True).click()
    expect(teacher.get_by_role("main")).to_contain_text("Corrigée par lovelace")

    # The student sees it in place; a classmate who asks the same is given it.
    phone, classmate, _ = students
    phone.reload()
    expect(phone.locator(".answer")).to_contain_text("Corrigé par lovelace")
    expect(phone.locator(".answer-body strong").first).to_have_text("32 bits à 8 bits")
    classmate.goto(f"{server.address}/chat")
    ask(classmate, "c'est quoi la quantification")
    expect(classmate.locator(".answer")).to_contain_text("Vérifié par l’enseignant", timeout=60_000)
    expect(classmate.locator(".answer-body")).to_contain_text("32 bits à 8 bits")

    # The week shows what was asked; the class is taken away as a file.
    teacher.goto(overview)
    teacher.get_by_role("link", name="La semaine").click()
    expect(teacher.get_by_role("main")).to_contain_text("3 sur 3")
    teacher.get_by_role("link", name="Exports").click()
    with teacher.expect_download() as download:
        teacher.get_by_role("link", name=re.compile("CSV")).first.click()
    table = download.value.path().read_text(encoding="utf-8-sig")
    assert "malik" in table
    assert "À quoi sert le pooling ?" in table

    # A student's account is erased with all that it asked.
    teacher.goto(overview)
    teacher.get_by_role("link", name=re.compile("3 étudiants")).click()
    teacher.get_by_role("link", name=re.compile("Effacer… malik")).click()
    teacher.locator("input[name=confirmation]").fill(PASSWORD)
    teacher.get_by_role("button", name="Effacer définitivement").click()
    expect(teacher.locator(".people")).not_to_contain_text("malik")
    teacher.get_by_role("navigation").get_by_role("link", name="Conversations").click()
    expect(teacher.get_by_role("main")).not_to_contain_text("pooling")
    assert faults == []
