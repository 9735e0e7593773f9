"""Pages beside a bare page of the same stack, in one run; what is static; what is not sent again.

    python -m benchmarks.pages [--seconds 6] [--write]

Eight readers ask for one page again and again: the bare page of the least possible app, then,
signed in, the list of the course and a conversation of 40 messages. Needs Linux and
requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from benchmarks import school
from benchmarks.processes import Server
from benchmarks.report import Section
from benchmarks.school import Student
from benchmarks.streams import least_app, pedabot_app, quantile, standin

TITLE = "Pages beside a bare page: `python -m benchmarks.pages`"
READERS = 8
MESSAGES = 40
HEADER = (
    f"{'page':<34}{'a second':>10}{'of bare':>9}{'median ms':>11}{'p95':>7}{'CPU ms':>8}{'KiB':>6}"
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md too")
    options = parser.parse_args()
    section = measure(options.seconds)
    if options.write:
        section.write()


def measure(seconds: float) -> Section:
    """Measure the bare page, then PedaBot's."""
    section = Section(TITLE)
    section.say(HEADER)
    with tempfile.TemporaryDirectory() as folder, standin() as upstream:
        with least_app(Path(folder), upstream) as server:
            bare = _row(section, "bare Jinja page", server, "/page", {}, seconds)
        with pedabot_app(Path(folder), upstream, 1) as (server, cast):
            school.talk(school.settings(Path(folder), upstream, server.port), cast[0], MESSAGES)
            cookie = {"Cookie": cast[0].cookie}
            _row(section, "list of the course", server, "/knowledge", cookie, seconds, bare)
            path = f"/chat/{cast[0].conversation}"
            name = f"conversation of {MESSAGES} messages"
            _row(section, name, server, path, cookie, seconds, bare)
            asyncio.run(_say_what_is_kept(section, server, cast[0]))
    return section


def _row(
    section: Section,
    name: str,
    server: Server,
    path: str,
    headers: Mapping[str, str],
    seconds: float,
    bare: float | None = None,
) -> float:
    """Measure a page and say a line; returns how often a second it was read."""
    asyncio.run(read(server.address + path, headers, 1.0))
    cpu = server.cpu_seconds()
    times, size = asyncio.run(read(server.address + path, headers, seconds))
    cpu = server.cpu_seconds() - cpu
    rate = len(times) / seconds
    section.say(
        f"{name:<34}{rate:>10.0f}{rate / (bare or rate):>9.2f}"
        f"{quantile(times, 0.5) * 1000:>11.1f}{quantile(times, 0.95) * 1000:>7.1f}"
        f"{cpu / max(1, len(times)) * 1000:>8.2f}{size / 1024:>6.0f}"
    )
    return rate


async def read(
    address: str, headers: Mapping[str, str], seconds: float, readers: int = READERS
) -> tuple[list[float], int]:
    """Let the readers read; returns the times in seconds, ordered, and the size in bytes."""
    times: list[float] = []
    until = time.monotonic() + seconds

    async def ask(http: aiohttp.ClientSession) -> int:
        size = 0
        while time.monotonic() < until:
            began = time.monotonic()
            async with http.get(address, headers=headers) as response:
                size = len(await response.read())
                if response.status != 200:
                    raise RuntimeError(f"{response.status} from {address}")
            times.append(time.monotonic() - began)
        return size

    async with aiohttp.ClientSession() as http:
        sizes = await asyncio.gather(*(ask(http) for _ in range(readers)))
    return sorted(times), sizes[0]


async def _say_what_is_kept(section: Section, server: Server, student: Student) -> None:
    """Say how static files travel, and what a page costs that the browser has already."""
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        async with http.get(server.address + "/sign-in") as response:
            page = await response.text()
        styles = re.findall(r'href="(/static/[^"]+\.css[^"]*)"', page)
        for path in styles[-1:]:
            for coding in ("identity", "gzip"):
                headers = {"Accept-Encoding": coding}
                async with http.get(server.address + path, headers=headers) as response:
                    size, told = len(await response.read()), response.headers
                coded = told.get("Content-Encoding", "plain")
                name = path.partition("?")[0]
                section.say(f"{name}: {size} bytes, {coded}, {told.get('Cache-Control')}")


if __name__ == "__main__":
    main()
