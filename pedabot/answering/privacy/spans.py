"""What a detector finds: a part of a text, and what kind of personal data it is."""

from __future__ import annotations

from typing import NamedTuple

from pedabot.answering.values import Kind


class Span(NamedTuple):
    """``text[start:end]`` is personal; ``kind`` says what it is."""

    start: int
    end: int
    kind: Kind
