"""What axe cannot see: motion, what is read aloud while an answer is written, charts as tables."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import Cast, Visit
from tests.web.pages import parse
from tests.web.test_chat import BY_SCRIPT
from tests.web.test_pages import QUESTION, ask

STYLES = Path(__file__).parents[2] / "pedabot/static/css"
WHO_LIKES_MOTION = re.compile(
    r"@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
)
MOVES = re.compile(r"\b(?:animation|transition)\b[^;]*;|scroll-behavior: smooth")


def test_nothing_moves_for_who_wants_no_motion() -> None:
    moving = [path.name for path in STYLES.glob("*.css") if MOVES.search(path.read_text())]
    assert moving  # there is something to leave out
    left = {
        path.name: found
        for path in STYLES.glob("*.css")
        if (found := MOVES.findall(WHO_LIKES_MOTION.sub("", path.read_text())))
    }
    assert left == {}


def test_an_answer_that_is_written_is_announced_at_its_ends_only(visit: Visit) -> None:
    browser = visit("student")
    data = {"text": QUESTION, "level": "beginner"}
    page = parse(
        browser.get(browser.post("/chat", data=data, headers=BY_SCRIPT).headers["HX-Redirect"]).text
    )
    answer = page.find(".//article[@aria-busy='true']")
    assert answer is not None
    live = [e for e in answer.iter() if e.get("aria-live") or e.get("role") in {"status", "alert"}]
    assert [element.get("sse-swap") for element in live] == ["queue"]
    announcer = page.find(".//*[@id='announcer']")
    assert announcer is not None
    assert announcer.get("aria-live") == "polite"


def test_each_chart_has_its_table(visit: Visit, cast: Cast) -> None:
    ask(visit("student"))
    page = parse(visit("teacher").get(f"/admin/classes/{cast.classroom}/week").text)
    charts = 0
    for section in page.iter("section"):
        for chart in section.iterfind(".//*[@data-chart]"):
            charts += 1
            assert section.find(".//table/tbody/tr") is not None, chart.get("data-chart")
    assert charts
