"""Visitors that ask and read as browsers do, and tell what the application has added.

Against PedaBot a visitor posts its question as the page does, and then opens the stream; against
the least app, one request does both. The time added to the first token is what lies outside the
API: from the beginning of the first request to the API's receipt, and from the API's first token
to its arrival here.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import aiohttp

from benchmarks.school import PASSWORD, Student
from benchmarks.standin import STAMP, TOKENS, from_signs, now_us

STREAM = re.compile(r'sse-connect="([^"]+)"')
ANSWER_SECONDS = 60


@dataclass(slots=True)
class Stream:
    """One answer as its reader saw it; the time added is in milliseconds."""

    began: float
    added_ms: float | None = None
    tokens: int = 0
    ended: bool = False
    error: str = ""

    @property
    def whole(self) -> bool:
        """Tell whether every token arrived, and the end."""
        return self.ended and self.tokens == TOKENS


@dataclass(slots=True)
class Reading:
    """What is kept of a stream while it is read."""

    stream: Stream
    began_us: int
    seen: set[str] = field(default_factory=set)

    def take(self, line: str) -> None:
        """Note the tokens of a line, each once: an unfinished block is sent again and again."""
        for stamp in STAMP.finditer(line):
            if self.stream.added_ms is None and stamp[2]:
                received, sent = from_signs(stamp[1]), from_signs(stamp[2])
                added = (received - self.began_us) + (now_us() - sent)
                self.stream.added_ms = added / 1000
            self.seen.add(stamp[0])
        self.stream.tokens = len(self.seen)


Ask = Callable[[aiohttp.ClientSession, int, str], Awaitable[Stream]]


def ask_pedabot(address: str, students: Sequence[Student]) -> Ask:
    """Return a visitor of PedaBot: each number is a student with a session of its own."""

    async def ask(http: aiohttp.ClientSession, number: int, question: str) -> Stream:
        student = students[number]
        stream, began_us = Stream(time.monotonic()), now_us()
        headers = {
            "Cookie": student.cookie,
            "HX-Request": "true",
            "X-CSRFToken": student.csrf_token,
        }
        form = {"text": question, "level": "beginner"}
        path = f"{address}/chat/{student.conversation}/questions"
        async with http.post(path, data=form, headers=headers) as response:
            page = await response.text()
            opened = STREAM.search(page)
            if response.status != 200 or opened is None:
                stream.error = f"{response.status} to the question"
                return stream
        async with http.get(address + opened[1], headers=headers) as response:
            await _read(response, Reading(stream, began_us))
        return stream

    return ask


def ask_least(address: str) -> Ask:
    """Return a visitor of the least possible app."""

    async def ask(http: aiohttp.ClientSession, number: int, question: str) -> Stream:
        stream, began_us = Stream(time.monotonic()), now_us()
        async with http.post(address + "/stream", json={"question": question}) as response:
            await _read(response, Reading(stream, began_us))
        return stream

    return ask


async def _read(response: aiohttp.ClientResponse, reading: Reading) -> None:
    if response.status != 200:
        reading.stream.error = f"{response.status} to the stream"
        return
    async for raw in response.content:
        line = raw.decode()
        if line.startswith("event: end"):
            reading.stream.ended = True
        reading.take(line)


async def _ask_safely(ask: Ask, http: aiohttp.ClientSession, number: int, question: str) -> Stream:
    began = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await ask(http, number, question)
    except (aiohttp.ClientError, TimeoutError) as error:
        return Stream(began, error=type(error).__name__)


async def keep_asking(
    ask: Ask, visitors: int, questions: Sequence[str], ramp: float, seconds: float
) -> list[Stream]:
    """Let each visitor ask again and again, the first ones one by one; return all streams."""
    began = time.monotonic()
    streams: list[Stream] = []

    async def visit(http: aiohttp.ClientSession, number: int) -> None:
        await asyncio.sleep(ramp * number / visitors)
        turn = 0
        while time.monotonic() < began + ramp + seconds:
            question = questions[(number * 7 + turn * 13) % len(questions)]
            stream = await _ask_safely(ask, http, number, f"{question} (n° {number}-{turn})")
            turn += 1
            streams.append(stream)

    async with _http() as http:
        await asyncio.gather(*(visit(http, number) for number in range(visitors)))
    return streams


async def ask_at_once(ask: Ask, visitors: int, questions: Sequence[str]) -> list[Stream]:
    """Let all visitors ask one question at the same moment."""
    async with _http() as http:
        return await asyncio.gather(
            *(
                _ask_safely(
                    ask, http, number, f"{questions[number % len(questions)]} (n° {number})"
                )
                for number in range(visitors)
            )
        )


async def sign_in_and_read(
    address: str, students: Sequence[Student], seconds: float, sign_ins: int = 5, pages: int = 20
) -> list[str]:
    """Sign in and read pages, so many a second; returns what went wrong."""
    errors: list[str] = []

    async def once(http: aiohttp.ClientSession, number: int) -> None:
        student = students[number % len(students)]
        if number % (sign_ins + pages) < sign_ins:
            errors.extend(await _sign_in(address, student))
            return
        path = "/knowledge" if number % 2 else f"/chat/{student.conversation}"
        async with http.get(address + path, headers={"Cookie": student.cookie}) as response:
            await response.read()
            if response.status != 200:
                errors.append(f"{response.status} to {path}")

    async with _http() as http, asyncio.TaskGroup() as tasks:
        for number in range(round(seconds * (sign_ins + pages))):
            tasks.create_task(once(http, number))
            await asyncio.sleep(1 / (sign_ins + pages))
    return errors


async def _sign_in(address: str, student: Student) -> list[str]:
    """Sign in by the page, as a person would."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.get(address + "/sign-in") as response:
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', await response.text())
        form = {
            "csrf_token": token[1] if token else "",
            "username": student.username,
            "password": PASSWORD,
        }
        async with http.post(address + "/sign-in", data=form, allow_redirects=False) as response:
            return [] if response.status == 303 else [f"{response.status} to a sign-in"]


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=2**20,
    )
