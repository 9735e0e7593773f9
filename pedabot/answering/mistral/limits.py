"""The time limits of an answer, and the names of what goes wrong meanwhile."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

import httpx2
from mistralai.client import errors

from pedabot.answering.mistral.network import Patience, patience
from pedabot.answering.mistral.settings import MistralSettings
from pedabot.answering.outcomes import (
    AnsweringError,
    DroppedStreamError,
    GarbledAnswerError,
    InvalidRequestError,
    ModelTimeoutError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnreachableError,
)
from pedabot.answering.values import never

GATHERING_SECONDS = 0.04
"""Between two reads of an answer: waking up for each token costs more than the token."""
GATHERING_SECONDS_FOR_EACH = 0.001
"""More for each other answer of the process: under 200 streams on two workers, 140 ms. Nobody reads
faster, and a server that is full stays even instead of falling behind."""


class _UnderWay:
    """How many answers this process is reading."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def change(self, by: int) -> None:
        with self._lock:
            self.count += by


_under_way = _UnderWay()


class Limits:
    """The time limits of one answer, and the names of what goes wrong meanwhile."""

    def __init__(self, settings: MistralSettings, should_stop: Callable[[], bool] = never) -> None:
        now = time.monotonic()
        self._token_timeout = settings.token_timeout
        self._whole = now + settings.answer_timeout
        self._phase: Literal["first_token", "token"] = "first_token"
        self._patience = Patience(should_stop=should_stop)
        self._tell_by = 0.0
        self._expect_token(now + settings.first_token_timeout)

    def heard_token(self) -> None:
        """Start to wait for the next token."""
        self._phase = "token"
        now = time.monotonic()
        self._expect_token(now + self._token_timeout)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count this answer among those that the process is reading."""
        _under_way.change(+1)
        try:
            yield
        finally:
            _under_way.change(-1)

    def is_time_to_tell(self) -> bool:
        """Tell whether to pass on what was gathered: all that has come, unless that takes long.

        Nothing more is read before the next time.
        """
        now = time.monotonic()
        if self._patience.at_hand > 0 and now < self._tell_by:
            return False
        gathering = GATHERING_SECONDS + GATHERING_SECONDS_FOR_EACH * _under_way.count
        self._patience.not_before = now + gathering
        self._tell_by = now + 2 * gathering
        return True

    def took_event(self) -> None:
        """Note that one of the events that have come was taken."""
        self._patience.at_hand -= 1

    def allow(self, seconds: float) -> None:
        """Wait no longer than this for what follows the last token."""
        self._expect_token(time.monotonic() + seconds)

    def _expect_token(self, until: float) -> None:
        self._next_token = until
        self._patience.deadline = min(until, self._whole)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Run one step that waits for the network; nothing of what fails there is shown.

        ``from None`` throughout: the errors of the SDK quote request and response.
        """
        before = patience.set(self._patience)
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
            patience.reset(before)

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
