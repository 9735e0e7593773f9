"""The course that comes with PedaBot: whole, right by its own checks, and its Python runs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pedabot.knowledge import checks, coverage, document
from pedabot.knowledge.document import Document, Subtopic

FILE = Path(document.__file__).parent.parent.parent / "knowledge.json"
COURSE = document.loads(FILE.read_bytes())
SUBTOPICS = [subtopic for _, subtopic in COURSE.subtopics()]
INSTALLED = {*sys.stdlib_module_names, "numpy"}
EXAMPLES = [
    pytest.param(code, id=f"{subtopic.id}-{n}")
    for subtopic in SUBTOPICS
    for n, code in enumerate(coverage.python_examples(subtopic))
]


def test_the_checks_find_nothing() -> None:
    assert checks.check(COURSE) == []


def test_the_file_is_what_an_export_writes() -> None:
    assert document.dumps(COURSE) == FILE.read_text(encoding="utf-8")


def test_the_course_is_whole() -> None:
    assert (len(COURSE.topics), len(SUBTOPICS)) == (14, 79)


@pytest.mark.parametrize("subtopic", SUBTOPICS, ids=lambda subtopic: subtopic.id)
def test_every_notion_has_all_that_a_lesson_needs(subtopic: Subtopic) -> None:
    assert subtopic.summary
    assert subtopic.simpler
    assert subtopic.deeper
    assert 3 <= len(subtopic.key_points) <= 6
    assert len(subtopic.examples) >= 2
    assert 8 <= len(subtopic.questions) <= 15
    assert subtopic.aliases
    assert len(subtopic.wordings) >= 5
    assert len(subtopic.quiz) == 3
    for question in subtopic.quiz:
        assert 3 <= len(question.choices) <= 4


def _modules(code: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(code)))
    plain = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    of = {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}
    return {name.split(".")[0] for name in plain | of}


RUNNABLE = [example for example in EXAMPLES if _modules(str(example.values[0])) <= INSTALLED]


@pytest.mark.parametrize("code", EXAMPLES)
def test_python_examples_compile(code: str) -> None:
    compile(code, "example", "exec")


def test_python_examples_that_need_nothing_else_run(tmp_path: Path) -> None:
    """All in one process, each in a namespace of its own: NumPy is loaded once."""
    files = [tmp_path / f"{example.id}.py" for example in RUNNABLE]
    for file, example in zip(files, RUNNABLE, strict=True):
        file.write_text(str(example.values[0]), encoding="utf-8")
    program = "import runpy, sys\nfor name in sys.argv[1:]: print(name); runpy.run_path(name)"
    command = [sys.executable, "-c", program, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-2000:]
    assert len(files) > 20


def test_the_report_counts() -> None:
    minimal: Document = document.validate(
        {
            "topics": [
                {
                    "id": "a",
                    "title": "A",
                    "subtopics": [
                        {
                            "id": "b",
                            "title": "B",
                            "difficulty": "advanced",
                            "content": "Un deux trois.",
                            "examples": ["```python\nprint(1)\n```"],
                        }
                    ],
                }
            ]
        }
    )
    rows = {line.split("  ")[0]: line.split()[-4:] for line in coverage.report(minimal).split("\n")}
    assert rows["all"] == ["1", "0", "0", "1"]
    assert rows["content"][:3] == ["1/1", "3", "3"]
    assert rows["summary"][1:] == ["0", "-", "-"]
    assert rows["Python examples"][-3:] == ["1/1", "1", "1"]
