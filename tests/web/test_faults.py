"""What a school's machine does to a database: each has a page, and a sentence for who mends it."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from pedabot import create_app, locks
from pedabot.cli import starting
from pedabot.cli.starting import NotStartedError
from pedabot.extensions import db
from pedabot.storage import interrupted, sqlite
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Message, State
from pedabot.storage.faults import Fault
from tests.conftest import Visit, Visitor, settings
from tests.databases import only_sqlite
from tests.web.pages import check_page, text_of

pytestmark = only_sqlite

QUESTION = "C'est quoi la quantification ?"
PAGE = "Le serveur ne peut rien enregistrer en ce moment"


@contextmanager
def every_connection(app: Flask, pragma: str) -> Iterator[None]:
    """Set something on all connections of the application to SQLite, for a while."""

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    engine = _fresh_engine(app)
    event.listen(engine, "connect", prepare)
    yield
    event.remove(engine, "connect", prepare)
    _fresh_engine(app)


def _fresh_engine(app: Flask) -> Engine:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        return db.engine


def database(app: Flask) -> Path:
    return Path(app.instance_path) / "pedabot.db"


def pages_of(app: Flask) -> int:
    with closing(sqlite3.connect(database(app))) as opened:
        return int(opened.execute("PRAGMA page_count").fetchone()[0])


def fill(app: Flask, pages: int) -> None:
    """Leave no free page in the file, as others who write to the disk would."""
    with closing(sqlite3.connect(database(app))) as opened:
        opened.execute(f"PRAGMA max_page_count={pages}")
        opened.execute("CREATE TABLE IF NOT EXISTS filling (content BLOB)")
        opened.commit()
        for size in (3000, 300, 30):
            with suppress(sqlite3.OperationalError):
                while True:
                    opened.execute("INSERT INTO filling VALUES (zeroblob(?))", [size])
                    opened.commit()


def messages(app: Flask) -> int:
    with app.app_context():
        return db.session.query(Message).count()


def ask(browser: FlaskClient, text: str = QUESTION) -> Any:
    return browser.post("/chat", data={"text": text, "level": "beginner"})


def parts_of(browser: Visitor) -> dict[str, Any]:
    page = browser.get("/readyz")
    told: dict[str, Any] = page.get_json()
    assert page.status_code == (200 if told["ready"] else 503)
    parts: dict[str, Any] = told["parts"]
    return parts


def test_a_well_server_is_ready(visit: Visit) -> None:
    ask(visit("student"))
    parts = parts_of(visit())
    assert set(parts) == {"database", "migrations", "course", "disk", "clock"}
    assert {name for name, part in parts.items() if part["status"] != "ok"} <= {"disk"}


def test_on_a_full_disk_what_was_stored_stays_and_asking_goes_on_afterwards(
    app: Flask, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    browser = visit("student")
    conversation = ask(browser).location
    with every_connection(app, f"max_page_count={pages_of(app)}"):
        for _ in range(100):
            before = messages(app)
            refused = ask(browser, QUESTION + " Vraiment ?" * 150)
            if refused.status_code != 303:
                break
        assert refused.status_code == 503
        check_page(refused.text)
        assert PAGE in text_of(refused.text)
        assert Fault.FULL.advice in caplog.text
        assert messages(app) in {before, before + 2}  # a question without its answer is kept
        assert browser.get(conversation).status_code == 200
    assert ask(browser).status_code == 303


def test_an_answer_that_finds_the_disk_full_ends_its_stream_and_keeps_the_question(
    app: Flask, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    browser = visit("student")
    slugs = []
    script = {"HX-Request": "true"}
    for _ in range(8):
        started = browser.post(
            "/chat", data={"text": QUESTION, "level": "beginner"}, headers=script
        )
        page = browser.get(started.headers["HX-Redirect"])
        slugs.append(page.text.split('sse-connect="/messages/')[1].split("/")[0])
    pages = pages_of(app) + 1
    fill(app, pages)
    with every_connection(app, f"max_page_count={pages}"):
        streams = [browser.get(f"/messages/{slug}/stream").text for slug in slugs]
    assert "an answer failed" in caplog.text
    assert Fault.FULL.advice in caplog.text
    assert all("event: whole" in stream and "event: end" in stream for stream in streams)
    assert messages(app) == 16
    with app.app_context():
        interrupted.mark_interrupted()  # as it is done after some time, or at the next start
        states = {message.state for message in db.session.query(Message).all()}
    assert State.FAILED in states
    assert states <= {State.INTERRUPTED, State.COMPLETE, State.FAILED}


@contextmanager
def locked(app: Flask) -> Iterator[sqlite3.Connection]:
    """Another process is writing, and nobody waits for it long."""
    with (
        every_connection(app, "busy_timeout=50"),
        closing(sqlite3.connect(database(app), isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_locked_database_is_waited_for_and_then_named(
    app: Flask, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    browser = visit("student")
    with locked(app) as other:
        refused = ask(browser)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert PAGE in text_of(refused.text)
        assert Fault.LOCKED.advice in caplog.text
        assert parts_of(browser)["database"] == {"status": "failed", "advice": Fault.LOCKED.advice}
        other.execute("ROLLBACK")
        assert ask(browser).status_code == 303


def test_who_asks_by_script_reads_the_sentence_beside_the_composer(
    app: Flask, visit: Visit
) -> None:
    browser = visit("student")
    with locked(app):
        form = {"text": QUESTION, "level": "beginner"}
        refused = browser.post("/chat", data=form, headers={"HX-Request": "true"})
    assert refused.status_code == 503
    assert refused.headers["HX-Retarget"] == "#notices"
    assert PAGE in text_of(refused.text)


def without_rights(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do work in a process for which the rights of files count, as they do not for root."""
    reader, writer = multiprocessing.Pipe(duplex=False)

    def go() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        writer.send(work())

    child = multiprocessing.get_context("fork").Process(target=go)
    child.start()
    writer.close()
    with reader:
        result: dict[str, Any] = reader.recv()
    child.join()
    return result


def test_a_database_that_may_not_be_written_is_read_and_named(app: Flask, visit: Visit) -> None:
    conversation = ask(visit("student")).location
    session = visit("student").get_cookie("pedabot")
    assert session is not None
    _fresh_engine(app)
    # pytest's own folders are closed to other accounts.
    folder = Path(tempfile.mkdtemp(prefix="pedabot-"))
    shutil.copy(database(app), folder)
    (folder / "pedabot.db").chmod(0o444)
    other = create_app(settings(folder))
    other.config["WTF_CSRF_ENABLED"] = False
    other.test_client_class = Visitor
    folder.chmod(0o555)

    def visit_it() -> dict[str, Any]:
        client = other.test_client()
        client.environ_base["wsgi.url_scheme"] = "https"
        client.set_cookie("pedabot", session.value, secure=True)
        return {
            "ready": client.get("/readyz").json,  # as an administrator's browser asks
            "read": client.get(conversation).status_code,
            "asked": ask(client).status_code,
        }

    try:
        seen = without_rights(visit_it)
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)
    assert seen["ready"]["parts"]["database"] == {
        "status": "failed",
        "advice": Fault.READ_ONLY.advice,
    }
    assert seen["asked"] == 503


def test_a_clock_that_went_back_is_named_and_stops_nothing(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    conversation = ask(browser).location
    with app.app_context():
        for message in db.session.query(Message).all():
            message.created_at = utc_now() + timedelta(hours=3)
        db.session.commit()
    assert "behind the newest message" in parts_of(browser)["clock"]["advice"]
    assert browser.get("/readyz").status_code == 200
    answered = browser.post(
        f"{conversation}/questions", data={"text": QUESTION, "level": "beginner"}
    )
    assert answered.status_code == 303
    page = text_of(browser.get(conversation).text)
    assert page.count("float32") >= 2
    with app.app_context():
        assert {m.state for m in db.session.query(Message).all()} == {State.COMPLETE}


def test_a_clock_that_jumps_ahead_costs_one_answer_at_most(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    form = {"text": QUESTION, "level": "beginner"}
    started = browser.post("/chat", data=form, headers={"HX-Request": "true"})
    with app.app_context():  # the answer seems to have been begun yesterday
        waiting = db.session.query(Message).filter_by(state=State.WAITING).one()
        waiting.created_at -= timedelta(days=1)
        slug = waiting.slug
        db.session.commit()
    conversation = started.headers["HX-Redirect"]
    assert "interrompue" in text_of(browser.get(conversation).text)
    assert browser.post(f"/messages/{slug}/anew").status_code == 303
    assert "float32" in text_of(browser.get(conversation).text)


def test_a_folder_that_is_gone_is_named_by_the_server_that_still_runs(
    app: Flask, visit: Visit
) -> None:
    browser = visit("student")
    for file in Path(app.instance_path).glob("pedabot.db*"):
        file.unlink()
    assert parts_of(browser) == {"database": {"status": "failed", "advice": Fault.MISSING.advice}}


def test_where_nothing_can_be_read_the_page_is_a_visitors(
    app: Flask, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    browser = visit("student")
    _fresh_engine(app)
    for file in Path(app.instance_path).glob("pedabot.db*"):
        file.unlink()
    (Path(app.instance_path) / "pedabot.db").write_bytes(b"no database at all" * 100)
    refused = browser.get("/chat")
    assert refused.status_code == 503
    check_page(refused.text)
    assert PAGE in text_of(refused.text)
    assert Fault.DAMAGED.advice in caplog.text


def set_revision(app: Flask, revision: str) -> None:
    with closing(sqlite3.connect(database(app))) as opened:
        opened.execute("UPDATE alembic_version SET version_num = ?", [revision])
        opened.commit()


@pytest.mark.parametrize(
    ("revision", "fault"), [("0001", Fault.BEHIND), ("9999", Fault.NEWER)], ids=["old", "new"]
)
def test_tables_of_another_version_are_refused_at_the_start_and_named_later(
    app: Flask, visit: Visit, revision: str, fault: Fault
) -> None:
    set_revision(app, revision)
    with pytest.raises(NotStartedError) as refused:
        starting.check_tables(app)
    assert str(refused.value) == fault.advice
    assert parts_of(visit())["migrations"] == {"status": "failed", "advice": fault.advice}


def test_setup_leaves_a_newer_database_as_it_is(app: Flask) -> None:
    set_revision(app, "9999")
    before = database(app).read_bytes()
    done = app.test_cli_runner().invoke(args=["setup"])
    assert done.exit_code == 1
    assert Fault.NEWER.advice in done.output
    assert database(app).read_bytes() == before


def test_without_an_instance_folder_no_server_starts(tmp_path: Path) -> None:
    bare = create_app(settings(tmp_path / "nowhere"))
    with pytest.raises(NotStartedError) as refused:
        starting.check_tables(bare)
    assert str(refused.value) == Fault.MISSING.advice


def test_a_second_server_on_a_database_is_refused_before_it_touches_anything(app: Flask) -> None:
    with locks.take(sqlite.lock_of(database(app))):
        with pytest.raises(NotStartedError, match="Another server runs on this database"):
            starting.take_database(app)
        served = app.test_cli_runner().invoke(args=["serve"])
        assert served.exit_code == 1
        assert "Another server runs on this database" in served.output


def test_setup_beside_a_running_server_interrupts_none_of_its_answers(
    app: Flask, visit: Visit
) -> None:
    form = {"text": QUESTION, "level": "beginner"}
    visit("student").post("/chat", data=form, headers={"HX-Request": "true"})
    with locks.take(sqlite.lock_of(database(app))):
        done = app.test_cli_runner().invoke(args=["setup"])
    assert "its answers are left alone" in done.output
    with app.app_context():
        assert db.session.query(Message).filter_by(state=State.WAITING).count() == 1


def test_a_port_in_use_is_named(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        app.config["PORT"] = other.getsockname()[1]
        with pytest.raises(NotStartedError, match=f"Port {app.config['PORT']} of 127.0.0.1"):
            starting.check_port(app.config["HOST"], app.config["PORT"])
