"""Every package has one exact version, and what is installed is what the files say."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==([A-Za-z0-9_.!+-]+)(?:\s*;.*)?")
FILES = ("requirements.txt", "requirements-dev.txt", "constraints.txt", "requirements-tools.txt")


def _pins(name: str) -> dict[str, str]:
    """Read the exact versions of a file, by the normal name of the package."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        words = line.partition(" #")[0].strip()
        if not words or words.startswith(("#", "-r ")):
            continue
        match = PIN.fullmatch(words)
        assert match, f"{name}: {line} has no exact version"
        found[re.sub(r"[-_.]+", "-", match[1]).lower()] = match[2]
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_an_exact_version(name: str) -> None:
    assert _pins(name)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_what_is_asked_for_is_in_the_constraints(name: str) -> None:
    pinned = _pins("constraints.txt")
    asked = _pins(name)
    differing = {key for key in asked.keys() & pinned.keys() if asked[key] != pinned[key]}
    assert differing == set()


def test_what_is_installed_is_what_is_pinned() -> None:
    differing = {}
    for name, pinned in {**_pins("constraints.txt"), **_pins("requirements.txt")}.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue  # of another platform, or only for the tests
        if installed != pinned:
            differing[name] = (installed, pinned)
    assert differing == {}
