"""The engine: the SDK builds, signs, sends and checks the request.

The events of its response are read by `reading`, because the SDK builds a pydantic class for each
of them, which costs more than all the rest (``EventStream.response`` is public).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

import httpx2
from mistralai.client import models
from mistralai.client.types import UNSET

from pedabot.answering.events import Piece, Usage
from pedabot.answering.mistral.client import Connection
from pedabot.answering.mistral.limits import Limits
from pedabot.answering.mistral.reading import read
from pedabot.answering.mistral.settings import MistralSettings
from pedabot.answering.values import Request, Turn


class MistralEngine:
    """Answers through the official SDK; shared by the threads of a process."""

    name = "mistral"

    def __init__(self, settings: MistralSettings, connection: Connection | None = None) -> None:
        self._settings = settings
        self._connection = connection or Connection(settings)
        self.model = settings.model
        self.secrets = (settings.api_key,)
        self.parameters: Mapping[str, object] = {
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
            "stop": list(settings.stop),
        }

    def answer(self, request: Request) -> Generator[Piece | Usage]:
        """Yield the answer as it comes, then its usage; closing it hangs up at once."""
        limits = Limits(self._settings, request.should_stop)
        with limits.watch():
            response = self._send(request.prompt)
        try:
            with limits.reading():
                yield from read(response, limits)
        finally:
            response.close()

    def warm_up(self) -> None:
        """Make the client; no connection is opened."""
        self._connection.client()

    def tuned(self, temperature: float | None, max_tokens: int | None) -> MistralEngine:
        """Return the engine as a class wants it, which shares the connections of this one.

        ``max_tokens`` may only lower the school's; None leaves a value as it is.
        """
        settings = self._settings
        if temperature is not None:
            settings = replace(settings, temperature=temperature)
        if max_tokens is not None:
            settings = replace(settings, max_tokens=min(max_tokens, settings.max_tokens))
        return MistralEngine(settings, self._connection)

    def close(self) -> None:
        """Close all connections; a later question opens new ones."""
        self._connection.close()

    def _send(self, prompt: tuple[Turn, ...]) -> httpx2.Response:
        """Ask, and return the response as soon as its status and headers are there."""
        settings = self._settings
        events = self._connection.client().sdk.chat.stream(
            model=settings.model,
            messages=[_message(turn) for turn in prompt],
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
            stop=list(settings.stop) or UNSET,
            # Of all that the SDK derives from it, only the wait for a connection remains:
            # the reads and writes keep the limits of Limits.
            timeout_ms=math.ceil(settings.connect_timeout * 1000),
        )
        response: httpx2.Response = events.response
        return response


def _message(turn: Turn) -> models.SystemMessage | models.UserMessage | models.AssistantMessage:
    # Objects, because the SDK builds pydantic classes anew to check dicts.
    match turn.role:
        case "system":
            return models.SystemMessage(content=turn.content)
        case "user":
            return models.UserMessage(content=turn.content)
        case "assistant":
            return models.AssistantMessage(content=turn.content)


def make_engines(each: Sequence[MistralSettings]) -> Sequence[MistralEngine]:
    """Return an engine for each model of one server, whose connections they share."""
    connection = Connection(each[0])
    return [MistralEngine(settings, connection) for settings in each]
