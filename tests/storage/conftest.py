"""A database with rows, and a folder for its backups."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storage.backing import fill


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "instance" / "pedabot.db"
    path.parent.mkdir()
    fill(path, "old")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"
