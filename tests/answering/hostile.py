"""Texts that want to run in a reader's browser, by kind, and what is made of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pedabot.answering.rendering import BlockStream, render, render_line, sanitise

FILE = Path(__file__).parent / "cases" / "payloads.txt"
_SIGNS = str.maketrans({"⏎": "\n", "⇥": "\t", "␀": "\0"})


def payloads() -> dict[str, list[str]]:
    """Read the file: texts by kind."""
    kinds: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kinds[line.removeprefix("## ")] = []
        elif line and kinds:
            kinds[list(kinds)[-1]].append(line.translate(_SIGNS))
    return kinds


def outcomes(text: str) -> Iterator[str]:
    """Yield the HTML of every way in which a text may reach a page.

    As an answer, as a teacher's words with links, within a line, while it streams, as an address,
    a title, a cell, a heading, code; and past the parser, as if that had let it through.
    """
    yield render(text, ["/knowledge/a/b"], links=False)
    yield render(text)
    yield render(text, doubts=[text[:12]])
    yield render_line(text)
    yield BlockStream().feed(text + "\n\n")[0]
    for frame in ("[x]({})", "[{}](/)", '[x](/ "{}")', "| {} |\n|---|", "# {}", "```{}\nx\n```"):
        yield render(frame.format(text.replace("\n", " ")) if "|" in frame else frame.format(text))
    yield sanitise(text)
    yield sanitise(f"<p>{text}</p>")
