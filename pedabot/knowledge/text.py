"""Words out of French text: folded, without elisions, stemmed; SMS French and English understood.

The same functions read the course and the questions, so that both meet in the same form. Accents
go first: students leave them out, and "régularisation" must equal "regularisation".
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import Stemmer

from pedabot.knowledge import words

MAX_QUESTION_CHARACTERS = 2000
"""Of a longer question the beginning and the end are read: what is asked stands there."""

_WORD = re.compile(r"[a-z]+[0-9]*(?:#|\+\+)?|[0-9]+[a-z]*")
_CODE_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu)['\u2018\u2019\u02bc`](?=\w)")
_DOUBLED = re.compile(r"([a-z])\1+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_ENDING = re.compile(r"(?<=...)(?:ionel|ag|is|(?<=[dt])r|[aeiou])+$")
# « son » is a stop word, save after an article.
_SOUND = re.compile(r"(?<=\b(?:le|du|un|au)) sons?\b")
# Whole-text replacements are ten times as quick as a table or a pattern.
_LIGATURES = (("œ", "oe"), ("æ", "ae"), ("ß", "ss"), ("’", "'"), ("…", " "))
_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u0327"


def fold(text: str) -> str:
    """Return the text in lower case, without accents: ``Évalué`` gives ``evalue``."""
    folded = text.lower()
    if folded.isascii():
        return folded
    for written, plain in _LIGATURES:
        folded = folded.replace(written, plain)
    folded = unicodedata.normalize("NFKD", folded)
    for accent in _ACCENTS:
        folded = folded.replace(accent, "")
    return folded


def shorten(question: str) -> str:
    """Return a question of bearable length: the middle of a huge paste is left out."""
    if len(question) <= MAX_QUESTION_CHARACTERS:
        return question
    half = MAX_QUESTION_CHARACTERS // 2
    return f"{question[:half]} {question[-half:]}"


def raw_words(text: str) -> list[str]:
    """Return the folded words of a text, elisions taken off, nothing else changed."""
    return _WORD.findall(_ELISION.sub(" ", fold(text)))


class _Stemmers(threading.local):
    """A stemmer for each thread: PyStemmer's own must not be shared."""

    def __init__(self) -> None:
        self.french = Stemmer.Stemmer("french")


_STEMMERS = _Stemmers()


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a folded word; doubled letters count once (``prunning``, ``requette``).

    Snowball is made for accented French and careful with derivations; what it leaves apart
    ("quantifi" and "quantif", "elagag" and "elagu") is brought together by a second cut.
    """
    if len(word) < 4 or word[0].isdigit():
        return word
    root: str = _STEMMERS.french.stemWord(collapsed(word))
    return _ENDING.sub("", root) or root


def collapsed(word: str) -> str:
    """Return a word with each doubled letter once: ``requette`` gives ``requete``."""
    # Most words have none, and a replacement that refers to a group is prepared at each call.
    return _DOUBLED.sub(r"\1", word) if _DOUBLED.search(word) else word


def spelled_out(text: str) -> Iterator[str]:
    """Yield the words of a question, SMS spelling undone: ``koi`` gives ``quoi``."""
    for word in raw_words(_SOUND.sub(" audio ", fold(text))):
        calm = _STRETCHED.sub(r"\1", word)
        yield from words.SMS.get(calm, calm).split()


def stems_of(text: str) -> list[str]:
    """Return the stems of the telling words of any text, SMS spelling undone, in order."""
    return [stem(word) for word in spelled_out(text) if word not in words.STOP]


def worded(texts: Iterable[str]) -> list[list[str]]:
    """Return the folded words of course texts, in order.

    The texts are folded together: a course has tens of thousands of them.
    """
    lines = _ELISION.sub(" ", fold("\n".join(texts))).split("\n")
    return [_WORD.findall(line) for line in lines]


def telling(texts: Iterable[Sequence[str]]) -> list[list[str]]:
    """Return the words of texts without stop words; a text of which nothing is left is dropped."""
    kept = ([word for word in text if word not in words.STOP] for text in texts)
    return [text for text in kept if text]


def without_code(markdown: str) -> str:
    """Return a markdown text without its code blocks."""
    return _CODE_FENCE.sub(" ", markdown)


def pieces(stemmed: str) -> list[str]:
    """Return the letters of a word by threes and fours: ``_co con onv nv_ _con conv onv_``."""
    padded = f"_{stemmed}_"
    return [padded[i : i + n] for n in (3, 4) for i in range(len(padded) - n + 1)]
