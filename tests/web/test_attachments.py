"""Files in a conversation: sent, shown as text, refused in words, taken away."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage.attachments import CHARACTERS_SHOWN, Attachment
from pedabot.storage.conversations import Message
from pedabot.web.uploads import MAX_BODY_BYTES
from tests.conftest import Visit, Visitor
from tests.web.pages import check_page, text_of
from tests.web.test_chat import BY_SCRIPT
from tests.web.test_pages import QUESTION

Sent = tuple[str, bytes]
CODE: Sent = ("train.py", b"<script>alert(1)</script>\nx = Dropout(0.5)\n")


def send(browser: Visitor, *files: Sent, path: str = "/chat", **headers: str):  # type: ignore[no-untyped-def] # noqa: ANN201
    data = {
        "text": QUESTION,
        "level": "beginner",
        "files": [(io.BytesIO(content), name) for name, content in files],
    }
    return browser.post(path, data=data, content_type="multipart/form-data", headers=headers)


def address_in(page: str) -> str:
    found = re.search(r'href="(/attachments/[\w-]+)"', page)
    assert found is not None
    return found[1]


def test_a_file_is_kept_and_shown_as_text(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    page = browser.get(send(browser, CODE, ("run.log", b"Epoch 1")).location).text
    check_page(page)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "train.py" in page
    assert f"{len(CODE[1])} octets" in text_of(page)
    with app.app_context():
        rows = db.session.query(Attachment).order_by(Attachment.id).all()
        assert [(row.name, row.media_type, row.size) for row in rows] == [
            ("train.py", "text/x-python", len(CODE[1])),
            ("run.log", "text/plain", 7),
        ]
        assert rows[0].message.content == QUESTION


def test_a_file_is_taken_away_as_plain_text_that_no_browser_opens(visit: Visit) -> None:
    browser = visit("student")
    path = address_in(browser.get(send(browser, CODE).location).text)
    response = browser.get(path)
    assert response.data == CODE[1]
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Disposition"] == "attachment; filename=train.py"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert visit("teacher").get(path).status_code == 200
    assert visit("colleague").get(path).status_code == 200
    for name in ("classmate", "outsider", "stranger", "admin"):
        assert visit(name).get(path).status_code == 404


def test_files_go_with_the_conversation(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    talk = send(browser, CODE).location
    path = address_in(browser.get(talk).text)
    browser.post(f"{talk}/delete")
    assert browser.get(path).status_code == 404
    with app.app_context():
        assert db.session.query(Attachment).count() == 0


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("jeu.exe", b"x")], "« jeu.exe » n'est pas d'un type accepté"),
        ([("gros.csv", b"1,2\n" * 70_000)], "« gros.csv » dépasse 256 ko"),
        ([("photo.txt", b"\x89PNG\r\n\x1a\n\x00")], "« photo.txt » n'est pas du texte"),
        ([("a.json", b"{")], "« a.json » n'est pas du JSON valide (ligne 1)"),
        ([CODE] * 4, "3 fichiers au plus"),
        ([("../../a\u202e.exe", b"x")], "« a.exe » n'est pas"),
    ],
)
def test_a_refused_file_is_named_and_the_question_stays(
    visit: Visit, app: Flask, files: list[Sent], words: str
) -> None:
    browser = visit("student")
    response = send(browser, *files)
    assert response.status_code == 422
    page = check_page(response.text)
    assert words in text_of(response.text)
    assert page.findtext(".//textarea[@name='text']", "").strip() == QUESTION
    by_script = send(browser, *files, **BY_SCRIPT)
    assert by_script.headers["HX-Retarget"] == "#notices"
    assert words in text_of(by_script.text)
    with app.app_context():
        assert db.session.query(Message).count() == 0


def body_of(size: int) -> dict[str, Any]:
    """Return a form with one file, as bytes: the test client would spool them to the disk."""
    file = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    text = f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{QUESTION}\r\n'.encode()
    data = text + file + b"a" * size + b"\r\n--x--\r\n"
    return {"data": data, "content_type": "multipart/form-data; boundary=x"}


def test_only_the_pages_that_take_files_read_much(visit: Visit) -> None:
    browser = visit("student")
    refused = browser.post("/chat", **body_of(2_000_000))
    assert refused.status_code == 422
    assert QUESTION in text_of(refused.text)
    assert browser.post("/sign-in", **body_of(2_000_000)).status_code == 413
    assert browser.post("/chat", **body_of(MAX_BODY_BYTES)).status_code == 413


def test_a_long_file_is_shown_by_its_beginning(visit: Visit) -> None:
    browser = visit("student")
    content = "".join(f"ligne {n}\n" for n in range(20_000)).encode()[: CHARACTERS_SHOWN * 3]
    page = browser.get(send(browser, ("long.txt", content)).location).text
    assert "Le début seulement." in text_of(page)
    assert "ligne 100\n" in page
    assert len(page) < 2 * CHARACTERS_SHOWN + 20_000
    assert browser.get(address_in(page)).data == content
