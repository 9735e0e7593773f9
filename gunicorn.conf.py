"""How gunicorn serves PedaBot; the settings are those of the application."""

from __future__ import annotations

import ctypes
import gc
import threading
from typing import TYPE_CHECKING

from pedabot.config import longest_answer
from pedabot.extensions import db
from pedabot.web.warming import warm_up
from wsgi import app

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

M_ARENA_MAX = -8
"""As ``malloc.h`` of glibc has it."""
ARENAS = 2
GC_THRESHOLDS = (20_000, 20, 50)
"""An answer makes thousands of objects that it lets go of by itself; few are in circles."""

wsgi_app = "wsgi:app"
bind = f"{app.config['HOST']}:{app.config['PORT']}"
worker_class = "gthread"
workers = app.config["PEDABOT_SERVER_WORKERS"]
threads = app.config["PEDABOT_SERVER_THREADS"]
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


def on_starting(_server: Arbiter) -> None:
    """Keep memory together: each thread may else get an arena of its own, which only grows."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc has it, others need it not
        libc.mallopt(M_ARENA_MAX, ARENAS)


def when_ready(_server: Arbiter) -> None:
    """Load the course; close the connections, which must not be shared by processes."""
    with app.app_context():
        app.extensions["pedabot_course"].current()
        db.engine.dispose()
    # What is there now stays, so it is not looked through again and again, nor copied by a worker.
    gc.collect()
    gc.freeze()


def post_worker_init(_worker: Worker) -> None:
    """Get ready beside the first requests what the first question would wait for."""
    gc.set_threshold(*GC_THRESHOLDS)
    threading.Thread(target=warm_up, args=(app,), daemon=True).start()
