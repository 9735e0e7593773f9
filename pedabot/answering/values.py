"""What travels along the way of a question: values, events and errors. No behaviour lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Literal, Protocol

from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Notice, Passage
from pedabot.knowledge.smalltalk import SmallTalk

OFFLINE = "offline"
"""The name of the engine that answers from the course alone."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as the model reads it.

    ``sources`` are the titles of the pages on which a stored answer stands.
    """

    role: Literal["system", "user", "assistant"]
    content: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a student attached: its name, and its text as a person reads it."""

    name: str
    text: str


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


@dataclass(frozen=True)
class Prompt:
    """The instructions for a model, as a template; ``version`` is None for those of the file."""

    text: str
    version: int | None = None

    @cached_property
    def hash(self) -> str:
        """Return the first 16 hexadecimal digits of the SHA-256 of the template."""
        return sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Question:
    """What a student asks, with the completed turns before it, oldest first.

    ``subtopic`` is the id of the course page from which the question was asked, if any;
    ``attachments`` are files whose text belongs to it. ``guided`` asks to be led by questions
    instead of being told; ``prompt`` is what the model is told (None:
    the prompt of the file). ``names`` are those of the class's members, ``hidden`` what earlier
    questions of the conversation hid.
    """

    text: str
    level: Difficulty
    history: tuple[Turn, ...] = ()
    subtopic: str | None = None
    attachments: tuple[Attachment, ...] = ()
    guided: bool = False
    prompt: Prompt | None = None
    names: tuple[str, ...] = field(default=(), repr=False)
    hidden: tuple[Hidden, ...] = ()

    def said_by(self, role: Literal["user", "assistant"]) -> list[str]:
        """Return the turns before of the student (``user``) or of the tutor, oldest first."""
        return [turn.content for turn in self.history if turn.role == role]


@dataclass(frozen=True, slots=True)
class Window:
    """How many tokens a prompt may take, and the turns before and the files within it."""

    prompt: int = 8000
    history: int = 1500
    files: int = 3000


DEFAULT_WINDOW = Window()


@dataclass(frozen=True, slots=True)
class Extract:
    """A passage as a prompt may speak of it: plain texts, and its number among the sources."""

    number: int
    title: str
    chapter: str
    text: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A file as the prompt quotes it, and how many of its last lines it leaves out."""

    name: str
    text: str
    lines_left_out: int


@dataclass(frozen=True, slots=True)
class Material:
    """What the prompt is made of, once all of it fits the window."""

    level: Difficulty
    question: str
    history: tuple[Turn, ...] = ()
    summary: str = ""
    extracts: tuple[Extract, ...] = ()
    files: tuple[Excerpt, ...] = ()


def never() -> bool:
    """Stand for a student who does not stop the answer."""
    return False


@dataclass(frozen=True, slots=True)
class Request:
    """All that an engine may need to answer: the question, what the course says, the prompt.

    ``noticed`` are notions in the files of the question; their pages are among the passages.
    ``small_talk`` is set where nothing of the course is asked; there are no passages then.
    ``should_stop`` tells whoever waits whether the student still wants the answer; ``canary``
    is a random word of the prompt that no answer has.
    """

    question: Question
    passages: tuple[Passage, ...]
    in_scope: bool
    compared: bool
    prompt: tuple[Turn, ...]
    prompt_hash: str
    small_talk: SmallTalk | None = None
    prompt_version: int | None = None
    should_stop: Callable[[], bool] = never
    canary: str = ""
    prompt_digest: str = ""
    noticed: tuple[Notice, ...] = ()

    @property
    def needs_model(self) -> bool:
        """Tell whether a model should answer: only what the course is about is sent to one."""
        return self.in_scope and self.small_talk is None


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
    Where a gate refused, or the student stopped in the queue, the engine was not ``asked``.
    ``queued_ms`` comes before the call and is no part of ``duration_ms``; ``retry_after`` (seconds)
    is what a 429 asked for.
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
    asked: bool = True
    queued_ms: int = 0
    retry_after: float | None = None
    prompt_version: int | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """The question waits for its turn; ``place`` 1 is the next, 0 says that the wait is over."""

    place: int


class Gate:
    """What stands before an engine: a queue, a circuit breaker, a budget. Lets all pass by default.

    One gate serves one question. Its methods are called in the order in which they stand here.
    """

    def check(self) -> None:
        """Refuse what cannot be let through just now; takes nothing, and is asked again in a queue.

        Raises:
            RefusedError: says why the engine must not be asked.
        """

    def admit(self) -> Queued | None:
        """Take what the call needs; ``Queued`` where it is not there yet: ask again, it may wait.

        Raises:
            RefusedError: says why the engine must not be asked.
        """
        return None

    def leave(self, attempt: Attempt) -> None:
        """Learn how the call ended; always called after ``admit``, unless that refused."""


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
    """The whole answer: ``text`` is markdown and is stored; HTML is made from it where it is shown.

    ``hidden`` is what was taken out of the question before it could leave. ``degraded`` tells that
    a model should have answered, and the course alone did instead; ``reason`` is how the last
    attempt before ended; ``prompt_digest`` names the prompt as it was sent, but for the marks that
    are new each time. ``unverified`` are claims of a model that stand in no passage.
    """

    text: str
    engine: str
    in_scope: bool
    level: Difficulty
    passages: tuple[Passage, ...]
    attempts: tuple[Attempt, ...] = field(default=())
    hidden: tuple[Hidden, ...] = ()
    unverified: tuple[str, ...] = ()
    stopped: bool = False
    degraded: bool = False
    reason: Outcome | None = None
    prompt_digest: str = ""

    @property
    def asked_a_model(self) -> bool:
        """Tell whether the question was sent to a model, whether or not that one answered."""
        return any(attempt.engine != OFFLINE for attempt in self.attempts)


Event = Sources | Queued | Progress | Restart | Answer
