"""Backups of the SQLite file, made while the server runs; which of them are kept.

A backup is made under another name and renamed when it is whole and verified: whatever ends the
process, what bears the name of a backup is one. The folder is locked meanwhile.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pedabot import locks

_NAME = re.compile(r"pedabot-(\d{8}T\d{6}Z)\.db\.gz(?:\.age)?")
_MOMENT = "%Y%m%dT%H%M%SZ"
PARTIAL = ".partial-"
"""How the names of files begin that are not whole; the next one who has the lock deletes them."""
CHUNK = 1024 * 1024


class BackupError(Exception):
    """A backup cannot be made or used; the message says why and what to do. Nothing has changed."""


def make(database: Path, folder: Path, recipient: str, now: datetime) -> Path:
    """Make a backup of a database and return its file; ``recipient`` is an age key, or empty.

    Raises:
        BackupError: if it cannot be made, or the database is damaged.
    """
    if not database.is_file():
        raise BackupError(f"{database} is not there: there is nothing to back up")
    own_folder(folder)
    with explained(folder), alone_in(folder):
        plain = folder / f"{PARTIAL}{os.getpid()}.db"
        _copy(database, plain)
        check(plain)
        packed = _pack(plain)
        plain.unlink()
        name = f"pedabot-{now.astimezone(UTC).strftime(_MOMENT)}.db.gz"
        if recipient:
            packed, name = _encrypt(packed, recipient), f"{name}.age"
        return put_in_place(packed, folder / name)


def own_folder(folder: Path) -> None:
    """Make a folder that nobody else reads; refuse to leave files in one of another account.

    What root writes there, the server could not read.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(
            f"{folder} cannot be made ({error.strerror}): is its disk there (`mount`)?"
        ) from error
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise BackupError(
            f"{folder} belongs to another account (number {owner}): run this command as that one"
        )


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep others out of a folder, and delete what one that was killed left behind."""
    try:
        lock = locks.take(folder / "backup.lock")
    except locks.HeldError as error:
        raise BackupError(f"Another backup or restore is at work in {folder}") from error
    with lock:
        _sweep(folder)
        try:
            yield
        finally:
            _sweep(folder)


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{PARTIAL}*"):
        left.unlink()


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Say in a sentence what the system or SQLite refused."""
    try:
        yield
    except OSError as error:
        raise BackupError(
            f"{folder} cannot be written ({error.strerror}); see `df -h` for a full disk; a unit of"
            " systemd writes only where ReadWritePaths says (docs/deployment.md)"
        ) from error
    except sqlite3.Error as error:
        raise BackupError(f"SQLite says: {error}. See `df -h` for a full disk") from error


def _copy(database: Path, target: Path) -> None:
    """Copy what is committed at this moment, in one go: readers and writers go on meanwhile."""
    with closing(_opened(database, "rw")) as reader, private(target) as written:
        written.close()
        with closing(sqlite3.connect(target)) as writer:
            reader.backup(writer)
            writer.execute("PRAGMA journal_mode=DELETE")


def _opened(database: Path, mode: str) -> sqlite3.Connection:
    """Open a file that must be there."""
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode={mode}", uri=True)


def private(path: Path) -> IO[bytes]:
    """Open a new file that its owner alone may read."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def check(database: Path) -> str:
    """Return the revision of a whole database of PedaBot, in a file that nobody writes.

    Raises:
        BackupError: if the file is damaged, or something else.
    """
    try:
        with closing(
            sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
        ) as opened:
            found = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
            rows = opened.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"This is not a whole database of PedaBot ({error})") from error
    if found != "ok" or len(rows) != 1:
        raise BackupError(f"The database is damaged ({found})")
    return str(rows[0][0])


def _pack(plain: Path) -> Path:
    """Compress a file, and see that it comes out of it again as it was."""
    packed = plain.with_suffix(".db.gz")
    with plain.open("rb") as source, private(packed) as target:
        with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=6) as writer:
            shutil.copyfileobj(source, writer, CHUNK)
        source.seek(0)
        target.seek(0)
        with gzip.GzipFile(fileobj=target, mode="rb") as reader:
            if _digest(reader) != _digest(source):
                raise BackupError("What was written is not what was read: check the disk")
    return packed


def _digest(file: IO[bytes] | gzip.GzipFile) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _encrypt(packed: Path, recipient: str) -> Path:
    # Only those who encrypt pay for it.
    import pyrage

    try:
        key = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        raise BackupError(
            f"PEDABOT_BACKUP_RECIPIENT: {error}; a key for age is like age1…"
        ) from error
    encrypted = packed.with_name(f"{packed.name}.age")
    with packed.open("rb") as source, private(encrypted) as target:
        pyrage.encrypt_io(source, target, [key])
    packed.unlink()
    return encrypted


def put_in_place(whole: Path, target: Path) -> Path:
    """Give a file its name, once all of it is on the disk."""
    for path in (whole, target.parent):
        synchronise(path)
    whole.replace(target)
    synchronise(target.parent)
    return target


def synchronise(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def rotate(folder: Path, days: int, weeks: int) -> list[Path]:
    """Delete the backups that are not kept, and return them.

    See :func:`kept`.
    """
    found = {_moment(path): path for path in folder.iterdir() if _NAME.fullmatch(path.name)}
    gone = [found[moment] for moment in set(found) - kept(found, days, weeks)]
    for path in gone:
        path.unlink()
    return sorted(gone)


def _moment(path: Path) -> datetime:
    match = _NAME.fullmatch(path.name)
    assert match is not None  # noqa: S101 - asked for by all callers
    return datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC)


def kept(moments: Iterable[datetime], days: int, weeks: int) -> set[datetime]:
    """Return which backups are kept, by their moments.

    All of the newest day, which may be of before and after an upgrade; the newest of each of the
    last days with a backup, and of each of the last such weeks. Nothing goes by age: a server that
    was off for months loses none.
    """
    newest_first = sorted(moments, reverse=True)
    by_day: dict[object, datetime] = {}
    by_week: dict[object, datetime] = {}
    for moment in newest_first:
        by_day.setdefault(moment.date(), moment)
        by_week.setdefault(moment.isocalendar()[:2], moment)
    newest_day = [moment for moment in newest_first if moment.date() == newest_first[0].date()]
    return {*newest_day, *list(by_day.values())[:days], *list(by_week.values())[:weeks]}
