"""French typography for texts typed with ordinary spaces and straight apostrophes.

Rules: Lexique des règles typographiques en usage à l'Imprimerie nationale. A narrow no-break space
(U+202F) stands before ``; ! ?`` and ``%``, inside « », and between groups of three digits; a
no-break space (U+00A0) before ``:``.
"""

from __future__ import annotations

import re
from functools import lru_cache

NARROW = "\u202f"
NO_BREAK = "\u00a0"

# What must stay as typed inside markdown: fenced and indented code, code spans, mathematics,
# addresses. A span ends on its own line or is none, so that the search for its end stays short.
_VERBATIM = re.compile(
    r"""
    (?P<fence>^[ >]*(?P<mark>`{3,}|~{3,}).*?(?:^[ >]*(?P=mark)[`~]*[ ]*$|\Z))
    | ^(?:[ ]{4}|\t).*$
    | (?<!`)`[^`\n]{1,400}`(?!`) | (?<!`)``(?!`)[^\n]{1,400}?(?<!`)``(?!`)
    | \$\$[^$]{1,2000}\$\$ | \$(?!\s)[^$\n]{1,400}(?<!\s)\$
    | \]\([^)\n]{0,400}\) | https?://[^\s)>]+
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

_SPACE = f"[ {NO_BREAK}{NARROW}]"
_BEFORE = r"(?<=[\w»)\]…\"'’*%`$])"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\.)\.{3}(?!\.)"), "…"),
    (re.compile(rf"{_BEFORE}{_SPACE}([;!?])(?!\w)"), NARROW + r"\1"),
    (re.compile(rf"{_BEFORE}{_SPACE}:(?=[\s*»]|$)"), NO_BREAK + ":"),
    (re.compile(rf"«{_SPACE}?(?=\S)"), "«" + NARROW),
    (re.compile(rf"(?<=\S){_SPACE}?»"), NARROW + "»"),
    (re.compile(rf"(?<=\d){_SPACE}%"), NARROW + "%"),
    (re.compile(rf"(?<=\b\d){_SPACE}(?=\d{{3}}\b)"), NARROW),
    (re.compile(rf"(?<=\b\d\d){_SPACE}(?=\d{{3}}\b)"), NARROW),
    (re.compile(rf"(?<=\b\d\d\d){_SPACE}(?=\d{{3}}\b)"), NARROW),
    (re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_]|«)"), "’"),
)


def french(text: str) -> str:
    """Set French spaces and apostrophes in markdown, leaving code, formulas and links alone."""
    pieces, end, before = [], 0, ""
    for verbatim in _VERBATIM.finditer(text):
        pieces += [_set(text[end : verbatim.start()], before), verbatim[0]]
        end, before = verbatim.end(), verbatim[0][-1:]
    return "".join([*pieces, _set(text[end:], before)])


def _set(text: str, before: str) -> str:
    """Set a stretch of prose; ``before`` is the character in front of it."""
    text = before + text
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text[len(before) :]


@lru_cache(maxsize=2048)
def french_label(text: str) -> str:
    """Set the typography of a short text of the pages; the same ones come again and again."""
    return french(text)
