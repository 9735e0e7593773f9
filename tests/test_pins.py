"""Every package has one exact version, and what is installed is what the files say."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==([A-Za-z0-9_.!+-]+)(?:\s*;.*)?")
DEBIAN_12 = {"python_version": "3.11", "python_full_version": "3.11.2", "sys_platform": "linux"}
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


def _absent_on_debian(asked: Requirement, met: set[tuple[str, str]]) -> set[str]:
    """Return what a package needs there, in turn, and is not installed here; ``met`` was seen."""
    absent: set[str] = set()
    for extra in {"", *asked.extras} - {extra for name, extra in met if name == asked.name}:
        met.add((asked.name, extra))
        try:
            needs = [Requirement(line) for line in requires(asked.name) or ()]
        except PackageNotFoundError:
            return {asked.name}
        there = DEBIAN_12 | {"extra": extra}
        wanted = (need for need in needs if need.marker is None or need.marker.evaluate(there))
        absent = absent.union(*(_absent_on_debian(need, met) for need in wanted))
    return absent


def test_a_bundle_has_what_the_python_of_debian_needs() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    met: set[tuple[str, str]] = set()
    absent = set().union(*(_absent_on_debian(requirement, met) for requirement in asked))
    also = re.search(r"^BUNDLE_ALSO := (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert also is not None
    assert absent <= set(also[1].split())
