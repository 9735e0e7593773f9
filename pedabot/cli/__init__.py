"""The ``flask`` commands of PedaBot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo
from flask_migrate import upgrade

from pedabot import config, locks
from pedabot.answering import pipeline
from pedabot.answering.course import CourseCache
from pedabot.answering.values import Answer, Question
from pedabot.cli import starting
from pedabot.cli.guards import with_database
from pedabot.cli.starting import NotStartedError
from pedabot.cli.upkeep import backup, restore
from pedabot.extensions import db
from pedabot.jobs import supervise
from pedabot.knowledge import checks, coverage, document, evaluation
from pedabot.knowledge.document import Difficulty, InvalidDocumentError
from pedabot.knowledge.search import Passage
from pedabot.storage import breakers, calls, conversations, courses, people, retention, schema
from pedabot.storage.columns import utc_now
from pedabot.storage.faults import Fault
from pedabot.storage.people import Role, User
from pedabot.teaching import classes, passwords
from pedabot.teaching.classes import NameTakenError

knowledge_group = AppGroup("knowledge", help="The course document.")
user_group = AppGroup("user", help="Accounts.")
class_group = AppGroup("class", help="Classes.")

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


def init_app(app: Flask) -> None:
    """Register the commands."""
    alone = (setup, serve, worker, ask, evaluate, retention_command, backup, restore)
    for command in (*alone, knowledge_group, user_group, class_group):
        app.cli.add_command(command)


@click.command()
@with_database
def setup() -> None:
    """Prepare the instance: secret, database, course, link for the first administrator."""
    secret = config.make_secret(Path(current_app.instance_path))
    # `serve` goes on with this application, which found no secret when it was made.
    current_app.secret_key = current_app.secret_key or secret
    _migrate()
    _begin_anew()
    if courses.active_version_id() is None:
        _import_course(current_app.extensions["pedabot_course"].first_document, "knowledge.json")
    if not people.has_admin():
        admin = people.find_user("admin") or people.add_user("admin", Role.ADMIN)
        click.echo("First run: the administrator chooses a password here (once, within two days):")
        click.echo(f"  {_password_address(admin)}")
    click.echo(f"PedaBot is at {_address()}")


def _migrate() -> None:
    """Bring the tables up to date; refuse those of a newer version."""
    directory = current_app.extensions["migrate"].directory
    with db.engine.connect() as connection:
        fault = schema.fault_in(connection, directory)
    if fault is Fault.NEWER:
        raise click.ClickException(fault.advice)
    if fault is not None:
        upgrade()


def _begin_anew() -> None:
    """Put an end to what an earlier server left, unless one is at work on it at this moment."""
    try:
        with starting.having_database(current_app):
            conversations.mark_interrupted()
            calls.forget_all()
            breakers.forget_all()  # whoever starts anew may have changed the key
    except NotStartedError:
        click.echo("A server is running: its answers are left alone. It must be reloaded.")


@click.command()
@click.pass_context
def serve(context: click.Context) -> None:
    """Prepare the instance, then serve it with gunicorn, in one process; the worker is another."""
    try:
        starting.take_database(context.ensure_object(ScriptInfo).load_app())
    except NotStartedError as error:
        raise click.ClickException(str(error)) from error
    context.invoke(setup)
    # The other commands need no server.
    from gunicorn.app.wsgiapp import WSGIApplication

    worker = [sys.executable, "-m", "flask", "worker", "--parent", str(os.getpid())]
    # Pages come first, also while both start.
    subprocess.Popen(worker, preexec_fn=partial(os.nice, 10))  # noqa: S603
    # gunicorn starts this program anew when it is told to give way to a new version (SIGUSR2).
    sys.argv = [str(Path(sys.executable).with_name("gunicorn"))]
    WSGIApplication().run()


@click.command()
@click.option("--parent", type=int, help="End when this process, which started it, ends.")
@with_database
def worker(parent: int | None) -> None:
    """Do the jobs that no page waits for, such as comparing prompts; one worker an instance."""
    instance = Path(current_app.instance_path)
    try:
        supervise(current_app.extensions["pedabot_jobs"], instance, parent)
    except locks.HeldError:
        click.echo("A worker is at work already.", err=True)


def _address() -> str:
    """Return where this machine's own browser finds the server."""
    host, port = current_app.config["HOST"], current_app.config["PORT"]
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104


def _password_address(user: User) -> str:
    token = people.add_password_link(user)
    db.session.commit()
    return f"{_address()}/password/{token}"


def _course_cache() -> CourseCache:
    cache: CourseCache = current_app.extensions["pedabot_course"]
    return cache


@click.command()
@click.argument("question")
@click.option("--level", type=click.Choice([d.value for d in Difficulty]), default="beginner")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of text.")
@with_database
def ask(question: str, level: str, as_json: bool) -> None:
    """Answer QUESTION in the terminal; nothing is stored."""
    asked = Question(text=question, level=Difficulty(level))
    answer = None
    asked = replace(asked, prompt=current_app.extensions["pedabot_prompts"].current())
    find = current_app.extensions["pedabot_retrieval"].find
    with current_app.extensions["pedabot_chains"].open() as chain:
        for event in pipeline.answer(asked, find, chain.engines, gates=chain.gates):
            answer = event if isinstance(event, Answer) else None
    if answer is None:
        raise click.ClickException("the question got no answer")
    if as_json:
        click.echo(json.dumps(_as_data(answer), ensure_ascii=False, indent=2))
        return
    click.echo(answer.text)
    for number, passage in enumerate(answer.passages, start=1):
        click.echo(f"[{number}] {passage.topic.id}/{passage.subtopic.id}: {passage.subtopic.title}")


def _as_data(answer: Answer) -> dict[str, Any]:
    return {
        "answer": answer.text,
        "html": pipeline.html_of(answer),
        "sources": [_source(passage) for passage in answer.passages],
        "engine": answer.engine,
        "in_scope": answer.in_scope,
        "level": answer.level.value,
    }


def _source(passage: Passage) -> dict[str, Any]:
    return {
        "topic": passage.topic.id,
        "subtopic": passage.subtopic.id,
        "title": passage.subtopic.title,
        "score": round(passage.score, 3),
    }


@click.command()
@click.argument("questions", type=EXISTING_FILE)
@click.option("--rankings", type=NEW_FILE, help="Write each question's ranking here (JSON lines).")
@click.option("--folds", type=click.IntRange(min=2), help="Show the spread over so many parts.")
@with_database
def evaluate(questions: Path, rankings: Path | None, folds: int | None) -> None:
    """Measure the search on QUESTIONS (JSON lines with id, kind, question, expect)."""
    try:
        cases = evaluation.read_cases(questions.read_text(encoding="utf-8"))
    except evaluation.InvalidCaseError as error:
        raise click.ClickException(f"{questions}: {error}") from error
    results = evaluation.run(_course_cache().current().index, cases)
    if rankings is not None:
        rankings.write_text(evaluation.rankings_as_lines(results), encoding="utf-8")
    click.echo(evaluation.report(results))
    if folds is not None:
        click.echo(evaluation.folds(results, folds))


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
@with_database
def retention_command(dry_run: bool) -> None:
    """Delete what was kept as long as its class or the school keeps; the worker does so daily."""
    act = retention.due if dry_run else retention.clear
    found = act(utc_now(), current_app.config["PEDABOT_DAYS_KEPT"])
    for name, count in found.conversations:
        click.echo(f"{name or 'without a class'}: {count} conversation(s)")
    click.echo(f"{found.password_links} link(s) for passwords that no longer work")
    click.echo(f"{found.asked_questions} moment(s) of questions that no limit looks at any more")
    click.echo(f"{found.calls} call(s) of processes that are no more")
    click.echo("Nothing was deleted." if dry_run else "Deleted.")


@knowledge_group.command("check")
@click.argument("file", type=EXISTING_FILE, required=False)
@click.option("--stats", is_flag=True, help="Print its size and coverage first.")
@with_database
def check_course(file: Path | None, stats: bool) -> None:
    """Check FILE, or the running course: schema, references, texts, quizzes."""
    loaded = _load(file) if file else _course_cache().current().document
    if stats:
        click.echo(coverage.report(loaded))
    problems = checks.check(loaded)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"{len(problems)} problem(s)")
    click.echo(f"{len(loaded.topics)} topics, {len(loaded.by_id)} subtopics: no problem found")


@knowledge_group.command("import")
@click.argument("file", type=EXISTING_FILE)
@with_database
def import_course(file: Path) -> None:
    """Make FILE the running course; the one before stays among the versions."""
    version_id = _import_course(file, file.name)
    click.echo(f"Version {version_id} is active.")


def _import_course(file: Path, note: str) -> int:
    version = courses.add_version(document.dumps(_load(file)), note[:200])
    courses.activate(version)
    db.session.commit()
    return version.id


def _load(file: Path) -> document.Document:
    try:
        return document.loads(file.read_bytes())
    except InvalidDocumentError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        raise click.ClickException(
            f"{file} is not a valid course; the running one is unchanged"
        ) from error


@knowledge_group.command("export")
@click.argument("file", type=NEW_FILE)
@with_database
def export_course(file: Path) -> None:
    """Write the running course to FILE."""
    file.write_text(document.dumps(_course_cache().current().document), encoding="utf-8")
    click.echo(f"Written: {file}")


@user_group.command("create")
@click.argument("username")
@click.option("--role", type=click.Choice([r.value for r in Role]), default=Role.TEACHER.value)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_database
def create_user(username: str, role: str, password_stdin: bool) -> None:
    """Make an account; without --password-stdin, print a link that sets its password."""
    password = _read_password() if password_stdin else None
    try:
        user = classes.create_account(username, Role(role), password)
    except NameTakenError as error:
        raise click.ClickException(f'an account is named "{username}" already') from error
    click.echo(f"Account {user.username} ({user.role}) made.")
    if password is None:
        click.echo(_password_address(user))


@user_group.command("password")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_database
def reset_password(username: str, password_stdin: bool) -> None:
    """Set the password of USERNAME, or print a link with which they set it."""
    user = _user(username)
    if password_stdin:
        passwords.change(user, _read_password())
        click.echo("Password changed; all sessions of the account are closed.")
    else:
        click.echo(_password_address(user))


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\n")
    if not passwords.MINIMUM_LENGTH <= len(password) <= passwords.MAXIMUM_LENGTH:
        raise click.ClickException(
            f"a password has {passwords.MINIMUM_LENGTH} to {passwords.MAXIMUM_LENGTH} characters"
        )
    return password


def _user(username: str) -> User:
    user = people.find_user(username)
    if user is None:
        raise click.ClickException(f'no account is named "{username}"')
    return user


@class_group.command("create")
@click.argument("name")
@click.option("--teacher", required=True, help="Username of its teacher.")
@with_database
def create_class(name: str, teacher: str) -> None:
    """Make a class and print its join code."""
    user = _user(teacher)
    if not user.teaches:
        raise click.ClickException(f'"{teacher}" is a student')
    classroom = classes.create_class(name, user)
    click.echo(f"Class {classroom.name}: join code {classroom.join_code}")
