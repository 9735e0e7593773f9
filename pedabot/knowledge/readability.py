"""How easy a French text reads: the Flesch reading ease as adapted to French.

Kandel, L. and Moles, A. (1958), "Application de l'indice de Flesch à la langue française":
``207 - 1.015 * words per sentence - 73.6 * syllables per word``. About 30 is difficult, 60 is
standard, 90 is very easy.
"""

from __future__ import annotations

import re

_CODE_AND_FORMULAS = re.compile(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
_SENTENCE_ENDS = re.compile(r"[.!?…]+(?=\s|$)|\n\s*\n|\n\s*[-*\d]")
_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+", re.IGNORECASE)
_MUTE_ENDING = re.compile(r"(?<=[^aeiouyéèêàâîôû])(?:es?|ent)$", re.IGNORECASE)


def reading_ease(text: str) -> float | None:
    """Return the reading ease of a markdown text; None if it has no words."""
    prose = _CODE_AND_FORMULAS.sub(" ", text)
    words = _WORD.findall(prose)
    if not words:
        return None
    sentences = [part for part in _SENTENCE_ENDS.split(prose) if _WORD.search(part)]
    syllables = sum(_syllables(word) for word in words)
    return 207 - 1.015 * len(words) / max(len(sentences), 1) - 73.6 * syllables / len(words)


def _syllables(word: str) -> int:
    """Count groups of vowels, without a mute final e: an estimate good enough for averages."""
    return max(1, len(_VOWELS.findall(_MUTE_ENDING.sub("", word))))
