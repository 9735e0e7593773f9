"""The engine: the SDK builds, signs, sends and checks the request.

The events of its response are read by `reading`, because the SDK builds a pydantic class for each
of them, which costs more than all the rest (``EventStream.response`` is public).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Mapping

import httpx2
from mistralai.client import models
from mistralai.client.types import UNSET

from pedabot.answering.mistral.client import Client
from pedabot.answering.mistral.limits import Limits
from pedabot.answering.mistral.reading import read
from pedabot.answering.mistral.settings import MistralSettings
from pedabot.answering.values import Piece, Request, Turn, Usage


class MistralEngine:
    """Answers through the official SDK; one for each process, shared by its threads."""

    name = "mistral"

    def __init__(self, settings: MistralSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: Client | None = None
        self.model = settings.model
        self.secrets = (settings.api_key,)
        self.parameters: Mapping[str, object] = {
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
            "stop": list(settings.stop),
        }

    def answer(self, request: Request) -> Generator[Piece | Usage]:
        """Yield the answer as it comes, then its usage; closing it hangs up at once."""
        limits = Limits(self._settings)
        with limits.watch():
            response = self._send(request.prompt)
        try:
            yield from read(response, limits)
        finally:
            response.close()

    def close(self) -> None:
        """Close all connections; a later question opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.http.close()

    def _send(self, prompt: tuple[Turn, ...]) -> httpx2.Response:
        """Ask, and return the response as soon as its status and headers are there."""
        settings = self._settings
        events = self._connect().sdk.chat.stream(
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

    def _connect(self) -> Client:
        # Made at the first question: sockets and locks made before a fork would be shared by it.
        with self._lock:
            if self._client is None:
                self._client = Client(self._settings)
            return self._client


def _message(turn: Turn) -> models.SystemMessage | models.UserMessage | models.AssistantMessage:
    # Objects, because the SDK builds pydantic classes anew to check dicts.
    match turn.role:
        case "system":
            return models.SystemMessage(content=turn.content)
        case "user":
            return models.UserMessage(content=turn.content)
        case "assistant":
            return models.AssistantMessage(content=turn.content)
