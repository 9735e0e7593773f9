"""From the events of a response to the pieces of an answer and its usage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import httpx2

from pedabot.answering.events import Piece, Usage
from pedabot.answering.mistral.limits import Limits
from pedabot.answering.outcomes import (
    AnsweringError,
    DroppedStreamError,
    EmptyAnswerError,
    GarbledAnswerError,
    ServerError,
    StoppedError,
)

DRAIN_SECONDS = 0.2
MAX_EVENT_BYTES = 256 * 1024
SIGNS_OF_LIFE = ("content", "reasoning_content", "reasoning")
"""A model that thinks is not silent: vLLM and llama.cpp, then Ollama, send thoughts beside."""


class _Chunk(NamedTuple):
    """What one event of the stream says."""

    text: str
    alive: bool
    finish_reason: str | None
    usage: Usage | None


def read(response: httpx2.Response, limits: Limits) -> Iterator[Piece | Usage]:
    """Yield an answer, some tokens at a time, and its usage, or raise for what it lacks."""
    network = _network_chunks(response, limits)
    gathered: list[str] = []
    usage = Usage(None, None)
    finished = spoken = False
    try:
        for chunk in _chunks(network, limits):
            usage = chunk.usage or usage
            finished = finished or bool(chunk.finish_reason)
            if chunk.text:
                spoken = spoken or not chunk.text.isspace()
                gathered.append(chunk.text)
                if limits.is_time_to_tell():
                    yield from _taken(gathered)
            if chunk.alive:  # after the yield: the time that the reader takes is not the model's
                limits.heard_token()
        if not finished:
            raise DroppedStreamError("the stream ended before the answer")
    except StoppedError:
        raise StoppedError("".join(gathered)) from None
    except AnsweringError:
        yield from _taken(gathered)  # it was said, and is charged
        raise
    yield from _taken(gathered)
    if not spoken:
        raise EmptyAnswerError("an answer without a word")
    yield usage
    _drain(network, limits)


def _taken(gathered: list[str]) -> Iterator[Piece]:
    if gathered:
        text = "".join(gathered)
        gathered.clear()
        yield Piece(text)


def _chunks(network: Iterator[bytes], limits: Limits) -> Iterator[_Chunk]:
    for data in _events(network):
        limits.took_event()
        if data == b"[DONE]":
            return
        yield _decode(data)


def _network_chunks(response: httpx2.Response, limits: Limits) -> Iterator[bytes]:
    chunks = response.iter_bytes()
    while True:
        with limits.watch():
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def _drain(network: Iterator[bytes], limits: Limits) -> None:
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
        choice = choices[0] if choices else {}
        delta = choice.get("delta") or {}
        text = _text(delta.get("content"))
        finish_reason = choice.get("finish_reason")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise GarbledAnswerError(f"event: {type(error).__name__}") from None
    if finish_reason == "error":
        raise ServerError("the answer ended with an error")
    alive = bool(finish_reason or any(delta.get(field) for field in SIGNS_OF_LIFE))
    return _Chunk(text, alive, finish_reason, _usage(event.get("usage")))


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
