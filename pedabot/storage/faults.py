"""What may be wrong with the database for reasons outside the program, and what to do about it."""

from __future__ import annotations

import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError


class Fault(Enum):
    """A kind of trouble, with a sentence for the administrator."""

    FULL = (
        "The disk is full: nothing new is stored, all that was stored is still there."
        " Make room (`df -h` shows where), for example by moving old backups elsewhere;"
        " the server goes on by itself."
    )
    READ_ONLY = (
        "The database cannot be written: its file and its folder must belong to the account that"
        " runs the server (`ls -l` shows whose they are, `chown` gives them back), on a disk that"
        " is not mounted read-only (`mount` shows it)."
    )
    LOCKED = (
        "The database is locked: another program has held it for too long. Close it (`fuser -v`"
        " with the file of the database names it); the server goes on by itself."
    )
    MISSING = (
        "The file of the database cannot be opened. If this is a first start, `flask setup` makes"
        " it ready; if there was one, stop the server and bring it back with `flask restore`."
    )
    BEHIND = (
        "The database does not have the tables of this version of PedaBot. If there is anything in"
        " it, make a backup (`flask backup`); then bring it up to date with `flask setup`."
    )
    NEWER = (
        "The database was made by a newer version of PedaBot: install that version again, or bring"
        " back a backup from before the upgrade (`flask restore`)."
    )
    DAMAGED = (
        "The file of the database is damaged: stop the server and bring back the newest backup"
        " with `flask restore`, which keeps the damaged file. Then check the disk."
    )
    DISK = (
        "The disk cannot be read or written as it should (`dmesg` says more). If it fails, bring"
        " the newest backup back on another one."
    )
    UNREACHABLE = (
        "The database does not answer: see that its server runs and that DATABASE_URL is right;"
        " PedaBot goes on by itself."
    )

    @property
    def advice(self) -> str:
        """What to do."""
        return self.value


_SQLITE = {
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_CANTOPEN: Fault.MISSING,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
    sqlite3.SQLITE_IOERR: Fault.DISK,
}
# https://www.postgresql.org/docs/15/errcodes-appendix.html
_POSTGRESQL = {
    "53100": Fault.FULL,
    "25006": Fault.READ_ONLY,
    "55P03": Fault.LOCKED,
    "40P01": Fault.LOCKED,
    "42P01": Fault.BEHIND,
    "42703": Fault.BEHIND,
}


def fault_of(error: DBAPIError) -> Fault | None:
    """Return what an error tells about the database; None for one of the program itself."""
    if isinstance(error.orig, sqlite3.Error):
        return fault_of_sqlite(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state in _POSTGRESQL:
        return _POSTGRESQL[state]
    lost = error.connection_invalidated or str(state or "")[:2] in {"08", "57"}
    # A connection that could not be made bears no state.
    refused = state is None and type(error.orig).__name__ == "OperationalError"
    return Fault.UNREACHABLE if lost or refused else None


def fault_of_sqlite(error: sqlite3.Error) -> Fault | None:
    """Return what an error of SQLite tells about its file; None for one of the program itself."""
    # The lower byte is the kind; an error of the module itself has no code.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such column")):
        return Fault.BEHIND
    return _SQLITE.get(code)


def advice_about(error: BaseException) -> str:
    """Return what to do about an error, or nothing for one that has other reasons."""
    fault = fault_of(error) if isinstance(error, DBAPIError) else None
    return fault.advice if fault else ""
