"""All payloads in one page of a real browser, without the policy that would stop them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from tests.answering.hostile import outcomes, payloads
from tests.databases import only_sqlite

pytestmark = [pytest.mark.browser, only_sqlite]  # no database is asked

ADDRESS = "http://pedabot.test/"
KATEX = Path(__file__).parents[2] / "pedabot/static/vendor/katex-0.19.1/katex.min.js"
TYPESETTING = Path(__file__).parents[2] / "pedabot/static/js/mathematics.js"

WATCH = """
window.noticed = [];
for (const name of ["alert", "confirm", "prompt", "print", "open", "fetch"])
  window[name] = (...words) => { window.noticed.push(`${name} ${words}`); };
addEventListener("error", (event) => {
  if (event instanceof ErrorEvent) window.noticed.push(`error ${event.message}`);
});
"""
# As a page that changes would: reads what it has written, and lets people do things.
PROVOKE = """
() => {
  const EVENTS = ["mouseover", "mouseenter", "pointerenter", "mousemove", "focus", "blur", "click",
    "input", "scroll", "toggle", "load", "error", "animationstart", "animationend", "pageshow"];
  for (const part of document.querySelectorAll("main > div")) part.innerHTML = part.innerHTML;
  document.addEventListener("click", (event) => event.preventDefault(), true);
  for (const element of document.querySelectorAll("main *"))
    for (const name of EVENTS) element.dispatchEvent(new Event(name));
  return {
    noticed: window.noticed,
    addresses: [...new Set([...document.querySelectorAll("[href]")].map((a) => a.protocol))],
    shadowed: ["location", "cookie", "body", "getElementById", "htmx"].filter(
      (name) => document[name] instanceof Element && name !== "body"),
    foreign: [...document.querySelectorAll(
      "main :is(script, style, iframe, object, embed, img, svg, form, input, link, meta, base)"
    )].filter((element) => !element.closest(".katex")).map((element) => element.outerHTML),
  };
}
"""


def _page(browser: Browser, parts: list[str], requests: list[str]) -> Page:
    """Open a page that has the parts in it, and note what it asks for."""
    body = "\n".join(f"<div>{part}</div>" for part in parts)
    html = f"<!doctype html><meta charset=utf-8><title>x</title><main>{body}</main>"
    page = browser.new_page()

    def answer(route: Route, request: Request) -> None:
        if request.url == ADDRESS and request.is_navigation_request():
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            requests.append(request.url)
            route.abort()

    page.route("**/*", answer)
    page.add_init_script(WATCH)
    page.goto(ADDRESS)
    page.add_script_tag(path=KATEX)
    page.add_script_tag(path=TYPESETTING)
    return page


def test_nothing_runs_asks_or_shadows(browser: Browser) -> None:
    texts = [text for kind in payloads().values() for text in kind]
    parts = list(dict.fromkeys(html for text in texts for html in outcomes(text)))
    requests: list[str] = []
    page = _page(browser, parts, requests)
    found = page.evaluate(PROVOKE)
    assert found["noticed"] == []
    assert set(found["addresses"]) <= {"http:", "https:", "mailto:"}
    assert found["foreign"] == []
    assert found["shadowed"] == []
    assert requests == []
    assert len(parts) > 1000


def test_the_same_texts_uncleaned_would_be_noticed(browser: Browser) -> None:
    requests: list[str] = []
    harmless_alone = ("<plaintext>", "<meta http-equiv=refresh", "<frameset", "<noframes>", "<xmp>")
    for kind in ("script", "handlers", "svg", "mutation", "frames and requests"):
        texts = [text for text in payloads()[kind] if not text.startswith(harmless_alone)]
        requests.clear()
        page = _page(browser, texts[:12], requests)
        found = page.evaluate(PROVOKE)
        assert found["noticed"] or requests, kind
        assert found["foreign"] or found["noticed"], kind
        page.close()
