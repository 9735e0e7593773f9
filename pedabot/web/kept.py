"""Parts of pages, kept as HTML while nothing that they show has changed.

A part is known again by its key, which holds all that its template looks at: so nothing has to be
told when something changes, and what is no longer asked for is dropped in the end. The language is
always in the key. What is each visitor's own stays out of what is kept: the token of the forms is
put in anew for each session. They are bytes, as they are sent: a long page is put together without
being encoded.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Hashable, Sequence

from flask import render_template, session
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf

from pedabot.web.access import signed_in_user

MOST = 6_000_000
"""Bytes that a process keeps."""

_TOKEN = secrets.token_hex(16).encode()
"""Stands in what is kept for the token of forms, which is each session's own."""

INSIDE = secrets.token_hex(16)
"""Stands in a kept frame for what is put into it."""


class Shelf:
    """Keeps texts by their keys, at most so many bytes in all: the oldest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._lock = threading.Lock()
        self._texts: dict[Hashable, bytes] = {}

    def get(self, key: Hashable) -> bytes | None:
        """Return the text with that key, if it is kept."""
        return self._texts.get(key)

    def keep(self, key: Hashable, text: bytes) -> None:
        """Keep a text, in place of the one with the same key."""
        with self._lock:
            self._size += len(text) - len(self._texts.pop(key, b""))
            self._texts[key] = text
            while self._size > self._most:
                self._size -= len(self._texts.pop(next(iter(self._texts))))


_shelf = Shelf(MOST)


def find_all(names: Sequence[tuple[str, Hashable | None]]) -> bytes | None:
    """Return parts one after the other, by template and key; None unless all are kept."""
    language = str(get_locale())
    parts = [_shelf.get((template, language, key)) for template, key in names]
    found = [part for part in parts if part is not None]
    return b"\n".join(found) if len(found) == len(parts) else None


def part(template: str, key: Hashable | None, values: Callable[[], dict[str, object]]) -> bytes:
    """Return what a template makes of some values, to be put into a :func:`frame`.

    The key holds all that the template looks at of the values, which are made only where the part
    is not kept. Without a key nothing is kept.
    """
    name = (template, str(get_locale()), key)
    html = _shelf.get(name)
    if html is None:
        html = render_template(template, **values()).encode()
        html = html.replace(generate_csrf().encode(), _TOKEN)
        if key is not None:
            _shelf.keep(name, html)
    return html


def frame(
    template: str, key: Hashable | None, values: Callable[[], dict[str, object]], inside: bytes
) -> bytes:
    """Return a page of whoever is signed in, with ``inside`` where the template has that name.

    The key need not tell what all pages show of their reader. A page with a message that is shown
    once is not kept, nor is one without a key.
    """
    user = signed_in_user()
    kept = key is not None and "_flashes" not in session
    name = (user.username, user.teaches, key) if kept else None
    html = part(template, name, lambda: {**values(), "inside": INSIDE})
    return html.replace(INSIDE.encode(), inside).replace(_TOKEN, generate_csrf().encode())
