"""The files of ``deploy/`` that these tests cannot run: units, containers, certificates."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pedabot import config
from pedabot.settings import SETTINGS
from pedabot.web import uploads
from tests.deploy.site import NAME, ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
NEEDS_SYSTEMD = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze"
)


@NEEDS_SYSTEMD
def test_systemd_understands_the_units() -> None:
    checked = subprocess.run(
        ["systemd-analyze", "verify", *UNITS], capture_output=True, text=True, check=False
    )
    problems = [
        line
        for line in checked.stderr.splitlines()
        if "/opt/pedabot/.venv/bin/" not in line  # which is not installed here
    ]
    assert problems == []


@NEEDS_SYSTEMD
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_may_do_little(unit: Path) -> None:
    analysed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert analysed.returncode == 0, analysed.stdout


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_the_services_are_confined_alike(unit: Path) -> None:
    def confinement(path: Path) -> str:
        text = path.read_text(encoding="utf-8")
        return text[text.index("StateDirectory=") :].split("[Install]")[0].strip()

    assert confinement(unit) == confinement(DEPLOY / "systemd/pedabot.service")


def test_systemd_waits_longer_than_the_longest_answer(tmp_path: Path) -> None:
    longest = config.longest_answer(config.load({}, tmp_path))
    unit = (DEPLOY / "systemd/pedabot.service").read_text(encoding="utf-8")
    found = re.search(r"TimeoutStopSec=(\d+)", unit)
    assert found is not None
    assert int(found[1]) > longest + 10  # what gunicorn waits
    compose = (DEPLOY / "container/compose.yaml").read_text(encoding="utf-8")
    assert f"stop_grace_period: {found[1]}s" in compose


def test_nginx_lets_through_what_pedabot_takes() -> None:
    site = (DEPLOY / "nginx/pedabot.conf").read_text(encoding="utf-8")
    found = re.search(r"client_max_body_size (\d+)m;", site)
    assert found is not None
    assert int(found[1]) * 1024 * 1024 > uploads.MAX_BODY_BYTES


def test_the_containers_name_files_and_settings_that_are_there() -> None:
    compose = (DEPLOY / "container/compose.yaml").read_text(encoding="utf-8")
    made = {"tls", "secrets/secret_key", "secrets/database_url", "secrets/postgres_password"}
    for path in re.findall(r"^\s+- (\.\.?/[^:]+):", compose, re.MULTILINE):
        assert path[2:] in made or (DEPLOY / "container" / path).exists(), path
    block = compose[compose.index("environment: &settings") : compose.index("    secrets: [secret")]
    names = {name.removesuffix("_FILE") for name in re.findall(r"^\s+([A-Z_]+):", block, re.M)}
    assert names <= {setting.name for setting in SETTINGS}
    assert "SECRET_KEY" in names


def test_a_container_that_others_wait_for_says_how_it_is() -> None:
    compose = (DEPLOY / "container/compose.yaml").read_text(encoding="utf-8")
    services = dict(
        block.split(":", 1)
        for block in re.split(r"^  (?=\w)", compose[: compose.index("\nvolumes:")], flags=re.M)[1:]
    )
    waited_for = set(re.findall(r"(\w+): {condition: service_healthy}", compose))
    assert waited_for == {name for name, text in services.items() if "    healthcheck:\n" in text}


def test_a_certificate_is_renewed_under_the_same_authority(tmp_path: Path) -> None:
    command = [str(DEPLOY / "make-certificate"), str(tmp_path), NAME, "192.168.1.20"]
    subprocess.run(command, check=True, capture_output=True)
    authority = (tmp_path / "authority.crt").read_bytes()
    first = (tmp_path / "server.crt").read_bytes()
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "authority.crt").read_bytes() == authority
    assert (tmp_path / "server.crt").read_bytes() != first
    checked = subprocess.run(
        ["openssl", "verify", "-CAfile", "authority.crt", "-verify_hostname", NAME, "server.crt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout == "server.crt: OK\n", checked.stderr
    assert (tmp_path / "server.key").stat().st_mode & 0o077 == 0
