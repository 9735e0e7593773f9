"""Texts in units that are never cut: sentences of prose; lists, tables, code and formulas whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from pedabot.answering.tokens import estimate_tokens

GAP = "[…]"
"""Stands where something was left out."""

_MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
# A sentence ends where white space and something that may begin another one follow its mark.
_END = re.compile(r"[.!?…][\"»”)\]*_]*\s+(?=[\"«“(\[*_`$]*[A-ZÀ-ÖØ-Þ0-9`$])")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(«])(?:[A-Z]|cf|ex|etc|env|fig|vs|m|mm|mme|dr|p|pp|art|approx|e\.g|i\.e)\.$",
    re.IGNORECASE,
)


class Unit(NamedTuple):
    """A sentence or a block, what joins it to the unit before, and the tokens of both."""

    text: str
    joint: str
    tokens: int


@lru_cache(maxsize=2048)
def units(markdown: str) -> tuple[Unit, ...]:
    """Split markdown into its units, in order."""
    found: list[Unit] = []
    lines = markdown.split("\n")
    for block in _MARKDOWN.parse(markdown):
        if block.level or block.map is None:
            continue
        text = "\n".join(lines[block.map[0] : block.map[1]]).strip("\n")
        parts = sentences(text) if block.type == "paragraph_open" else [text]
        found += [_unit(part, " " if number else "\n\n") for number, part in enumerate(parts)]
    return tuple(found)


def _unit(text: str, joint: str) -> Unit:
    # The joint is counted as one token, which a space costs at most.
    return Unit(text, joint, estimate_tokens(text) + 1)


def sentences(paragraph: str) -> list[str]:
    """Split a paragraph into sentences; code and formulas within it are not looked into."""
    found, begin = [], 0
    for end in _END.finditer(paragraph):
        sentence = paragraph[begin : end.end()].strip()
        if _is_open(sentence) or _ABBREVIATED.search(sentence):
            continue
        found.append(sentence)
        begin = end.end()
    rest = paragraph[begin:].strip()
    return [*found, rest] if rest else found


def _is_open(sentence: str) -> bool:
    return bool(sentence.count("`") % 2 or sentence.count("$") % 2)


def joined(kept: Sequence[Unit]) -> str:
    """Put units together again."""
    return "".join(unit.joint + unit.text for unit in kept).strip()


def cut(markdown: str, tokens: int) -> str:
    """Return as many whole units from the beginning as fit; a gap is marked where some do not."""
    every = units(markdown)
    if sum(unit.tokens for unit in every) <= tokens:
        return markdown.strip() if estimate_tokens(markdown) <= tokens else joined(every)
    kept = _prefix(every, tokens - estimate_tokens(GAP) - 1)
    while kept and _announces(kept[-1].text):
        kept = kept[:-1]
    return f"{joined(kept)}\n\n{GAP}" if kept else ""


def _announces(text: str) -> bool:
    """Tell whether a unit only announces the next one: a heading, or "trois étapes :"."""
    return text.endswith(":") or (text.startswith("**") and text.endswith("**"))


def _prefix(every: Sequence[Unit], tokens: int) -> Sequence[Unit]:
    spent = 0
    for number, unit in enumerate(every):
        spent += unit.tokens
        if spent > tokens:
            return every[:number]
    return every


def cut_middle(text: str, tokens: int) -> str:
    """Return the beginning and the end of a long text in whole lines or sentences.

    A student's question may be a paste: what is asked stands at its beginning or at its end. What
    has no lines or sentences short enough to be kept whole is cut between words.
    """
    if estimate_tokens(text) <= tokens:
        return text
    pieces = _pieces(text, tokens // 4)
    room = tokens - estimate_tokens(GAP) - 2
    head = _prefix(pieces, room // 2)
    rest = pieces[len(head) :]
    tail = _prefix(rest[::-1], room - sum(unit.tokens for unit in head))[::-1]
    return f"{joined(head)}\n{GAP}\n{joined(tail)}".strip() if head or tail else ""


def _pieces(text: str, longest: int) -> list[Unit]:
    found: list[Unit] = []
    for line in text.splitlines():
        parts = sentences(line)
        for number, part in enumerate(parts):
            # A line of one part keeps its indentation: it may be code.
            whole = _unit(line.rstrip() if len(parts) == 1 else part, " " if number else "\n")
            found += [whole] if whole.tokens <= longest else _words(whole)
    return found


def _words(unit: Unit) -> list[Unit]:
    return [
        _unit(word[2], " " if word[1] else "")
        for word in re.finditer(r"(\s*)(\S{1,40})", f" {unit.text}")
    ]
