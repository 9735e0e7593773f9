"""A real server under gunicorn, and headless Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from pedabot import create_app
from pedabot.extensions import db
from tests.conftest import settings
from tests.mistral_server import MistralServer

PASSWORD = "four random words here"
ROOT = Path(__file__).parent.parent.parent
# The shell has no windows to draw, and starts in a third of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = [
    "--no-sandbox",
    "--accept-lang=fr-FR",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Server:
    """PedaBot as ``make run`` serves it; it can be killed and started again."""

    address: str
    environ: dict[str, str]
    app: Flask
    process: subprocess.Popen[bytes] | None = None

    def command(self, *args: str, typed: str = "") -> str:
        """Run a ``flask`` command on this server's database; returns what it prints."""
        done = self.app.test_cli_runner().invoke(args=args, input=typed)
        assert done.exit_code == 0, done.output
        return done.stdout

    def start(self) -> None:
        """Prepare the instance and serve; returns when the server answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "serve"],
            cwd=ROOT,
            env=self.environ,
            start_new_session=True,
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.address}/healthz", timeout=5):
                    return
            except (URLError, ConnectionError, TimeoutError):
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.1)  # waiting for another process, which gives no event
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """End the server and its workers at once, as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_server(folder: Path, **more: str) -> Server:
    """Return a server, not started yet, with its instance in a folder."""
    port = _free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PEDABOT_SERVER_CONNECTIONS": "100",
        "PEDABOT_SERVER_WORKERS": "1",
        **settings(folder / "instance"),
        **more,
    }
    return Server(f"http://127.0.0.1:{port}", environ, create_app(environ))


@pytest.fixture(scope="session")
def shared_api() -> Iterator[MistralServer]:
    with MistralServer() as server:
        yield server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, shared_api: MistralServer) -> Iterator[Server]:
    """One server for all tests of the browser: its start costs more than they do."""
    model = {"MISTRAL_SERVER_URL": shared_api.url, "MISTRAL_API_KEY": "a key for the tests"}
    running = make_server(tmp_path_factory.mktemp("server"), **model)
    running.start()
    yield running
    running.kill()
    with running.app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def join_code(server: Server) -> str:
    """A class of the teacher ``curie``; returns the code with which one joins it."""
    server.command("user", "create", "curie", "--password-stdin", typed=PASSWORD + "\n")
    made = server.command("class", "create", "BTS SIO 2", "--teacher", "curie")
    return made.split()[-1]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have Chromium")
        pytest.skip(
            "there is no Chromium on this machine (Debian package: chromium-headless-shell)"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def _closed_pages(browser: Browser) -> Iterator[None]:
    yield
    for context in browser.contexts:
        context.close()
