"""Two servers on one PostgreSQL and one Redis, as real processes; both are restarted under them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from flask import Flask

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.conversations import Message
from pedabot.storage.people import Membership, Role
from pedabot.storage.predictions import Prediction
from pedabot.teaching.processing import notice_version
from tests import databases
from tests.conftest import COURSE, PASSWORD, PASSWORD_HASH, SECRET
from tests.mistral_server import MistralServer, stream
from tests.services import LOOPBACK, PostgreSQL, Redis, free_port

pytestmark = pytest.mark.skipif(
    not databases.SERVER, reason="needs PostgreSQL and Redis: make test-services"
)

ROOT = Path(__file__).parent.parent
PATIENCE = 120
QUESTION = "C'est quoi la quantification ?"
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for another process, which gives no event."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.05)


@dataclass
class School:
    """Two machines, what they share, and an application in this process to look at the rows."""

    machines: tuple[str, str]
    postgresql: PostgreSQL
    redis: Redis
    api: MistralServer
    app: Flask


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with PostgreSQL() as postgresql, Redis() as redis, MistralServer() as api:
        folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
        common = {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": SECRET,
            "DATABASE_URL": postgresql.url(),
            "REDIS_URL": redis.url(),
            "MISTRAL_SERVER_URL": api.url,
            "PEDABOT_EMBEDDING_MODEL": "none",
            "PEDABOT_FIRST_TOKEN_TIMEOUT": "60",
            "PEDABOT_TOKEN_TIMEOUT": "60",
            "PEDABOT_SIGN_IN_LIMIT": "6 per hour",
            "PEDABOT_SERVER_WORKERS": "1",
            "PEDABOT_SERVER_CONNECTIONS": "100",
            "PEDABOT_DATABASE_CONNECTIONS": "5",
        }
        app = create_app(common | {"FLASK_INSTANCE_PATH": str(folders[0])})
        done = app.test_cli_runner().invoke(args=["setup"])
        assert done.exit_code == 0, done.output
        with app.app_context():
            teacher = people.add_user("teacher", Role.TEACHER, PASSWORD_HASH)
            classroom = people.add_class("BTS SIO 2", teacher)
            for name in ("student", "classmate"):
                pupil = people.add_user(name, Role.STUDENT, PASSWORD_HASH)
                people.acknowledge(pupil, notice_version(app.config))
                classroom.memberships.append(Membership(user=pupil))
            db.session.commit()
        environs = [
            common | {"FLASK_INSTANCE_PATH": str(folder), "PORT": str(free_port())}
            for folder in folders
        ]
        processes = [
            subprocess.Popen([sys.executable, "-m", "gunicorn"], cwd=ROOT, env=environ)
            for environ in environs
        ]
        first, second = (f"http://{LOOPBACK}:{environ['PORT']}" for environ in environs)
        for machine in (first, second):
            wait_for(lambda machine=machine: is_there(machine))  # type: ignore[misc]
        yield School((first, second), postgresql, redis, api, app)
        for process in processes:
            process.kill()
            process.wait()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        app.extensions["pedabot_shared"].close()


def is_there(machine: str) -> bool:
    try:
        return requests.get(f"{machine}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


class Student:
    """A browser: its cookies do not tell the machines apart, nor does it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.session = requests.Session()

    def get(self, address: str) -> str:
        response = self.session.get(address, timeout=PATIENCE)
        assert response.ok, response.text
        return response.text

    def post(self, machine: str, path: str, form_on: str, **data: str) -> requests.Response:
        """Send a form, with the token of a page that another machine may have made."""
        found = TOKEN.search(self.get(form_on))
        assert found, form_on
        data["csrf_token"] = found[1]
        headers = {"HX-Request": "true"}
        return self.session.post(f"{machine}{path}", data=data, headers=headers, timeout=PATIENCE)

    def sign_in(self, machine: str, password: str = PASSWORD) -> Student:
        page = f"{machine}/sign-in"
        response = self.post(machine, "/sign-in", page, username=self.name, password=password)
        assert response.ok, response.status_code
        return self

    def ask(self, machine: str, form_on: str, question: str) -> tuple[str, str]:
        """Begin a conversation; returns its path and that of the stream of its answer."""
        done = self.post(machine, "/chat", f"{form_on}/", text=question, level="beginner")
        conversation = done.headers["HX-Redirect"]
        found = re.search(r'sse-connect="([^"]+)"', self.get(f"{form_on}{conversation}"))
        assert found
        return conversation, found[1]

    def follow(self, address: str, hear: Callable[[str], None] = lambda _line: None) -> str:
        """Read a stream to its end; ``hear`` is told each line as it comes."""
        lines = []
        with self.session.get(address, stream=True, timeout=PATIENCE) as response:
            for raw in response.iter_lines():
                lines.append(raw.decode())
                hear(lines[-1])
        return "\n".join(lines)


@pytest.fixture(scope="module")
def student(school: School) -> Student:
    return Student("student").sign_in(school.machines[0])


class Mark:
    """Notices a word in a stream."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.seen = threading.Event()

    def __call__(self, line: str) -> None:
        if self.word in line:
            self.seen.set()


def test_the_requests_of_a_student_may_alternate(school: School, student: Student) -> None:
    first, second = school.machines
    school.api.script(stream("La quantification [1] passe de float32 à int8."))
    conversation, answer = student.ask(second, first, QUESTION)
    assert "event: whole" in student.follow(f"{first}{answer}")
    for machine in school.machines:
        assert "de float32 à int8" in student.get(f"{machine}{conversation}")


def test_an_answer_that_one_machine_makes_is_stopped_and_followed_at_the_other(
    school: School,
    student: Student,
) -> None:
    first, second = school.machines
    never = threading.Event()
    school.api.script(stream("Un début\n\n", "et puis", never))
    conversation, answer = student.ask(first, second, "À quoi sert l'élagage ?")
    begun = Mark("Un début")
    with ThreadPoolExecutor(2) as pool:
        made = pool.submit(student.follow, f"{first}{answer}", begun)
        assert begun.seen.wait(PATIENCE)
        followed = pool.submit(student.follow, f"{second}{answer}")
        stop = answer.replace("/stream", "/stop")
        assert student.post(second, stop, f"{second}{conversation}").ok
        assert "event: end" in made.result(PATIENCE)
        assert "event: whole" in followed.result(PATIENCE)
    assert "Un début" in student.get(f"{second}{conversation}")
    with school.app.app_context():
        assert state_of(answer) == "stopped"
        db.session.remove()


def test_two_students_who_ask_the_same_at_two_machines_cost_one_call(
    school: School, student: Student
) -> None:
    go_on = threading.Event()
    school.api.script(stream("Une convolution est un calcul.\n\n", "Un noyau ", go_on, "glisse."))
    before = len(school.api.requests)
    question = "C'est quoi une convolution ?"
    students = [student, Student("classmate").sign_in(school.machines[1])]
    begun = Mark("est un calcul")
    answers = [
        student.ask(machine, machine, question)[1]
        for student, machine in zip(students, school.machines, strict=True)
    ]
    with ThreadPoolExecutor(2) as pool:
        made = pool.submit(students[0].follow, f"{school.machines[0]}{answers[0]}", begun)
        assert begun.seen.wait(PATIENCE)
        again = pool.submit(students[1].follow, f"{school.machines[1]}{answers[1]}")
        go_on.set()
        assert "glisse" in made.result(PATIENCE)
        assert "glisse" in again.result(PATIENCE)
    assert len(school.api.requests) == before + 1


def test_a_new_version_of_the_course_reaches_both(
    school: School, student: Student, tmp_path: Path
) -> None:
    file = tmp_path / "course.json"
    file.write_text(json_of_course("Quantifier un réseau"), encoding="utf-8")
    done = school.app.test_cli_runner().invoke(args=["knowledge", "import", str(file)])
    assert done.exit_code == 0, done.output
    for machine in school.machines:
        page = f"{machine}/knowledge/optimisation/quantification"
        wait_for(lambda page=page: "Quantifier un réseau" in student.get(page))  # type: ignore[misc]


def test_without_redis_answers_go_on_and_each_process_keeps_the_limits(
    school: School, student: Student
) -> None:
    first, second = school.machines
    assert part(first, "redis") == "ok"
    school.redis.kill()
    try:
        wait_for(lambda: part(first, "redis") == "warning")
        assert requests.get(f"{first}/readyz", timeout=PATIENCE).status_code == 200
        school.api.script(stream("Sans Redis, la réponse vient quand même."))
        _conversation, answer = student.ask(first, second, "Pourquoi passer en int8 ?")
        assert "vient quand même" in student.follow(f"{first}{answer}")
        guesser = Student("teacher")
        tried = [guess(guesser, second) for _ in range(8)]
        assert tried[0] != 429
        assert tried[-1] == 429
    finally:
        school.redis.start()
    wait_for(lambda: part(first, "redis") == "ok")


def test_an_answer_outlives_a_restart_of_postgresql_and_is_stored_once_it_is_back(
    school: School,
    student: Student,
) -> None:
    first, _second = school.machines
    away, back = threading.Event(), threading.Event()
    # Words at their pace, and enough of them: the last ones are held until there are more.
    words = ["les connexions du réseau "] * 20
    first_words = ["Avant la panne, l'élagage retire des connexions.\n\n", *words]
    meantime = ["\n\nPendant la panne, il supprime des poids.\n\n", *words]
    answered = stream(*first_words, away, *meantime, back, "la fin.")
    school.api.script(replace(answered, pause=0.05))
    _conversation, answer = student.ask(first, first, "C'est quoi l'élagage (pruning) ?")
    before, meanwhile = Mark("Avant"), Mark("Pendant")

    def hear(line: str) -> None:
        before(line)
        meanwhile(line)

    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(student.follow, f"{first}{answer}", hear)
        assert before.seen.wait(PATIENCE)
        school.postgresql.stop()
        try:
            assert requests.get(f"{first}/readyz", timeout=PATIENCE).status_code == 503
            away.set()
            assert meanwhile.seen.wait(PATIENCE), "the student reads on"
            back.set()
        finally:
            school.postgresql.start()
        assert "event: whole" in made.result(PATIENCE)
    with school.app.app_context():
        wait_for(lambda: requests.get(f"{first}/readyz", timeout=PATIENCE).status_code == 200)
        assert state_of(answer) == "complete"
        message = message_of(answer)
        assert message.content == "".join([*first_words, *meantime, "la fin."])
        outcomes = db.select(Prediction.outcome).where(Prediction.message_id == message.id)
        assert db.session.scalars(outcomes).all() == ["complete"]
        db.session.remove()


def guess(student: Student, machine: str) -> int:
    page = f"{machine}/sign-in"
    wrong = student.post(machine, "/sign-in", page, username=student.name, password="not this one")
    return wrong.status_code


def part(machine: str, name: str) -> str:
    found: str = requests.get(f"{machine}/readyz", timeout=PATIENCE).json()["parts"][name]["status"]
    return found


def message_of(stream_path: str) -> Message:
    found = db.session.scalars(db.select(Message).filter_by(slug=stream_path.split("/")[2]))
    message: Message = found.one()
    return message


def state_of(stream_path: str) -> str:
    return message_of(stream_path).state.value


def json_of_course(title: str) -> str:
    return json.dumps(COURSE).replace('"Quantification"', json.dumps(title))
