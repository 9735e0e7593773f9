"""The model behind Mistral's API, or behind a server of the school that speaks its protocol.

The only importer of mistralai and of the HTTP library under it. The SDK builds, signs, sends and
checks the request; the events of its response are read here, because the SDK builds a pydantic
class for each of them, which costs more than all the rest (``EventStream.response`` is public).
"""

from __future__ import annotations

import json
import math
import socket
import ssl
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Literal, NamedTuple

import httpcore2
import httpx2
from mistralai.client import Mistral, errors, models
from mistralai.client.types import UNSET

from pedabot.answering.values import (
    AnsweringError,
    DroppedStreamError,
    EmptyAnswerError,
    GarbledAnswerError,
    InvalidRequestError,
    ModelTimeoutError,
    Piece,
    RateLimitedError,
    Request,
    ServerError,
    Turn,
    UnauthorizedError,
    UnreachableError,
    Usage,
)

MAX_CONNECTIONS = 1000  # beyond the pool a question waits in silence: never the bottleneck
KEEP_ALIVE_SECONDS = 30.0
DRAIN_SECONDS = 0.2
MAX_EVENT_BYTES = 256 * 1024


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


class MistralEngine:
    """Answers through the official SDK; one for each process, shared by its threads."""

    name = "mistral"

    def __init__(self, settings: MistralSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: _Client | None = None
        self.model = settings.model
        self.parameters: Mapping[str, object] = {
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
            "stop": list(settings.stop),
        }

    def answer(self, request: Request) -> Generator[Piece | Usage]:
        """Yield the answer as it comes, then its usage; closing it hangs up at once."""
        limits = _Limits(self._settings)
        with limits.watch():
            response = self._send(request.prompt)
        try:
            yield from _read(response, limits)
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
            # the reads and writes keep the limits of _Limits.
            timeout_ms=math.ceil(settings.connect_timeout * 1000),
        )
        response: httpx2.Response = events.response
        return response

    def _connect(self) -> _Client:
        # Made at the first question: sockets and locks made before a fork would be shared by it.
        with self._lock:
            if self._client is None:
                self._client = _Client(self._settings)
            return self._client


class _Client:
    """The SDK upon an HTTP client that obeys the limits of each answer."""

    def __init__(self, settings: MistralSettings) -> None:
        self.http = httpx2.Client(
            transport=_Transport(),
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


class _Silence:
    """Instead of the SDK's own logger, which prints key and questions if MISTRAL_DEBUG is set."""

    def debug(self, msg: str, *args: object, **kwargs: object) -> None:
        """Say nothing."""


def _hide_deprecation(response: httpx2.Response) -> None:
    # On this header the SDK reads the body before a stream is read, which raises ResponseNotRead:
    # all answers would fail from the day on which a model is announced to be retired.
    response.headers.pop("x-model-deprecation-timestamp", None)


def _message(turn: Turn) -> models.SystemMessage | models.UserMessage | models.AssistantMessage:
    # Objects, because the SDK builds pydantic classes anew to check dicts.
    match turn.role:
        case "system":
            return models.SystemMessage(content=turn.content)
        case "user":
            return models.UserMessage(content=turn.content)
        case "assistant":
            return models.AssistantMessage(content=turn.content)


# ---------------------------------------------------------------------------------------- limits

_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


class _Limits:
    """The time limits of one answer, and the names of what goes wrong meanwhile."""

    def __init__(self, settings: MistralSettings) -> None:
        now = time.monotonic()
        self._token_timeout = settings.token_timeout
        self._whole = now + settings.answer_timeout
        self._phase: Literal["first_token", "token"] = "first_token"
        self._next_token = now + settings.first_token_timeout

    def heard_token(self) -> None:
        """Start to wait for the next token."""
        self._phase = "token"
        self._next_token = time.monotonic() + self._token_timeout

    def allow(self, seconds: float) -> None:
        """Wait no longer than this for what follows the last token."""
        self._next_token = time.monotonic() + seconds

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Run one step that waits for the network; nothing of what fails there is shown.

        ``from None`` throughout: the errors of the SDK quote request and response.
        """
        token = _deadline.set(min(self._next_token, self._whole))
        try:
            yield
        except httpx2.TimeoutException as error:
            raise self._timeout(error) from None
        except httpx2.HTTPError as error:
            raise _transport_error(error) from None
        except errors.MistralError as error:
            raise _refusal(error.status_code, error.headers.get("Retry-After")) from None
        except UnicodeEncodeError:
            raise UnauthorizedError("the key cannot be sent in a header") from None
        finally:
            _deadline.reset(token)

    def _timeout(self, error: httpx2.TimeoutException) -> ModelTimeoutError:
        now = time.monotonic()
        if now >= self._whole:
            return ModelTimeoutError("whole")
        connecting = isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout)
        if connecting and now < self._next_token:
            return ModelTimeoutError("connect")
        return ModelTimeoutError(self._phase)


def _transport_error(error: httpx2.HTTPError) -> AnsweringError:
    kind = type(error).__name__
    if isinstance(error, httpx2.ConnectError | httpx2.UnsupportedProtocol):
        return UnreachableError(kind)
    if isinstance(error, httpx2.LocalProtocolError):
        return InvalidRequestError(kind)
    if isinstance(error, httpx2.DecodingError):
        return GarbledAnswerError(kind)
    return DroppedStreamError(kind)


def _refusal(status: int, retry_after: str | None) -> AnsweringError:
    message = f"HTTP {status}"
    if status in {401, 403}:
        return UnauthorizedError(message)
    if status == 429:
        return RateLimitedError(message, _seconds(retry_after))
    if 400 <= status < 500:
        return InvalidRequestError(message)
    if status >= 500:
        return ServerError(message)
    return GarbledAnswerError(message)  # a redirection, or a page instead of a stream


def _seconds(retry_after: str | None) -> float | None:
    """Read a ``Retry-After``: seconds or an HTTP date; None where it is neither."""
    if retry_after is None:
        return None
    with suppress(ValueError):
        seconds = float(retry_after)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    with suppress(ValueError):
        date = parsedate_to_datetime(retry_after)
        left = date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)
        return max(0.0, left.total_seconds())
    return None


# --------------------------------------------------------------------------------------- network


class _Transport(httpx2.HTTPTransport):
    """httpx2's own, upon sockets that obey the deadline.

    The library's read timeout begins anew with each byte, so that a server that trickles
    comments is waited for without end; and its pool takes a backend only from httpcore2.
    """

    def __init__(self) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_certificates(),
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=_Network(),
        )


@cache
def _certificates() -> ssl.SSLContext:
    # Reading them is most of what a new client costs.
    return httpx2.create_ssl_context(trust_env=False)


class _Network(httpcore2.NetworkBackend):
    """Opens sockets within the limit for connecting."""

    def __init__(self) -> None:
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Try the addresses of the host in turn; the limit is shared, not granted to each."""
        until = time.monotonic() + (math.inf if timeout is None else timeout)
        addresses = _addresses(host, port)
        failure: Exception = httpcore2.ConnectError("no address")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                share = _remaining(until, httpcore2.ConnectTimeout) / left
                return _TimedStream(
                    self._plain.connect_tcp(address, port, share, local_address, socket_options)
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore2.ConnectError(type(error).__name__) from None
    return [str(address[0]) for *_, address in found]


class _TimedStream(httpcore2.NetworkStream):
    """A socket on which each wait ends at the deadline of the answer that waits."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read; the timeout given is the one for connecting, and means nothing here."""
        return self._stream.read(max_bytes, _remaining(math.inf, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, within the same deadline as reads."""
        self._stream.write(buffer, _remaining(math.inf, httpcore2.WriteTimeout))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Go on encrypted, within the limit for connecting."""
        until = time.monotonic() + (math.inf if timeout is None else timeout)
        share = _remaining(until, httpcore2.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, share))

    def get_extra_info(self, info: str) -> object:
        """Tell about the socket, as the pool asks before it reuses it."""
        return self._stream.get_extra_info(info)


def _remaining(until: float, expired: type[httpcore2.TimeoutException]) -> float:
    left = min(until, _deadline.get()) - time.monotonic()
    if left <= 0:
        raise expired("deadline")
    return left


# --------------------------------------------------------------------------------------- reading


class _Chunk(NamedTuple):
    """What one event of the stream says."""

    text: str
    alive: bool
    finish_reason: str | None
    usage: Usage | None


def _read(response: httpx2.Response, limits: _Limits) -> Iterator[Piece | Usage]:
    """Yield the text of an answer and its usage, or raise for what it lacks."""
    network = _network_chunks(response, limits)
    finished = spoken = False
    usage = Usage(None, None)
    for data in _events(network):
        if data == b"[DONE]":
            break
        chunk = _decode(data)
        usage = chunk.usage or usage
        finished = finished or chunk.finish_reason is not None
        if chunk.text:
            spoken = spoken or not chunk.text.isspace()
            yield Piece(chunk.text)
        if chunk.alive:  # after the yield: the time that the reader takes is not the model's
            limits.heard_token()
    if not finished:
        raise DroppedStreamError("the stream ended before the answer")
    if not spoken:
        raise EmptyAnswerError("an answer without a word")
    yield usage
    _drain(network, limits)


def _network_chunks(response: httpx2.Response, limits: _Limits) -> Iterator[bytes]:
    chunks = response.iter_bytes()
    while True:
        with limits.watch():
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def _drain(network: Iterator[bytes], limits: _Limits) -> None:
    # A body read to its very end leaves a connection that the next question can use.
    limits.allow(DRAIN_SECONDS)
    with suppress(AnsweringError):
        for _ in network:
            pass


def _events(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the data of each server-sent event; this protocol has one line of it in each."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_EVENT_BYTES:
            raise GarbledAnswerError("an event without end")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()


def _decode(data: bytes) -> _Chunk:
    try:
        event = json.loads(data)
        if event.get("object") == "error" or event.get("error"):
            raise ServerError("error event in the stream")
        choices = event["choices"]  # empty in an event that holds nothing but the usage
        content = choices[0]["delta"].get("content") if choices else None
        finish_reason = choices[0].get("finish_reason") if choices else None
        text = _text(content)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise GarbledAnswerError(f"event: {type(error).__name__}") from None
    if finish_reason == "error":
        raise ServerError("the answer ended with an error")
    return _Chunk(text, bool(content or finish_reason), finish_reason, _usage(event.get("usage")))


def _text(content: str | list[dict[str, Any]] | None) -> str:
    """Return the words; models that think aloud send lists, whose thoughts are not the answer."""
    if isinstance(content, list):
        content = "".join(part["text"] for part in content if part["type"] == "text")
    text = content or ""
    text.encode()  # half a surrogate pair is valid JSON, and fails wherever it is stored
    return text


def _usage(figures: object) -> Usage | None:
    if not isinstance(figures, dict):
        return None
    return Usage(_count(figures.get("prompt_tokens")), _count(figures.get("completion_tokens")))


def _count(figure: object) -> int | None:
    if isinstance(figure, int) and not isinstance(figure, bool) and figure >= 0:
        return figure
    return None
