"""What must hold before a server starts; for ``flask serve`` and ``gunicorn.conf.py``."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flask import Flask
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from pedabot import locks
from pedabot.extensions import db
from pedabot.storage import schema, sqlite
from pedabot.storage.faults import fault_of

LOCK_HANDED_ON = "DATABASE_LOCK_FD"
"""In the environment of a server that takes over from one before: the lock, opened already."""

_held: dict[Path, IO[str]] = {}
"""The lock of this process, by its file; it is kept until the process ends."""


class NotStartedError(Exception):
    """The server must not start; the message says why and what to do."""


def check(app: Flask) -> None:
    """Check what a server needs before it listens.

    Raises:
        NotStartedError: if another server has the database or the port, or the tables do not fit.
    """
    take_database(app)
    check_port(app.config["HOST"], app.config["PORT"])
    check_tables(app)


def check_tables(app: Flask) -> None:
    """Check that the tables are those of this program.

    Raises:
        NotStartedError: if they are older or newer, or the database cannot be read.
    """
    with app.app_context():
        try:
            with db.engine.connect() as connection:
                fault = schema.fault_in(connection, app.extensions["migrate"].directory)
        except DBAPIError as error:
            fault = fault_of(error)
            if fault is None:
                raise
    if fault is not None:
        raise NotStartedError(fault.advice)


def take_database(app: Flask) -> None:
    """Become the one server of a SQLite file; a database on a server may have many.

    Raises:
        NotStartedError: if another server has the file.
    """
    file = sqlite.file_of(make_url(app.config["DATABASE_URL"]))
    if file is None or file in _held:
        return
    if LOCK_HANDED_ON in os.environ:
        _held[file] = os.fdopen(int(os.environ.pop(LOCK_HANDED_ON)), "a", encoding="ascii")
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _held[file] = locks.take(sqlite.lock_of(file))
    except locks.HeldError as error:
        raise NotStartedError(
            "Another server runs on this database already: stop it first, or give this one an"
            " instance folder of its own (FLASK_INSTANCE_PATH). Several servers on one database"
            " need PostgreSQL (docs/deployment.md)."
        ) from error


@contextmanager
def having_database(app: Flask) -> Iterator[None]:
    """Be the one server of the database for a moment, or go on being it.

    Raises:
        NotStartedError: if another server has the file.
    """
    before = set(_held)
    take_database(app)
    try:
        yield
    finally:
        for file in set(_held) - before:
            _held.pop(file).close()


def hand_lock_on() -> dict[str, str]:
    """Let the program that this process becomes keep the lock; returns what it must be told."""
    told = {}
    for lock in _held.values():
        os.set_inheritable(lock.fileno(), True)
        told[LOCK_HANDED_ON] = str(lock.fileno())
    return told


def leave_lock() -> None:
    """In a worker: leave the lock to the process that started it, so that both end together."""
    while _held:
        _held.popitem()[1].close()


def check_port(host: str, port: int) -> None:
    """Check that a server can listen there.

    Raises:
        NotStartedError: if another program does, or the machine has no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise NotStartedError(
                    f"Port {port} of {host} is in use (`ss -tlnp` shows by whom): end that program,"
                    " or set PORT to another one."
                ) from error
            raise NotStartedError(
                f"Nothing can listen on {host}, port {port} ({error.strerror}): set HOST to an"
                " address of this machine, and PORT to 1024 or more."
            ) from error
