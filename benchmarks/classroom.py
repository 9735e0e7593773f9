"""How fast the teachers' pages are in a school that has used PedaBot for a year.

    python -m benchmarks.classroom [--messages 1000000] [--rounds 20] [--database sqlite,postgresql]

Fills a database (``year.py``), then asks each page through the whole application as a signed-in
teacher or administrator, with several filters and periods, and prints what half and what 95 of 100
requests take at most, and the processor time of this process, which other work on the machine does
not distort. The first request of each page is told apart: days that nobody has looked at yet are
counted then. PostgreSQL is a server of its own, started here where Debian's binaries are.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import select, text

from benchmarks import postgres, year
from benchmarks.school import SECRET
from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Author, Conversation, Message
from pedabot.storage.people import Classroom, User
from pedabot.teaching.processing import notice_version
from pedabot.web.access import sign_in

CLASSES, STUDENTS = 5, 150
TARGET_MS = 300


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of the requests of a page: the first one, half of all, 95 of 100; processor."""

    first: float
    p50: float
    p95: float
    processor: float


def main() -> None:
    """Fill and measure each database; prints a table."""
    parser = argparse.ArgumentParser(description="Speed of the teachers' pages after a year.")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20, help="requests of each page")
    parser.add_argument("--database", default="sqlite,postgresql")
    options = parser.parse_args()
    for name in options.database.split(","):
        if name == "postgresql" and not postgres.available():
            print(f"\n{name}: not installed here ({postgres.BINARIES})")
            continue
        with _database(name) as environ:
            _measure(name, environ, options.messages, options.rounds)


@contextmanager
def _database(name: str) -> Iterator[dict[str, str]]:
    """Yield the environment of an application on an empty database."""
    with TemporaryDirectory(prefix="classroom-") as folder:
        environ = {
            "FLASK_INSTANCE_PATH": folder,
            "SECRET_KEY": SECRET,
            "PEDABOT_REQUEST_LIMIT": "1000000 per minute",
        }
        if name == "sqlite":
            yield environ
        else:
            with postgres.running() as address:
                yield {**environ, "DATABASE_URL": address}


def _measure(name: str, environ: Mapping[str, str], messages: int, rounds: int) -> None:
    app = create_app(environ)
    print(f"\n{name}: {CLASSES} classes, {STUDENTS} students, {messages:,} messages", flush=True)
    with app.app_context():
        upgrade()
        started = time.monotonic()
        school = year.found(CLASSES, STUDENTS)
        year.fill(school, app.extensions["pedabot_course"].current().document, messages)
        print(f"filled in {time.monotonic() - started:.0f} s, {_size(environ)}", flush=True)
        base = f"/admin/classes/{school.classes[0].slug}"
        exports = [f"{base}/{name}" for name in ("conversations.csv", "conversations.jsonl")]
        pages = {"teacher": _teacher_pages(school.classes[0]), "admin": _admin_pages()}
    print(f"{'page':76}{'first':>7}{'p50':>7}{'p95':>7}{'cpu':>7}   (ms)")
    slow = 0
    for who, paths in pages.items():
        client = _signed_in(app, who)
        for path in paths:
            took = _time(client, path, rounds)
            slow += took.p95 > TARGET_MS
            figures = "".join(
                f"{figure:7.0f}" for figure in (took.first, took.p50, took.p95, took.processor)
            )
            print(
                f"{_short(path):76}{figures}{'  slow' if took.p95 > TARGET_MS else ''}", flush=True
            )
    for path in exports:
        print(_export(_signed_in(app, "teacher"), path), flush=True)
    print(f"{slow} pages above {TARGET_MS} ms (p95)")
    with app.app_context():
        db.engine.dispose()


def _size(environ: Mapping[str, str]) -> str:
    if "DATABASE_URL" in environ:
        size = db.session.scalar(text("SELECT pg_database_size(current_database())"))
    else:
        size = (Path(environ["FLASK_INSTANCE_PATH"]) / "pedabot.db").stat().st_size
    return f"{(size or 0) / 2**20:,.0f} MiB"


def _teacher_pages(room: Classroom) -> list[str]:
    """The pages of a class, and those of a teacher's whole side."""
    base, group = f"/admin/classes/{room.slug}", people.students_of(room)
    talk, answer = _latest(room.id)
    deep = _older_conversation(room.id)
    month_ago, half_a_year_ago = (utc_now().date() - timedelta(days=n) for n in (30, 180))
    filters = (
        "",
        f"student={group[3].slug}",
        "topic=cnn",
        "level=advanced&thumb=down",
        "engine=offline",
        "engine=verified",  # none at all
        "scope=out",
        f"from={month_ago}&to={month_ago}",
        f"to={half_a_year_ago}&thumb=down",
        f"before={deep}",
        "review=1",
        "q=convolution",
        "q=reseau+neurone&order=date",
        f"q=descente+gradient&student={group[3].slug}",
        "q=zzzz",
    )
    periods = ("week", "last-week", "month", "all")
    return [
        "/admin",
        *(f"{base}/week?period={period}" for period in periods),
        *(f"{base}/week/figures.json?period={period}" for period in periods),
        *(f"{base}/conversations?{query}" for query in filters),
        f"{base}/review",
        f"{base}/review?after={_last_to_review(room.id)}",
        f"/admin/conversations/{talk}",
        f"/admin/answers/{answer}/review",
        base,
        *(f"{base}/{page}" for page in ("students", "team", "settings", "import", "projector")),
        f"{base}/evaluation.jsonl",
        "/admin/costs",
        "/admin/predictions",
    ]


def _admin_pages() -> list[str]:
    quarter = utc_now().date() - timedelta(days=90)
    log = "/admin/predictions"
    return [
        log,
        f"{log}?to={utc_now().date()}",  # since the start
        f"{log}?to={utc_now().date()}&outcome=garbled",
        f"{log}?engine=offline&from={quarter}&to={quarter + timedelta(days=20)}",
        "/admin/costs",
        "/admin/accounts",
        "/admin/models",
    ]


def _latest(class_id: int) -> tuple[str, str]:
    """The last conversation of a class, and an answer of it."""
    query = (
        select(Conversation.slug, Message.slug)
        .join(Conversation.messages)
        .where(Conversation.class_id == class_id, Message.author == Author.TUTOR)
        .order_by(Message.id.desc())
    )
    talk, answer = db.session.execute(query.limit(1)).one()
    return talk, answer


def _older_conversation(class_id: int) -> str:
    """A conversation of a class a thousand before the last, or the first."""
    query = select(Conversation.slug).where(Conversation.class_id == class_id)
    ordered = query.order_by(Conversation.updated_at.desc()).limit(1000)
    return list(db.session.scalars(ordered))[-1]


def _last_to_review(class_id: int) -> str:
    """An answer that is far down in the review list of a class."""
    rows = text(
        "SELECT m.slug FROM to_review t JOIN messages m ON m.id = t.message_id"
        " WHERE t.class_id = :room ORDER BY t.weight, t.message_id LIMIT 1 OFFSET 50"
    )
    return str(db.session.scalar(rows, {"room": class_id}))


def _signed_in(app: Flask, name: str) -> FlaskClient:
    """Return a browser with the session that a sign-in would make, without its price."""
    with app.test_request_context():
        user = db.session.scalars(select(User).where(User.username == name)).one()
        people.acknowledge(user, notice_version(app.config))
        sign_in(user)
        cookies = app.process_response(app.make_response("")).headers.getlist("Set-Cookie")
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    for cookie in cookies:
        key, value = cookie.split(";")[0].split("=", 1)
        client.set_cookie(key, value, secure=True)
    return client


def _time(client: FlaskClient, path: str, rounds: int) -> Took:
    """Ask for a page so many times, after a first one that fills what is kept.

    Raises:
        RuntimeError: if the page is not there.
    """
    first, _ = _once(client, path)
    times = [_once(client, path) for _ in range(rounds)]
    walls = sorted(wall for wall, _ in times)
    processor = sorted(processor for _, processor in times)[rounds // 2]
    return Took(first, walls[rounds // 2], walls[min(rounds * 95 // 100, rounds - 1)], processor)


def _once(client: FlaskClient, path: str) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    response = client.get(path)
    _body = response.data
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status}")
    return (time.perf_counter() - wall) * 1000, (time.process_time() - processor) * 1000


def _export(client: FlaskClient, path: str) -> str:
    """Read a long download piece by piece; tells how long it took, and how much memory."""
    process = psutil.Process()
    started, before = time.monotonic(), process.memory_info().rss
    size, most = 0, before
    for piece in client.get(path, buffered=False).iter_encoded():
        size += len(piece)
        most = max(most, process.memory_info().rss)
    seconds, more = time.monotonic() - started, (most - before) / 2**20
    return f"{_short(path)}: {size / 2**20:.0f} MiB in {seconds:.1f} s, {more:.0f} MiB of memory"


def _short(path: str) -> str:
    """Write an address without the ids that nobody can read."""
    return re.sub(r"(?<=[/=])[\w-]{16}(?=[/?]|$)", "…", path)[:75]


if __name__ == "__main__":
    main()
