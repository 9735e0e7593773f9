"""What a model's answer claims and no passage says: figures, and names of tools.

A claim is compared with the passages and with what the student wrote. What is not a claim: the
numbers of a list or of a reference, code, formulas, sums that the answer works out, and the figures
of an example that says it is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

from pedabot.answering.values import Question
from pedabot.knowledge.search import Passage
from pedabot.knowledge.text import fold

_NO_CLAIMS = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|\[\d{1,2}\]|https?://\S+"
    r"|(?m:^[ ]{0,6}\d{1,3}[.)][ ])",
    re.DOTALL,
)
_MADE_UP = re.compile(
    r"(?:^|(?<=[.!?\n]))[^.!?\n]*\b(?:imagin|suppos|prenons|disons|admettons|mettons)\w*"
    r"[^.!?\n]*(?:[.,]\d[^.!?\n]*)*",
    re.IGNORECASE,
)
_GROUPED = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+"
_UNITS = {
    "%": "%", "pour cent": "%", "pourcent": "%", "points": "%",
    "bit": "bit", "bits": "bit", "octet": "octet", "octets": "octet",
    "ko": "ko", "mo": "mo", "go": "go", "to": "to", "kb": "ko", "mb": "mo", "gb": "go", "tb": "to",
    "ms": "ms", "s": "s", "seconde": "s", "secondes": "s", "min": "min", "minutes": "min",
    "h": "h", "heures": "h", "jours": "jour", "semaines": "semaine", "ans": "an",
    "€": "€", "euros": "€", "$": "$", "dollars": "$",
    "px": "px", "pixels": "px", "hz": "hz", "khz": "khz", "mhz": "mhz", "ghz": "ghz",
    "w": "w", "watts": "w", "fois": "x", "x": "x", "×": "x",
    "million": "million", "millions": "million", "milliard": "milliard", "milliards": "milliard",
    "m": "million", "k": "k", "b": "milliard",
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?<![\w.,/*^=×+-])(?<![=×*/+] )(?P<number>(?:{_GROUPED})(?:[.,]\d+){{0,3}})"
    rf"(?:[ \u00a0\u202f]?(?P<unit>{_UNIT})(?!\w))?"
    r"(?!\w|[.,]\d|[ \u00a0]?[=×*/^+](?![\w%]*\s?[a-z]{3}))",
    re.IGNORECASE,
)
_KNOWN_FIGURE = re.compile(
    rf"(?<!\d)(?P<number>(?:{_GROUPED})(?:[.,]\d+)*)"
    rf"(?:[ \u00a0\u202f]?(?P<unit>{_UNIT})(?!\w))?",
    re.IGNORECASE,
)
_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
        " seize".split()
    )
} | {
    "vingt": "20",
    "trente": "30",
    "quarante": "40",
    "cinquante": "50",
    "cent": "100",
    "mille": "1000",
}
_SPELT = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
_LEAST_BARE = 10
"""A smaller whole number without a unit counts things ("3 étapes") and is no claim."""

_NAME = re.compile(r"(?<![\w@/.-])[A-Za-z][A-Za-z0-9]*(?:[-.+][A-Za-z0-9]+)*(?![\w/])")
_WRITTEN = re.compile(r"[\w.+-]+")
_NOT_BARE = re.compile(r"[^a-z0-9]")
_TOOLS = Path(__file__).parent / "data" / "tools.txt"
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}|^[A-Z][A-Za-z]+-?v?\d")
# Words of this shape that are no names of tools: functions, layers, formats, units, the tutor.
_ORDINARY = frozenset(
    """
    relu leakyrelu gelu elu selu maxpool avgpool batchnorm layernorm dropout softmax pedabot
    javascript typescript html5 css3 iphone ipad android macos windows linux ubuntu wifi pdf mp3
    mp4 h264 h265 sio
    float16 float32 int8 int4 bfloat16 fp16 fp32 tp tps td bts ia cnns rnns gpus cpus llms apis urls
    kbit mbit ghz mhz khz ipv4 ipv6 sha256 sha1 md5 base64 utf8 utf-8 l1 l2 f1 f1-score
    """.split()
)


def unverified(answer: str, passages: Sequence[Passage], question: Question) -> tuple[str, ...]:
    """Return the claims of an answer that stand neither in a passage nor in the question, in order.

    ``answer`` is markdown; each claim is returned as it is written there, once.
    """
    sources = _Sources(passages, question)
    claims = [
        *(
            (place, text)
            for place, text, figure in _figures(_claiming(answer))
            if not _holds(sources.figures, *figure)
        ),
        *(
            (place, text)
            for place, text in _names(_NO_CLAIMS.sub(_blank, answer))
            if not sources.has_name(text)
        ),
    ]
    return tuple(dict.fromkeys(text for _, text in sorted(claims)))


class _Sources:
    """What a claim is compared with, read when there is one: many answers claim nothing."""

    def __init__(self, passages: Sequence[Passage], question: Question) -> None:
        self._pages = [passage.texts for passage in passages]
        self._student = "\n".join(
            (
                question.text,
                *(turn.content for turn in question.history if turn.role == "user"),
                *(file.text for file in question.attachments),
            )
        )

    @cached_property
    def figures(self) -> dict[str, frozenset[str]]:
        """The units with which each number stands in the sources."""
        found = dict(_figures_of(self._student))
        for page in self._pages:
            for number, units in _figures_of_page(page).items():
                found[number] = found.get(number, frozenset()) | units
        return found

    def has_name(self, name: str) -> bool:
        """Tell whether a name stands in a source, however spelt: "ResNet-50" is "resnet50"."""
        bare = _bare(name)
        return bare in self._names or any(bare in _names_of_page(page) for page in self._pages)

    @cached_property
    def _names(self) -> frozenset[str]:
        return _names_of(self._student)


@lru_cache(maxsize=512)
def _figures_of_page(texts: tuple[str, ...]) -> dict[str, frozenset[str]]:
    return _figures_of("\n".join(texts))


@lru_cache(maxsize=512)
def _names_of_page(texts: tuple[str, ...]) -> frozenset[str]:
    return _names_of("\n".join(texts))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _claiming(answer: str) -> str:
    """Return the answer with spaces where nothing is claimed, so that places stay."""
    return _MADE_UP.sub(_blank, _NO_CLAIMS.sub(_blank, answer))


def _figures(text: str) -> Iterator[tuple[int, str, tuple[str, str]]]:
    """Yield place, spelling, and number with unit, of the figures that claim something."""
    for match in _FIGURE.finditer(text):
        number, unit = _number(match["number"]), _UNITS.get((match["unit"] or "").lower(), "")
        if unit or not _is_small(number):
            yield match.start(), match[0], (number, unit)


def _number(written: str) -> str:
    """Return one spelling of a number: ``1 000,50`` is ``1000.5``."""
    plain = re.sub(r"[ \u00a0\u202f]", "", written).replace(",", ".")
    if plain.count(".") == 1:
        plain = plain.rstrip("0").rstrip(".")
    return plain


def _figures_of(text: str) -> dict[str, frozenset[str]]:
    """Return the units with which each number stands in a text, "" where it has none."""
    found: dict[str, frozenset[str]] = {}
    for match in _KNOWN_FIGURE.finditer(_SPELT.sub(lambda match: _WORDS[match[0]], fold(text))):
        number, unit = _number(match["number"]), _UNITS.get((match["unit"] or "").lower(), "")
        found[number] = found.get(number, frozenset()) | {unit}
    return found


def _holds(figures: dict[str, frozenset[str]], number: str, unit: str) -> bool:
    """Tell whether a number stands in the passages with this unit, or one of the two with none.

    A small number stands everywhere: with a unit it must have the same one there.
    """
    units = figures.get(number, frozenset())
    return unit in units or (not unit and bool(units)) or ("" in units and not _is_small(number))


def _is_small(number: str) -> bool:
    return number.isdigit() and int(number) < _LEAST_BARE


def _names(text: str) -> Iterator[tuple[int, str]]:
    for match in _NAME.finditer(text):
        word = match[0].rstrip(".-+")
        if _is_tool(word):
            yield match.start(), word


def _is_tool(word: str) -> bool:
    folded = word.lower()
    if folded in _ORDINARY:
        return False
    named = folded in _tools() and (word[0].isupper() or folded in _lower_case_tools())
    return named or _CAMEL.search(word) is not None


@lru_cache(maxsize=1)
def _tools() -> frozenset[str]:
    lines = _TOOLS.read_text(encoding="utf-8").splitlines()
    return frozenset(line.lower() for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def _lower_case_tools() -> frozenset[str]:
    """Return those that are written in small letters themselves: "spaCy", "scikit-learn"."""
    lines = _TOOLS.read_text(encoding="utf-8").splitlines()
    return frozenset(line.lower() for line in lines if line[:1].islower())


def _names_of(text: str) -> frozenset[str]:
    # Folded as a whole: word by word it takes five times as long.
    return frozenset(_NOT_BARE.sub("", word) for word in _WRITTEN.findall(fold(text)))


def _bare(name: str) -> str:
    return _NOT_BARE.sub("", fold(name))
