"""Whether a file may be taken: its name, its size, and whether it is what its name says."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pedabot.answering.attachments.notebooks import is_notebook, readable

MAX_FILES = 3
MAX_FILE_BYTES = 256 * 1024
MAX_NAME_LENGTH = 80
MEDIA_TYPES = {
    ".py": "text/x-python",
    ".ipynb": "application/x-ipynb+json",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".json": "application/json",
    ".log": "text/plain",
}

_SIGNATURES = (
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "archive"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"\x1f\x8b", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
)
_WINDOWS_LINE = re.compile(r"\r\n?")
# Bells, escapes of colours and the like come in honest logs; a binary file is full of others.
_CONTROLS = re.compile(r"[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_CONTROLS = 0.001
_ROWS_LOOKED_AT = 200
_PLAUSIBLE = 0.8


class Refusal(StrEnum):
    """Why a file is not taken."""

    TYPE = "type"
    SIZE = "size"
    EMPTY = "empty"
    BINARY = "binary"
    ENCODING = "encoding"
    JSON = "json"
    NESTING = "nesting"
    NOTEBOOK = "notebook"
    CSV = "csv"


class RefusedFileError(ValueError):
    """A file is not taken: its safe name, why, and what is known besides (a line, a kind)."""

    def __init__(self, name: str, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal}: {detail}")
        self.name = name
        self.refusal = refusal
        self.detail = detail


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was taken: ``content`` is its text, ``readable`` what a person reads of it.

    ``size`` is in bytes, as it came.
    """

    name: str
    media_type: str
    size: int
    content: str
    readable: str


def check_file(name: str, data: bytes) -> CheckedFile:
    """Take a file by the name and the bytes that a browser sends.

    Raises:
        RefusedFileError: if it is of a wrong type or size, or not what its name says.
    """
    safe = safe_name(name)
    ending = _ending(safe)
    if ending not in MEDIA_TYPES:
        raise RefusedFileError(safe, Refusal.TYPE)
    if len(data) > MAX_FILE_BYTES:
        raise RefusedFileError(safe, Refusal.SIZE)
    text = _decoded(safe, data)
    shown = text
    if ending in (".json", ".ipynb"):
        shown = _checked_json(safe, text, notebook=ending == ".ipynb")
    elif ending == ".csv":
        _check_csv(safe, text)
    return CheckedFile(safe, MEDIA_TYPES[ending], len(data), text, shown)


def safe_name(name: str) -> str:
    """Return the last part of a path, without what hides or breaks: controls, bidi marks, signs."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c)[0] not in "CZ" or c == " ")
    plain = " ".join(re.sub(r'[<>:"|?*;%]', "_", visible).split()).lstrip(". ")
    ending = _ending(plain)
    stem = plain[: len(plain) - len(ending)] or "fichier"
    return stem[: MAX_NAME_LENGTH - len(ending)].rstrip() + ending


def _ending(name: str) -> str:
    dot = name.rfind(".")
    ending = name[dot:].lower() if dot >= 0 else ""
    return ending if len(ending) <= 12 else ""


def _decoded(name: str, data: bytes) -> str:
    """Return the text of a file in UTF-8 or, failing that, Windows-1252."""
    if not data.strip():
        raise RefusedFileError(name, Refusal.EMPTY)
    kind = next((kind for start, kind in _SIGNATURES if data.startswith(start)), "")
    if (kind and not _reads_as_text(data)) or data.startswith(b"%PDF") or b"\x00" in data:
        raise RefusedFileError(name, Refusal.BINARY, kind)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise RefusedFileError(name, Refusal.ENCODING) from error
    if len(_CONTROLS.findall(text)) > max(1, _MAX_CONTROLS * len(text)):
        raise RefusedFileError(name, Refusal.BINARY, kind)
    return _WINDOWS_LINE.sub("\n", text)


def _reads_as_text(data: bytes) -> bool:
    """Tell "MZ" or "PK" at the head of a text from the same letters at the head of a program."""
    return data.isascii() and not _CONTROLS.search(data[:4096].decode("ascii"))


def _checked_json(name: str, text: str, *, notebook: bool) -> str:
    try:
        value: Any = json.loads(text)
    except RecursionError as error:
        raise RefusedFileError(name, Refusal.NESTING) from error
    except json.JSONDecodeError as error:
        raise RefusedFileError(name, Refusal.JSON, str(error.lineno)) from error
    except ValueError as error:  # a number of thousands of digits
        raise RefusedFileError(name, Refusal.JSON, "1") from error
    if not notebook:
        return text
    if not is_notebook(value):
        raise RefusedFileError(name, Refusal.NOTEBOOK)
    return readable(value)


def _check_csv(name: str, text: str) -> None:
    """Ask that most rows have as many cells as the commonest row, with the commonest separator."""
    lines = [line for line in text.split("\n") if line.strip()][:_ROWS_LOOKED_AT]
    separator = max(",;\t|", key=lambda sign: sum(line.count(sign) for line in lines))
    if not _is_table(lines, separator):
        raise RefusedFileError(name, Refusal.CSV)


def _is_table(lines: list[str], separator: str) -> bool:
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
    except csv.Error:
        return False
    _width, count = widths.most_common(1)[0]
    return count >= _PLAUSIBLE * widths.total()
