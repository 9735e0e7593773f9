"""What is changed between the parser and HTML: headings, references, links that leave, doubts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_COURSE = "/knowledge/"
_REFERENCE = re.compile(r"\[(\d{1,2})\]")


def shift_headings(state: StateCore) -> None:
    """Put an answer's headings below the page's own h1 and h2."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"


def link_references(state: StateCore) -> None:
    """Turn ``[1]`` in running text into a link to the first reference, and so on."""
    references: Sequence[str] = state.env.get("passages", ())
    for block in state.tokens:
        if references and block.children:
            block.children = [
                part for token in block.children for part in _with_references(token, references)
            ]


def _with_references(token: Token, references: Sequence[str]) -> list[Token]:
    if token.type != "text":
        return [token]
    parts = _REFERENCE.split(token.content)
    made: list[Token] = []
    for position, part in enumerate(parts):
        is_number = position % 2 == 1
        if is_number and 1 <= int(part) <= len(references):
            made += _reference_tokens(part, references[int(part) - 1])
        elif part:
            made.append(Token("text", "", 0, content=f"[{part}]" if is_number else part))
    return made


def _reference_tokens(number: str, address: str) -> list[Token]:
    attributes: dict[str, str | int | float] = {"href": address, "class": "reference"}
    return [
        Token("link_open", "a", 1, attrs=attributes),
        Token("text", "", 0, content=number),
        Token("link_close", "a", -1),
    ]


def bury_links(state: StateCore) -> None:
    """Turn what leads away into its words, with the host behind them."""
    if state.env.get("links", True):
        return
    for block in state.tokens:
        if block.children:
            block.children = list(_without_links(block.children))


def _without_links(tokens: Sequence[Token]) -> Iterator[Token]:
    host = ""
    for token in tokens:
        if token.type == "link_open" and not str(token.attrGet("href")).startswith(_COURSE):
            host = _host(str(token.attrGet("href")))
        elif token.type == "link_close" and host:
            yield Token("text", "", 0, content=f" ({host})")
            host = ""
        elif host and token.type == "text" and "://" in token.content:
            continue  # the address as its own words could carry as much
        else:
            yield token


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or urlsplit(address).scheme or "?"
    except ValueError:
        return "?"


def mark_doubts(state: StateCore) -> None:
    """Put a mark at the words that no source confirms."""
    doubts: tuple[str, ...] = state.env.get("doubts", ())
    pattern = _doubtful(doubts) if doubts else None
    for block in state.tokens:
        if pattern and block.children:
            block.children = [
                part for token in block.children for part in _with_doubts(token, pattern)
            ]


@lru_cache(maxsize=64)
def _doubtful(doubts: tuple[str, ...]) -> re.Pattern[str]:
    """Match the words whatever spaces typography has put between them."""
    words = (r"[\s\u00a0\u202f]*".join(map(re.escape, doubt.split())) for doubt in doubts)
    return re.compile(rf"(?<![\w.,])((?:{'|'.join(sorted(words, key=len, reverse=True))}))(?!\w)")


def _with_doubts(token: Token, pattern: re.Pattern[str]) -> Iterator[Token]:
    if token.type != "text":
        yield token
        return
    for position, part in enumerate(pattern.split(token.content)):
        if position % 2 == 0:
            yield Token("text", "", 0, content=part)
            continue
        yield Token("span_open", "span", 1, attrs={"class": "doubt"})
        yield Token("text", "", 0, content=part)
        yield Token("span_open", "span", 1, attrs={"class": "doubt-note"})
        yield Token("text", "", 0, content=" à vérifier")
        yield Token("span_close", "span", -1)
        yield Token("span_close", "span", -1)
