"""Keys, passwords, and addresses that hold one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pedabot.answering.privacy.spans import Span
from pedabot.answering.values import Kind

_STOP = r"\s\"'<>`"
_PARAMETER = r"(?:[\w-]*token|api_?key|key|auth|pass(?:word|wd)?|pwd|sig|signature|[\w-]*secret)"
_URL = re.compile(
    rf"\b[a-z][a-z0-9+.-]{{1,20}}://[^{_STOP}/@:]{{0,100}}:[^{_STOP}/@]{{1,200}}@[^{_STOP}]{{1,500}}"
    rf"|\bhttps?://[^{_STOP}?]{{1,300}}\?(?:[^{_STOP}?]{{0,500}}&)?{_PARAMETER}="
    rf"[^{_STOP}&]{{6,200}}[^{_STOP}]{{0,500}}",
    re.IGNORECASE,
)
# Prefixes as their makers document them for scanners of secrets.
_PREFIXED = re.compile(
    r"""(?<![\w-])(?:
        sk-(?:proj-|ant-|or-|svcacct-)?[\w-]{16,}
        |gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}
        |hf_\w{20,}|gsk_\w{20,}|r8_\w{20,}|npm_\w{20,}|pypi-[\w-]{20,}
        |(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}
        |xox[abeprs]-[\w-]{10,}|[rsp]k_(?:live|test)_\w{16,}|SG\.[\w-]{16,}\.[\w-]{16,}
        |eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}
    )""",
    re.VERBOSE,
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^-]|-(?!----))*"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
_OPENS_A_DOOR = r"(?:mot de passe|mdp|password|passwd|passphrase|pwd)"
_SECRET = (
    rf"(?:{_OPENS_A_DOOR}|[\w-]{{0,30}}(?:api|secret|access|auth|private)[_-]?(?:key|token)?"
    r"|[\w-]{0,30}token|cl[ée](?: d['’]api| api| secr[èe]te)?|jeton)"
)
_ANNOUNCED = re.compile(
    rf"(?<![\w-])(?P<what>{_SECRET})(?: (?:du|de la|de|pour|d['’])[^\n.:=]{{1,30}}?)?[\"']?"
    r"(?: ?(?P<sign>:=|=|:) ?| (?:est|c['’]est|is) (?:: ?)?)"
    r"(?P<quote>[\"'«]? ?)(?:Bearer )?(?P<value>[^\s\"',;»)]{5,200})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\bBearer (?P<value>[\w.~+/-]{16,}=*)")
_IS_PASSWORD = re.compile(_OPENS_A_DOOR, re.IGNORECASE)
# Code that fetches the value, and what stands in its place in documentation.
_NO_VALUE = re.compile(
    r"[(\[{<$%]|\.\.\.|…|^(?:os|env|config|settings|process|self)\."
    r"|^(?:x{4,}|\*{3,}|votre|your|ton_|ta_|exemple|example)",
    re.IGNORECASE,
)
_LONG = re.compile(r"(?<![\w/+=,-])[A-Za-z0-9]{24,100}(?![\w/+=-])")
_SWITCHES = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_FEWEST_SWITCHES = 8
"""Random letters change between the three alphabets at every other place, names in CamelCase
every six letters; of 24 letters or more, 8 changes separate the two."""


def find_credentials(text: str) -> Iterator[Span]:
    """Yield what opens an account."""
    for match in _URL.finditer(text):
        yield Span(match.start(), match.start() + len(match[0].rstrip(".,;:)]")), Kind.URL)
    for pattern in (_PRIVATE_KEY, _PREFIXED):
        for match in pattern.finditer(text):
            yield Span(*match.span(), Kind.KEY)
    for match in _BEARER.finditer(text):
        yield Span(*match.span("value"), Kind.KEY)
    for match in _ANNOUNCED.finditer(text):
        value = match["value"].rstrip(".?")
        if _is_secret(value, match):
            yield Span(match.start("value"), match.start("value") + len(value), Kind.KEY)
    for match in _LONG.finditer(text):
        if _is_random(match[0]):
            yield Span(*match.span(), Kind.KEY)


def _is_secret(value: str, match: re.Match[str]) -> bool:
    """Tell a password from the words that follow "le mot de passe est"."""
    if _NO_VALUE.search(value):
        return False
    has_digit = any(character.isdigit() for character in value)
    has_letter = any(character.isalpha() for character in value)
    if _IS_PASSWORD.fullmatch(match["what"]):
        quoted = bool(match["sign"] and match["quote"].strip())
        return quoted or has_digit or not value.replace("-", "").isalnum()
    return len(value) >= 12 and has_digit and has_letter


def _is_random(word: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit)
    mixed = all(any(kind(character) for character in word) for kind in kinds)
    return mixed and len(_SWITCHES.findall(word)) >= _FEWEST_SWITCHES
