"""The pages of the course as a browser uses them: forms, uploads, and what is then stored."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from pedabot.knowledge import document
from pedabot.storage import courses
from tests.conftest import COURSE, Visitor
from tests.web.pages import parse

EDIT = "/admin/course/subtopics/elagage"
PAGE = "/knowledge/optimisation/elagage"
UPLOAD = "/admin/course/upload"


def form_data(html: str) -> dict[str, Any]:
    """Return what a browser would post for the form of a subtopic, left as it is."""
    page = parse(html)
    form = next(f for f in page.iter("form") if "subtopic-form" in f.get("class", ""))
    data: dict[str, Any] = {}
    for element in form.iter():
        name, kind = element.get("name"), element.get("type")
        if not name or (kind in {"radio", "checkbox"} and element.get("checked") is None):
            continue
        value = _value(element)
        if kind == "checkbox":
            data.setdefault(name, []).append(value)
        else:
            data[name] = value
    return data


def _value(element: ET.Element) -> str:
    if element.tag != "textarea":
        return element.get("value", "")
    return (element.text or "").replace("\n", "\r\n")  # as browsers send line ends


def opened(browser: Visitor, **changes: Any) -> dict[str, Any]:
    """Open the form of a subtopic and change some of its fields."""
    response = browser.get(EDIT)
    assert response.status_code == 200
    return {**form_data(response.text), **changes}


def versions(app: Flask) -> list[str]:
    with app.app_context():
        return [version.note for version in courses.list_versions(100)]


def running(app: Flask) -> document.Document:
    with app.app_context():
        active = courses.active_version()
        assert active is not None
        return document.loads(active.document)


def send(
    browser: Visitor, content: bytes, name: str = "cours.json", note: str = ""
) -> TestResponse:
    """Post the form of an upload, with a body of our own: the client's leaves a file open."""
    parts = (
        (f'name="document"; filename="{name}"\r\nContent-Type: application/json', content),
        ('name="note"', note.encode()),
    )
    body = b"".join(
        b"--parts\r\nContent-Disposition: form-data; "
        + head.encode()
        + b"\r\n\r\n"
        + data
        + b"\r\n"
        for head, data in parts
    )
    return browser.post(
        UPLOAD, data=body + b"--parts--\r\n", content_type="multipart/form-data; boundary=parts"
    )


def changed_course(old: str = "Quantification", new: str = "Quantifier") -> bytes:
    return json.dumps(COURSE, ensure_ascii=False).replace(f'"{old}"', f'"{new}"').encode()
