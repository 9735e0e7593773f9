"""What a model must not say: its instructions, or a key. An answer that does so is stopped.

Nothing is passed on before it was looked at. What may be the beginning of a leak is held back until
it is one or is not, and the first words until they show that the answer is about the course; all
else passes at once. Disguises that a program can undo are undone; a translation, a summary or a
cipher of the model's own are not seen. An answer that has nothing to do with the course is stopped
as well: then the model follows somebody else's orders.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from urllib.parse import unquote

from pedabot.answering.values import (
    AnsweringError,
    BlockedAnswerError,
    Engine,
    Piece,
    Request,
    StoppedError,
    Usage,
)
from pedabot.knowledge.search import Passage
from pedabot.knowledge.text import fold, raw_words, stem

PROSE = 40
"""Letters in a row that an answer shares with the instructions: some eight words. The course
shares no more than 25 with them (``tests/answering/test_guard.py``)."""
DISGUISED = 16
"""The same after decoding: no text of another meaning decodes to so many."""
KEY = 12
SUSPECT_PROSE = 12
SUSPECT_DISGUISED = 8
SUSPECT_KEY = 4
"""Characters in a row, at the end of what was said so far, with which a leak may begin."""
STEP = 24
"""Characters after which the answer is looked at again: a model sends three or four at a time."""
CONTEXT = 200
"""Characters before the new ones that are looked at again: 16 letters in binary are 144."""
LONGEST_CODE = 160
"""Characters in which the end of an answer is searched for the beginning of a code."""
BEGINNING = 600
"""Characters over which an answer is compared with the course at each piece, then at its end."""
LEAST_WORDS = 15
LEAST_SHARE = 0.12
"""Below this share of its longer words in the passages or in the question, an answer of 15 such
words or more strays. The answers of ``cases/grounding.jsonl`` are all above 0.3."""
CLEAR_SHARE = 0.3
"""From this share on the answer is passed on before it has so many words."""

_NOT_LETTERS = re.compile(r"[^a-z]+")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}")
_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2}){16,}")
_BINARY = re.compile(r"(?:[01]{8}){16,}")
_CODES = re.compile(r"(?:\d{2,3}[ ,;\n]+){16,}")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_ESCAPED = re.compile(r"&#?\w{2,6};|%[0-9A-Fa-f]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}")
_FEWEST_ESCAPES = 10
_CODE_BEGUN = re.compile(
    r"(?:[A-Za-z0-9+/_-]{12,}=*"
    r"|(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s`\"',;:]*){6,}"
    r"|(?:[01]{8}\s*){2,}"
    r"|(?:\d{2,3}[ ,;\n]+){4,}\d*"
    r"|(?:(?:&#?\w{2,6};|%[0-9A-Fa-f]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2})\s*){4,})$"
)
_SPACES = re.compile(r"[\s`\"',;:]+|0x|\\x")
_FRENCH = frozenset(
    "le la les de des du un une est et que pour dans comment pourquoi quelle".split()
)


def guarded(engines: Sequence[Engine]) -> Sequence[Engine]:
    """Return the engines with a guard over each but the last, which only quotes the course."""
    return (*map(Guarded, engines[:-1]), engines[-1])


class Guarded:
    """An engine whose answers are looked at before they are passed on."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.model = engine.model
        self.parameters: Mapping[str, object] = engine.parameters
        self._engine = engine
        # Only engines that sign their requests have some.
        self._secrets: Sequence[str] = getattr(engine, "secrets", ())

    def answer(self, request: Request) -> Generator[Piece | Usage]:
        """Yield the answer of the engine, a little later.

        Raises:
            BlockedAnswerError: if it says what it must not.
        """
        watch = _Watch(request, self._secrets)
        steps = self._engine.answer(request)
        try:
            for step in steps:
                # An empty piece lets the student stop while text is held back.
                yield Piece(watch.feed(step.text)) if isinstance(step, Piece) else step
            yield Piece(watch.finish())
        except StoppedError:
            raise StoppedError(watch.finish()) from None
        except BlockedAnswerError:
            raise
        except AnsweringError:
            if held := watch.finish():
                yield Piece(held)  # void, but said: its tokens are charged
            raise
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()


class _Watch:
    """Looks at one answer while it grows."""

    def __init__(self, request: Request, secrets: Sequence[str]) -> None:
        instructions = _letters(_instructions(request))
        data = _letters("\n".join(_data(request)))
        self._prose = _runs(instructions, PROSE) - _runs(data, PROSE)
        self._disguised = _runs(instructions, DISGUISED) - _runs(data, DISGUISED)
        self._begins = (
            (instructions, SUSPECT_PROSE, PROSE),
            (instructions[::-1], SUSPECT_DISGUISED, DISGUISED),
            (codecs.encode(instructions, "rot13"), SUSPECT_DISGUISED, DISGUISED),
        )
        self._canary = request.canary
        self._secrets = tuple(map(_alphanumeric, secrets))
        self._keys = frozenset(run for secret in self._secrets for run in _runs(secret, KEY))
        self._course = _Course(request)
        self._told = ""
        self._held = ""
        self._unseen = STEP  # the first words are looked at, and passed on, as they come

    def feed(self, text: str) -> str:
        """Add text; return what can be passed on."""
        self._held += text
        self._unseen += len(text)
        if self._unseen < STEP:
            return ""
        self._unseen = 0
        self._look(self._told[-CONTEXT:] + self._held)
        if len(self._told) < BEGINNING:
            self._course.check(self._told + self._held)
            if not self._course.met:
                return ""
        end = self._end_of_the_harmless()
        self._told, passed = self._told + self._held[:end], self._held[:end]
        self._held = self._held[end:]
        return passed

    def _end_of_the_harmless(self) -> int:
        """Return where in the text held back that begins of which a leak may yet come."""
        recent = (self._told + self._held)[-LONGEST_CODE:]
        letters, characters = _letters(recent), _alphanumeric(recent)
        suspect = [_overlap(letters, *begin) for begin in self._begins]
        suspect += [_overlap(characters, secret, SUSPECT_KEY, KEY) for secret in self._secrets]
        code = _CODE_BEGUN.search(recent)
        left = len(recent) - code.start() if code else 0
        return min(_start_of_last(self._held, max(suspect)), max(0, len(self._held) - left))

    def finish(self) -> str:
        """Return what was held back; the answer is at its end."""
        self._look(self._told[-CONTEXT:] + self._held)
        self._course.check(self._told + self._held)
        passed, self._held = self._held, ""
        return passed

    def _look(self, recent: str) -> None:
        if _shares(_letters(recent), self._prose, PROSE):
            raise BlockedAnswerError("the instructions")
        for text in (recent, *_undisguised(recent)):
            if _shares(_alphanumeric(text), self._keys, KEY):
                raise BlockedAnswerError("a key")
            if self._canary and self._canary in _letters(text):
                raise BlockedAnswerError("the marks of the prompt")
        if any(
            _shares(_letters(text), self._disguised, DISGUISED) for text in _undisguised(recent)
        ):
            raise BlockedAnswerError("the instructions, disguised")


class _Course:
    """Tells whether an answer is about what was asked, or about something else altogether."""

    def __init__(self, request: Request) -> None:
        self.met = False
        self._known = _long_stems(" ".join(_data(request)))
        # The tutor answers in the student's language: the passages are in French.
        self._applies = bool(self._known) and not _FRENCH.isdisjoint(
            raw_words(request.question.text)
        )

    def check(self, answer: str) -> None:
        """Refuse what strays; ``met`` tells whether the answer has shown what it is about."""
        words = _long_stems(answer)
        shared, enough = len(words & self._known), len(words) >= LEAST_WORDS
        if self._applies and enough and shared < LEAST_SHARE * len(words):
            raise BlockedAnswerError("not about the course")
        self.met = self.met or not self._applies or enough or 0 < CLEAR_SHARE * len(words) <= shared


def _instructions(request: Request) -> str:
    return "\n".join(turn.content for turn in request.prompt if turn.role == "system")


def _data(request: Request) -> Iterator[str]:
    """Yield what an answer may well repeat: the passages, and what was said, files too."""
    yield from (turn.content for turn in request.prompt if turn.role != "system")
    for passage in request.passages:
        yield from _texts(passage)


def _texts(passage: Passage) -> Iterator[str]:
    subtopic = passage.subtopic
    yield from (passage.topic.title, subtopic.title, subtopic.content)
    yield from (subtopic.summary or "", subtopic.simpler or "", subtopic.deeper or "")
    yield from (*subtopic.key_points, *subtopic.examples, *subtopic.aliases)


def _long_stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in raw_words(text) if len(word) >= 5)


def _undisguised(text: str) -> Iterator[str]:
    """Yield what a text says once a disguise is taken off, for each that it may wear."""
    yield text[::-1]
    yield codecs.decode(text, "rot13")
    if len(_ESCAPED.findall(text)) >= _FEWEST_ESCAPES:
        yield _UNICODE.sub(lambda m: chr(int(m[1] or m[2], 16)), unquote(html.unescape(text)))
    for match in _CODES.finditer(text):
        yield "".join(chr(int(code)) for code in re.findall(r"\d+", match[0]))
    compact = _SPACES.sub("", text)
    for match in _HEXADECIMAL.finditer(compact):
        yield bytes.fromhex(match[0]).decode(errors="ignore")
    for match in _BINARY.finditer(compact):
        yield "".join(chr(int(match[0][n : n + 8], 2)) for n in range(0, len(match[0]), 8))
    for match in _BASE64.finditer(compact):
        yield from _decoded(match[0])


def _decoded(run: str) -> Iterator[str]:
    """Decode base64 from each of the four places at which a group may begin."""
    for start in range(4):
        part = run[start:].replace("-", "+").replace("_", "/")
        whole = part[: len(part) // 4 * 4]
        try:
            yield base64.b64decode(whole).decode(errors="ignore")
        except binascii.Error:
            continue


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", fold(text))


def _alphanumeric(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", fold(text))


def _runs(text: str, length: int) -> frozenset[str]:
    return frozenset(text[start : start + length] for start in range(len(text) - length + 1))


def _shares(text: str, runs: frozenset[str], length: int) -> bool:
    return bool(runs) and any(
        text[start : start + length] in runs for start in range(len(text) - length + 1)
    )


def _overlap(text: str, known: str, least: int, most: int) -> int:
    """Return how many characters at the end of a text stand in a row in another, up to ``most``.

    Fewer than ``least`` count as none.
    """
    if len(text) < least or text[-least:] not in known:
        return 0
    count = least
    while count < min(most, len(text)) and text[-count - 1 :] in known:
        count += 1
    return count


def _start_of_last(text: str, count: int) -> int:
    """Return where the last ``count`` letters and digits of a text begin."""
    position = len(text)
    while position and count:
        position -= 1
        count -= text[position].isalnum()
    return position
