"""Servers under measurement: started on a free port of loopback, measured, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import psutil

ROOT = Path(__file__).parent.parent
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A process with its children, and where it listens."""

    process: psutil.Process
    port: int

    @property
    def address(self) -> str:
        """Return the root of its addresses."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """Return the processor time that it and its children have used so far."""
        times = [process.cpu_times() for process in self._tree()]
        return sum(time.user + time.system for time in times)

    def resident_mib(self) -> float:
        """Return the memory that the workers hold; pages that they share count once (PSS)."""
        return sum(process.memory_full_info().pss for process in self._tree()) / 2**20

    def _tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    command: Sequence[str], port: int, path: str, environ: Mapping[str, str]
) -> Iterator[Server]:
    """Start a command that serves on the port, wait until ``path`` answers, end it at last.

    Raises:
        RuntimeError: if it does not answer within a minute.
    """
    started = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ})
    try:
        server = Server(psutil.Process(started.pid), port)
        _wait_for(server.address + path)
        yield server
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(timeout=15)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except HTTPError:
            return  # it answers, if only to refuse
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{address} does not answer")
