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

# What must stay as typed inside markdown: code, mathematics, addresses, HTML entities.
_VERBATIM = re.compile(
    r"""
    (?P<fence>^[ ]{0,3}(?P<mark>`{3,}|~{3,}).*?(?:^[ ]{0,3}(?P=mark)[`~]*[ ]*$|\Z))
    | (?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)
    | \$\$.+?\$\$ | \$(?![ ]).+?(?<![ ])\$
    | https?://[^\s)>]+
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

_SPACE = f"[ {NO_BREAK}{NARROW}]"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?<=[\w»)\]…\"'’*]){_SPACE}([;!?])(?!\w)"), NARROW + r"\1"),
    (re.compile(rf"(?<=[\w»)\]…\"'’*]){_SPACE}:(?=[\s*]|$)"), NO_BREAK + ":"),
    (re.compile(rf"«{_SPACE}?(?=\S)"), "«" + NARROW),
    (re.compile(rf"(?<=\S){_SPACE}?»"), NARROW + "»"),
    (re.compile(rf"(?<=\d){_SPACE}%"), NARROW + "%"),
    (re.compile(rf"(?<=\b\d){_SPACE}(?=\d{{3}}\b)"), NARROW),
    (re.compile(rf"(?<=\b\d\d){_SPACE}(?=\d{{3}}\b)"), NARROW),
    (re.compile(rf"(?<=\b\d\d\d){_SPACE}(?=\d{{3}}\b)"), NARROW),
    (re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_«])"), "’"),
    (re.compile(r"\.\.\.(?!\.)"), "…"),
)


def french(text: str) -> str:
    """Set French spaces and apostrophes in markdown, leaving code, formulas and links alone."""
    pieces, end = [], 0
    for verbatim in _VERBATIM.finditer(text):
        pieces += [_set(text[end : verbatim.start()]), verbatim[0]]
        end = verbatim.end()
    return "".join([*pieces, _set(text[end:])])


def _set(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


@lru_cache(maxsize=2048)
def french_label(text: str) -> str:
    """Set the typography of a short text of the pages; the same ones come again and again."""
    return french(text)
