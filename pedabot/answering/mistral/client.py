"""The SDK upon an HTTP client that obeys the limits of each answer."""

from __future__ import annotations

import threading

import httpx2
from mistralai.client import Mistral

from pedabot.answering.mistral.classes import build_classes_once
from pedabot.answering.mistral.network import Transport
from pedabot.answering.mistral.settings import MistralSettings


class Client:
    """The SDK upon an HTTP client that obeys the limits of each answer."""

    def __init__(self, settings: MistralSettings) -> None:
        build_classes_once()
        self.http = httpx2.Client(
            transport=Transport(),
            trust_env=False,
            # Compression would hold tokens back until its buffer is full.
            headers={"Accept-Encoding": "identity"},
            event_hooks={"response": [_hide_deprecation]},
        )
        self.sdk = Mistral(
            # Without a key the SDK would look for one in the environment: not for this server.
            api_key=settings.api_key or "none",
            server_url=settings.server_url,
            client=self.http,
            # Never used; without it the SDK makes one that loads certificates a second time.
            async_client=httpx2.AsyncClient(transport=httpx2.AsyncBaseTransport(), trust_env=False),
            debug_logger=_Silence(),
        )
        _ = self.sdk.chat  # imported on first use, which threads must not race for


class Connection:
    """The one client of a process, made when it is first needed; shared by engines and threads."""

    def __init__(self, settings: MistralSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: Client | None = None

    def client(self) -> Client:
        """Return the client. Not made before: sockets made before a fork would be shared by it."""
        with self._lock:
            if self._client is None:
                self._client = Client(self._settings)
            return self._client

    def close(self) -> None:
        """Close all connections; a later question opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.http.close()


class _Silence:
    """Instead of the SDK's own logger, which prints key and questions if MISTRAL_DEBUG is set."""

    def debug(self, msg: str, *args: object, **kwargs: object) -> None:
        """Say nothing."""


def _hide_deprecation(response: httpx2.Response) -> None:
    # On this header the SDK reads the body before a stream is read, which raises ResponseNotRead:
    # all answers would fail from the day on which a model is announced to be retired.
    response.headers.pop("x-model-deprecation-timestamp", None)
