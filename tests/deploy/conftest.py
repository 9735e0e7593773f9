"""The site of nginx and PedaBot behind it: what a school runs, started once for these tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.people import Membership, Role
from pedabot.teaching.processing import notice_version
from tests.conftest import PASSWORD, PASSWORD_HASH, settings
from tests.deploy.site import (
    NAME,
    ROOT,
    TOKEN,
    Gunicorn,
    Nginx,
    Visitor,
    free_port,
    sign_in,
)
from tests.mistral_server import MistralServer


@pytest.fixture(scope="session")
def api() -> Iterator[MistralServer]:
    with MistralServer() as server:
        yield server


@pytest.fixture(scope="session")
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
            PEDABOT_SERVER_CONNECTIONS="100",
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


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate as the docs have it made."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [ROOT / "deploy/make-certificate", folder, NAME, "192.168.1.20"],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory, server: Gunicorn, tls: Path) -> Iterator[Nginx]:
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), server.port, tls)
    nginx.start()
    yield nginx
    nginx.stop()


@pytest.fixture
def visitor(nginx: Nginx) -> Visitor:
    return Visitor(nginx.https, nginx.tls / "authority.crt")


@pytest.fixture(scope="session")
def student(nginx: Nginx) -> Visitor:
    browser = Visitor(nginx.https, nginx.tls / "authority.crt", address="127.0.0.9")
    assert sign_in(browser, PASSWORD) == 303
    return browser
