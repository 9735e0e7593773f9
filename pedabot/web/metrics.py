"""Figures for Prometheus, over all processes; nobody reads them unless a setting lets them.

Each process writes its figures to a file of its own, and whoever is asked adds them up
(https://prometheus.github.io/client_python/multiprocess/). What the database knows is read when
somebody asks. No label tells of a person: routes, never addresses.
"""

from __future__ import annotations

import hmac
import os
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from pedabot.answering.events import Attempt
from pedabot.config import networks
from pedabot.web.access import public
from pedabot.web.limits import limiter
from pedabot.web.services import chains

if TYPE_CHECKING:
    from types import ModuleType

    from pedabot.web.counters import Counters

bp = Blueprint("metrics", __name__)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where the library finds the folder with the files of the processes."""


class Watch:
    """Who may read the figures, and the counters of this process: made at their first use."""

    def __init__(self, app: Flask) -> None:
        self.token = app.config["PEDABOT_METRICS_TOKEN"]
        self.networks = networks(app.config["PEDABOT_METRICS_ADDRESSES"])
        self.on = bool(self.token or self.networks)
        self._folder = Path(app.instance_path) / "metrics"
        self._lock = threading.Lock()
        self._counters: Counters | None = None

    def library(self) -> ModuleType:
        """Return the room of the counters, with a folder for their files."""
        folder = Path(os.environ.setdefault(FOLDER, str(self._folder)))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Half a second of a cold start, for those alone who read the figures.
        from pedabot.web import counters

        return counters

    @property
    def counters(self) -> Counters:
        """Return the counters of this process."""
        with self._lock:
            if self._counters is None:
                self._counters = self.library().Counters()
            return self._counters

    def attempt(self, attempt: Attempt, cost: int | None) -> None:
        """Count a try of an engine."""
        self.counters.attempt(attempt, cost)

    def repeat(self, kind: str) -> None:
        """Count an answer that was given before."""
        self.counters.repeat(kind)


def init_app(app: Flask) -> None:
    """Count requests, streams, attempts and errors, if somebody may read the figures."""
    watch = app.extensions["pedabot_metrics"] = Watch(app)
    if watch.on:
        app.after_request(_count_request)
        app.extensions["pedabot_ledger"].watchers.append(watch)


def _watch() -> Watch:
    watch: Watch = current_app.extensions["pedabot_metrics"]
    return watch


def _count_request(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else ""
    took = time.monotonic() - g.get("began", time.monotonic())
    requests = _watch().counters.requests
    requests.labels(request.method, route, response.status_code).observe(took)
    return response


def count_error(cause: str) -> None:
    """Count a failure of ours by its cause: a fault of the machine, or the kind of an exception."""
    if _watch().on:
        _watch().counters.errors.labels(cause).inc()


def counted(frames: Iterator[str]) -> Iterator[str]:
    """Count a stream as open until it is read to its end or given up."""
    return _counted(frames, _watch().counters) if _watch().on else frames


def _counted(frames: Iterator[str], counters: Counters) -> Iterator[str]:
    with counters.streams.track_inprogress():
        yield from frames


def forget_process(app: Flask, pid: int) -> None:
    """Take what a process that has ended was doing out of the figures; what it did stays."""
    watch: Watch = app.extensions["pedabot_metrics"]
    if watch.on:
        watch.library().forget_process(pid)


@bp.get("/metrics")
@public
@limiter.exempt
def metrics() -> Response:
    """All figures of all processes, for those whom the settings name; 404 where they name none."""
    if not _watch().on:
        abort(404)
    if not _may_read():
        abort(403)
    library = _watch().library()
    return Response(library.exposition(chains()), content_type=library.CONTENT_TYPE)


def _may_read() -> bool:
    watch = _watch()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if watch.token and hmac.compare_digest(given.encode(), watch.token.encode()):
        return True
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:  # a socket of this machine has none
        return False
    return any(address in network for network in watch.networks)
