"""The conversations of a class as files, in pieces."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from pedabot.storage.conversations import Author
from pedabot.storage.exports import ExportedMessage

Talks = Iterable[list[ExportedMessage]]
BOM = "\ufeff"
"""Without it French spreadsheets take UTF-8 for Windows-1252."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV injection)."""

COLUMNS = (
    "conversation",
    "title",
    "student",
    "at",
    "author",
    "level",
    "topic",
    "subtopic",
    "engine",
    "state",
    "in_scope",
    "content",
    "helpful",
    "reason",
    "verdict",
    "correction",
)


def as_csv(talks: Talks, headings: Sequence[str]) -> Iterator[str]:
    """Yield a table with a line for each message, for spreadsheets; ``headings`` name COLUMNS."""
    yield BOM + _lines([headings])
    for talk in talks:
        yield _lines([_cells(message) for message in talk])


def _cells(message: ExportedMessage) -> list[str]:
    values = [getattr(message, column) for column in COLUMNS]
    return [harmless(_plain(value)) for value in values]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else str(value)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue()


def as_jsonl(talks: Talks) -> Iterator[str]:
    """Yield a line for each conversation, with its messages."""
    for talk in talks:
        first = talk[0]
        data = {
            "conversation": first.conversation,
            "title": first.title,
            "student": first.student,
            "messages": [_message(message) for message in talk],
        }
        yield json.dumps(data, ensure_ascii=False) + "\n"


def _message(message: ExportedMessage) -> dict[str, Any]:
    data: dict[str, Any] = {
        "at": message.at.isoformat(timespec="seconds"),
        "author": message.author.value,
        "level": message.level.value,
        "content": message.content,
    }
    if message.author is Author.TUTOR:
        data |= {
            "topic": message.topic,
            "engine": message.engine,
            "state": message.state.value,
            "in_scope": message.in_scope,
            "helpful": message.helpful,
            "reason": message.reason or "",
            "verdict": message.verdict.value if message.verdict else None,
            "correction": message.correction or "",
        }
    elif message.subtopic:
        data["subtopic"] = message.subtopic
    return data
