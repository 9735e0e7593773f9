"""Streamed answers beside the least possible app of the same stack, in one run.

    python -m benchmarks.streams [--streams 100,200,500] [--seconds 15]

Both are asked by as many visitors at once, each again as soon as its answer has ended; the API is
a stand-in that says 50 tokens a second, 300 ms after it was asked. Then 200 questions come at one
moment, and at last 100 streams run while 5 people sign in and 20 pages are read each second.
Needs Linux and requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import school, visitors
from benchmarks.processes import ROOT, Server, free_port, serving
from benchmarks.school import Student
from benchmarks.visitors import Ask, Stream
from pedabot.knowledge import document

RAMP_SECONDS = 5.0
BURST = 200
GUNICORN = (sys.executable, "-m", "gunicorn")
HEADER = (
    f"{'application':<12}{'visitors':<28}{'answers':>8}{'whole':>8}{'added ms':>10}{'p95':>8}"
    f"{'CPU s/1000 tokens':>19}{'MiB':>6}"
)


@dataclass(frozen=True, slots=True)
class Application:
    """What is measured: its server, and how it is asked."""

    name: str
    server: Server
    ask: Ask


def main() -> None:
    """Measure both applications and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", default="100,200,500")
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    counts = [int(count) for count in options.streams.split(",")]
    course = document.loads((ROOT / "knowledge.json").read_bytes())
    questions = [text for _, subtopic in course.subtopics() for text in subtopic.questions]
    with tempfile.TemporaryDirectory() as folder, standin() as upstream:
        print(HEADER, flush=True)
        with _least(Path(folder), upstream) as server:
            least = Application("least", server, visitors.ask_least(server.address))
            _measure(least, counts, questions, options.seconds)
        students = max([*counts, BURST])
        with _pedabot(Path(folder), upstream, students) as (server, cast):
            ask = visitors.ask_pedabot(server.address, cast)
            pedabot = Application("PedaBot", server, ask)
            print(f"{'PedaBot':<12}{'none':<28}{server.resident_mib():>77.0f}", flush=True)
            _measure(pedabot, counts, questions, options.seconds)
            _measure_mixed(pedabot, cast, questions, options.seconds)


@contextmanager
def standin() -> Iterator[str]:
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.standin", str(port))
    with serving(command, port, "/", {}) as server:
        yield server.address


@contextmanager
def _least(folder: Path, upstream: str) -> Iterator[Server]:
    port = free_port()
    environ = {"STANDIN": upstream, "DATABASE": str(folder / "least.db")}
    subprocess.run(
        (sys.executable, "-m", "benchmarks.least"),
        cwd=ROOT,
        env={**os.environ, **environ},
        check=True,
    )
    options = f"-c python:benchmarks -k gthread -w 2 --threads 256 -b 127.0.0.1:{port}".split()
    with serving((*GUNICORN, *options, "benchmarks.least:app"), port, "/page", environ) as server:
        yield server


@contextmanager
def _pedabot(folder: Path, upstream: str, students: int) -> Iterator[tuple[Server, list[Student]]]:
    port = free_port()
    environ = school.settings(folder, upstream, port)
    cast = school.found(environ, students)
    with serving(GUNICORN, port, "/sign-in", environ) as server:
        yield server, cast


def _measure(
    application: Application, counts: Sequence[int], questions: Sequence[str], seconds: float
) -> None:
    for count in counts:
        streams = visitors.keep_asking(application.ask, count, questions, RAMP_SECONDS, seconds)
        _row(application, f"{count} at once", streams)
    burst = visitors.ask_at_once(application.ask, BURST, questions)
    _row(application, f"{BURST} at one moment", burst)


def _measure_mixed(
    application: Application, cast: Sequence[Student], questions: Sequence[str], seconds: float
) -> None:
    async def mixed() -> list[Stream]:
        streams, errors = await asyncio.gather(
            visitors.keep_asking(application.ask, 100, questions, RAMP_SECONDS, seconds),
            visitors.sign_in_and_read(application.server.address, cast, RAMP_SECONDS + seconds),
        )
        if errors:
            print(f"  {len(errors)} pages or sign-ins failed: {sorted(set(errors))}")
        return streams

    _row(application, "100, sign-ins and pages", mixed())


def _row(application: Application, label: str, work: Awaitable[list[Stream]]) -> None:
    cpu = application.server.cpu_seconds()
    streams = asyncio.run(_all(work))
    cpu = application.server.cpu_seconds() - cpu
    added = sorted(stream.added_ms for stream in streams if stream.added_ms is not None)
    whole = sum(stream.whole for stream in streams)
    print(
        f"{application.name:<12}{label:<28}{len(streams):>8}{whole / len(streams):>8.1%}"
        f"{quantile(added, 0.5):>10.0f}{quantile(added, 0.95):>8.0f}"
        f"{cpu / max(1, sum(stream.tokens for stream in streams)) * 1000:>19.3f}"
        f"{application.server.resident_mib():>6.0f}",
        flush=True,
    )
    errors = {stream.error or f"{stream.tokens} tokens" for stream in streams if not stream.whole}
    if errors:
        print(f"  not whole: {sorted(errors)[:5]}", flush=True)


async def _all(work: Awaitable[list[Stream]]) -> list[Stream]:
    return await work


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that has this share of all at or below it."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


if __name__ == "__main__":
    main()
