"""Work that no request waits for: a queue in a file (or Redis), and a process that works it off.

The queue only says that something is to be done; what, and how far it is, stands in the database.
So a queue that is lost, or a process killed in the middle, loses nothing: what is registered with
``resume`` is called when the process starts, and asks for the rest again.

The factory registers the jobs, since it alone knows all rooms::

    jobs.add("compare", comparer.step)
    jobs.resume(comparer.resume)
    jobs.daily("retention", 2, retention.run)
    ...
    jobs.enqueue("compare", 12)  # in a request; arguments are numbers and short texts
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from functools import cached_property
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.api import TaskWrapper
from huey.consumer import Consumer
from huey.serializer import SignedSerializer

from pedabot import locks

QUEUE = "pedabot"
LOCK = "worker.lock"
"""Name of the file in the instance folder that the worker keeps locked."""
JOBS_AT_ONCE = 2
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_STOP = 20.0


class Jobs:
    """The jobs of an application: registered once, enqueued by requests, done by the worker."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._functions: dict[str, Callable[..., None]] = {}
        self._daily: dict[str, tuple[int, Callable[[], None]]] = {}
        self._resumed: list[Callable[[], None]] = []
        self._consumer: _Consumer | None = None

    def add(self, name: str, function: Callable[..., None]) -> None:
        """Register a job; it runs in an application context of its own."""
        self._functions[name] = function

    def resume(self, function: Callable[[], None]) -> None:
        """Register what is called at the start of the worker, to go on where the last one ended."""
        self._resumed.append(function)

    def daily(self, name: str, hour: int, function: Callable[[], None]) -> None:
        """Register what is done each day at an hour (UTC), and when the worker starts.

        A server that is off at night does it in the morning.
        """
        self._daily[name] = hour, function
        self.resume(function)

    def enqueue(self, name: str, *arguments: int | str) -> None:
        """Ask for a job; returns at once."""
        self._tasks[name](*arguments)

    def close(self) -> None:
        """Let go of the queue's connection of this thread, if it was opened."""
        if "_huey" in self.__dict__:
            self._huey.storage.close()

    @property
    def stopping(self) -> bool:
        """Tell whether the worker is asked to end: a long job should leave the rest for later."""
        return self._consumer is not None and self._consumer.stop_flag.is_set()

    @cached_property
    def _huey(self) -> Huey:
        """The queue, opened at its first use: the factory does no I/O, nor may a fork share it."""
        settings = self._app.config
        options: dict[str, Any] = {
            "results": False,
            "serializer": SignedSerializer(settings["SECRET_KEY"], salt=QUEUE),
        }
        if settings["REDIS_URL"]:
            return RedisHuey(QUEUE, url=settings["REDIS_URL"], **options)
        file = Path(self._app.instance_path) / "jobs.db"
        return SqliteHuey(QUEUE, filename=str(file), timeout=15, **options)

    @cached_property
    def _tasks(self) -> dict[str, Callable[..., None]]:
        return {
            name: self._huey.task(name=name)(self._in_context(function))
            for name, function in self._functions.items()
        }

    def daily_tasks(self) -> dict[str, TaskWrapper]:
        """Tell the queue what is to be done each day."""
        return {
            name: self._huey.periodic_task(crontab(minute="0", hour=str(hour)), name=name)(
                self._in_context(function)
            )
            for name, (hour, function) in self._daily.items()
        }

    def _in_context(self, function: Callable[..., None]) -> Callable[..., None]:
        def run(*arguments: int | str) -> None:
            with self._app.app_context():
                function(*arguments)

        return run

    def work(self, until: Callable[[], bool] = lambda: False) -> None:
        """Do the jobs until the process is told to end, or ``until`` is true."""
        assert self._tasks is not None  # noqa: S101 - a worker must know the names before it starts
        self.daily_tasks()
        self._consumer = _Consumer(
            self._huey,
            until,
            workers=JOBS_AT_ONCE,
            max_delay=SECONDS_BETWEEN_LOOKS,
            graceful_signal="TERM",
            shutdown_timeout=SECONDS_TO_STOP,
        )
        for function in self._resumed:
            self._in_context(function)()
        self._consumer.run()


class _Consumer(Consumer):
    """Huey's consumer, which also ends by itself where nobody needs it any more."""

    def __init__(self, huey: Huey, until: Callable[[], bool], **options: Any) -> None:
        super().__init__(huey, **options)
        self._until = until

    def loop(self, health_check_ts: float | None = None) -> float | None:
        """Look whether to end; Huey calls this ten times a second."""
        if self._until():
            self.stop(graceful=True)
        seen: float | None = super().loop(health_check_ts)
        return seen


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
