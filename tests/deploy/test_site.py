"""The site of nginx and PedaBot behind it: what a school runs, started once for these tests."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.faults import Fault
from pedabot.storage.people import Membership, Role
from pedabot.teaching.processing import notice_version
from tests import databases
from tests.conftest import PASSWORD, PASSWORD_HASH, settings
from tests.deploy.site import (
    NAME,
    PATIENCE,
    ROOT,
    Gunicorn,
    Nginx,
    Visitor,
    children,
    frames,
    free_port,
    is_alive,
    wait_for,
)
from tests.mistral_server import Announced, MistralServer, stream

TOKEN = "a token that is long enough"
QUESTION = "C'est quoi la quantification ?"

pytestmark = [
    databases.only_sqlite,
    pytest.mark.skipif(
        shutil.which("nginx") is None and "CI" not in os.environ, reason="there is no nginx"
    ),
]


@pytest.fixture(scope="module")
def api() -> Iterator[MistralServer]:
    with MistralServer() as server:
        yield server


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, migrated_database: Path, api: MistralServer
) -> Iterator[Gunicorn]:
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(migrated_database / "pedabot.db", folder)
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        **settings(
            folder,
            HOST="127.0.0.1",
            PORT=str(port),
            MISTRAL_SERVER_URL=api.url,
            PEDABOT_EMBEDDING_MODEL="none",
            PEDABOT_FIRST_TOKEN_TIMEOUT="60",
            PEDABOT_TOKEN_TIMEOUT="60",
            PEDABOT_SERVER_THREADS="8",
            PEDABOT_PROXIES="1",
            PEDABOT_SIGN_IN_LIMIT="4 per hour",
            PEDABOT_METRICS_TOKEN=TOKEN,
        ),
    }
    app = create_app(environ)
    with app.app_context():
        student = people.add_user("student", Role.STUDENT, PASSWORD_HASH)
        teacher = people.add_user("teacher", Role.TEACHER, PASSWORD_HASH)
        people.acknowledge(student, notice_version(app.config))
        people.add_class("BTS SIO 2", teacher).memberships.append(Membership(user=student))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    gunicorn = Gunicorn(environ, port, folder / "server.log")
    gunicorn.start()
    yield gunicorn
    gunicorn.stop()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate as the docs have it made."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [ROOT / "deploy/make-certificate", folder, NAME, "192.168.1.20"],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, server: Gunicorn, tls: Path) -> Iterator[Nginx]:
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), server.port, tls)
    nginx.start()
    yield nginx
    nginx.stop()


@pytest.fixture
def visitor(nginx: Nginx) -> Visitor:
    return Visitor(nginx.https, nginx.tls / "authority.crt")


@pytest.fixture(scope="module")
def student(nginx: Nginx) -> Visitor:
    browser = Visitor(nginx.https, nginx.tls / "authority.crt", address="127.0.0.9")
    assert sign_in(browser, PASSWORD) == 303
    return browser


def sign_in(browser: Visitor, password: str, **headers: str) -> int:
    form = {"username": "student", "password": password}
    return browser.post("/sign-in", form, **headers).status


def begin(browser: Visitor, question: str = QUESTION) -> http.client.HTTPResponse:
    """Ask a question as the page does, and open the stream of its answer."""
    form = {"text": question, "level": "beginner"}
    asked = browser.post("/chat", form, HX_Request="true")
    page = browser.get(asked.headers["HX-Redirect"]).text
    found = re.search(r'sse-connect="([^"]+)"', page)
    assert found is not None
    return browser.open(found[1])


def test_a_stream_arrives_piece_by_piece(student: Visitor, api: MistralServer) -> None:
    go_on = threading.Event()
    api.script(stream("Premier morceau. ", go_on, "Second morceau."))
    seen = frames(begin(student))
    for name, data in seen:
        assert "Second" not in data
        if name == "tail" and "Premier" in data:
            break
    assert not go_on.is_set()  # nothing after the first piece has been sent by the model
    go_on.set()
    rest = dict(seen)
    assert "Second morceau." in rest["whole"]
    assert "end" in rest


def test_the_address_of_the_visitor_is_right_and_cannot_be_forged(nginx: Nginx) -> None:
    authority = nginx.tls / "authority.crt"
    here = Visitor(nginx.https, authority, address="127.0.0.2")

    def try_as(claimed: str) -> int:
        forged = {"X_Forwarded_For": claimed, "X_Real_IP": claimed, "Forwarded": f"for={claimed}"}
        return sign_in(here, "wrong password", **forged)

    tries = [try_as(f"127.0.1.{n}") for n in range(16)]
    # Each of the two processes lets four through, whatever address is claimed.
    assert set(tries) == {422, 429}
    assert tries.count(422) <= 8
    assert sign_in(Visitor(nginx.https, authority, address="127.0.1.1"), "wrong password") == 422


def test_a_host_or_a_scheme_that_is_claimed_counts_for_nothing(visitor: Visitor) -> None:
    page = visitor.get("/chat", X_Forwarded_Host="evil.example", X_Forwarded_Proto="http")
    assert page.status == 302
    assert "evil.example" not in page.headers["Location"]
    assert page.headers["Strict-Transport-Security"]


def test_another_name_gets_no_answer_and_http_leads_to_https(nginx: Nginx) -> None:
    stranger = Visitor(nginx.https, nginx.tls / "authority.crt", name="evil.example")
    with pytest.raises(ssl.SSLError):
        stranger.get("/")
    plain = http.client.HTTPConnection("127.0.0.1", nginx.http)
    plain.request("GET", "/chat?question=a", headers={"Host": "evil.example"})
    answer = plain.getresponse()
    plain.close()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/chat?question=a")


def test_what_is_far_too_large_is_refused_before_pedabot_reads_it(student: Visitor) -> None:
    refused = student.open("/chat", b"a" * 9_500_000)
    assert refused.status == 413
    assert "C’est trop grand" in refused.read().decode()


def test_what_pedabot_finds_too_large_gets_its_own_page(student: Visitor) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = student.open("/account/password", b"a=" + b"a" * 2_000_000, kind)
    assert refused.status == 413
    assert "1 Mo" in refused.read().decode()


def test_static_files_come_from_nginx_compressed_and_for_ever(visitor: Visitor) -> None:
    page = visitor.get("/").text
    found = re.search(r'href="(/static/css/base\.css\?v=[0-9a-f]+)"', page)
    assert found is not None
    file = visitor.open(found[1], headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(file.read()) == (ROOT / "pedabot/static/css/base.css").read_bytes()
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Content-Encoding"] == "gzip"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Request-ID" not in file.headers  # PedaBot was not asked
    assert visitor.get("/static/css/base.css").headers["Cache-Control"] == "no-cache"
    assert visitor.get("/static/../config.py").status == 404
    assert visitor.get("/static/..%2fconfig.py").status == 404


def test_the_log_of_nginx_has_the_id_and_no_question(visitor: Visitor, nginx: Nginx) -> None:
    page = visitor.get("/nowhere?question=Zanzibar", Referer=f"https://{NAME}/?q=Zanzibar")

    def lines() -> list[dict[str, object]]:
        log = (nginx.folder / "pedabot.log").read_text(encoding="utf-8")
        assert "Zanzibar" not in log
        found = [json.loads(line) for line in log.splitlines()]
        return [line for line in found if line["path"] == "/nowhere"]

    wait_for(lambda: bool(lines()), "the log has no line")  # it is written after the answer
    line = lines()[-1]
    assert (line["status"], line["address"]) == (404, "127.0.0.1")
    assert str(line["request"]) in page.text


def test_health_and_figures_are_for_this_machine(nginx: Nginx, visitor: Visitor) -> None:
    assert json.loads(visitor.get("/readyz").text)["ready"] is True
    elsewhere = Visitor(nginx.https, nginx.tls / "authority.crt", address="127.0.0.4")
    assert elsewhere.get("/readyz").status == 403
    assert elsewhere.get("/metrics", Authorization=f"Bearer {TOKEN}").status == 403
    assert elsewhere.get("/healthz").text == "ok\n"


def figures(visitor: Visitor) -> dict[str, float]:
    page = visitor.get("/metrics", Authorization=f"Bearer {TOKEN}")
    lines = [line.rsplit(" ", 1) for line in page.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_the_figures_are_those_of_all_processes(
    visitor: Visitor, student: Visitor, api: MistralServer
) -> None:
    healthy = 'pedabot_request_seconds_count{method="GET",route="/healthz",status="200"}'
    before = figures(visitor)
    for _ in range(20):  # both processes have some of them
        visitor.get("/healthz")
    asked, go_on = threading.Event(), threading.Event()
    api.script(stream("Un ", Announced(asked), go_on, "deux"))
    answer = frames(begin(student, "Pourquoi élaguer un réseau ?"))
    assert next(answer)[0]
    assert asked.wait(PATIENCE)
    during = figures(visitor)
    assert during["pedabot_streams_open"] == 1
    assert during['pedabot_calls{state="under_way"}'] == 1
    go_on.set()
    assert list(answer)[-1][0] == "end"
    after = figures(visitor)
    assert after[healthy] - before.get(healthy, 0) == 20
    assert after["pedabot_streams_open"] == 0
    attempts = (
        'pedabot_attempts_total{engine="mistral",model="mistral-small-latest",outcome="complete"}'
    )
    assert after[attempts] - before.get(attempts, 0) == 1
    model = 'engine="mistral",model="mistral-small-latest"'
    assert after[f"pedabot_first_token_seconds_count{{{model}}}"] >= 1
    assert after[f'pedabot_tokens_total{{direction="out",{model}}}'] >= 34
    state = 'pedabot_breaker{model="mistral-small-latest",state="closed"}'
    assert after[state] == 1


def test_an_upgrade_drops_no_stream_and_no_page(
    server: Gunicorn, student: Visitor, visitor: Visitor, api: MistralServer
) -> None:
    go_on = threading.Event()
    api.script(stream("Avant. ", go_on, "Après."))
    answer = frames(begin(student, "Une convolution, c'est quoi ?"))
    assert next(answer)[0]
    old, workers = server.pid, children(server.pid)
    os.kill(old, signal.SIGUSR2)  # as `systemctl reload pedabot` does

    def successor() -> int:
        return next((pid for pid in children(old) if pid not in workers), 0)

    wait_for(lambda: bool(successor()), "no new server began")
    server.pid = successor()
    while not children(server.pid):
        assert visitor.get("/healthz").status == 200
    pages = [visitor.get("/sign-in").status for _ in range(30)]
    assert set(pages) == {200}
    assert is_alive(old)  # it has an answer to finish
    go_on.set()
    rest = dict(answer)
    assert "Après." in rest["whole"]
    assert "end" in rest
    wait_for(lambda: not is_alive(old), "the old server did not end")
    api.script(stream("La nouvelle version répond."))
    assert "La nouvelle version répond." in dict(frames(begin(student, "Et un pixel ?")))["whole"]


def test_a_version_that_cannot_start_leaves_the_old_one_at_work(
    server: Gunicorn, visitor: Visitor
) -> None:
    database = Path(server.environ["FLASK_INSTANCE_PATH"]) / "pedabot.db"
    with closing(sqlite3.connect(database)) as opened:
        revision = opened.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
        opened.commit()
        workers = children(server.pid)

        def said() -> bool:
            # gunicorn notices within a second that the server before it is gone, and until then
            # passes over what would start the next one.
            if Fault.NEWER.advice in server.log.read_text():
                return True
            if children(server.pid) == workers:
                os.kill(server.pid, signal.SIGUSR2)
            return False

        wait_for(said, "it said nothing")
        wait_for(lambda: children(server.pid) == workers, "it did not end")
        opened.execute("UPDATE alembic_version SET version_num = ?", [revision])
        opened.commit()
    assert visitor.get("/sign-in").status == 200


def test_a_second_server_on_the_same_file_is_refused(server: Gunicorn) -> None:
    second = subprocess.run(
        [str(Path(ROOT / ".venv/bin/gunicorn"))],
        cwd=ROOT,
        env={**server.environ, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert "Another server runs on this database already" in second.stderr


def test_while_pedabot_is_away_nginx_says_so(
    tmp_path_factory: pytest.TempPathFactory, tls: Path
) -> None:
    alone = Nginx(tmp_path_factory.mktemp("alone"), free_port(), tls)
    alone.start()
    page = Visitor(alone.https, tls / "authority.crt").get("/chat")
    alone.stop()
    assert page.status == 502
    assert "PedaBot revient bientôt" in page.text
