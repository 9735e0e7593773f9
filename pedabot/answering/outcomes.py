"""How an attempt to answer ends, and the errors that say so."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class Outcome(StrEnum):
    """How an attempt to answer ended; the errors below carry theirs."""

    COMPLETE = "complete"
    STOPPED = "stopped"
    UNAUTHORIZED = "unauthorized"
    INVALID_REQUEST = "invalid_request"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    GARBLED = "garbled"
    EMPTY = "empty"
    RESTING = "resting"  # not asked: it failed too often just before
    BLOCKED = "blocked"  # it said what it must not
    DAY_BUDGET = "day_budget"  # not asked: the class or the school has spent it
    MONTH_BUDGET = "month_budget"
    UNPRICED = "unpriced"  # not asked: there is a budget, but nobody knows the price
    CROWDED = "crowded"  # not asked: the queue was too long


class AnsweringError(Exception):
    """An engine could not answer. The message is for the log: it holds no key and no question."""

    outcome: Outcome


class UnauthorizedError(AnsweringError):
    """401 or 403: the key is missing, wrong or without the right."""

    outcome = Outcome.UNAUTHORIZED


class InvalidRequestError(AnsweringError):
    """Another 4xx, such as 422: the API does not accept the request as built."""

    outcome = Outcome.INVALID_REQUEST


class RateLimitedError(AnsweringError):
    """429; ``retry_after`` is in seconds, None where the API gives none."""

    outcome = Outcome.RATE_LIMITED

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServerError(AnsweringError):
    """5xx, or an error event inside the stream."""

    outcome = Outcome.SERVER_ERROR


class UnreachableError(AnsweringError):
    """No connection: refused, no route, unknown host, bad certificate."""

    outcome = Outcome.UNREACHABLE


class ModelTimeoutError(AnsweringError):
    """A time limit ran out; ``phase`` says which: connect, first_token, token or whole."""

    outcome = Outcome.TIMEOUT

    def __init__(self, phase: Literal["connect", "first_token", "token", "whole"]) -> None:
        super().__init__(f"time limit: {phase}")
        self.phase = phase


class DroppedStreamError(AnsweringError):
    """The connection broke, or the stream ended without its last event."""

    outcome = Outcome.DROPPED


class GarbledAnswerError(AnsweringError):
    """What came is not the protocol."""

    outcome = Outcome.GARBLED


class EmptyAnswerError(AnsweringError):
    """The answer came to its end without a word."""

    outcome = Outcome.EMPTY


class BlockedAnswerError(AnsweringError):
    """The model says what it must not: its instructions, a key, or nothing about the course."""

    outcome = Outcome.BLOCKED


class StoppedError(AnsweringError):
    """The student stopped the answer while the model was silent.

    ``rest`` was said and held back: the student keeps it.
    """

    outcome = Outcome.STOPPED

    def __init__(self, rest: str = "") -> None:
        super().__init__("")
        self.rest = rest


class RefusedError(AnsweringError):
    """A gate let nobody through: the engine was not asked."""


class RestingError(RefusedError):
    """The model failed too often just before, and is left alone for a while."""

    outcome = Outcome.RESTING


class DayBudgetError(RefusedError):
    """The budget of the day is used up."""

    outcome = Outcome.DAY_BUDGET


class MonthBudgetError(RefusedError):
    """The budget of the month is used up."""

    outcome = Outcome.MONTH_BUDGET


class UnpricedError(RefusedError):
    """There is a budget, and the price of the model is not known."""

    outcome = Outcome.UNPRICED


class CrowdedError(RefusedError):
    """Too many questions at once: the queue did not come to this one in time."""

    outcome = Outcome.CROWDED
