"""What the engine must know."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MistralSettings:
    """Where and how to ask; all limits are in seconds, ``server_url`` None means Mistral's own."""

    api_key: str = field(repr=False)
    server_url: str | None
    model: str
    temperature: float
    max_tokens: int
    stop: tuple[str, ...]
    connect_timeout: float
    first_token_timeout: float
    token_timeout: float
    answer_timeout: float
