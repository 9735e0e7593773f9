"""A teacher reads with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import conversations, people
from pedabot.storage.conversations import State
from pedabot.storage.people import Role
from pedabot.teaching.processing import notice_version
from tests.browser.conftest import PASSWORD, Server
from tests.browser.test_visit import open_page

pytestmark = pytest.mark.browser

QUESTIONS = ("La première ?", "La deuxième ?", "La troisième ?")


@pytest.fixture(scope="module")
def listed(server: Server) -> str:
    """A class of the teacher ``noether`` with three conversations; returns the path of its list."""
    server.command("user", "create", "noether", "--password-stdin", typed=PASSWORD + "\n")
    with server.app.app_context():
        teacher = people.find_user("noether")
        assert teacher is not None
        people.acknowledge(teacher, notice_version(server.app.config))
        classroom = people.add_class("BTS SIO 2 SLAM", teacher)
        student = people.add_user("emmy", Role.STUDENT)
        db.session.commit()
        for question in QUESTIONS:
            talk = conversations.start_conversation(student, classroom.id, question)
            answer = conversations.add_question(talk, question, Difficulty.BEGINNER)
            answer.content, answer.state = "Une réponse.", State.COMPLETE
            db.session.commit()
        return f"/admin/classes/{classroom.slug}/conversations"


def _lines(page: Page) -> Locator:
    return page.locator("[data-key-list] > li")


def test_conversations_are_read_by_keys(browser: Browser, server: Server, listed: str) -> None:
    faults: list[str] = []
    page = open_page(browser, faults)
    page.goto(f"{server.address}/sign-in?next={listed}")
    page.get_by_label("Nom").fill("noether")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    page.goto(f"{server.address}{listed}?unread=1")

    # j and k move the focus, m marks; a line that leaves the list gives the focus to the next.
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(_lines(page).nth(1).locator("> a")).to_be_focused()
    page.keyboard.press("k")
    expect(_lines(page).nth(0).locator("> a")).to_be_focused()
    page.keyboard.press("m")
    expect(_lines(page)).to_have_count(2)
    expect(_lines(page).nth(0).locator("> a")).to_be_focused()

    # In a field they are letters.
    page.get_by_label("Chercher dans").press_sequentially("jm?")
    expect(page.get_by_label("Chercher dans")).to_have_value("jm?")
    expect(page.locator("dialog[open]")).to_have_count(0)

    # Enter opens; j is the next conversation, k the one before; a approves, c corrects.
    page.goto(f"{server.address}{listed}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("troisième"))
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("deuxième"))
    page.keyboard.press("a")
    expect(page.get_by_text("Approuvée", exact=True)).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("troisième"))
    page.keyboard.press("c")
    page.wait_for_url("**/review")
    page.keyboard.press("c")
    expect(page.get_by_role("textbox", name="Votre réponse")).to_be_focused()

    # Whoever does not want them turns them off, for the pages after this one too.
    page.goto(f"{server.address}{listed}")
    page.keyboard.press("?")
    page.get_by_label("Utiliser les raccourcis").uncheck()
    page.get_by_role("button", name="Fermer").click()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("[data-key-list] a:focus")).to_have_count(0)
    assert faults == []
