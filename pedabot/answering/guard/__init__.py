"""What a model must not say: its instructions, or a key. An answer that does so is stopped.

Nothing is passed on before it was looked at. What may be the beginning of a leak is held back until
it is one or is not, and the first words until they show that the answer is about the course; all
else passes at once. Disguises that a program can undo are undone; a translation, a summary or a
cipher of the model's own are not seen. An answer that has nothing to do with the course is stopped
as well: then the model follows somebody else's orders.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import lru_cache

from pedabot.answering.events import Engine, Piece, Usage
from pedabot.answering.guard.disguises import (
    DIGITS_BETWEEN,
    ROT13,
    beginning_of_code,
    decoded,
)
from pedabot.answering.guard.runs import (
    Runs,
    alphanumeric,
    letters_among,
    letters_of,
    overlap,
    shares,
    start_of_last,
)
from pedabot.answering.outcomes import AnsweringError, BlockedAnswerError, StoppedError
from pedabot.answering.values import Request
from pedabot.knowledge.text import raw_words, stem

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
KEPT = PROSE + DIGITS_BETWEEN
"""Letters and digits of what was told that are looked at again together with new ones."""
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
        except StoppedError as stop:
            raise StoppedError(watch.feed(stop.rest) + watch.finish()) from None
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
        instructions = letters_of(_instructions(request))
        self._data = "".join(
            (
                *map(letters_of, _said(request)),
                *(_letters_of_page(passage.texts) for passage in request.passages),
            )
        )
        self._begins = (
            (instructions, SUSPECT_PROSE, PROSE),
            (instructions[::-1], SUSPECT_DISGUISED, DISGUISED),
            (instructions.translate(ROT13), SUSPECT_DISGUISED, DISGUISED),
        )
        self._canary = request.canary
        self._secrets = tuple(map(alphanumeric, secrets))
        self._course = _Course(request)
        self._prose = Runs(instructions, PROSE)
        self._disguised = Runs(instructions, DISGUISED)
        self._told = ""
        self._held = ""
        # Letters and digits of both: the end of what was told, and all that is held. A look at new
        # text reads only the new.
        self._told_end = ""
        self._held_read = ""
        self._unseen = STEP  # the first words are looked at, and passed on, as they come

    def feed(self, text: str) -> str:
        """Add text; return what can be passed on."""
        self._held += text
        self._unseen += len(text)
        if self._unseen < STEP:
            return ""
        self._unseen = 0
        self._look()
        if len(self._told) < BEGINNING:
            self._course.check(self._told + self._held)
            if not self._course.met:
                return ""
        end = self._end_of_the_harmless()
        passed, self._held = self._held[:end], self._held[end:]
        self._told += passed
        read = self._held_read if not self._held else alphanumeric(passed)
        self._told_end = (self._told_end + read)[-KEPT:]
        return passed

    def _end_of_the_harmless(self) -> int:
        """Return where in the text held back that begins of which a leak may yet come."""
        recent = (self._told[-LONGEST_CODE:] + self._held)[-LONGEST_CODE:]
        characters = self._told_end + self._held_read
        letters = letters_among(characters)
        suspect = [overlap(letters, *begin) for begin in self._begins]
        suspect += [overlap(characters, secret, SUSPECT_KEY, KEY) for secret in self._secrets]
        left = len(recent) - beginning_of_code(recent)
        return min(start_of_last(self._held, max(suspect)), max(0, len(self._held) - left))

    def finish(self) -> str:
        """Return what was held back; the answer is at its end."""
        self._look()
        self._course.check(self._told + self._held)
        passed, self._held = self._held, ""
        return passed

    def _look(self) -> None:
        self._held_read = alphanumeric(self._held)
        characters = self._told_end + self._held_read
        self._check_secrets(characters)
        if self._prose.are_shared(letters_among(characters), but=self._data):
            raise BlockedAnswerError("the instructions")
        for undisguised in self._undisguised(characters):
            self._check_secrets(undisguised)
            if self._disguised.are_shared(letters_among(undisguised), but=self._data):
                raise BlockedAnswerError("the instructions, disguised")

    def _undisguised(self, characters: str) -> Iterator[str]:
        """Yield the letters and digits of what is said, once a disguise is taken off."""
        yield characters[::-1]
        yield characters.translate(ROT13)
        recent = self._told[-CONTEXT:] + self._held
        yield from map(alphanumeric, decoded(recent, new=len(self._held)))

    def _check_secrets(self, characters: str) -> None:
        if any(shares(characters, secret, KEY) for secret in self._secrets):
            raise BlockedAnswerError("a key")
        if self._canary and self._canary in letters_among(characters):
            raise BlockedAnswerError("the marks of the prompt")


class _Course:
    """Tells whether an answer is about what was asked, or about something else altogether."""

    def __init__(self, request: Request) -> None:
        self.met = False
        self._known = _long_stems(" ".join(_said(request))).union(
            *(_long_stems_of_page(passage.texts) for passage in request.passages)
        )
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


def _said(request: Request) -> Iterator[str]:
    """Yield what an answer may well repeat, beside the pages: what was said, files too."""
    yield from (turn.content for turn in request.prompt if turn.role != "system")


def _long_stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in raw_words(text) if len(word) >= 5)


@lru_cache(maxsize=512)
def _long_stems_of_page(texts: tuple[str, ...]) -> frozenset[str]:
    return _long_stems(" ".join(texts))


@lru_cache(maxsize=512)
def _letters_of_page(texts: tuple[str, ...]) -> str:
    return "".join(map(letters_of, texts))
