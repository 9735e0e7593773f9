"""How gunicorn serves PedaBot; the settings are those of the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pedabot.config import longest_answer
from pedabot.extensions import db
from wsgi import app

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter

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


def when_ready(server: Arbiter) -> None:
    """Load the course; close the connections, which must not be shared by processes."""
    with app.app_context():
        app.extensions["pedabot_course"].current()
        db.engine.dispose()
