"""PostgreSQL and Redis for the tests: on free ports of this machine, in folders that are deleted.

``python -m tests.services`` runs the whole suite with both, ``python -m tests.services tests/web``
a part of it: arguments are pytest's. Nothing that runs on the machine already is touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import psycopg
import redis

LOOPBACK = "127.0.0.1"
PATIENCE = 60.0
# What these databases hold is gone after the tests: nothing needs to outlive a power cut.
POSTGRESQL_OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


class NotInstalledError(Exception):
    """A server is not on this machine; the message names its Debian package."""


def free_port() -> int:
    """Return a port of the loopback on which nothing listens."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


class Service(ABC):
    """A server in a folder of its own, whose data outlive ``stop`` and ``kill``."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="pedabot-service-"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start the server and wait until it answers."""
        self._process = self._spawn(self._command())
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, f"{self._command()[0]} ended"
            assert time.monotonic() < deadline, f"{self._command()[0]} does not answer"
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """End the server in its quick, orderly way: open connections are cut."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(PATIENCE)

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...


class PostgreSQL(Service):
    """A PostgreSQL server; as root it runs under the account of Debian's package."""

    def __init__(self) -> None:
        super().__init__()
        self._programs = _postgresql_programs()
        account = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._account = account.pw_name
        os.chown(self.folder, account.pw_uid, account.pw_gid)
        initdb = [str(self._programs / "initdb"), "--pgdata", str(self._data)]
        options = ("--auth=trust", "--username=pedabot", "--encoding=UTF8", "--locale=C.UTF-8")
        assert self._spawn([*initdb, *options, "--no-sync"]).wait() == 0, "initdb failed"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database, as people write it."""
        return f"postgresql://pedabot@{LOOPBACK}:{self.port}/{database}"

    def _spawn(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        account = self._account if os.geteuid() == 0 else None
        return subprocess.Popen(
            command,
            cwd=self.folder,
            user=account,
            group=account,
            extra_groups=[] if account else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _command(self) -> list[str]:
        options = [f"--{name}={value}" for name, value in POSTGRESQL_OPTIONS.items()]
        program = str(self._programs / "postgres")
        return [program, "-D", str(self._data), "-p", str(self.port), *options]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True


class Redis(Service):
    """A Redis server that writes nothing to the disk."""

    def url(self, database: int = 0) -> str:
        """Return the address of one of its 16 databases."""
        return f"redis://{LOOPBACK}:{self.port}/{database}"

    def _command(self) -> list[str]:
        program = _program("redis-server", "redis-server")
        where = ["--bind", LOOPBACK, "--port", str(self.port), "--dir", str(self.folder)]
        return [program, *where, "--save", "", "--appendonly", "no"]

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def _postgresql_programs() -> Path:
    """Return the folder of the newest PostgreSQL: Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    return found[-1].parent if found else Path(_program("initdb", "postgresql")).parent


def _program(name: str, package: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise NotInstalledError(f"{name} is not on this machine (Debian package: {package})")
    return path


def main(arguments: Sequence[str]) -> int:
    """Run pytest with both servers; returns its exit code."""
    with PostgreSQL() as postgresql, Redis() as shared:
        environ = {
            **os.environ,
            "TEST_DATABASE_URL": postgresql.url(),
            "TEST_REDIS_URL": shared.url(),
        }
        return subprocess.call([sys.executable, "-m", "pytest", *arguments], env=environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
