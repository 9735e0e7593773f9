"""Disguises that a program can undo, and the beginnings of them."""

from __future__ import annotations

import base64
import binascii
import html
import re
import string
from collections.abc import Iterator
from urllib.parse import unquote

DIGITS_BETWEEN = 8
"""Digits that may stand among the letters of a run."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}")
_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2}){16,}")
_BINARY = re.compile(r"(?:[01]{8}){16,}")
_CODES = re.compile(r"(?:\d{2,3}[ ,;\n]+){16,}")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_ESCAPED = re.compile(r"&#?\w{2,6};|%[0-9A-Fa-f]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}")
_FEWEST_ESCAPES = 10
_MAY_ESCAPE = re.compile(r"[&%\\]")
_DIGIT = re.compile(r"\d")
_CODE_BEGUN = re.compile(
    r"(?:[A-Za-z0-9+/_-]{12,}=*"
    r"|(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s`\"',;:]*){6,}"
    r"|(?:[01]{8}\s*){2,}"
    r"|(?:\d{2,3}[ ,;\n]+){4,}\d*"
    r"|(?:(?:&#?\w{2,6};|%[0-9A-Fa-f]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2})\s*){4,})$"
)
# How such an end looks from behind: what has another is soon told.
_MAY_END_A_CODE = re.compile(r"\n?=*[A-Za-z0-9+/_-]{12}|[\s`\"',;:]*(?:\d|[0-9a-fA-F]{2})|\s*;")
_SPACES = re.compile(r"[\s`\"',;:]+|0x|\\x")
_ALPHABET = string.ascii_lowercase
ROT13 = str.maketrans(
    _ALPHABET + _ALPHABET.upper(),
    _ALPHABET[13:] + _ALPHABET[:13] + (_ALPHABET[13:] + _ALPHABET[:13]).upper(),
)


def beginning_of_code(text: str) -> int:
    """Return where the code begins with which a text ends, its length if it ends with none."""
    begun = _CODE_BEGUN.search(text) if _MAY_END_A_CODE.match(text[::-1]) else None
    return begun.start() if begun else len(text)


def decoded(text: str, new: int) -> Iterator[str]:
    """Yield what a text says once it is decoded, for each code in which it may be.

    Of base64, which any text may be, only what reaches into the last ``new`` characters.
    """
    if _MAY_ESCAPE.search(text) and len(_ESCAPED.findall(text)) >= _FEWEST_ESCAPES:
        yield _UNICODE.sub(lambda m: chr(int(m[1] or m[2], 16)), unquote(html.unescape(text)))
    compact = _SPACES.sub("", text)
    if _DIGIT.search(text):  # letters and digits in hexadecimal, too, have some
        yield from _numbers(text, compact)
    for match in _BASE64.finditer(compact):
        if match.end() > len(compact) - new:
            yield from _decoded(match[0])


def _numbers(text: str, compact: str) -> Iterator[str]:
    """Yield what the numbers of a text say as codes of characters."""
    for match in _CODES.finditer(text):
        yield "".join(chr(int(code)) for code in re.findall(r"\d+", match[0]))
    for match in _HEXADECIMAL.finditer(compact):
        yield bytes.fromhex(match[0]).decode(errors="ignore")
    for match in _BINARY.finditer(compact):
        yield "".join(chr(int(match[0][n : n + 8], 2)) for n in range(0, len(match[0]), 8))


def _decoded(run: str) -> Iterator[str]:
    """Decode base64 from each of the four places at which a group may begin."""
    for start in range(4):
        part = run[start:].replace("-", "+").replace("_", "/")
        whole = part[: len(part) // 4 * 4]
        try:
            yield base64.b64decode(whole).decode(errors="ignore")
        except binascii.Error:
            continue
