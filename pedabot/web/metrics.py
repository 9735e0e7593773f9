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

from pedabot.answering.breaker import State
from pedabot.answering.values import Attempt
from pedabot.config import networks
from pedabot.storage import calls
from pedabot.storage.columns import utc_now
from pedabot.web.access import public
from pedabot.web.limits import limiter
from pedabot.web.services import chains

if TYPE_CHECKING:
    from prometheus_client import Metric

bp = Blueprint("metrics", __name__)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where the library looks for the files of the processes."""
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
MICRO_EUROS = 1_000_000


class Metrics:
    """The counters of one process; made at their first use, since a fork must not share them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ.setdefault(FOLDER, str(folder))
        # Half a second of a cold start, for those alone who read the figures.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        own = CollectorRegistry()
        labels = ["engine", "model"]
        self.requests = Histogram(
            "pedabot_request_seconds",
            "Requests until their first byte: how many, how long.",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=own,
        )
        self.streams = Gauge(
            "pedabot_streams_open",
            "Answers on their way to a page.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self.attempts = Counter(
            "pedabot_attempts",
            "Tries to answer, by their end.",
            [*labels, "outcome"],
            registry=own,
        )
        self.first_token = Histogram(
            "pedabot_first_token_seconds",
            "From asking an engine to its first word.",
            labels,
            buckets=SECONDS,
            registry=own,
        )
        self.tokens = Counter(
            "pedabot_tokens", "Tokens in and out of models.", [*labels, "direction"], registry=own
        )
        self.cost = Counter("pedabot_cost_euros", "What models cost.", ["model"], registry=own)
        self.repeats = Counter(
            "pedabot_cache_hits", "Answers that were given before.", ["kind"], registry=own
        )
        self.errors = Counter(
            "pedabot_errors", "Requests and answers that failed here.", ["cause"], registry=own
        )

    def attempt(self, attempt: Attempt, cost: int | None) -> None:
        """Count a try of an engine; its cost is in micro-euros."""
        labels = attempt.engine, attempt.model
        self.attempts.labels(*labels, attempt.outcome.value).inc()
        if attempt.first_token_ms is not None:
            self.first_token.labels(*labels).observe(attempt.first_token_ms / 1000)
        self.tokens.labels(*labels, "in").inc(attempt.tokens_in or 0)
        self.tokens.labels(*labels, "out").inc(attempt.tokens_out or 0)
        self.cost.labels(attempt.model).inc((cost or 0) / MICRO_EUROS)

    def repeat(self, kind: str) -> None:
        """Count an answer that was given before."""
        self.repeats.labels(kind).inc()


class Watch:
    """Makes the counters when something is to be counted, unless they are off."""

    def __init__(self, app: Flask) -> None:
        self.token = app.config["PEDABOT_METRICS_TOKEN"]
        self.networks = networks(app.config["PEDABOT_METRICS_ADDRESSES"])
        self.on = bool(self.token or self.networks)
        self.folder = Path(app.instance_path) / "metrics"
        self._lock = threading.Lock()
        self._metrics: Metrics | None = None

    def metrics(self) -> Metrics:
        """Return the counters of this process."""
        with self._lock:
            if self._metrics is None:
                self._metrics = Metrics(self.folder)
            return self._metrics

    def attempt(self, attempt: Attempt, cost: int | None) -> None:
        """Count a try of an engine."""
        self.metrics().attempt(attempt, cost)

    def repeat(self, kind: str) -> None:
        """Count an answer that was given before."""
        self.metrics().repeat(kind)


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
    labels = request.method, route, response.status_code
    _watch().metrics().requests.labels(*labels).observe(took)
    return response


def count_error(cause: str) -> None:
    """Count a failure of ours by its cause: a fault of the machine, or the kind of an exception."""
    if _watch().on:
        _watch().metrics().errors.labels(cause).inc()


def counted(frames: Iterator[str]) -> Iterator[str]:
    """Count a stream as open until it is read to its end or given up."""
    return _counted(frames, _watch().metrics()) if _watch().on else frames


def _counted(frames: Iterator[str], metrics: Metrics) -> Iterator[str]:
    with metrics.streams.track_inprogress():
        yield from frames


def forget_process(app: Flask, pid: int) -> None:
    """Take what a process that has ended was doing out of the figures; what it did stays."""
    watch: Watch = app.extensions["pedabot_metrics"]
    if watch.on:
        # See above.
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid, str(watch.folder))  # type: ignore[no-untyped-call]


@bp.get("/metrics")
@public
@limiter.exempt
def metrics() -> Response:
    """All figures of all processes, for those whom the settings name; 404 where they name none."""
    if not _watch().on:
        abort(404)
    if not _may_read():
        abort(403)
    # See above.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Shared())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


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


class _Shared:
    """What all processes know by the database: the queue and the breakers."""

    def collect(self) -> Iterator[Metric]:
        """Read it now."""
        # See above.
        from prometheus_client.core import GaugeMetricFamily

        now = utc_now()
        queue = GaugeMetricFamily("pedabot_calls", "Calls to models.", labels=["state"])
        for state, count in zip(("under_way", "waiting"), calls.counts(now), strict=True):
            queue.add_metric([state], count)
        yield queue
        open_breakers = GaugeMetricFamily(
            "pedabot_breaker", "1 in the state that it is in.", labels=["model", "state"]
        )
        for model in chains().engines.models:
            standing = chains().breakers.standing(model.name)
            for known in State:
                open_breakers.add_metric([model.name, known], standing.state(now) is known)
        yield open_breakers
