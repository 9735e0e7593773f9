"""What travels along the way of a question: values, events and errors. No behaviour lives here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Passage

OFFLINE = "offline"
"""The name of the engine that answers from the course alone."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as the model reads it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Kind(StrEnum):
    """What a piece of personal data is."""

    EMAIL = "email"
    PHONE = "phone"
    INE = "ine"
    NIR = "nir"
    IBAN = "iban"
    CARD = "card"
    ADDRESS = "address"
    URL = "url"
    KEY = "key"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that does not leave the school, and the mark that leaves in its place."""

    kind: Kind
    mark: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What a student asks, with the completed turns before it, oldest first.

    ``subtopic`` is the id of the course page from which the question was asked, if any. ``names``
    are those of the class's members, ``hidden`` what earlier questions of the conversation hid.
    """

    text: str
    level: Difficulty
    history: tuple[Turn, ...] = ()
    subtopic: str | None = None
    names: tuple[str, ...] = field(default=(), repr=False)
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """All that an engine may need to answer: the question, what the course says, the prompt.

    ``canary`` is a random word of the prompt that no answer has.
    """

    question: Question
    passages: tuple[Passage, ...]
    in_scope: bool
    compared: bool
    prompt: tuple[Turn, ...]
    prompt_hash: str
    canary: str = ""


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
    BLOCKED = "blocked"


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


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text of the answer (markdown)."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the API counts them, once at the end of an answer."""

    tokens_in: int | None
    tokens_out: int | None


class Engine(Protocol):
    """Something that answers: a model behind an API, or the course alone."""

    name: str
    model: str
    parameters: Mapping[str, object]

    def answer(self, request: Request) -> Iterator[Piece | Usage]:
        """Yield the answer piece by piece.

        Raises:
            AnsweringError: whatever the reason for which no whole answer can be had.
        """
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one engine, as the prediction log keeps it. Times are in milliseconds.

    ``estimated`` tells that the tokens were not counted by the API. ``question`` is as it was sent.
    """

    engine: str
    model: str
    prompt_hash: str
    parameters: Mapping[str, object]
    outcome: Outcome
    cause: str
    first_token_ms: int | None
    duration_ms: int
    tokens_in: int | None
    tokens_out: int | None
    estimated: bool = False
    question: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Restart:
    """The engine failed: what it has said so far is void, and the next one begins."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The passages on which the answer will stand, known before its first word.

    ``hidden`` is what is taken out of the question if a model is about to be asked.
    """

    passages: tuple[Passage, ...]
    in_scope: bool
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """New text (markdown): the blocks it finished as safe HTML, the unfinished rest as text."""

    text: str
    html: str
    tail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer: ``text`` is markdown and is stored, ``html`` is made from it and safe.

    ``hidden`` is what was taken out of the question before it could leave; ``unverified`` are
    claims of a model that stand in no passage.
    ``degraded`` tells that a model was asked, failed, and the course alone answered instead.
    """

    text: str
    html: str
    engine: str
    in_scope: bool
    level: Difficulty
    passages: tuple[Passage, ...]
    attempts: tuple[Attempt, ...] = field(default=())
    hidden: tuple[Hidden, ...] = ()
    unverified: tuple[str, ...] = ()
    stopped: bool = False
    degraded: bool = False

    @property
    def blocked(self) -> bool:
        """Tell whether an answer of a model was stopped for what it said."""
        return any(attempt.outcome is Outcome.BLOCKED for attempt in self.attempts)

    @property
    def asked_a_model(self) -> bool:
        """Tell whether the question was sent to a model, whether or not that one answered."""
        return any(attempt.engine != OFFLINE for attempt in self.attempts)


Event = Sources | Progress | Restart | Answer
