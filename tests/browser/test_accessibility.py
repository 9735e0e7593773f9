"""axe finds nothing on any page, in light and dark, on a phone and a desk; nothing sticks out."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Route, ViewportSize
from playwright.sync_api import Page as BrowserPage

from tests.conftest import Cast, Visit
from tests.databases import only_sqlite
from tests.mistral_server import MistralServer
from tests.web.test_pages import ask
from tests.web.whole import Page, Whole, live, settings_of_whole

pytestmark = pytest.mark.browser

HOST = "http://pedabot.test"
AXE = Path(__file__).parents[1] / "vendor/axe-core-4.14.1/axe.min.js"
STATIC = Path(__file__).parents[2] / "pedabot"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
LOOK = """async (tags) => {
    await new Promise(requestAnimationFrame);
    const found = await axe.run({ runOnly: tags, resultTypes: ["violations"] });
    return found.violations.flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id}: ${node.target.join(" ")}\\n    ${node.failureSummary.split("\\n")[1]}`));
}"""
MOST_STOPS = 200
COLOURS = ["color-contrast", "link-in-text-block"]
STICKS_OUT = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
        .filter((element) => element.getBoundingClientRect().right > width + 1)
        .map((element) => `sticks out: ${element.tagName} ${element.className}`).slice(0, 3);
}"""


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_of_whole(instance, api)


class Shown:
    """A browser that is given what the application answers, without a server in between."""

    def __init__(self, browser: Browser, whole: Whole) -> None:
        self._whole = whole
        self._page: Page | None = None
        self.context: BrowserContext = browser.new_context(viewport=DESK)
        self.context.add_init_script(path=AXE)
        self.context.route("**/*", self._answer)
        self.faults: list[str] = []
        self.tab: BrowserPage = self.context.new_page()
        self.tab.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, page: Page) -> None:
        self._page = page
        self.tab.goto(HOST + page.path, wait_until="load")

    def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        assert self._page is not None
        if address.path.startswith("/static/"):
            kind = mimetypes.guess_type(address.path)[0]
            route.fulfill(path=STATIC / address.path[1:], content_type=kind)
        elif route.request.is_navigation_request():
            route.fulfill(body=self._page.html, content_type="text/html; charset=utf-8")
        else:
            path = f"{address.path}?{address.query}"
            response = self._whole.browsers[self._page.who].get(path)
            route.fulfill(body=response.data, content_type=response.content_type)


@only_sqlite  # the pages are the same
def test_axe_finds_nothing_on_any_page(
    app: Flask, cast: Cast, visit: Visit, api: MistralServer, browser: Browser
) -> None:
    whole = live(app, cast, visit, api)
    shown = Shown(browser, whole)
    found = [
        f"{page.who or 'visitor'} {page.path}{' (form)' if page.form else ''} {fault}"
        for page in whole.pages()
        for fault in _faults(shown, page)
    ]
    assert not found, "\n".join(found)
    assert shown.faults == []


def _faults(shown: Shown, page: Page) -> Iterator[str]:
    tab = shown.tab
    tab.set_viewport_size(DESK)
    tab.emulate_media(color_scheme="light", reduced_motion="reduce")
    shown.open(page)
    yield from _seen(tab, "1280 light", TAGS)
    tab.emulate_media(color_scheme="dark")
    yield from _seen(tab, "1280 dark", COLOURS)
    tab.set_viewport_size(PHONE)
    yield from (f"360 {fault}" for fault in tab.evaluate(STICKS_OUT))
    yield from _seen(tab, "360 dark", TAGS)


def _seen(tab: BrowserPage, how: str, rules: list[str]) -> Iterator[str]:
    found: Any = tab.evaluate(LOOK, rules)
    yield from (f"{how} {fault}" for fault in found)


FOCUS = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const ringed = (one) => {
        const style = getComputedStyle(one);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    };
    const near = [element, element.closest("label, .composer-box"), element.nextElementSibling,
        element.closest(".attach")?.querySelector("label")].filter(Boolean);
    const place = [...document.querySelectorAll("*")].indexOf(element);
    const name = `${element.tagName} ${(element.textContent || element.name || "").trim()}`;
    return { place, name: name.slice(0, 40), ringed: near.some(ringed) };
}"""


def test_a_keyboard_goes_through_a_page_in_order_and_out_again(
    app: Flask, cast: Cast, visit: Visit, browser: Browser
) -> None:
    student, teacher = visit("student"), visit("teacher")
    talk = ask(student).split("#")[0]
    shown = Shown(browser, Whole(app, cast, {"student": student, "teacher": teacher}, {}))
    for who, path in (
        ("student", talk),
        ("student", "/knowledge/optimisation/quantification"),
        ("teacher", f"/admin/classes/{cast.classroom}/conversations"),
    ):
        shown.open(Page(who, path, {"student": student, "teacher": teacher}[who].get(path).text))
        stops = list(_stops(shown.tab))
        assert stops[0]["name"].endswith("Aller au contenu"), path
        places = [stop["place"] for stop in stops]
        assert places == sorted(set(places)), path
        assert [stop["name"] for stop in stops if not stop["ringed"]] == [], path
        assert 10 < len(stops) < MOST_STOPS, path


def _stops(tab: BrowserPage) -> Iterator[dict[str, Any]]:
    """Press the key Tab until the page is left, and yield where the focus was."""
    for _ in range(MOST_STOPS):
        tab.keyboard.press("Tab")
        stop = tab.evaluate(FOCUS)
        if stop is None:
            return
        yield stop
