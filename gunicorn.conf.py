"""How gunicorn serves PedaBot; the settings are those of the application."""

from __future__ import annotations

from wsgi import app  # isort: skip  # first: it makes the standard library give way

import ctypes
import gc
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from gevent import get_hub, spawn_later
from gunicorn.systemd import sd_notify

from pedabot.cli import starting
from pedabot.config import longest_answer
from pedabot.extensions import db
from pedabot.web import metrics
from pedabot.web.warming import warm_up

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""As ``malloc.h`` of glibc has them."""
ARENAS = 2
LARGE = 1024 * 1024
"""Bytes from which a block goes back to the system once it is free: a hash takes 19 MiB."""
GC_THRESHOLDS = (20_000, 20, 50)
"""An answer makes thousands of objects that it lets go of by itself; few are in circles."""
THREADS = 2
"""In which passwords are hashed: each hash takes 19 MiB, and a processor whole."""
SECONDS_BEFORE_WARM_UP = 0.5
"""The first page comes first."""
OLD_SERVER = "GUNICORN_PID"
"""In the environment of a server that takes over from one before (SIGUSR2): its process."""

wsgi_app = "wsgi:app"
bind = f"{app.config['HOST']}:{app.config['PORT']}"
# Greenlets: with a hundred answers under way, threads cost a fifth more, and are less even.
worker_class = "gevent"
workers = app.config["PEDABOT_SERVER_WORKERS"]
worker_connections = app.config["PEDABOT_SERVER_CONNECTIONS"]
# The course and its index are read once, before the workers are forked, and shared by them.
preload_app = True
# A reload lets the answers that are being written come to their end.
graceful_timeout = int(longest_answer(app.config)) + 10
control_socket_disable = True
# What gunicorn says goes where the application's log goes, and in the same form.
loglevel = "warning"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {"level": "WARNING", "handlers": ["json"]},
    "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json"}},
    "formatters": {"json": {"()": "pedabot.web.logs.JsonFormatter"}},
    "loggers": {
        "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
    },
}


def on_starting(server: Arbiter) -> None:
    """See that a server may start here; end with a sentence where it may not."""
    try:
        if OLD_SERVER in os.environ:  # which has the port, and hands on its lock
            starting.take_database(app)
            starting.check_tables(app)
        else:
            starting.check(app)
    except starting.NotStartedError as error:
        sys.exit(f"PedaBot cannot start. {error}")
    _allow_connections()


def _allow_connections() -> None:
    """Raise the number of open files: an answer takes two, the browser's and the model's."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def when_ready(server: Arbiter) -> None:
    """Load the course; close the connections, which must not be shared by processes."""
    _keep_memory_together()
    with app.app_context():
        app.extensions["pedabot_course"].current()
        db.engine.dispose()
    # What is there now stays, so it is not looked through again and again, nor copied by a worker.
    gc.collect()
    gc.freeze()
    if OLD_SERVER in os.environ:
        sd_notify(f"MAINPID={os.getpid()}", server.log)


def _keep_memory_together() -> None:
    """Else each thread may get an arena of its own, and each grows by the largest blocks."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc has it, others need it not
        libc.mallopt(M_ARENA_MAX, ARENAS)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


def pre_exec(server: Arbiter) -> None:
    """Before a new version takes over from this one: hand on the lock of the database."""
    server.cfg.env_orig.update(starting.hand_lock_on())


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Leave the lock to the server itself."""
    starting.leave_lock()


def post_worker_init(worker: Worker) -> None:
    """Once this version can answer, the one before takes no more questions, and then ends.

    What the first question would wait for is made beside the first requests.
    """
    gc.set_threshold(*GC_THRESHOLDS)
    get_hub().threadpool.maxsize = THREADS
    spawn_later(SECONDS_BEFORE_WARM_UP, warm_up, app)
    if OLD_SERVER in os.environ:
        with suppress(ProcessLookupError):
            os.kill(int(os.environ[OLD_SERVER]), signal.SIGTERM)


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Take the open streams of a worker that has ended out of the figures."""
    metrics.forget_process(app, worker.pid)
