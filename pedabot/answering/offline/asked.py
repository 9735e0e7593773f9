"""What is asked, in the light of the turns before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pedabot.answering.values import Question
from pedabot.knowledge import followup
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.followup import Wish
from pedabot.knowledge.intent import Intent, intents

_REFERENCE = re.compile(r"\s*\[\d\]")
_LEVELS = list(Difficulty)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is to be answered.

    ``text`` holds the words to look for; ``level`` is that of this answer, which a wish for
    something simpler or deeper moves; ``said`` is what the tutor said before, and is not said
    again where ``follows``.
    """

    text: str
    level: Difficulty
    intents: tuple[Intent, ...]
    wish: Wish | None
    said: str
    follows: bool

    def wants(self, *kinds: Intent) -> bool:
        """Tell whether the question asks for one of these kinds of answer."""
        return any(intent in kinds for intent in self.intents)

    def is_said(self, text: str) -> bool:
        """Tell whether a text of the course was quoted in the answers before this follow-up."""
        return self.follows and squeezed(text) in self.said


def read(question: Question) -> Asked:
    """Understand a question with the turns before it."""
    earlier, answers = question.said_by("user"), question.said_by("assistant")
    wish = followup.wish(question.text) if answers else None
    bare = bool(earlier) and followup.is_bare(question.text)
    subject = followup.subject(question.text, earlier) if bare else question.text
    part = followup.part_meant(question.text, answers[-1]) if answers else None
    own = intents(question.text)
    return Asked(
        text=part or subject,
        level=_level(question.level, wish),
        intents=_intents(own, subject, wish) if bare else own,
        wish=wish,
        said=squeezed("\n".join(answers)),
        follows=bool(answers) and (bare or wish is not None),
    )


def _intents(own: tuple[Intent, ...], subject: str, wish: Wish | None) -> tuple[Intent, ...]:
    """Return the kind of answer that a bare follow-up wants: its own, or that of the subject."""
    repeats = wish is not None and set(own) <= {Intent.HOW, Intent.DEFINITION}
    return intents(subject) if repeats else own


def _level(level: Difficulty, wish: Wish | None) -> Difficulty:
    step = {Wish.SIMPLER: -1, Wish.DEEPER: 1}.get(wish, 0) if wish else 0
    place = _LEVELS.index(level) + step
    return _LEVELS[min(max(place, 0), len(_LEVELS) - 1)]


def squeezed(text: str) -> str:
    """Return a text without references and differences of spaces, to find it again."""
    return " ".join(_REFERENCE.sub("", text).split())
