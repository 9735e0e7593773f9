"""The import law of the house: imports go down only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pedabot

ROOT = Path(pedabot.__file__).parent
BOXES = {
    "attachments",
    "enrichment",
    "fallback",
    "fencing",
    "grounding",
    "guard",
    "mistral",
    "offline",
    "privacy",
    "rendering",
}
# Each layer may import those after it, and itself.
LAYERS = (
    {"web", "cli"},
    {"answering", "teaching"},
    {"storage", "knowledge"},
    {
        "config",
        "extensions",
        "greenlets",
        "jobs",
        "locks",
        "migrating",
        "settings",
        "turns",
        "typography",
    },
)
# What every box may speak of, each importing only those after it.
SHARED = ("events", "values", "outcomes")
HTTP_NAMES = {"request", "session", "g"}


def _modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def _name(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def _box(path: Path) -> str | None:
    """Return the box of the diagram that a module is, or is a part of."""
    parts = _name(path)
    return next((part for part in parts[1:] if parts[0] == "answering" and part in BOXES), None)


def _imports(path: Path) -> list[tuple[str, ...]]:
    """Return what a module imports of this package, as ``("storage", "people")``."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            base = tuple(node.module.split("."))
            found += [(*base, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [tuple(alias.name.split(".")) for alias in node.names]
    return [parts[1:] for parts in found if parts[0] == "pedabot"]


def _level(name: str) -> int:
    return next(i for i, layer in enumerate(LAYERS) if name in layer)


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    here = _name(path)[0]
    for target in _imports(path):
        there = target[0]
        if there == here:
            continue
        assert _level(there) >= _level(here), f"{here} imports {there}"
        if _level(there) == _level(here):
            # knowledge is a document: what is stored and what is answered may speak of it
            assert (here, there) == ("storage", "knowledge") or _level(here) == len(LAYERS) - 1, (
                f"{here} and {there} are neighbours"
            )


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_imports_names_from_the_package_root(path: Path) -> None:
    top_level = {"cli", *(name for layer in LAYERS for name in layer)}
    for target in _imports(path):
        assert target[0] in top_level


@pytest.mark.parametrize("box", sorted(BOXES))
def test_a_box_imports_no_other_box(box: str) -> None:
    allowed = {*SHARED, "templates", "tokens"}
    for path in _modules():
        if _box(path) == box:
            for target in _imports(path):
                assert target[0] != "answering" or target[1] in {box, *allowed}


@pytest.mark.parametrize("name", SHARED)
def test_what_the_boxes_share_imports_none_of_them(name: str) -> None:
    allowed = set(SHARED[SHARED.index(name) + 1 :])
    for target in _imports(ROOT / "answering" / f"{name}.py"):
        assert target[0] != "answering" or target[1] in allowed


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_plain_parts_know_no_flask_and_no_database(path: Path) -> None:
    shared = _name(path) in {("answering", name) for name in SHARED}
    if _name(path)[0] != "knowledge" and _box(path) is None and not shared:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    assert not {name for name in modules if name.split(".")[0].startswith(("flask", "sqlalchemy"))}


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_web_touches_the_request(path: Path) -> None:
    if _name(path)[0] == "web":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "flask":
            assert not HTTP_NAMES & {alias.name for alias in node.names}


def test_only_one_box_imports_each_guarded_library() -> None:
    owners: dict[str, set[str | None]] = {"mistralai": set(), "bleach": set(), "nh3": set()}
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            for name in names:
                if name.split(".")[0] in owners:
                    owners[name.split(".")[0]].add(_box(path))
    assert owners == {
        "mistralai": {"mistral"},
        "bleach": {"rendering"},
        "nh3": {"rendering"},
    }


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_stand_at_the_top_unless_a_comment_says_why(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    assert lines[node.lineno - 2].strip().startswith("#")
