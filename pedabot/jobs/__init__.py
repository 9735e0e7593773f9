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

import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from pedabot.extensions import db
from pedabot.jobs.alone import OnlyWorker

if TYPE_CHECKING:
    from huey.api import TaskWrapper

    from pedabot.jobs.queue import Queue

log = logging.getLogger(__name__)


class Jobs:
    """The jobs of an application: registered once, enqueued by requests, done by the worker."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._functions: dict[str, Callable[..., None]] = {}
        self._daily: dict[str, tuple[int, Callable[[], object]]] = {}
        self._resumed: list[Callable[[], object]] = []

    def add(self, name: str, function: Callable[..., None]) -> None:
        """Register a job; it runs in an application context of its own."""
        self._functions[name] = function

    def resume(self, function: Callable[[], object]) -> None:
        """Register what is called at the start of the worker, to go on where the last one ended."""
        self._resumed.append(function)

    def daily(self, name: str, hour: int, function: Callable[[], object]) -> None:
        """Register what is done each day at an hour (UTC), and when the worker starts.

        A server that is off at night does it in the morning.
        """
        self._daily[name] = hour, function
        self.resume(function)

    def enqueue(self, name: str, *arguments: int | str) -> None:
        """Ask for a job; returns at once.

        Where the queue is out of reach the worker begins anew once it is back, and then asks the
        database what is to be done.
        """
        if not self._queue.put(name, *arguments):
            log.warning("the queue of jobs is out of reach: %s waits until it is back", name)

    def close(self) -> None:
        """Let go of the queue's connection of this thread, if it was opened."""
        if "_queue" in self.__dict__:
            self._queue.close()

    @property
    def stopping(self) -> bool:
        """Tell whether the worker is asked to end: a long job should leave the rest for later."""
        return "_queue" in self.__dict__ and self._queue.stopping

    @cached_property
    def _queue(self) -> Queue:
        """The queue, opened at its first use: the factory does no I/O, nor may a fork share it."""
        # Heavy (it reads asyncio and the client of Redis), and no page needs it to be shown.
        from pedabot.jobs.queue import Queue

        settings = self._app.config
        file = Path(self._app.instance_path) / "jobs.db"
        queue = Queue(settings["REDIS_URL"] or file, settings["SECRET_KEY"])
        for name, function in self._functions.items():
            queue.add(name, self._in_context(function))
        return queue

    def daily_tasks(self) -> dict[str, TaskWrapper]:
        """Tell the queue what is to be done each day."""
        return {
            name: self._queue.add_daily(name, hour, self._in_context(function))
            for name, (hour, function) in self._daily.items()
        }

    def _in_context(self, function: Callable[..., object]) -> Callable[..., None]:
        def run(*arguments: int | str) -> None:
            with self._app.app_context():
                function(*arguments)

        return run

    def work(self, until: Callable[[], bool] = lambda: False) -> None:
        """Do the jobs until the process is told to end, or ``until`` is true.

        Of all workers on one database one works; the others wait until it is gone.
        """
        self.daily_tasks()
        with self._app.app_context():
            only = OnlyWorker(db.engine)
        if only.wait(until):
            for function in self._resumed:
                self._in_context(function)()
            self._queue.work(until, only.check)
