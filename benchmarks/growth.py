"""The same answers and pages with a million messages, and with a course 4 times as large.

    python -m benchmarks.growth [--messages 1000000] [--copies 4] [--keep FOLDER] [--write]

A small school first, then one whose database holds a year, then one with the large course; each is
asked by the same visitors. A course of 5 MB is the largest that is taken, so four copies are; the
search itself is measured with 100 copies by ``benchmarks.search``. Needs Linux and
requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from benchmarks import school, visitors, year
from benchmarks.pages import read
from benchmarks.processes import ROOT
from benchmarks.report import Section
from benchmarks.search import copies as copies_of
from benchmarks.streams import RAMP_SECONDS, answered_questions, pedabot_app, quantile, standin
from pedabot import create_app
from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.storage import courses

TITLE = "Growth: `python -m benchmarks.growth`"
HEADER = (
    f"{'school':<28}{'answers':>8}{'added ms':>10}{'p95':>8}{'CPU s/1000 tokens':>19}{'page ms':>9}"
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md too")
    parser.add_argument("--keep", type=Path, help="a folder for the filled school, used again")
    options = parser.parse_args()
    section = measure(
        options.messages, options.copies, options.visitors, options.seconds, options.keep
    )
    if options.write:
        section.write()


def measure(
    messages: int, copies: int, visitors: int, seconds: float, keep: Path | None = None
) -> Section:
    """Measure a small school, one with so many messages, one with the course so many times over.

    To fill a school takes a quarter of an hour: in the folder ``keep`` it stays for the next time.
    """
    section = Section(TITLE)
    section.say(HEADER)
    schools: dict[str, Callable[[Flask], None]] = {
        "small": lambda _app: None,
        f"{messages:,} messages": lambda app: _fill(app, messages),
        f"course x {copies}": lambda _app: _enlarge(copies),
    }
    for name, prepare in schools.items():
        with tempfile.TemporaryDirectory() as folder, standin() as upstream:
            kept = keep if "messages" in name else None
            if kept and kept.exists():
                shutil.copytree(kept, folder, dirs_exist_ok=True)
            else:
                _prepare(Path(folder), upstream, prepare)
                if kept:
                    shutil.copytree(folder, kept)
            _measure(section, name, Path(folder), upstream, visitors, seconds)
    return section


def _prepare(folder: Path, upstream: str, prepare: Callable[[Flask], None]) -> None:
    environ = school.settings(folder, upstream, 1024)
    school.make_tables(environ)
    app = create_app(environ)
    with app.app_context():
        prepare(app)
        db.engine.dispose()


def _fill(app: Flask, messages: int) -> None:
    course = app.extensions["pedabot_course"].current().document
    year.fill(year.found(6, 180), course, messages)


def _enlarge(copies: int) -> None:
    course = document.loads((ROOT / "knowledge.json").read_bytes())
    version = courses.add_version(document.dumps(copies_of(course, copies)), "large")
    courses.activate(version)
    db.session.commit()


def _measure(
    section: Section, name: str, folder: Path, upstream: str, number: int, seconds: float
) -> None:
    with pedabot_app(folder, upstream, number) as (server, cast):
        cookie = {"Cookie": cast[0].cookie}
        page = f"{server.address}/chat/{cast[0].conversation}"
        asyncio.run(read(page, cookie, 1.0))
        cpu = server.cpu_seconds()
        ask = visitors.ask_pedabot(server.address, cast)
        asking = visitors.keep_asking(ask, number, answered_questions(), RAMP_SECONDS, seconds)
        streams = asyncio.run(asking)
        cpu = server.cpu_seconds() - cpu
        added = sorted(stream.added_ms for stream in streams if stream.added_ms is not None)
        tokens = max(1, sum(stream.tokens for stream in streams))
        pages, _ = asyncio.run(read(page, cookie, seconds / 3, readers=1))
        section.say(
            f"{name:<28}{len(streams):>8}{quantile(added, 0.5):>10.0f}{quantile(added, 0.95):>8.0f}"
            f"{cpu / tokens * 1000:>19.3f}{quantile(pages, 0.5) * 1000:>9.1f}"
        )


if __name__ == "__main__":
    main()
