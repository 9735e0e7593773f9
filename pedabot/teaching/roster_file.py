"""A list of students as a file: bytes of a spreadsheet in, lines with a name and a level out.

UTF-8, UTF-16 (with a mark) or Windows-1252; commas, semicolons or tabs; with or without a header.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from pedabot.knowledge.document import Difficulty
from pedabot.storage.people import username_key
from pedabot.teaching.names import is_good_name

MAX_BYTES = 200_000
MAX_LINES = 300
DELIMITERS = ";\t,"

NAME_HEADERS = ("pseudonyme", "pseudo", "identifiant", "login", "username", "utilisateur")
FAMILY_HEADERS = ("nom", "nom de famille", "last name")
GIVEN_HEADERS = ("prenom", "first name")
LEVEL_HEADERS = ("niveau", "level")
LEVELS = {
    "debutant": Difficulty.BEGINNER,
    "beginner": Difficulty.BEGINNER,
    "intermediaire": Difficulty.INTERMEDIATE,
    "intermediate": Difficulty.INTERMEDIATE,
    "avance": Difficulty.ADVANCED,
    "advanced": Difficulty.ADVANCED,
}


class RosterFileError(ValueError):
    """The file cannot be read as a list; ``problem`` says why."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class FileProblem(StrEnum):
    """Why a whole file is refused."""

    EMPTY = "empty"
    TOO_LARGE = "too large"
    TOO_MANY_LINES = "too many lines"
    NOT_TEXT = "not text"
    BROKEN_QUOTES = "broken quotes"


class Refusal(StrEnum):
    """Why a line of the file makes no account."""

    NO_NAME = "no name"
    BAD_NAME = "bad name"
    TWICE = "twice"
    UNKNOWN_LEVEL = "unknown level"
    IN_CLASS = "in class"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, numbered from 1; ``twin`` is the earlier line with the same name."""

    number: int
    username: str
    level: Difficulty | None = None
    refusal: Refusal | None = None
    twin: int | None = None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns are; a name may be put together of two."""

    name: int | None = 0
    given: int | None = None
    family: int | None = None
    level: int | None = 1


def decode(data: bytes) -> str:
    """Return the text of a file.

    Raises:
        RosterFileError: if it is too large, empty, or no text.
    """
    if len(data) > MAX_BYTES:
        raise RosterFileError(FileProblem.TOO_LARGE)
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if not text.strip():
            raise RosterFileError(FileProblem.EMPTY)
        return text
    raise RosterFileError(FileProblem.NOT_TEXT)


def read(text: str) -> list[Line]:
    """Return the lines of the list, each judged by itself and beside the others.

    Raises:
        RosterFileError: if it has too many lines, none, or quotes that do not close.
    """
    rows = list(_rows(text))
    if not rows:
        raise RosterFileError(FileProblem.EMPTY)
    columns = _header(rows[0][1])
    if columns is not None:
        del rows[0]
    if not rows:
        raise RosterFileError(FileProblem.EMPTY)
    if len(rows) > MAX_LINES:
        raise RosterFileError(FileProblem.TOO_MANY_LINES)
    lines = [_line(number, cells, columns or _Columns()) for number, cells in rows]
    return _without_twins(lines)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold something, with the numbers of the lines where they end."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise RosterFileError(FileProblem.BROKEN_QUOTES) from error


def _delimiter(text: str) -> str:
    first = text.strip().partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _header(cells: list[str]) -> _Columns | None:
    """Return where the columns are if the first row names them."""
    names = [_plain(cell) for cell in cells]
    name, given = _where(names, NAME_HEADERS), _where(names, GIVEN_HEADERS)
    family, level = _where(names, FAMILY_HEADERS), _where(names, LEVEL_HEADERS)
    if name is None and given is None and family is None:
        return None
    return _Columns(name, given, family, level)


def _where(names: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((place for place, name in enumerate(names) if name in wanted), None)


def _line(number: int, cells: list[str], columns: _Columns) -> Line:
    username = _username(cells, columns)
    written = _plain(_cell(cells, columns.level))
    line = Line(number, username, LEVELS.get(written))
    if not username:
        return replace(line, refusal=Refusal.NO_NAME)
    if not is_good_name(username):
        return replace(line, refusal=Refusal.BAD_NAME)
    if written and line.level is None:
        return replace(line, refusal=Refusal.UNKNOWN_LEVEL)
    return line


def _username(cells: list[str], columns: _Columns) -> str:
    """Return the pseudonym; of a first and a family name only the initial of the latter."""
    if columns.name is not None:
        return _cell(cells, columns.name)
    given, family = _cell(cells, columns.given), _cell(cells, columns.family)
    if columns.given is None or not given:
        return family
    return f"{given} {family[:1].upper()}." if family else given


def _cell(cells: list[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _plain(word: str) -> str:
    """Return a word in lower case and without accents."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return re.sub(r"[\u0300-\u036f]", "", decomposed).strip()


def _without_twins(lines: list[Line]) -> list[Line]:
    first: dict[str, int] = {}
    judged = []
    for line in lines:
        twin = first.setdefault(username_key(line.username), line.number)
        is_twin = line.refusal is None and twin != line.number
        judged.append(replace(line, refusal=Refusal.TWICE, twin=twin) if is_twin else line)
    return judged
