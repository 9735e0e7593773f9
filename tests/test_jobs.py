"""The worker: a real process with a real queue, killed in the middle of its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from pedabot import locks
from pedabot.answering.comparing import LANES, NewQuestion
from pedabot.extensions import db
from pedabot.jobs.alone import OnlyWorker
from pedabot.jobs.supervision import LOCK
from pedabot.knowledge.document import Difficulty
from pedabot.storage import prompts
from pedabot.storage.comparisons import ComparedAnswer, Comparison, Progress, Step
from tests import databases
from tests.conftest import settings
from tests.mistral_server import MistralServer, Reply, stream

ROOT = Path(__file__).parent.parent
QUESTION = "C'est quoi la quantification ?"
PATIENCE = 60


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        **settings(
            instance,
            MISTRAL_SERVER_URL=api.url,
            PEDABOT_EMBEDDING_MODEL="none",
            PEDABOT_FIRST_TOKEN_TIMEOUT="60",
        ),
    }


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Start]:
    """Start a process in a group of its own; all groups are ended after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one(*command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, start_new_session=True)
        started.append(process)
        return process

    yield start_one
    for process in started:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children at once, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for another process, which gives no event."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.05)


class Pause:
    """A reply of the model that says when it is asked for, and never comes to its end."""

    def __init__(self) -> None:
        self.reached = threading.Event()

    def reply(self) -> Reply:
        def steps() -> Iterator[threading.Event]:
            self.reached.set()
            yield threading.Event()

        return Reply(steps())


def begin(app: Flask, questions: int) -> int:
    with app.app_context():
        version = prompts.add_version(
            "Court.{% for e in extracts %}{{ e.text }}{% endfor %}", "", None
        )
        db.session.flush()
        comparison = Comparison(right_id=version.id)
        new = [NewQuestion(QUESTION, Difficulty.BEGINNER)] * questions
        app.extensions["pedabot_comparer"].begin(comparison, new)
        return comparison.id


def done(app: Flask) -> int:
    with app.app_context():
        found = db.session.query(ComparedAnswer).filter_by(step=Step.DONE).count()
        db.session.commit()
        return found


def is_finished(app: Flask, comparison_id: int) -> bool:
    with app.app_context():
        comparison = db.session.get_one(Comparison, comparison_id)
        return comparison.state is Progress.FINISHED


def is_locked(instance: Path) -> bool:
    try:
        locks.take(instance / LOCK).close()
    except locks.HeldError:
        return True
    return False


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text(encoding="ascii").split()]


def test_a_run_outlives_the_death_of_its_worker_and_of_its_queue(
    app: Flask, api: MistralServer, start: Start
) -> None:
    instance = Path(app.instance_path)
    first, second, third, fourth = Pause(), Pause(), Pause(), Pause()
    api.script(stream("un"), stream("deux"), stream("trois"), first.reply(), second.reply())
    comparison_id = begin(app, questions=4)
    worker = start(sys.executable, "-m", "flask", "worker")
    assert first.reached.wait(PATIENCE)
    assert second.reached.wait(PATIENCE)
    assert done(app) == 3
    refused = app.test_cli_runner().invoke(args=["worker"])
    assert (refused.exit_code, refused.stderr) == (0, "A worker is at work already.\n")
    kill(worker)
    app.extensions["pedabot_jobs"].close()
    databases.lose_queue(instance)

    # As "make run" does: beside a server, whose process becomes another program meanwhile.
    api.script(stream("quatre"), third.reply(), fourth.reply())
    beside = f"'{sys.executable}' -m flask worker --parent $$"
    server = start("sh", "-c", f"{beside} & exec sleep 600")
    assert third.reached.wait(PATIENCE)
    assert fourth.reached.wait(PATIENCE)
    assert done(app) == 4
    (supervisor,) = children(server.pid)
    (child,) = children(supervisor)
    os.kill(child, signal.SIGKILL)  # the one that works; its parent begins anew
    wait_for(lambda: is_finished(app, comparison_id))

    # All were asked for once, but for those that were being made at a death.
    assert len(api.requests) == 8 + 2 * LANES
    with app.app_context():
        answers = db.session.query(ComparedAnswer).filter_by(step=Step.DONE).all()
        said = Counter(answer.content for answer in answers)
    assert said == {"un": 1, "deux": 1, "trois": 1, "quatre": 1, "Bonjour !": 4}

    assert is_locked(instance)
    server.kill()  # this process alone; nobody tells the worker
    server.wait()
    wait_for(lambda: not is_locked(instance))


@pytest.mark.skipif(not databases.SERVER, reason="a lock of PostgreSQL: make test-services")
def test_of_the_workers_of_all_machines_one_works(app: Flask) -> None:
    with app.app_context():
        url = db.engine.url
    here, there = create_engine(url), create_engine(url)
    first, second = OnlyWorker(here), OnlyWorker(there)
    assert first.wait(lambda: False)
    assert not second.wait(lambda: True)
    first.check()
    with there.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        )
    with pytest.raises(OperationalError):
        first.check()
    assert second.wait(lambda: False)
    here.dispose()
    there.dispose()
