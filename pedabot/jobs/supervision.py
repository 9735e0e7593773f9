"""A worker that is begun anew when it dies, one of them an instance folder."""

from __future__ import annotations

import multiprocessing
import os
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from pedabot import locks
from pedabot.jobs import Jobs

LOCK = "worker.lock"
"""Name of the file in the instance folder that the worker keeps locked."""
SECONDS_BETWEEN_LOOKS = 1.0


def supervise(jobs: Jobs, instance: Path, parent: int | None = None) -> None:
    """Work in a child process, begin anew where it dies, and end with the parent if one is named.

    Raises:
        HeldError: if another worker has the lock of the instance.
    """

    def needed() -> bool:
        return parent is None or os.getppid() == parent

    with locks.take(instance / LOCK):
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
