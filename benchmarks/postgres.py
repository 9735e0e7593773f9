"""A PostgreSQL of one's own, as long as a measurement takes: on loopback, in a folder, gone."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import free_port

BINARIES = Path("/usr/lib/postgresql/15/bin")  # where Debian has them
USER = "postgres"


def available() -> bool:
    """Tell whether the server is installed here."""
    return (BINARIES / "initdb").exists()


@contextmanager
def running() -> Iterator[str]:
    """Start a server with an empty database; yields its address for ``DATABASE_URL``."""
    with TemporaryDirectory(prefix="classroom-pg-") as folder:
        data, port = Path(folder) / "data", free_port()
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        _run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        _run("pg_ctl", "-D", data, "-w", "-l", Path(folder) / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"
        finally:
            _run("pg_ctl", "-D", data, "-m", "fast", "stop")


def _run(program: str, *arguments: object) -> None:
    """Run a program of PostgreSQL, which refuses to run as root, as its own user then."""
    command = [str(BINARIES / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", USER, "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
