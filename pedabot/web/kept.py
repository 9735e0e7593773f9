"""Parts of pages, kept as HTML while nothing that they show has changed.

A part is known again by its key, which holds all that its template looks at: so nothing has to be
told when something changes, and what is no longer asked for is dropped in the end. The language is
always in the key. What is each visitor's own stays out of what is kept: the token of the forms is
put in anew for each session.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Hashable, Sequence

from flask import render_template, session
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from pedabot.web.access import signed_in_user

MOST = 6_000_000
"""Characters that a process keeps, some 6 MB."""

_TOKEN = secrets.token_hex(16)
"""Stands in what is kept for the token of forms, which is each session's own."""

INSIDE = Markup(secrets.token_hex(16))  # noqa: S704
"""Stands in a kept frame for what is put into it."""


class Shelf:
    """Keeps texts by their keys, at most so many characters in all: the oldest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._lock = threading.Lock()
        self._texts: dict[Hashable, str] = {}

    def get(self, key: Hashable) -> str | None:
        """Return the text with that key, if it is kept."""
        return self._texts.get(key)

    def keep(self, key: Hashable, text: str) -> None:
        """Keep a text, in place of the one with the same key."""
        with self._lock:
            self._size += len(text) - len(self._texts.pop(key, ""))
            self._texts[key] = text
            while self._size > self._most:
                self._size -= len(self._texts.pop(next(iter(self._texts))))


_shelf = Shelf(MOST)


def find_all(names: Sequence[tuple[str, Hashable | None]]) -> Markup | None:
    """Return parts one after the other, by template and key; None unless all are kept."""
    language = str(get_locale())
    parts = [_shelf.get((template, language, key)) for template, key in names]
    found = [part for part in parts if part is not None]
    return _with_token("\n".join(found)) if len(found) == len(parts) else None


def part(template: str, key: Hashable | None, values: Callable[[], dict[str, object]]) -> Markup:
    """Return what a template makes of some values; the key holds all that it looks at of them.

    ``values`` is called only where the part is not kept. Without a key nothing is kept.
    """
    name = (template, str(get_locale()), key)
    html = _shelf.get(name)
    if html is None:
        html = _without_token(render_template(template, **values()))
        if key is not None:
            _shelf.keep(name, html)
    return _with_token(html)


def frame(
    template: str, key: Hashable, values: Callable[[], dict[str, object]], inside: Markup
) -> Markup:
    """Return a page of whoever is signed in, with ``inside`` where the template has that name.

    The key need not tell what all pages show of their reader. A page with a message that is shown
    once is not kept.
    """
    user = signed_in_user()
    name = None if "_flashes" in session else (user.username, user.teaches, key)
    html = part(template, name, lambda: {**values(), "inside": INSIDE})
    return Markup(str(html).replace(INSIDE, inside))  # noqa: S704


def _with_token(html: str) -> Markup:
    if _TOKEN in html:
        html = html.replace(_TOKEN, generate_csrf())
    return Markup(html)  # noqa: S704


def _without_token(html: str) -> str:
    return html.replace(generate_csrf(), _TOKEN)
