"""A worker that is begun anew when it dies, one of them an instance folder."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO

from pedabot.jobs import Jobs

SECONDS_BETWEEN_LOOKS = 1.0


class AlreadyWorkingError(Exception):
    """Another process works on the jobs of this instance."""


def supervise(jobs: Jobs, instance: Path, parent: int | None = None) -> None:
    """Work in a child process, begin anew where it dies, and end with the parent if one is named.

    Raises:
        AlreadyWorkingError: if another worker has the lock of the instance.
    """

    def needed() -> bool:
        return parent is None or os.getppid() == parent

    with _lock(instance / "worker.lock"):
        while needed():
            child = _start_child(jobs)
            while child.is_alive() and needed():
                child.join(SECONDS_BETWEEN_LOOKS)
            if child.exitcode == 0:
                return
            if child.exitcode is None:
                child.terminate()
                child.join()
            else:
                time.sleep(SECONDS_BETWEEN_LOOKS)


def _start_child(jobs: Jobs) -> BaseProcess:
    """Fork, as gunicorn does: the program is in memory already.

    The lock lives in the child as well, so no second worker starts while it comes to its end.
    """
    child = multiprocessing.get_context("fork").Process(target=_work_for, args=(jobs,))
    child.start()
    return child


def _work_for(jobs: Jobs) -> None:
    supervisor = os.getppid()
    jobs.work(until=lambda: os.getppid() != supervisor)


def _lock(path: Path) -> IO[str]:
    """Open a file and lock it; the system lets go of the lock when the process ends, however."""
    file = path.open("a", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise AlreadyWorkingError(str(path)) from error
    return file
