"""The commands of whoever looks after the server: a backup, and its way back."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import make_url

from pedabot.jobs.supervision import LOCK
from pedabot.storage import backups, restoring, schema, sqlite
from pedabot.storage.backups import BackupError
from pedabot.storage.columns import utc_now

PG_DUMP = """this is for SQLite. A database on a PostgreSQL server has its own tools:

  pg_dump --format=custom --file=pedabot.dump postgresql://USER@HOST/DATABASE
  pg_restore --clean --if-exists --single-transaction --dbname=postgresql://USER@HOST/DATABASE \\
    pedabot.dump

with the names of DATABASE_URL and the password in ~/.pgpass (docs/deployment.md)."""


def _database() -> Path:
    """Return the file of the database; where it is on a server, say what to use instead."""
    file = sqlite.file_of(make_url(current_app.config["DATABASE_URL"]))
    if file is None:
        raise click.ClickException(PG_DUMP)
    return file


@click.command()
@with_appcontext
def backup() -> None:
    """Back up the database while the server runs; verified, compressed, older ones rotated."""
    settings = current_app.config
    folder = Path(settings["PEDABOT_BACKUP_FOLDER"])
    recipient = settings["PEDABOT_BACKUP_RECIPIENT"]
    try:
        made = backups.make(_database(), folder, recipient, utc_now())
    except BackupError as error:
        raise click.ClickException(f"No backup was made. {error}") from error
    click.echo(f"{made} ({made.stat().st_size / 1e6:.1f} MB)")
    days, weeks = settings["PEDABOT_BACKUP_DAYS"], settings["PEDABOT_BACKUP_WEEKS"]
    for old in backups.rotate(folder, days, weeks):
        click.echo(f"Deleted: {old.name}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file of the secret key, for a backup that is encrypted.",
)
@with_appcontext
def restore(file: Path, identity: Path | None) -> None:
    """Put the backup FILE in the place of the database, which is kept beside it."""
    database = _database()
    try:
        replaced = restoring.restore(
            file,
            database,
            known=schema.revisions(current_app.extensions["migrate"].directory),
            users=[sqlite.lock_of(database), Path(current_app.instance_path) / LOCK],
            identity=identity,
            now=utc_now(),
        )
    except BackupError as error:
        raise click.ClickException(f"Nothing was changed. {error}") from error
    if replaced is not None:
        click.echo(f"The database that was there is kept in {replaced}")
    click.echo("Restored. `flask setup` brings it to this version; then start the server.")
