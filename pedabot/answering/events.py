"""What comes back along the way of a question: pieces, attempts and events, and who gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pedabot.answering.outcomes import Outcome
from pedabot.answering.values import Hidden, Request
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Passage

OFFLINE = "offline"
"""The name of the engine that answers from the course alone."""


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
