"""What the school keeps about a person: a copy of all of it, and its end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from pedabot.storage import accounts, copies, erasure
from pedabot.storage.people import Classroom, User
from pedabot.storage.roles import Permission, Role
from pedabot.storage.subjects import rows_about
from pedabot.teaching.accounts import LastAdminError
from pedabot.teaching.classes import ClassError

PAGE, STYLE, DATA, FILES = "mes-donnees.html", "mes-donnees.css", "donnees.json", "fichiers"


class OnlyTeacherError(ClassError):
    """A class would be left without a teacher; its message is the name of that class."""


class NotOnlyHereError(ClassError):
    """The account is no student's, or belongs to another class too."""


def erase_own_account(user: User) -> None:
    """Erase an account at the wish of its owner. Commits.

    Raises:
        LastAdminError: if nobody else could administer the server.
        OnlyTeacherError: if a class would be left without a teacher.
    """
    if alone := erasure.taught_alone(user):
        raise OnlyTeacherError(alone[0].name)
    erase_account(user)


def erase_student(classroom: Classroom, user: User) -> None:
    """Erase the account of a student who is in this class only. Commits.

    Raises:
        NotOnlyHereError: if the account is not that of a student, or is in another class too.
    """
    if user.role is not Role.STUDENT or erasure.learns_elsewhere(user, classroom):
        raise NotOnlyHereError(user.username)
    erasure.erase(user)


def erase_account(user: User) -> None:
    """Erase any account. Commits.

    Raises:
        LastAdminError: if nobody else could administer the server.
    """
    if user.may(Permission.ADMINISTER) and not accounts.other_active_admin(user):
        raise LastAdminError(user.username)
    erasure.erase(user)


def write_copy(user: User, page: Iterable[str], style: bytes, file: IO[bytes]) -> None:
    """Write a ZIP archive of all that is kept about an account.

    ``page`` is the readable part, as pieces of HTML, and ``style`` its style sheet. Rows come from
    the database a few hundred at a time, so that memory holds the compressed archive alone.
    """
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        with archive.open(PAGE, "w") as entry:
            for piece in page:
                entry.write(piece.encode())
        archive.writestr(STYLE, style)
        with archive.open(DATA, "w") as entry:
            for line in _tables_as_json(user.id):
                entry.write(line.encode())
        for number, (name, content) in enumerate(copies.files_of(user), 1):
            archive.writestr(f"{FILES}/{number:03}-{PurePath(name).name}", content)


def _tables_as_json(user_id: int) -> Iterable[str]:
    """Yield one JSON object in pieces: the name of each table, and its rows."""
    opening = "{"
    for table, rows in rows_about(user_id):
        yield f"{opening}\n{json.dumps(table)}: ["
        comma = ""
        for row in rows:
            yield f"{comma}\n  {json.dumps(row, ensure_ascii=False, default=_plain)}"
            comma = ","
        yield "]"
        opening = ","
    yield "\n}\n"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
