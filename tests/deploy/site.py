"""PedaBot under gunicorn, behind nginx with the site file of ``deploy/``, and a visitor of it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests import databases

ROOT = Path(__file__).parents[2]
NAME = "pedabot.lycee.lan"
TOKEN = "a token that is long enough"
QUESTION = "C'est quoi la quantification ?"
PATIENCE = 60
NEEDS_NGINX = [
    databases.only_sqlite,
    pytest.mark.skipif(
        shutil.which("nginx") is None and "CI" not in os.environ, reason="there is no nginx"
    ),
]


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait for another process, which gives no event."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text(encoding="ascii").split()]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and waits for its parent does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


@dataclass
class Gunicorn:
    """The server, as its systemd unit starts it."""

    environ: Mapping[str, str]
    port: int
    log: Path
    pid: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(Path(sys.executable).with_name("gunicorn"))],
                cwd=ROOT,
                env=self.environ,
                start_new_session=True,
                stderr=log,
            )
        self.pid = self.process.pid
        wait_for(self.listens, "the server did not start")

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End all servers that came one after the other: they are one group of processes."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Nginx:
    """nginx with the site file, in which only paths, ports and addresses are others."""

    folder: Path
    upstream: int
    tls: Path
    https: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self.folder / "temp").mkdir()
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self._configuration(), encoding="utf-8")
        command = ["nginx", "-e", "stderr", "-c", str(configuration), "-p", str(self.folder)]
        self.process = subprocess.Popen([*command, "-g", "daemon off;"])
        wait_for(self._listens, "nginx did not start")

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "nginx ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.https)) == 0

    def _configuration(self) -> str:
        temporary = "\n".join(
            f"{kind}_temp_path {self.folder}/temp/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        return (
            f"{user}\npid {self.folder}/nginx.pid;\nworker_processes 1;\n"
            f"events {{ worker_connections 512; }}\nhttp {{\ninclude /etc/nginx/mime.types;\n"
            f"{temporary}\n{self._site()}\n}}\n"
        )

    def _site(self) -> str:
        site = self._included("pedabot.conf")
        while found := re.search(r"include /opt/pedabot/deploy/nginx/(\S+);", site):
            site = site.replace(found[0], self._included(found[1]))
        for port, ours in ((443, self.https), (80, self.http)):
            site = site.replace(f"listen {port}", f"listen 127.0.0.1:{ours}")
            site = re.sub(rf"listen \[::\]:{port}.*;", "", site)
        site = site.replace("127.0.0.1:8000", f"127.0.0.1:{self.upstream}")
        site = site.replace("/etc/pedabot/tls", str(self.tls))
        site = site.replace("/var/log/nginx", str(self.folder))
        return site.replace("/opt/pedabot", str(ROOT))

    def _included(self, name: str) -> str:
        return (ROOT / "deploy/nginx" / name).read_text(encoding="utf-8")

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait()


class _Connection(http.client.HTTPConnection):
    """A connection to loopback that asks for the name of the server."""

    def __init__(self, name: str, port: int, source: str, trust: ssl.SSLContext) -> None:
        super().__init__(name, port)
        self.source = source, 0
        self.trust = trust

    def connect(self) -> None:
        raw = socket.create_connection(("127.0.0.1", self.port), PATIENCE, self.source)
        try:
            self.sock = self.trust.wrap_socket(raw, server_hostname=self.host)
        except ssl.SSLError:
            raw.close()
            raise


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Visitor:
    """A browser without JavaScript that comes from an address of loopback."""

    port: int
    authority: Path
    address: str = "127.0.0.1"
    name: str = NAME
    cookies: dict[str, str] = field(default_factory=dict)

    def open(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """Send a request and return the response before its body is read."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        connection = _Connection(self.name, self.port, self.address, trust)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {
            "Host": self.name,
            "Connection": "close",
            "Cookie": cookies,
            "Referer": f"https://{self.name}/",
            **(headers or {}),
        }
        connection.request("POST" if body is not None else "GET", path, body, sent)
        response = connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return response

    def get(self, path: str, **headers: str) -> Reply:
        return _read(self.open(path, headers={k.replace("_", "-"): v for k, v in headers.items()}))

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> Reply:
        """Send a form with the token of the page at ``/sign-in`` or ``/chat``."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(self._page(path)).text)
        assert token is not None
        body = urlencode({**form, "csrf_token": token[1]}).encode()
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return _read(self.open(path, body, {**kind, **sent}))

    def _page(self, path: str) -> str:
        return path if path == "/sign-in" else "/chat"


def _read(response: http.client.HTTPResponse) -> Reply:
    return Reply(response.status, dict(response.headers), response.read().decode())


def frames(response: http.client.HTTPResponse) -> Iterator[tuple[str, str]]:
    """Yield the events of a stream as they come: their names and what they hold."""
    name, data = "", []
    for raw in response:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        elif not line:
            yield name, "\n".join(data)
            name, data = "", []


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
