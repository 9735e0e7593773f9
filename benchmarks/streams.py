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
from benchmarks.report import Section
from benchmarks.school import Student
from benchmarks.visitors import Ask, Stream
from pedabot.knowledge import document
from pedabot.knowledge.search import Index

TITLE = "Streams beside the least possible app: `python -m benchmarks.streams`"
RAMP_SECONDS = 5.0
BURST = 200
WARMING, WARMING_SECONDS = 8, 6.0
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
    section: Section


def main() -> None:
    """Measure both applications and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", default="100,200,500")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md too")
    options = parser.parse_args()
    counts = [int(count) for count in options.streams.split(",")]
    section = measure(counts, options.seconds)
    if options.write:
        section.write()


def measure(counts: Sequence[int], seconds: float) -> Section:
    """Measure both applications with so many visitors each, so long each."""
    section, questions = Section(TITLE), answered_questions()
    with tempfile.TemporaryDirectory() as folder, standin() as upstream:
        section.say(HEADER)
        with least_app(Path(folder), upstream) as server:
            ask = visitors.ask_least(server.address)
            _measure(Application("least", server, ask, section), counts, questions, seconds)
        students = max([*counts, BURST])
        with pedabot_app(Path(folder), upstream, students) as (server, cast):
            ask = visitors.ask_pedabot(server.address, cast)
            pedabot = Application("PedaBot", server, ask, section)
            section.say(f"{'PedaBot':<12}{'none':<28}{'':>36}{'':>19}{server.resident_mib():>6.0f}")
            _measure(pedabot, counts, questions, seconds)
            _measure_mixed(pedabot, cast, questions, seconds)
    return section


def answered_questions() -> list[str]:
    """Return questions that a model is asked, with a number as visitors add it: not small talk."""
    course = document.loads((ROOT / "knowledge.json").read_bytes())
    index = Index(course)
    every = [text for _, subtopic in course.subtopics() for text in subtopic.questions]
    ends = ("", " (n° 1-1)", " (n° 107)")
    return [text for text in every if all(index.search(text + end, []).in_scope for end in ends)]


@contextmanager
def standin() -> Iterator[str]:
    """Serve the stand-in for the API; gives its address."""
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.standin", str(port))
    with serving(command, port, "/", {}) as server:
        yield server.address


@contextmanager
def least_app(folder: Path, upstream: str) -> Iterator[Server]:
    """Serve the least possible app."""
    port = free_port()
    environ = {"STANDIN": upstream, "DATABASE": str(folder / "least.db")}
    subprocess.run(
        (sys.executable, "-m", "benchmarks.least"),
        cwd=ROOT,
        env={**os.environ, **environ},
        check=True,
    )
    options = (
        f"-c python:benchmarks -k gevent -w 2 --worker-connections 2000 -b 127.0.0.1:{port}".split()
    )
    with serving((*GUNICORN, *options, "benchmarks.least:app"), port, "/page", environ) as server:
        yield server


@contextmanager
def pedabot_app(
    folder: Path, upstream: str, students: int
) -> Iterator[tuple[Server, list[Student]]]:
    """Serve PedaBot as ``make run`` does, with a class of students who are signed in."""
    port = free_port()
    environ = school.settings(folder, upstream, port)
    cast = school.found(environ, students)
    with serving(GUNICORN, port, "/sign-in", environ) as server:
        yield server, cast


def _measure(
    application: Application, counts: Sequence[int], questions: Sequence[str], seconds: float
) -> None:
    # What a process makes once, such as the classes of the SDK, is no part of what an answer costs.
    asyncio.run(visitors.keep_asking(application.ask, WARMING, questions, 1.0, WARMING_SECONDS))
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
            failed = f"  {len(errors)} pages or sign-ins failed: {sorted(set(errors))[:3]}"
            application.section.say(failed)
        return streams

    _row(application, "100, sign-ins and pages", mixed())


def _row(application: Application, label: str, work: Awaitable[list[Stream]]) -> None:
    cpu = application.server.cpu_seconds()
    streams = asyncio.run(_all(work))
    cpu = application.server.cpu_seconds() - cpu
    added = sorted(stream.added_ms for stream in streams if stream.added_ms is not None)
    whole = sum(stream.whole for stream in streams)
    application.section.say(
        f"{application.name:<12}{label:<28}{len(streams):>8}{whole / len(streams):>8.1%}"
        f"{quantile(added, 0.5):>10.0f}{quantile(added, 0.95):>8.0f}"
        f"{cpu / max(1, sum(stream.tokens for stream in streams)) * 1000:>19.3f}"
        f"{application.server.resident_mib():>6.0f}"
    )
    errors = {stream.error or f"{stream.tokens} tokens" for stream in streams if not stream.whole}
    if errors:
        application.section.say(f"  not whole: {sorted(errors)[:5]}")


async def _all(work: Awaitable[list[Stream]]) -> list[Stream]:
    return await work


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that has this share of all at or below it."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


if __name__ == "__main__":
    main()
