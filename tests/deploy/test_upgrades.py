"""A new version takes the place of the old one, and what is shown while none is there."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest

from pedabot.storage.faults import Fault
from tests.deploy.site import (
    NEEDS_NGINX,
    ROOT,
    Gunicorn,
    Nginx,
    Visitor,
    begin,
    children,
    frames,
    free_port,
    is_alive,
    wait_for,
)
from tests.mistral_server import MistralServer, stream

pytestmark = NEEDS_NGINX


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
