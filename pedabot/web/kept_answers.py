"""The answers of a conversation's page, kept as HTML while nothing that they show has changed.

A conversation is opened at each turn, and what was said in it stays. An answer is known again by
the digest of all rows behind it, so nothing has to be told when one of them changes.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from functools import cache
from hashlib import sha256

from flask import render_template
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from sqlalchemy import inspect

from pedabot.extensions import Base
from pedabot.storage.conversations import Message

MOST = 512
"""Answers of one process; some 4 MB."""

_TOKEN = secrets.token_hex(16)
"""Stands in what is kept for the token of forms, which is each session's own."""

_lock = threading.Lock()
_kept: dict[bytes, str] = {}


def answer_html(answer: Message, closed: object) -> Markup:
    """Return a finished answer that is not the last of its page."""
    token, key = generate_csrf(), _digest(answer, closed)
    html = _kept.get(key)
    if html is None:
        html = render_template("chat/_answer.html", answer=answer, closed=closed)
        html = html.replace(token, _TOKEN)
        with _lock:
            while len(_kept) >= MOST:
                del _kept[next(iter(_kept))]
            _kept[key] = html
    return Markup(html.replace(_TOKEN, token))  # noqa: S704


def _digest(answer: Message, closed: object) -> bytes:
    told = [_values(row) for row in _rows(answer)]
    return sha256(repr((str(get_locale()), bool(closed), told)).encode()).digest()


def _rows(answer: Message) -> Iterator[Base]:
    """Yield all that ``chat/_answer.html`` shows something of."""
    about = (answer, answer.question, answer.conversation, answer.feedback, answer.report)
    yield from (row for row in about if row is not None)
    for judged in (*([answer.review] if answer.review else ()), *answer.notes):
        yield judged
        if judged.teacher is not None:
            yield judged.teacher


def _values(row: Base) -> list[object]:
    return [getattr(row, name) for name in _columns(type(row))]


@cache
def _columns(table: type[Base]) -> list[str]:
    # When one was last here says nothing of what is shown.
    passing = {"updated_at", "seen_at", "title"}
    named = (column.key for column in inspect(table).column_attrs)
    return [name for name in named if name not in passing]
