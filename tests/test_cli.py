"""The commands, as an administrator types them."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

from pedabot import create_app
from pedabot.answering.course import CourseCache
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.courses import CourseVersion
from tests.conftest import settings


def run(app: Flask, *args: str, typed: str = "") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=args, input=typed)
    return result.exit_code, result.output


def test_ask_answers_offline_from_the_course(app: Flask) -> None:
    code, output = run(app, "ask", "C'est quoi la quantification ?", "--json")
    assert code == 0
    answer = json.loads(output)
    assert set(answer) == {"answer", "html", "sources", "engine", "in_scope", "level"}
    assert answer["engine"] == "offline"
    assert answer["in_scope"] is True
    first = answer["sources"][0]
    assert (first["topic"], first["subtopic"]) == ("optimisation", "quantification")
    for figure in ("float32", "int8", "4 fois", "2 à 4 fois", "1 à 2"):
        assert figure in answer["answer"]


def test_without_a_database_a_command_says_what_to_do(tmp_path: Path) -> None:
    bare = create_app(settings(tmp_path / "nowhere"))
    code, output = run(bare, "ask", "C'est quoi la quantification ?")
    assert code == 1
    assert "`flask setup`" in output
    with bare.app_context():
        db.engine.dispose()


def test_setup_twice_loses_nothing_and_prints_a_first_link(app: Flask) -> None:
    code, output = run(app, "setup")
    assert code == 0
    assert "/password/" in output
    with app.app_context():
        assert db.session.query(CourseVersion).count() == 1
    assert run(app, "setup")[0] == 0
    with app.app_context():
        assert db.session.query(CourseVersion).count() == 1


def test_an_invalid_course_is_refused_and_the_running_one_stays(
    app: Flask, tmp_path: Path, course_file: Path
) -> None:
    assert run(app, "knowledge", "import", str(course_file))[0] == 0
    bad = tmp_path / "bad.json"
    bad.write_text(course_file.read_text(encoding="utf-8").replace("beginner", "easy"))
    code, output = run(app, "knowledge", "import", str(bad))
    assert code == 1
    assert 'topics[1].subtopics[0].difficulty: "easy" is not one of' in output
    with app.app_context():
        assert db.session.query(CourseVersion).count() == 1


def test_export_gives_the_same_course_back(app: Flask, tmp_path: Path, course_file: Path) -> None:
    run(app, "knowledge", "import", str(course_file))
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    run(app, "knowledge", "export", str(first))
    run(app, "knowledge", "import", str(first))
    cache: CourseCache = app.extensions["pedabot_course"]
    cache.forget()
    run(app, "knowledge", "export", str(second))
    assert first.read_bytes() == second.read_bytes()


def test_the_course_of_the_project_has_nothing_to_mend(app: Flask) -> None:
    code, output = run(app, "knowledge", "check", "knowledge.json")
    assert code == 0, output


def test_evaluate_prints_the_figures_and_writes_the_rankings(app: Flask, tmp_path: Path) -> None:
    questions, rankings = tmp_path / "questions.jsonl", tmp_path / "rankings.jsonl"
    rows = [
        {"id": "a", "kind": "direct", "question": "L'élagage ?", "expect": ["elagage"]},
        {"id": "b", "kind": "offtopic", "question": "Une recette de crêpes ?", "expect": []},
    ]
    questions.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    code, output = run(app, "evaluate", str(questions), "--rankings", str(rankings))
    assert code == 0
    assert "MRR" in output
    lines = [json.loads(line) for line in rankings.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["ranking"][0] == "elagage"
    assert [line["in_scope"] for line in lines] == [True, False]


def test_evaluate_shows_the_spread_over_folds(app: Flask, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    row = {"id": "a", "kind": "direct", "question": "L'élagage ?", "expect": ["elagage"]}
    questions.write_text(json.dumps(row), encoding="utf-8")
    code, output = run(app, "evaluate", str(questions), "--folds", "3")
    assert code == 0, output
    first_words = [line.split()[0] for line in output.splitlines() if line]
    assert first_words[-6:] == ["fold", "0", "1", "2", "mean", "spread"]
    assert run(app, "evaluate", str(questions), "--folds", "1")[0] != 0


def test_accounts_and_classes_are_made(app: Flask) -> None:
    password = "four random words here"
    code, output = run(app, "user", "create", "curie", "--password-stdin", typed=password + "\n")
    assert code == 0, output
    code, output = run(app, "class", "create", "SIO 2", "--teacher", "curie")
    assert code == 0
    assert "join code" in output
    assert run(app, "user", "create", "Curie")[0] == 1
    assert "/password/" in run(app, "user", "password", "curie")[1]
    assert run(app, "user", "password", "nobody")[0] == 1
    with app.app_context():
        assert people.find_user("CURIE") is not None
