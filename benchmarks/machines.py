"""One server and two of them on one PostgreSQL and one Redis, beside one on SQLite, in one run.

``python -m benchmarks.machines`` prints for each what students wait for, what a thousand tokens
cost in processor time (PedaBot's and PostgreSQL's), and what a question takes on the disk. All
share this machine: two servers show that nothing is lost or slower by sharing, not that two
machines serve twice as many.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import aiohttp
import psutil
import psycopg

from benchmarks import school, visitors
from benchmarks.processes import Server, free_port, serving
from benchmarks.streams import (
    GUNICORN,
    RAMP_SECONDS,
    answered_questions,
    quantile,
    standin,
)
from benchmarks.visitors import Ask, Stream
from tests.services import PostgreSQL, Redis

HEADER = (
    f"{'servers':<26}{'answers':>8}{'whole':>8}{'added ms':>10}{'p95':>7}"
    f"{'CPU s/1000 tokens':>19}{'of PostgreSQL':>15}{'KB/question':>13}"
)


def main() -> None:
    """Measure the three and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    questions = answered_questions()
    print(HEADER, flush=True)
    with standin() as upstream:
        _measure("1, SQLite", 1, upstream, {}, questions, options)
        for servers in (1, 2):
            with PostgreSQL() as postgresql, Redis() as redis:
                shared = {"DATABASE_URL": postgresql.url(), "REDIS_URL": redis.url()}
                label = f"{servers}, PostgreSQL and Redis"
                _measure(label, servers, upstream, shared, questions, options)


def _measure(
    label: str,
    servers: int,
    upstream: str,
    shared: Mapping[str, str],
    questions: Sequence[str],
    options: argparse.Namespace,
) -> None:
    with _started(servers, upstream, shared, options.streams) as (running, ask):
        asyncio.run(_all(ask, options.streams, questions, 0))  # what is read once, is read
        size, cpu, database = _size(shared), _cpu(running), _cpu_of_postgresql()
        streams = asyncio.run(_all(ask, options.streams, questions, options.seconds))
        cpu, database = _cpu(running) - cpu, _cpu_of_postgresql() - database
        grown = _size(shared) - size
    added = sorted(stream.added_ms for stream in streams if stream.added_ms is not None)
    thousands = max(1, sum(stream.tokens for stream in streams)) / 1000
    print(
        f"{label:<26}{len(streams):>8}{sum(s.whole for s in streams) / len(streams):>8.1%}"
        f"{quantile(added, 0.5):>10.0f}{quantile(added, 0.95):>7.0f}{cpu / thousands:>19.3f}"
        f"{database / thousands:>15.3f}{grown / len(streams) / 1000:>13.1f}",
        flush=True,
    )
    errors = {stream.error or f"{stream.tokens} tokens" for stream in streams if not stream.whole}
    if errors:
        print(f"  not whole: {sorted(errors)[:5]}", flush=True)


@contextmanager
def _started(
    servers: int, upstream: str, shared: Mapping[str, str], students: int
) -> Iterator[tuple[list[Server], Ask]]:
    """Start servers on one database; their students are spread over them."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        folders = [Path(folder) / str(number) for number in range(servers)]
        for each in folders:
            each.mkdir()
        environs = [school.settings(each, upstream, free_port()) | dict(shared) for each in folders]
        cast = school.found(environs[0], students)
        running = [
            stack.enter_context(serving(GUNICORN, int(environ["PORT"]), "/sign-in", environ))
            for environ in environs
        ]
        asks = [visitors.ask_pedabot(server.address, cast) for server in running]

        async def ask(http: aiohttp.ClientSession, number: int, question: str) -> Stream:
            return await asks[number % servers](http, number, question)

        yield running, ask


async def _all(ask: Ask, streams: int, questions: Sequence[str], seconds: float) -> list[Stream]:
    return await visitors.keep_asking(ask, streams, questions, RAMP_SECONDS, seconds)


def _cpu(running: Sequence[Server]) -> float:
    return sum(server.cpu_seconds() for server in running)


def _cpu_of_postgresql() -> float:
    """Return the processor time of all that this process started under the name of PostgreSQL."""
    ours = psutil.Process(os.getpid()).children(recursive=True)
    times = [process.cpu_times() for process in ours if process.name().startswith("postgres")]
    ended = [time.children_user + time.children_system for time in times]
    return sum(time.user + time.system for time in times) + sum(ended)


def _size(shared: Mapping[str, str]) -> int:
    """Return the bytes of the database on PostgreSQL, 0 elsewhere."""
    if "DATABASE_URL" not in shared:
        return 0
    with psycopg.connect(shared["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
