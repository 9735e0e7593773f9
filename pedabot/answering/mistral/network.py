"""Sockets on which each wait ends at the deadline of the answer that waits."""

from __future__ import annotations

import math
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

import httpcore2
import httpx2

from pedabot.answering.outcomes import StoppedError
from pedabot.answering.values import never

MAX_CONNECTIONS = 1000  # beyond the pool a question waits in silence: never the bottleneck
KEEP_ALIVE_SECONDS = 30.0

SECONDS_BETWEEN_STOP_CHECKS = 0.2
EVENT = b"\ndata:"
"""How an event with data begins; within its JSON no line does."""


@dataclass(slots=True)
class Patience:
    """How one answer waits for the network: until when, from when on, and unless it is stopped.

    ``at_hand`` are the events that the last read brought and nobody has looked at yet.
    """

    deadline: float = math.inf
    not_before: float = 0.0
    at_hand: int = 0
    should_stop: Callable[[], bool] = never


patience: ContextVar[Patience] = ContextVar("patience", default=Patience())  # noqa: B039


class Transport(httpx2.HTTPTransport):
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
    # Reading them is most of what a new client costs. SSL_CERT_FILE counts: a server of the
    # school may have a certificate of its own.
    return httpx2.create_ssl_context()


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
        """Read, and ask meanwhile whether the student still wants the answer.

        The timeout given is the one for connecting, and means nothing here.

        Not before its time: what comes meanwhile is then read at once.

        Raises:
            StoppedError: the student does not; the library then closes the connection.
        """
        waits = patience.get()
        early = waits.not_before - time.monotonic()
        if early > 0:
            time.sleep(early)
        while True:
            left = _remaining(math.inf, httpcore2.ReadTimeout)
            try:
                data = self._stream.read(max_bytes, min(left, SECONDS_BETWEEN_STOP_CHECKS))
            except httpcore2.ReadTimeout:
                if waits.should_stop():
                    raise StoppedError from None
            else:
                waits.at_hand = data.count(EVENT)
                return data

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
    left = min(until, patience.get().deadline) - time.monotonic()
    if left <= 0:
        raise expired("deadline")
    return left
