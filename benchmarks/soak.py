"""A school day in little: mixed traffic, a model that fails, workers that die.

``python -m benchmarks.soak --seconds 1800`` starts PedaBot as in production and a stand-in for the
API that fails at random, lets students ask and teachers read, and kills one worker of the server a
minute. It then reads the database: every question that the server took must be there once, with one
answer, complete or marked as interrupted. Memory is compared with that after the first minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
import psutil
from sqlalchemy import select
from sqlalchemy.orm import aliased

from benchmarks.processes import Server, free_port, serving
from benchmarks.school import PASSWORD, Student, found, settings
from benchmarks.visitors import STREAM
from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.conversations import Author, Message, State
from pedabot.teaching.passwords import hash_password
from tests.mistral_server import USAGE, Fault, MistralServer, Reply

STUDENTS, TEACHERS = 24, 3
THINKING_SECONDS = 4.0
"""Between two questions of a student, on average."""
KILL_SECONDS = 60
SETTLED_SECONDS = 300
"""After these, memory may grow by ``GROWTH`` at most; of a shorter run the growth is only told."""
GROWTH = 1.10
PATIENCE_SECONDS = 90
QUESTIONS = (
    "C'est quoi la quantification ?",
    "À quoi sert l'élagage ?",
    "Comment choisir le taux d'apprentissage ?",
    "Quelle différence entre CNN et RNN ?",
    "Pourquoi mon modèle surapprend ?",
    "Qui a gagné la coupe du monde ?",
)
PAGES = ("/chat/history", "/knowledge", "/knowledge/map", "/me", "/account", "/chat")
WORDS = "La quantification passe les poids de **float32** à int8 [1]. "
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
GONE = (aiohttp.ClientError, TimeoutError, ConnectionError)


@dataclass
class Report:
    """What was sent and what came back."""

    taken: list[str] = field(default_factory=list)
    """The questions that the server said it has taken."""
    sent: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the start, and MiB of all processes of the server."""
    faults: list[str] = field(default_factory=list)


def reply(chance: random.Random) -> Reply:
    """Return what the API does next: mostly answers, now and then one of its failures."""
    fate = chance.random()
    if fate < 0.85:
        return Reply([WORDS] * chance.randint(2, 8), USAGE, pause=0.02)
    if fate < 0.90:
        return Reply(status=chance.choice((429, 500, 503)))
    faults = (Fault.END, Fault.DROP, Fault.RESET, Fault.STALL)
    return Reply([WORDS, chance.choice(faults)], USAGE)


@dataclass
class School:
    """The people, the server they use, and what is written down of it."""

    address: str
    report: Report
    until: float
    chance: random.Random

    @property
    def is_open(self) -> bool:
        """Tell whether anybody begins something new."""
        return time.monotonic() < self.until

    async def learn(self, student: Student, number: int) -> None:
        """Ask and read, as a student does."""
        async with _browser({"Cookie": student.cookie}) as http:
            turn = 0
            while self.is_open:
                await asyncio.sleep(self.chance.expovariate(1 / THINKING_SECONDS))
                question = f"{self.chance.choice(QUESTIONS)} (n° {number}-{turn})"
                turn += 1
                try:
                    await self._ask(http, student, question)
                    await self._read(http, self.chance.choice(PAGES))
                except GONE:
                    self.report.codes["cut"] += 1

    async def _ask(self, http: aiohttp.ClientSession, student: Student, question: str) -> None:
        headers = {"HX-Request": "true", "X-CSRFToken": student.csrf_token}
        form = {"text": question, "level": "beginner"}
        path = f"{self.address}/chat/{student.conversation}/questions"
        self.report.sent[question] += 1
        async with http.post(path, data=form, headers=headers) as response:
            self._note("question", response.status)
            opened = STREAM.search(await response.text())
        if opened is None:
            return
        self.report.taken.append(question)
        async with http.get(self.address + opened[1]) as response:
            self._note("answer", response.status)
            await response.read()

    async def teach(self, name: str, classroom: str) -> None:
        """Sign in, read the class over and over, sign in again."""
        pages = ("", "/conversations", "/week", "/students", "/settings", "/review")
        while self.is_open:
            try:
                async with _browser({}) as http:
                    await self._sign_in(http, name)
                    for page in pages:
                        await self._read(http, f"/admin/classes/{classroom}{page}")
                        await asyncio.sleep(self.chance.uniform(0.2, 2))
            except GONE:
                self.report.codes["cut"] += 1

    async def _sign_in(self, http: aiohttp.ClientSession, name: str) -> None:
        async with http.get(self.address + "/sign-in") as response:
            token = CSRF.search(await response.text())
        form = {"username": name, "password": PASSWORD, "csrf_token": token[1] if token else ""}
        async with http.post(self.address + "/sign-in", data=form) as response:
            self._note("sign-in", response.status)

    async def _read(self, http: aiohttp.ClientSession, path: str) -> None:
        async with http.get(self.address + path) as response:
            self._note("page", response.status)
            await response.read()

    def _note(self, what: str, status: int) -> None:
        self.report.codes[f"{what} {status}"] += 1
        if status >= 500:
            self.report.faults.append(f"{status} to a {what}")


def _browser(headers: dict[str, str]) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar() if headers else aiohttp.CookieJar(unsafe=True),
        timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS),
    )


async def watch(server: Server, school: School, began: float) -> None:
    """Measure the memory every few seconds."""
    while school.is_open:
        with suppress(psutil.Error):  # a worker ended while it was being measured
            school.report.memory.append((time.monotonic() - began, server.resident_mib()))
        await asyncio.sleep(3)


async def kill(server: Server, school: School, every: float) -> None:
    """Kill one worker again and again; the master starts another."""
    while True:
        await asyncio.sleep(every)
        if not school.is_open:
            return
        worker = school.chance.choice(server.process.children())
        worker.send_signal(signal.SIGKILL)
        school.report.killed += 1


async def day(server: Server, students: list[Student], classroom: str, school: School) -> None:
    """Let everybody come, until the school closes and the last answer is whole."""
    seconds = school.until - time.monotonic()
    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number, student in enumerate(students):
            tasks.create_task(school.learn(student, number))
        for number in range(TEACHERS):
            tasks.create_task(school.teach(f"teacher {number}", classroom))
        tasks.create_task(watch(server, school, began))
        tasks.create_task(kill(server, school, min(KILL_SECONDS, seconds / 3)))


def add_teachers(environ: dict[str, str]) -> str:
    """Put teachers on the team of the class; returns its slug."""
    app = create_app(environ)
    with app.app_context():
        classroom = db.session.scalars(select(people.Classroom)).one()
        password = hash_password(PASSWORD)
        for number in range(TEACHERS):
            user = people.add_user(f"teacher {number}", people.Role.TEACHER, password)
            user.memberships.append(people.Membership(classroom=classroom, teaches=True))
        db.session.commit()
        slug = classroom.slug
        db.engine.dispose()
    return slug


def check(environ: dict[str, str], report: Report) -> list[str]:
    """Read the database: return what was lost or came twice, and print how the answers ended."""
    app = create_app(environ)
    answer = aliased(Message)
    with app.app_context():
        rows = db.session.execute(
            select(Message.content, answer.state, answer.content != "")
            .join(answer, (answer.question_id == Message.id) & ~answer.replaced)
            .where(Message.author == Author.STUDENT, Message.content.contains("(n° "))
        ).all()
        db.engine.dispose()
    times = Counter(content for content, _, _ in rows)
    states = Counter(str(state) for _, state, _ in rows)
    print(f"answers: {dict(states)}; an interrupted one has a button to ask again")
    broken = states[State.STREAMING] + states[State.WAITING] + states[State.INTERRUPTED]
    found = [f"lost: {question}" for question in set(report.taken) - set(times)]
    found += [f"{count} answers: {text}" for text, count in times.items() if count > 1]
    whole = {text for text, state, full in rows if state is not State.COMPLETE or full}
    found += [f"no answer, or an empty one: {text}" for text in set(times) - whole]
    if states[State.FAILED]:
        found.append(f"{states[State.FAILED]} answers failed by an error of the program")
    if broken > report.codes["cut"]:
        found.append(f"{broken} answers are not whole, but only {report.codes['cut']} were cut")
    return found


def growth(report: Report, seconds: float) -> float:
    """Return memory at the end over memory once settled: medians of five measurements."""
    settled = SETTLED_SECONDS if seconds > 2 * SETTLED_SECONDS else seconds / 3
    later = [mib for moment, mib in report.memory if moment >= settled]
    first, last = sorted(later[:9]), sorted(later[-9:])
    return last[len(last) // 2] / first[len(first) // 2] if later else 1.0


def soak(seconds: float, seed: int) -> tuple[Report, list[str]]:
    """Run the day in a folder of its own; returns the report and what is wrong."""
    chance, report = random.Random(seed), Report()
    with tempfile.TemporaryDirectory() as folder, MistralServer() as api:
        api.respond = lambda _received: _forgetful(api, chance)
        port = free_port()
        environ = {
            **settings(Path(folder), api.url, port),
            "MISTRAL_API_KEY": "a key",
            "PEDABOT_FIRST_TOKEN_TIMEOUT": "5",
            "PEDABOT_TOKEN_TIMEOUT": "2",
            "PEDABOT_ANSWER_TIMEOUT": "20",
            "PEDABOT_BREAKER_REST": "2",
        }
        students = found(environ, STUDENTS)
        classroom = add_teachers(environ)
        with serving((sys.executable, "-m", "gunicorn"), port, "/healthz", environ) as server:
            school = School(server.address, report, time.monotonic() + seconds, chance)
            asyncio.run(day(server, students, classroom, school))
        wrong = report.faults + check(environ, report)
    grown = growth(report, seconds)
    print(f"memory: {report.memory[0][1]:.0f} MiB at first, {report.memory[-1][1]:.0f} at the end;")
    print(f"        {100 * (grown - 1):+.1f} % since it had settled")
    if grown > GROWTH and seconds > 2 * SETTLED_SECONDS:
        wrong.append(f"memory grew by {100 * (grown - 1):.0f} %")
    return report, wrong


def _forgetful(api: MistralServer, chance: random.Random) -> Reply:
    """Answer, and keep no more of the requests than the last ones."""
    del api.requests[:-100]
    return reply(chance)


def main() -> None:
    """Run and print; the exit code tells whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report, wrong = soak(options.seconds, options.seed)
    duration = timedelta(seconds=round(options.seconds))
    print(f"{duration} with {STUDENTS} students and {TEACHERS} teachers, seed {options.seed}")
    print(f"questions taken: {len(report.taken)}; workers killed: {report.killed}")
    print(f"responses: {dict(sorted(report.codes.items()))}")
    print("\n".join(wrong) if wrong else "No question lost, none answered twice.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
