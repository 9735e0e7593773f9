"""A question that its class has asked before: how long the answer takes out of the memory.

    python -m benchmarks.frequent

Milliseconds by the clock and of the processor, median and 95th percentile of 200, from the claim of
the waiting answer to its last event: looked up, stored for this student and entered in the log.
The model is asked once; the program stops where it is asked again.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from benchmarks import school
from benchmarks.answers import p95
from pedabot import create_app
from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import conversations
from pedabot.storage.conversations import REMEMBERED, Message
from pedabot.storage.people import Classroom, User
from tests.mistral_server import MistralServer

REPEATS = 200
QUESTION = "C'est quoi la quantification ?"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, MistralServer() as api:
        environ = school.settings(Path(folder), api.url, 8000)
        school.found(environ, students=1)
        app = create_app(environ)
        try:
            with app.app_context():
                _measure(app, api)
        finally:
            app.extensions["pedabot_chains"].engines.close()
            app.extensions["pedabot_semantics"].close()


def _measure(app: Flask, api: MistralServer) -> None:
    _deliver(app, _waiting())  # the model answers
    rounds = [_timed(app, _waiting()) for _ in range(REPEATS)]
    served = db.session.scalars(select(Message.engine).where(Message.engine == REMEMBERED)).all()
    if len(served) != REPEATS or len(api.requests) != 1:
        raise RuntimeError(f"{len(served)} answers from memory, {len(api.requests)} calls")
    for name, place in (("clock", 0), ("processor", 1)):
        times = [one[place] for one in rounds]
        print(f"{name:<10} median {statistics.median(times):6.1f} ms   p95 {p95(times):6.1f} ms")


def _waiting() -> int:
    """Ask the question in a conversation of its own; return the answer that waits."""
    user = db.session.scalars(select(User).where(User.username == "student 0")).one()
    classroom = db.session.scalars(select(Classroom)).one()
    talk = conversations.start_conversation(user, classroom.id, QUESTION)
    answer = conversations.add_question(talk, QUESTION, Difficulty.BEGINNER)
    db.session.commit()
    return answer.id


def _deliver(app: Flask, message_id: int) -> None:
    for _event in app.extensions["pedabot_delivery"].deliver(message_id):
        pass


def _timed(app: Flask, message_id: int) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    _deliver(app, message_id)
    return 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - processor)


if __name__ == "__main__":
    main()
