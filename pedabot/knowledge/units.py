"""Course texts (markdown) cut into units: what may be quoted alone, and is never cut.

A unit is a short paragraph, some sentences of a longer one, an item of a list, or whole lists,
tables, code and formulas with the sentence that leads to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from pedabot.knowledge.text import fold, raw_words

LONGEST_PARAGRAPH = 60
"""Words of a paragraph that is kept together; a longer one is cut between its sentences."""

_HEADING = re.compile(r"\*\*([^*]+)\*\*[ :]*(?:\([^)]*\))?\s*")
_RUN_IN = re.compile(r"\*\*([^*]+)\*\*")
_ITEM = re.compile(r"(?:[-*+]|(\d{1,2})[.)])\s+")
_LABELLED = re.compile(r"[-*+]\s+\*\*[^*]+\*\*")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_SENTENCE_END = re.compile(r"(?<=[.!?…])(?:\s+)(?=[A-ZÀÂÇÉÈÊÎÔ«`$*\d])")
_NOT_AN_END = re.compile(r"(?:\b(?:p\. ?ex|ex|cf|env|vs|art|fig|no)\.|\b[A-Z]\.)$")
_LEANING = re.compile(
    r"(?:il|elle|ils|elles|ce|cela|ca|cet|cette|ces|celui|celle|ceux|celles|leurs?|son|sa|ses"
    r"|mais|donc|or|car|ainsi|alors|puis|ensuite|enfin|et|ou|sinon|pourtant|cependant|chacune?"
    r"|tous|toutes|les deux|l'autre|le premier|la premiere|le second|la seconde|la deuxieme"
    r"|le deuxieme|resultat|voila|inversement|a l'inverse|en revanche|au contraire|autrement"
    r"|par exemple|on|tu|pareil|meme|c'est|c'etait|d'ou|la difference|au lieu)\b"
)
_STORY = re.compile(r"(?:pense|imagine|prends|suppose|compare|reprends)\b")
_LIKEWISE = re.compile(r"\b(?:pareil|meme chose|de meme|meme regle|meme facon|c'est l'idee)\b")
_GOES_ON = re.compile(r"(?:où|avec|on |ici|\$[^$]+\$ (?:est|sont|désigne)|[a-zà-ü])")


class Kind(StrEnum):
    """What a unit is made of."""

    PROSE = "prose"
    ITEM = "item"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a text, whole; ``section`` is the heading above it, ``paragraph`` its place.

    ``leans`` tells that it says little without the unit before it ("Il fait pareil ...").
    """

    text: str
    kind: Kind
    section: str = ""
    paragraph: int = 0
    leans: bool = False

    @property
    def label(self) -> str:
        """The bold words with which it begins, if it does."""
        found = _RUN_IN.match(_ITEM.sub("", self.text, count=1))
        return found[1].strip(" :") if found else ""


@lru_cache(maxsize=4096)
def units(text: str) -> tuple[Unit, ...]:
    """Cut a markdown text into units, in its order."""
    return tuple(_joined(_blocks(text)))


@lru_cache(maxsize=16_384)
def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a unit's text, or of another short text of the course."""
    return tuple(raw_words(text))


def sentences(paragraph: str) -> list[str]:
    """Cut a paragraph between its sentences."""
    found: list[str] = []
    for part in _SENTENCE_END.split(paragraph):
        if found and (_NOT_AN_END.search(found[-1]) or _is_open(found[-1])):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


def _is_open(text: str) -> bool:
    """Tell whether a text ends inside a quotation, a bracket, code or a formula."""
    return (
        text.count("«") > text.count("»")
        or text.count("(") > text.count(")")
        or text.count("`") % 2 == 1
        or text.count("$") % 2 == 1
        or text.count("**") % 2 == 1
    )


def _blocks(text: str) -> Iterator[Unit]:
    """Yield headings as sections, and every other block of lines as a unit."""
    section = ""
    under_heading = False
    for number, block in enumerate(_runs(text.split("\n"))):
        first = block[0].strip()
        heading = _HEADING.fullmatch(first) if len(block) == 1 else None
        if heading is not None:
            section = heading[1].strip(" :")
        elif _FENCE.match(first):
            yield Unit("\n".join(block), Kind.CODE, section, number)
        elif first.startswith("$$"):
            yield Unit("\n".join(block), Kind.FORMULA, section, number)
        elif first.startswith("|"):
            yield Unit("\n".join(block), Kind.TABLE, section, number)
        elif _ITEM.match(first):
            yield from _list_units(block, section, number)
        else:
            paragraph = " ".join(line.strip() for line in block)
            named = _RUN_IN.match(paragraph)
            # A paragraph after the list of a section is no part of it.
            kept = section if under_heading else ""
            section = named[1].strip(" :") if named else kept
            yield from _prose_units(paragraph, section, number)
        under_heading = heading is not None


def _runs(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines that belong together: code, formulas, tables, lists, paragraphs."""
    run: list[str] = []
    closing = ""
    for line in lines:
        plain = line.strip()
        if closing:
            run.append(line)
            if plain.startswith(closing) if closing != "$$" else plain.endswith(closing):
                yield run
                run, closing = [], ""
            continue
        if run and not _continues_run(run, line):
            yield run
            run = []
        if plain:
            run.append(line)
            closing = _closing(plain)
    if run:
        yield run


def _continues_run(run: list[str], line: str) -> bool:
    """Tell whether a line belongs to those before: of their shape, or indented under an item."""
    plain, shape = line.strip(), _shape(run[0].strip())
    if not plain or _is_heading(run):
        return False
    return _shape(plain) == shape or (shape == "item" and line.startswith(" "))


def _shape(line: str) -> str:
    if _ITEM.match(line):
        return "item"
    return {"|": "table", "$": "formula"}.get(line[0], "text") if line[:2] != "$ " else "text"


def _is_heading(run: list[str]) -> bool:
    return len(run) == 1 and _HEADING.fullmatch(run[0].strip()) is not None


def _closing(line: str) -> str:
    """Return what ends a block that this line opens, if it does not end on it."""
    fence = _FENCE.match(line)
    if fence:
        return fence[1]
    return "$$" if line.startswith("$$") and not (len(line) > 4 and line.endswith("$$")) else ""


def _list_units(block: list[str], section: str, number: int) -> Iterator[Unit]:
    """A numbered list is one unit; items of another are units of their own."""
    if (found := _ITEM.match(block[0].strip())) and found[1]:
        yield Unit("\n".join(block), Kind.LIST, section, number)
        return
    items: list[list[str]] = []
    for line in block:
        if _ITEM.match(line):
            items.append([line])
        else:
            items[-1].append(line)
    for item in items:
        yield Unit("\n".join(item), Kind.ITEM, section, number)


def _prose_units(paragraph: str, section: str, number: int) -> Iterator[Unit]:
    leans = _leans(paragraph)
    if len(words_of(paragraph)) <= LONGEST_PARAGRAPH or _STORY.match(fold(paragraph)):
        yield Unit(paragraph, Kind.PROSE, section, number, leans)
        return
    gathered = ""
    for sentence in sentences(paragraph):
        if gathered and not _leans(sentence):
            yield Unit(gathered, Kind.PROSE, section, number, leans)
            gathered, leans = sentence, False
        else:
            gathered = f"{gathered} {sentence}".strip()
    yield Unit(gathered, Kind.PROSE, section, number, leans)


def _leans(text: str) -> bool:
    plain = fold(text)
    first = re.split(r"[.!?]", plain, maxsplit=1)[0]
    return (
        plain.startswith("$")
        or _LEANING.match(plain) is not None
        or _LIKEWISE.search(first) is not None
    )


def _joined(blocks: Iterator[Unit]) -> Iterator[Unit]:
    """Join what must not be parted: a lead-in with what it announces, a formula with its words."""
    held: Unit | None = None
    for unit in blocks:
        if held is not None and _belongs(held, unit):
            gap = "\n" if unit.kind is Kind.ITEM and _ends_in_item(held) else "\n\n"
            held = replace(held, text=held.text + gap + unit.text, kind=_stronger(held, unit))
        else:
            if held is not None:
                yield held
            held = unit
    if held is not None:
        yield held


def _belongs(before: Unit, unit: Unit) -> bool:
    announced = before.text.rstrip().endswith(":") and before.kind is not Kind.CODE
    if unit.kind in (Kind.CODE, Kind.FORMULA) or announced:
        return True
    if before.kind is Kind.LIST and unit.kind is Kind.ITEM:
        return not _LABELLED.match(unit.text) and before.paragraph + 1 >= unit.paragraph - 1
    return before.kind is Kind.FORMULA and unit.kind is Kind.PROSE and _continues(before, unit)


def _continues(formula: Unit, prose: Unit) -> bool:
    return formula.text.rstrip().endswith("$$") and _GOES_ON.match(prose.text) is not None


def _ends_in_item(unit: Unit) -> bool:
    return _ITEM.match(unit.text.rsplit("\n", 1)[-1].lstrip()) is not None


def _stronger(before: Unit, unit: Unit) -> Kind:
    """An announced list is a whole one; code, tables and formulas keep their name."""
    if unit.kind is Kind.ITEM:
        return Kind.LIST
    return before.kind if unit.kind is Kind.PROSE else unit.kind
