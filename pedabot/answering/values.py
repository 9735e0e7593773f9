"""What goes in on the way of a question: the question, and what is made of it for an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Literal

from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Notice, Passage
from pedabot.knowledge.smalltalk import SmallTalk


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
