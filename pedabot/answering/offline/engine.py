"""The last engine of every chain: it cannot fail for lack of a network or a key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pedabot.answering.events import OFFLINE, Piece, Usage
from pedabot.answering.offline import asked, card, comparison, guidance
from pedabot.answering.templates import template
from pedabot.answering.values import Request

# Quoted code keeps its blank lines.
_BLANK_LINES = re.compile(r"(```.*?```)|\n{3,}", re.DOTALL)


class OfflineEngine:
    """Answers with what the course says, word for word."""

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
    """Return markdown composed of what the course says for the question and the level asked."""
    return _BLANK_LINES.sub(lambda match: match[1] or "\n\n", _text(request)).strip() + "\n"


def _text(request: Request) -> str:
    if request.small_talk is not None:
        return template("small_talk.md.j2").render(talk=request.small_talk)
    if not request.in_scope:
        return template("offline_outside.md.j2").render(passages=request.passages)
    if request.question.guided:
        return guidance.write(request.question, request.passages)
    question = asked.read(request.question)
    if request.compared and len(request.passages) > 1:
        return comparison.write(question, request.passages)
    return card.write(question, request.passages)
