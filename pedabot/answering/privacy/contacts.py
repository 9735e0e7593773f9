"""E-mail addresses, telephone numbers and postal addresses, as French students write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pedabot.answering.privacy.spans import Span
from pedabot.answering.values import Kind

_EMAIL = re.compile(
    # git@host:path is how one clones, and no mailbox; the lengths are those of RFC 5321.
    r"(?<![\w.+%\\-])(?!git@[\w.-]+:)[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])"
)
_SPELT_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64} ?(?:\[at\]|\(at\)|\[arobase\]|(?<= )arobase) ?[\w-]{1,63}"
    r" ?(?:\[dot\]|\(dot\)|\[point\]|(?<= )point|\.) ?[a-z]{2,6}\b",
    re.IGNORECASE,
)

_SPACE = "[ \u00a0\u202f]"
_BREAK = rf"(?:{_SPACE}?[.\-/]{_SPACE}?|{_SPACE}?)"
_ABROAD = rf"(?:\+|(?<!\d)00){_SPACE}?"
_TRUNK = rf"(?:{_SPACE}?\(0\))?"
# One kind of break within a number: otherwise "05/06/2024 14:35" would be one.
_PAIRS = rf"(?P<sep>{_BREAK})\d\d(?:(?P=sep)\d\d){{3}}"
_GROUPS = rf"{_SPACE}(?:\d{{3}}{_SPACE}\d{{3}}{_SPACE}\d\d|\d{{4}}{_SPACE}\d{{4}})"
_PHONE = re.compile(
    # From abroad: the mainland and the overseas plans (ARCEP): 9 digits, 8 or 6.
    rf"""(?<![\w/+-])(?<!\d[.,:])(?:
        \(?{_ABROAD}(?:33|262|590|594|596)\)?{_TRUNK}{_BREAK}[1-9](?:{_BREAK}\d\d){{4}}
        |\(?{_ABROAD}(?:33|262|590|594|596)\)?{_TRUNK}{_BREAK}[1-9]\d\d(?:{_BREAK}\d\d){{3}}
        |{_ABROAD}689(?:{_BREAK}\d\d){{4}}
        |{_ABROAD}(?:508|681|687)(?:{_BREAK}\d\d){{3}}
        |\+[1-9]\d{{0,2}}(?:{_SPACE}?[.-]?{_SPACE}?\(?\d{{1,4}}\)?){{2,5}}(?<=\d)
        |0[1-9](?:{_PAIRS}|{_GROUPS})
        |0{_SPACE}[1-9]\d\d{_SPACE}\d{{3}}{_SPACE}\d{{3}}
        |0[1-9]\d\d{_BREAK}\d\d(?:{_BREAK}\d\d){{2}}
    )(?![\w:]|[.,/-]\d)""",
    re.VERBOSE,
)
_NO_PHONES = frozenset({"0123456789"})
_SHORTEST_PHONE = 8
_UNIT = (
    r"(?:z[ée]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze"
    r"|quinze|seize|vingts?|trente|quarante|cinquante|soixante|et)"
)
_SPOKEN_PHONE = re.compile(
    r"\bz[ée]ro[ -](?:un|deux|trois|quatre|cinq|six|sept|huit|neuf)"
    rf"(?:[ ,-]{{1,2}}{_UNIT}){{4,16}}\b",
    re.IGNORECASE,
)

_NUMBER = r"(?<![\w.,:/-])\d{1,4}(?: ?(?:bis|ter|quater)\b)?,? "
_SURE_WAY = (
    r"(?:rue|r\.|avenue|av\.?|ave\.?|boulevard|bd\.?|bld\.?|boul\.?|impasse|imp\.|all[ée]e|ruelle"
    r"|quai|square|esplanade|faubourg|fbg|lotissement|r[ée]sidence|lieu-dit|villa|hameau)"
)
# Words of the course too ("2 cours", "1 route", "10 places"): what follows must be a name.
_DOUBTFUL_WAY = r"(?:place|pl\.|route|rte|chemin|ch\.|cours|passage|mont[ée]e|sentier|voie)"
_LINK = r"(?:(?:de la|de l['’]|des?|du|la|les?|l['’]|d['’]|à|aux?|en|sur|sous|et) ?)"
_WORD = r"[^\W\d_][\w'’.-]*"
_CAPITAL = r"[A-ZÀ-Þ][\w'’-]*"
_NAME = rf"(?:{_CAPITAL}|\d{{1,2}}(?![\w:])|{_LINK})"
_TOWN = (
    r"(?:F-)?\d{5},? [^\W\d_][\w'’-]*"
    rf"(?:[ -](?:{_CAPITAL}|CEDEX(?: \d+)?|(?:sur|sous|les?|en|la|de)\b(?= ?[A-ZÀ-Þ])))*"
)
_BEFORE_TOWN = r"(?: ?[,\n–-] ?| )?"
# With a post code the street may be written in any way. Without one it needs a name with a
# capital, or after a way that can be nothing else a link and one word ("5 rue de la paix").
_WITH_TOWN = (
    rf"(?i:{_SURE_WAY}|{_DOUBTFUL_WAY}) (?:{_WORD}[ ]?|\d{{1,2}} ){{1,7}}{_BEFORE_TOWN}{_TOWN}"
)
_SURE = rf"(?i:{_SURE_WAY}) (?:(?:{_NAME} ?)*{_CAPITAL}|{_LINK}{{1,2}}{_WORD})"
_DOUBTFUL = (
    rf"(?:(?i:{_DOUBTFUL_WAY})(?<!cours)|cours(?= {_LINK})) (?:{_LINK}{{1,2}})?{_CAPITAL}"
    rf"(?: {_LINK}{{0,2}}{_CAPITAL})*"
)
_ADDRESS = re.compile(rf"{_NUMBER}(?:{_WITH_TOWN}|{_SURE}|{_DOUBTFUL})")


def find_contacts(text: str) -> Iterator[Span]:
    """Yield what would let a stranger write to, call or visit somebody."""
    for pattern in (_EMAIL, _SPELT_EMAIL):
        for match in pattern.finditer(text):
            yield Span(*match.span(), Kind.EMAIL)
    for pattern in (_PHONE, _SPOKEN_PHONE):
        for match in pattern.finditer(text):
            if pattern is _SPOKEN_PHONE or _is_phone(match[0]):
                yield Span(*match.span(), Kind.PHONE)
    for match in _ADDRESS.finditer(text):
        yield Span(match.start(), match.start() + len(match[0].rstrip(" ,.-")), Kind.ADDRESS)


def _is_phone(found: str) -> bool:
    digits = "".join(character for character in found if character.isdigit())
    return digits not in _NO_PHONES and len(digits) >= _SHORTEST_PHONE
