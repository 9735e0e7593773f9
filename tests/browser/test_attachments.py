"""Files in the composer of a phone: checked before they are sent, taken back one by one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.browser.conftest import Server
from tests.browser.test_visit import PATIENCE_MS, join, open_page
from tests.mistral_server import MistralServer, stream

pytestmark = pytest.mark.browser


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def test_files_are_checked_before_they_are_sent(
    browser: Browser, server: Server, shared_api: MistralServer, join_code: str
) -> None:
    faults: list[str] = []
    student = open_page(browser, faults, width=360)
    join(student, server, join_code, "katherine")
    field = student.locator("input[type=file]")
    chosen = student.locator(".chosen li")

    # Two of four are refused by name, where the reader looks; the others wait to be sent.
    student.get_by_label("Ta question").fill("Pourquoi ce dropout ?")
    field.set_input_files(
        [
            file("train.py", b"x = Dropout(0.5)"),
            file("jeu.exe", b"x"),
            file("gros.csv", b"1,2\n" * 70_000),
            file("run.log", b"Epoch 1"),
        ]
    )
    notice = student.locator("#notices")
    expect(notice).to_contain_text("jeu.exe")
    expect(notice).to_contain_text("gros.csv")
    expect(notice.locator(".notice")).to_be_in_viewport()
    expect(chosen).to_have_count(2)
    expect(student.get_by_label("Ta question")).to_have_value("Pourquoi ce dropout ?")

    # One is taken back, and no more than three are kept.
    student.get_by_role("button", name="Retirer run.log").click()
    expect(chosen).to_have_count(1)
    expect(notice).to_be_empty()
    field.set_input_files([file(f"{n}.txt", b"x") for n in range(4)])
    expect(chosen).to_have_count(3)
    expect(notice).to_contain_text("3 fichiers au plus")

    shared_api.script(stream("Il éteint des neurones [1]."))
    student.get_by_role("button", name="Envoyer").click()
    expect(student.locator(".origin")).to_be_visible(timeout=PATIENCE_MS)
    expect(student.locator(".file")).to_have_count(3)
    student.locator(".file summary").first.click()
    expect(student.locator(".file pre").first).to_have_text("x = Dropout(0.5)")
    expect(chosen).to_have_count(0)
    assert "x = Dropout(0.5)" in shared_api.requests[-1].body["messages"][-1]["content"]
    assert faults == []
