"""What monitors are told; each fault of the database is in ``test_faults.py``."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Visit, settings


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that is taken, and on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def environ(instance: Path, nobody: int) -> dict[str, str]:
    return settings(instance, REDIS_URL=f"redis://127.0.0.1:{nobody}/0")


def test_without_redis_the_server_is_ready_and_says_what_is_missing(visit: Visit) -> None:
    told = visit().get("/readyz")
    assert told.status_code == 200
    parts = told.get_json()["parts"]
    assert parts["redis"]["status"] == "warning"
    assert "Redis does not answer" in parts["redis"]["advice"]
    assert parts["database"] == {"status": "ok"}


def test_the_process_lives(visit: Visit) -> None:
    assert visit().get("/healthz").text == "ok\n"
