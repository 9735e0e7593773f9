"""The course: checked, imported, exported."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from pedabot.cli.common import EXISTING_FILE, NEW_FILE, course_cache, with_database
from pedabot.extensions import db
from pedabot.knowledge import checks, coverage, document
from pedabot.knowledge.document import InvalidDocumentError
from pedabot.storage import courses

knowledge_group = AppGroup("knowledge", help="The course document.")


@knowledge_group.command("check")
@click.argument("file", type=EXISTING_FILE, required=False)
@click.option("--stats", is_flag=True, help="Print its size and coverage first.")
@with_database
def check_course(file: Path | None, stats: bool) -> None:
    """Check FILE, or the running course: schema, references, texts, quizzes."""
    loaded = _load(file) if file else course_cache().current().document
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
    version_id = import_file(file, file.name)
    click.echo(f"Version {version_id} is active.")


def import_file(file: Path, note: str) -> int:
    """Make a file the running course; returns the number of its version. Commits."""
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
    file.write_text(document.dumps(course_cache().current().document), encoding="utf-8")
    click.echo(f"Written: {file}")
