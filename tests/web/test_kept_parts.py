"""Parts of pages that are kept as HTML: nobody sees another's, and nothing stays that changed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for

from pedabot.extensions import db
from pedabot.storage import courses
from pedabot.web.kept import Shelf
from tests.conftest import Visit
from tests.web.pages import text_of
from tests.web.test_knowledge import POOLING, QUIZ

FIRST = Path(__file__).parents[2] / "knowledge.json"


def test_the_oldest_go_where_there_is_no_room() -> None:
    shelf = Shelf(10)
    for key in "abc":
        shelf.keep(key, key.encode() * 4)
    assert [shelf.get(key) for key in "abc"] == [None, b"bbbb", b"cccc"]
    shelf.keep("c", b"c")
    shelf.keep("d", b"d" * 5)
    assert [shelf.get(key) for key in "bcd"] == [b"bbbb", b"c", b"ddddd"]
    shelf.keep("e", b"e" * 11)
    assert [shelf.get(key) for key in "bcde"] == [None] * 4


def test_the_contents_show_what_each_student_has_acquired(visit: Visit) -> None:
    student, classmate = visit("student"), visit("classmate")
    assert "acquise" not in text_of(student.get("/knowledge?open=none").text)
    for question in QUIZ:
        data = {"question": question.key, "choice": str(question.answer)}
        student.post(f"{POOLING}/quiz", data=data)
    assert text_of(student.get("/knowledge?open=none").text).count("Acquises : 1 sur") == 1
    assert "cquise" not in text_of(classmate.get("/knowledge?open=none").text)


def test_the_contents_are_in_the_language_of_each_reader(visit: Visit) -> None:
    browser = visit("student")
    for language, word in (("fr", "débutant"), ("en", "beginner"), ("fr", "débutant")):
        page = browser.get("/knowledge", headers={"Accept-Language": language}).text
        tally = text_of(page[page.index('class="tally"') :])
        assert word in tally[:60]


@pytest.mark.parametrize(("wanted", "count"), [("all", None), ("none", 0), ("cnn", 1)])
def test_a_chapter_is_open_or_not_as_the_address_says(
    visit: Visit, wanted: str, count: int | None
) -> None:
    page = visit("student").get(f"/knowledge?open={wanted}").text
    chapters = re.findall(r'<details class="chapter"[^>]*>', page)
    opened = [chapter for chapter in chapters if chapter.endswith(" open>")]
    assert len(opened) == (len(chapters) if count is None else count)


def test_a_new_version_of_the_course_is_in_the_contents_at_once(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    browser.get("/knowledge")
    document = json.loads(FIRST.read_text())
    document["topics"][0]["subtopics"][0]["summary"] = "Tout autre chose que ce matin."
    with app.app_context():
        courses.activate(courses.add_version(json.dumps(document), "another"))
        db.session.commit()
    app.extensions["pedabot_course"].forget()
    assert "Tout autre chose que ce matin." in browser.get("/knowledge").text


@pytest.mark.parametrize("endpoint", ["chat.new", "knowledge.course_map"])
def test_an_address_in_a_template_is_that_of_flask(app: Flask, endpoint: str) -> None:
    ours: Any = app.jinja_env.globals["url_for"]
    cases: list[dict[str, Any]] = [{"open": value} for value in ("all", ["a", "b"], True, 1, None)]
    cases += [{}, {"_anchor": "x"}, {"_external": True}]
    for root in ("/", "/tutor/", "/"):
        with app.test_request_context(base_url=f"http://school.example{root}"):
            for values in cases:
                assert ours(endpoint, **values) == url_for(endpoint, **values)
