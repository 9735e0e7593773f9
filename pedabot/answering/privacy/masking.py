"""Marks in the place of personal data, the same for the same value over a whole conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pedabot.answering.privacy.finding import find
from pedabot.answering.privacy.names import plain
from pedabot.answering.values import Hidden, Kind

_LABELS = {
    Kind.EMAIL: "E-MAIL",
    Kind.PHONE: "TÉLÉPHONE",
    Kind.INE: "INE",
    Kind.NIR: "NIR",
    Kind.IBAN: "IBAN",
    Kind.CARD: "CARTE",
    Kind.ADDRESS: "ADRESSE",
    Kind.URL: "LIEN",
    Kind.KEY: "CLÉ",
    Kind.NAME: "NOM",
}
_KINDS = {plain(label): kind for kind, label in _LABELS.items()}
# A model repeats marks in its own way: escaped, in small letters, without accents, with a hyphen.
_LABEL = "|".join(map(re.escape, [*_LABELS.values(), *_KINDS]))
_MARK = re.compile(rf"\\?\[\s?({_LABEL})[\s\u00a0\u202f_-]?(\d{{1,4}})\s?\\?\]", re.IGNORECASE)
_BEGINNING_OF_MARK = re.compile(r"\\?(?:\[[^\[\]\n]{0,16}\\?)?\Z")
_NUMBERS = frozenset({Kind.PHONE, Kind.NIR, Kind.IBAN, Kind.CARD, Kind.INE})


class Mask:
    """Hides the personal data of one conversation, and puts it back; one for each answer.

    ``known`` is what earlier questions of the conversation hid: its marks stay as they were.
    """

    def __init__(self, names: Sequence[str] = (), known: Iterable[Hidden] = ()) -> None:
        self._names = tuple(names)
        self._marks: dict[tuple[Kind, str], Hidden] = {}
        for hidden in known:
            self._marks[hidden.kind, _key(hidden.kind, hidden.value)] = hidden
        self._values = {_mark_key(hidden.mark): hidden.value for hidden in self._marks.values()}

    def hide(self, text: str) -> tuple[str, tuple[Hidden, ...]]:
        """Return the text with marks for what is personal, and what they stand for, once each."""
        parts, end, found = [], 0, dict[str, Hidden]()
        for span in find(text, self._names):
            hidden = self._mark(span.kind, text[span.start : span.end])
            parts += [text[end : span.start], hidden.mark]
            end = span.end
            found[hidden.mark] = hidden
        return "".join([*parts, text[end:]]), tuple(found.values())

    def masked(self, text: str) -> str:
        """Return the text with marks for what is personal."""
        return self.hide(text)[0]

    def marks_in(self, text: str) -> tuple[Hidden, ...]:
        """Return what the marks of a text stand for."""
        return tuple(hidden for hidden in self._marks.values() if hidden.mark in text)

    def restore(self, text: str) -> str:
        """Return the text with values for the marks that are known; others stay."""
        return _MARK.sub(lambda match: self._values.get(_mark_key(match[0]), match[0]), text)

    def _mark(self, kind: Kind, value: str) -> Hidden:
        key = kind, _key(kind, value)
        if key not in self._marks:
            number = 1 + sum(other is kind for other, _ in self._marks)
            hidden = Hidden(kind, f"[{_LABELS[kind]} {number}]", value)
            self._marks[key] = hidden
            self._values[_mark_key(hidden.mark)] = value
        return self._marks[key]


class Restorer:
    """Puts values back in an answer that comes in pieces: a mark may be cut in two."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._pending = ""

    def feed(self, piece: str) -> str:
        """Add a piece; return what can be told, without a mark that may still go on."""
        text = self._pending + piece
        beginning = _BEGINNING_OF_MARK.search(text)
        end = beginning.start() if beginning else len(text)
        self._pending = text[end:]
        return self._mask.restore(text[:end])

    def flush(self) -> str:
        """Return what was still held back: the answer is at its end."""
        text, self._pending = self._pending, ""
        return self._mask.restore(text)


def without_marks(text: str) -> str:
    """Return a text whose marks are gone: they are no words of the question."""
    return _MARK.sub(" ", text)


def _mark_key(mark: str) -> tuple[Kind, int]:
    """Return what a mark names, however it is written."""
    match = _MARK.fullmatch(mark)
    if match is None:
        raise ValueError("not a mark")
    return _KINDS[plain(match[1])], int(match[2])


def _key(kind: Kind, value: str) -> str:
    """Return the form in which two spellings of one value are equal."""
    folded = plain(value)
    if kind is Kind.PHONE and any(character.isdigit() for character in folded):
        digits = "".join(character for character in folded if character.isdigit())
        return digits[-9:]  # the same with 0, +33 and 0033
    if kind in _NUMBERS:
        return "".join(filter(str.isalnum, folded))
    return value if kind in {Kind.KEY, Kind.URL} else " ".join(folded.split())
