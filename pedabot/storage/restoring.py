"""A backup brought back in the place of the database, which is kept.

All is prepared beside it; one renaming then changes the one for the other, so that whatever ends
the process leaves the old database or the new one, whole.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import zlib
from collections.abc import Collection
from contextlib import ExitStack, closing, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from pedabot import locks
from pedabot.storage import backups
from pedabot.storage.backups import PARTIAL, BackupError

SQLITE_SUFFIXES = ("", "-wal", "-shm")
KEPT = "replaced-"
"""How the folders begin that keep what a restore has replaced."""


class InUseError(BackupError):
    """A server or a worker has the database open."""


def restore(
    backup: Path,
    database: Path,
    *,
    known: Collection[str],
    users: Collection[Path],
    identity: Path | None,
    now: datetime,
) -> Path | None:
    """Put a backup in the place of a database; return the folder that keeps the one before, if any.

    ``known`` are the revisions that this program can read, ``users`` the locks of those who have
    the database open while they run, ``identity`` a file with keys for a backup that is encrypted.

    Raises:
        BackupError: if the backup is damaged or newer than the program; nothing has changed then.
        InUseError: if somebody has the database open.
    """
    folder = database.parent
    backups.own_folder(folder)
    with ExitStack() as held:
        for lock in users:
            held.enter_context(_closed(lock))
        held.enter_context(backups.explained(folder))
        held.enter_context(backups.alone_in(folder))
        plain = _unpack(backup, folder, identity)
        revision = backups.check(plain)
        if revision not in known:
            raise BackupError(
                f"{backup.name} was made by a newer version of PedaBot ({revision}):"
                " install that version first"
            )
        replaced = _keep(database, now)
        _settle(database)
        backups.put_in_place(plain, database)
        return replaced


def _closed(lock: Path) -> IO[str]:
    """Take the lock that somebody who has the database open would hold."""
    try:
        return locks.take(lock)
    except locks.HeldError as error:
        raise InUseError(
            "PedaBot is running: stop the server and the worker first"
            " (`systemctl stop pedabot pedabot-worker`, or Ctrl+C where `make run` runs)"
        ) from error


def _unpack(backup: Path, folder: Path, identity: Path | None) -> Path:
    """Write what a backup holds beside the database."""
    packed = backup
    try:
        if backup.suffix == ".age":
            packed = _decrypt(backup, folder, identity)
        plain = folder / f"{PARTIAL}{os.getpid()}.db"
        with gzip.open(packed, "rb") as source, backups.private(plain) as target:
            shutil.copyfileobj(source, target, backups.CHUNK)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BackupError(f"{backup} is damaged, or no backup ({error}): use another") from error
    return plain


def _decrypt(backup: Path, folder: Path, identity: Path | None) -> Path:
    if identity is None:
        raise BackupError(f"{backup.name} is encrypted: name the file of its key with --identity")
    # Only those who encrypt pay for it.
    import pyrage

    lines = identity.read_text(encoding="utf-8").splitlines()
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    decrypted = folder / f"{PARTIAL}{os.getpid()}.gz"
    try:
        identities = [pyrage.x25519.Identity.from_str(key) for key in keys]
        with backup.open("rb") as source, backups.private(decrypted) as target:
            pyrage.decrypt_io(source, target, identities)
    except pyrage.IdentityError as error:
        raise BackupError(f"{identity} holds no key of age ({error})") from error
    except pyrage.DecryptError as error:
        raise BackupError(f"{backup} is damaged, or for another key ({error})") from error
    return decrypted


def _keep(database: Path, now: datetime) -> Path | None:
    """Give the files of the database a second name in a folder of their own: no byte is copied."""
    if not database.exists():
        return None
    for unused in database.parent.glob(f"{KEPT}*/{database.name}"):
        if unused.samefile(database):  # of a restore that was killed before the exchange
            shutil.rmtree(unused.parent)
    replaced = database.with_name(f"{KEPT}{now.strftime('%Y%m%dT%H%M%S%fZ')}")
    replaced.mkdir(mode=0o700)
    for suffix in SQLITE_SUFFIXES:
        file = database.with_name(database.name + suffix)
        if file.exists():
            os.link(file, replaced / file.name)
    backups.synchronise(replaced)
    return replaced


def _settle(database: Path) -> None:
    """Move what stands in the write-ahead log into the database, whose log goes with it.

    Otherwise the log of the old database would be read into the new one. SQLite deletes it when the
    last connection closes; where the database is too damaged for that, it is deleted here.
    """
    if not database.exists():
        return
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database)) as last:
        last.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in SQLITE_SUFFIXES[1:]:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
