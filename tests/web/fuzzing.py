"""Requests made at random, to every route, by everybody, with fields that the pages really have."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import html5lib
from flask import Flask
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.storage import courses, people, prompts
from tests.answering.hostile import payloads
from tests.conftest import COURSE, PASSWORD, Cast, Visit, Visitor

WHO = ("", "student", "classmate", "teacher", "colleague", "stranger", "admin")
Values = dict[str, set[str]]


@dataclass
class Site:
    """An application with something of everything, and what its pages have in their forms."""

    app: Flask
    browsers: dict[str, Visitor]
    slugs: list[str]
    fields: dict[str, Values] = field(default_factory=dict)
    """The names of fields and of parameters by endpoint, with the values that pages gave them."""

    @property
    def rules(self) -> list[Rule]:
        """Return the routes, static files aside."""
        return [rule for rule in self.app.url_map.iter_rules() if rule.endpoint != "static"]


def furnish(app: Flask, visit: Visit, cast: Cast) -> Site:
    """Sign everybody in, let them ask and write, and read what the pages then hold."""
    with app.app_context():
        version = courses.add_version(document.dumps(document.validate(COURSE)), "first")
        courses.activate(version)
        teacher = people.find_user("teacher")
        assert teacher is not None
        teacher.edits_course = teacher.edits_prompts = True
        prompts.add_version("Bonjour", "first", teacher)
        db.session.commit()
    browsers = {name: visit(name) for name in WHO}
    site = Site(app, browsers, [*cast.slugs.values(), cast.classroom, cast.other_classroom, "1"])
    question = {"text": "C'est quoi la quantification ?", "level": "beginner"}
    file = {"files": (io.BytesIO(b"x = 1\n"), "mine.py")}
    browsers["student"].post("/chat", data={**question, **file})
    browsers["classmate"].post("/chat", data={**question, "text": "À quoi sert l'élagage ?"})
    for name in WHO:
        _crawl(site, browsers[name])
    return site


def _crawl(site: Site, browser: Visitor) -> None:
    """Follow the links of a visitor, and note forms, parameters and slugs on the way."""
    waiting, seen = ["/"], {"/"}
    while waiting and len(seen) < 120:
        response = browser.get(waiting.pop(), follow_redirects=True)
        content = response.get_data()  # to its end, or the request goes on
        if response.mimetype != "text/html":
            continue
        for address, values in _addresses(content.decode()):
            path = urlsplit(address).path
            found = _match(site.app, path)
            if found is None:
                continue
            endpoint, arguments = found
            site.slugs += [value for value in arguments.values() if value not in site.slugs]
            known = site.fields.setdefault(endpoint, {})
            for name, value in [*values, *parse_qsl(urlsplit(address).query)]:
                known.setdefault(name, set()).add(value)
            if not values and path not in seen:
                seen.add(path)
                waiting.append(address)


def _addresses(html: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the addresses of a page's links, and those of its forms with their fields."""
    page = html5lib.parse(html, namespaceHTMLElements=False)
    for link in page.iter("a"):
        yield link.get("href") or "", []
    for form in page.iter("form"):
        fields = [part for part in form.iter() if part.get("name")]
        values = [(part.get("name", ""), part.get("value") or part.text or "") for part in fields]
        yield form.get("action") or "", values
    for element in page.iter():
        for name in ("hx-get", "hx-post", "sse-connect"):
            yield element.get(name) or "", []


def _match(app: Flask, path: str) -> tuple[str, dict[str, Any]] | None:
    for method in ("POST", "GET"):
        try:
            endpoint, arguments = app.url_map.bind("").match(path or "/", method=method)
        except HTTPException:
            continue
        return str(endpoint), {name: str(value) for name, value in arguments.items()}
    return None


# ------------------------------------------------------------------------------- at random

HOSTILE = [text for kind in payloads().values() for text in kind]
STRANGE = (
    *("", "0", "1", "-1", "null", "true", "\0", "../../etc/passwd", "%00", "%2e%2e%2f", "=1+1"),
    *("2026-13-45", "2026-11-25", "9" * 400, "é" * 3000, "[]", "{}", "a\r\nX-Evil: 1", "\u202e"),
)
ODD = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.sampled_from(STRANGE),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
HEADERS = st.dictionaries(
    st.sampled_from(
        (
            *("HX-Request", "HX-Current-URL", "Referer", "Accept-Language", "Range", "Accept"),
            *("X-Forwarded-For", "X-Forwarded-Host", "Last-Event-ID", "If-None-Match"),
            "If-Modified-Since",
        )
    ),
    st.sampled_from(("true", "bytes=0-", 'W/"x"', "fr;q=x", "*/*"))
    | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    max_size=3,
)


@dataclass(frozen=True)
class Request:
    """One request, as it is sent."""

    who: str
    endpoint: str
    method: str
    path: str
    arguments: dict[str, Any]


@st.composite
def requests(draw: st.DrawFn, site: Site) -> Request:
    """Draw somebody, a route with slugs that exist (mostly), and what is sent along."""
    rule = draw(st.sampled_from(site.rules))
    known = st.sampled_from(site.slugs)
    values = {name: draw(known | known | ODD) for name in rule.arguments}
    path = rule.build(values, append_unknown=False)
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    method = draw(st.sampled_from([*methods, *methods, *methods, "HEAD", "OPTIONS", "PUT"]))
    fields = site.fields.get(rule.endpoint, {})
    arguments: dict[str, Any] = {"headers": draw(HEADERS), "query_string": draw(_filled(fields))}
    arguments |= draw(st.one_of(_form(fields), _form(fields), _form(fields), _other_body()))
    who = draw(st.sampled_from(WHO))
    return Request(who, rule.endpoint, method, path[1] if path else "/", arguments)


@st.composite
def _filled(draw: st.DrawFn, fields: Values) -> dict[str, Any]:
    """Fill in fields: most as the pages do, some oddly, and now and then one that is none."""
    filled: dict[str, Any] = {}
    for name, values in sorted(fields.items()):
        if draw(st.integers(0, 9)) > 1:
            usual = st.sampled_from(sorted(values))
            filled[name] = draw(st.one_of(usual, ODD, st.lists(ODD, max_size=3)))
    if draw(st.booleans()):
        names = ["role", "id", "user_id", "next", "after", "before", "q", "page", "slug", "level"]
        filled[draw(st.sampled_from(names))] = draw(ODD)
    return filled


@st.composite
def _form(draw: st.DrawFn, fields: Values) -> dict[str, Any]:
    filled = draw(_filled(fields))
    names = sorted(fields)
    if names and draw(st.integers(0, 3)) == 0:
        content, name = draw(st.binary(max_size=60)), draw(ODD).replace("\r", "").replace("\n", "")
        filled[draw(st.sampled_from(names))] = (io.BytesIO(content), name or "x.csv")
    return {"data": filled}


@st.composite
def _other_body(draw: st.DrawFn) -> dict[str, Any]:
    """A body that no page sends: JSON, broken multipart, bytes under another name."""
    if draw(st.booleans()):
        return {"json": draw(JSON)}
    kinds = ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "x"]
    kinds += ["application/x-www-form-urlencoded", "text/plain; charset=nothing"]
    return {"data": draw(st.binary(max_size=80)), "content_type": draw(st.sampled_from(kinds))}


@dataclass
class Tally:
    """What came back."""

    codes: Counter[int] = field(default_factory=Counter)
    endpoints: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def send(self, site: Site, request: Request) -> None:
        """Send a request and note a fault of the server: an error, or one that nobody caught."""
        browser = site.browsers[request.who]
        try:
            response = browser.open(request.path, method=request.method, **request.arguments)
            code, text = response.status_code, response.get_data()
        except Exception as error:  # noqa: BLE001 - whatever gets past the application is a fault
            code, text = 599, repr(error).encode()
        self.codes[code] += 1
        self.endpoints.add(request.endpoint)
        if code >= 500 or b"Traceback (most recent" in text:
            self.faults.append(f"{code} {request}")
        elif code == 302 and request.who and (response.location or "").startswith("/sign-in"):
            self._sign_in_again(browser, request.who)

    def _sign_in_again(self, browser: Visitor, name: str) -> None:
        """Go on with whoever was signed out by a request, unless that closed the account."""
        browser.post("/sign-in", data={"username": name, "password": PASSWORD})
