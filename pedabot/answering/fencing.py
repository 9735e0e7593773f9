"""Data and instruction kept apart in a prompt, by marks that nobody can know beforehand.

What students and course say stands between marks that bear a random word, new for each prompt, and
is followed by what to do with it: the last word is the tutor's. The word is a canary besides: an
answer that has it repeats the prompt.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from pedabot.answering.templates import template
from pedabot.answering.values import Turn

_LETTERS = "bcdfghjkmnpqrstvwxz"
_LENGTH = 16


def new_word() -> str:
    """Return a random word: 16 consonants, 67 bits, in no language."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def fence(prompt: Sequence[Turn], word: str) -> tuple[Turn, ...]:
    """Return the prompt with marks around what students wrote, and the rule about them."""
    *before, asked = prompt
    fenced = [_fenced(turn, word) for turn in before]
    return (*fenced, Turn("user", _written(asked, word, last=True)))


def _fenced(turn: Turn, word: str) -> Turn:
    match turn.role:
        case "system":
            rule = template("fence.md.j2").render(word=word)
            return Turn("system", f"{turn.content.rstrip()}\n\n{rule}")
        case "user":
            return Turn("user", _written(turn, word, last=False))
        case _:
            return turn


def _written(turn: Turn, word: str, *, last: bool) -> str:
    return template("written.md.j2").render(text=turn.content, word=word, last=last).rstrip("\n")
