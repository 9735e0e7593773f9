"""The counters of a process, and all of them added up. Imported only where somebody reads them.

``PROMETHEUS_MULTIPROC_DIR`` must be in the environment before: the library looks for it when it is
imported.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from pedabot.answering.chains import Chains
from pedabot.answering.events import Attempt
from pedabot.storage.breakers import State
from pedabot.storage.columns import utc_now

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
MICRO_EUROS = 1_000_000
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Counters:
    """What one process counts."""

    def __init__(self) -> None:
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


def exposition(chains: Chains) -> bytes:
    """Return the figures of all processes in Prometheus's own format."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Shared(chains))
    return generate_latest(registry)


def forget_process(pid: int) -> None:
    """Take what a process that has ended was doing out of the figures; what it did stays."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]


class _Shared(Collector):
    """What all processes know by the database: the queue and the breakers."""

    def __init__(self, chains: Chains) -> None:
        self._chains = chains

    def collect(self) -> Iterator[Metric]:
        """Read it now."""
        now = utc_now()
        queue = GaugeMetricFamily("pedabot_calls", "Calls to models.", labels=["state"])
        for state, count in zip(
            ("under_way", "waiting"), self._chains.queue.calls.counts(now), strict=True
        ):
            queue.add_metric([state], count)
        yield queue
        open_breakers = GaugeMetricFamily(
            "pedabot_breaker", "1 in the state that it is in.", labels=["model", "state"]
        )
        for model in self._chains.engines.models:
            standing = self._chains.breakers.standing(model.name)
            for known in State:
                open_breakers.add_metric([model.name, known], standing.state(now) is known)
        yield open_breakers
