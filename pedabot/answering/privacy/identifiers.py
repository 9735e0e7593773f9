"""Numbers that name one person: NIR, INE, IBAN, payment cards; check digits keep others out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban, luhn
from stdnum.fr import nir

from pedabot.answering.privacy.spans import Span
from pedabot.answering.values import Kind

_GAP = "[ \u00a0\u202f.-]?"
_NIR = re.compile(
    rf"(?<![\w.,])[1-478]{_GAP}\d\d{_GAP}\d\d{_GAP}(?:\d\d|2[AB]){_GAP}\d{{3}}{_GAP}\d{{3}}"
    rf"(?P<key>{_GAP}\d\d)?(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
_ABOUT_NIR = re.compile(r"s[ée]cu|\bnir\b|vitale|insee", re.IGNORECASE)
# 9 digits and 2 letters since 2018, before that 10 and 1, and 4A5 and 1 for apprentices.
_INE = re.compile(r"(?<![\w.,-])(?:\d{9}[A-Z]{2}|\d{10}[A-Z]|\d{4}A\d{5}[A-Z])(?![\w-])")
# Universities have a third form, and people write in small letters: only beside the word.
_ANNOUNCED_INE = re.compile(
    r"\bINE\b[^\w\n]{0,4}(?:(?:est|c'est|n°|num[ée]ro)[^\w\n]{1,3}){0,2}"
    r"(?P<value>\d[0-9a-z]{8,9} ?[0-9a-z]{1,2})(?!\w)",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}", re.IGNORECASE)
# What Luhn lets pass by chance (one in ten) mostly begins with other digits than these issuers'.
_CARD = re.compile(
    r"(?<![\w.,-])(?:4\d{3}|5[0-8]\d\d|2[2-7]\d\d|3[47]\d\d|6[0-9]\d\d)(?:[ \u00a0-]?\d){9,12}"
    r"(?![\w]|[.,-]\d)"
)
_CONTEXT = 40


def find_identifiers(text: str) -> Iterator[Span]:
    """Yield the numbers whose form, and check digits where they have some, are right."""
    for match in _IBAN.finditer(text):
        end = _end_of_iban(match[0])
        if end:
            yield Span(match.start(), match.start() + end, Kind.IBAN)
    for match in _NIR.finditer(text):
        if _is_nir(match, text):
            yield Span(*match.span(), Kind.NIR)
    for match in _CARD.finditer(text):
        if luhn.is_valid(_digits(match[0])):
            yield Span(*match.span(), Kind.CARD)
    for match in _INE.finditer(text):
        yield Span(*match.span(), Kind.INE)
    for match in _ANNOUNCED_INE.finditer(text):
        if sum(character.isdigit() for character in match["value"]) > 2:
            yield Span(*match.span("value"), Kind.INE)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _end_of_iban(candidate: str) -> int:
    """Return where the IBAN at the start of a candidate ends, 0 if there is none."""
    for end in range(len(candidate), 14, -1):
        whole_group = candidate[end - 1].isalnum() and not candidate[end : end + 1].isalnum()
        if whole_group and _is_iban(candidate[:end]):
            return end
    return 0


def _is_iban(text: str) -> bool:
    # The rules of each country refuse banks that are not on the library's list.
    return bool(iban.is_valid(text.replace("\u00a0", " "), check_country=False))


def _is_nir(match: re.Match[str], text: str) -> bool:
    """Check the key; without one, the words just before must announce such a number."""
    if match["key"]:
        return nir.is_valid("".join(filter(str.isalnum, match[0])).upper())
    before = text[max(0, match.start() - _CONTEXT) : match.start()]
    return _ABOUT_NIR.search(before) is not None
