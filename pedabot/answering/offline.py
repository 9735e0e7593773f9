"""An answer from the course alone, without any model: it quotes, and never invents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pedabot.answering.templates import template
from pedabot.answering.values import OFFLINE, Piece, Request, Usage

# Quoted code keeps its blank lines.
_BLANK_LINES = re.compile(r"(```.*?```)|\n{3,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NextStep:
    """A passage worth reading after the answer; ``number`` is its place among the sources."""

    title: str
    number: int


class OfflineEngine:
    """The last engine of every chain: it cannot fail for lack of a network or a key."""

    name = OFFLINE
    model = "course"
    parameters: Mapping[str, object] = {}

    def answer(self, request: Request) -> Iterator[Piece | Usage]:
        """Yield the answer, then what the course says of the files that came with the question."""
        yield Piece(compose(request))
        if request.noticed:
            numbers = {p.subtopic.id: n for n, p in enumerate(request.passages, start=1)}
            noticed = template("offline_files.md.j2").render(
                noticed=request.noticed, numbers=numbers
            )
            yield Piece(f"\n{noticed}")


def compose(request: Request) -> str:
    """Return markdown composed of what the course says for the level asked."""
    if not request.in_scope:
        text = template("offline_outside.md.j2").render(passages=request.passages)
    elif request.compared and len(request.passages) > 1:
        first, second = request.passages[:2]
        text = template("offline_comparison.md.j2").render(
            first=first, second=second, level=request.question.level
        )
    else:
        text = template("offline_explanation.md.j2").render(
            main=request.passages[0], next_steps=_next_steps(request), level=request.question.level
        )
    return _BLANK_LINES.sub(lambda match: match[1] or "\n\n", text).strip() + "\n"


def _next_steps(request: Request) -> list[NextStep]:
    others = enumerate(request.passages[1:3], start=2)
    return [NextStep(passage.subtopic.title, number) for number, passage in others]
