"""All data from one database to another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from pedabot.storage import moving, postgresql, sqlite
from pedabot.storage.faults import advice_about
from pedabot.storage.moving import Moved, MoveError

data_group = AppGroup("data", help="The data of the school.")


@data_group.command("move")
@click.argument("source")
@click.argument("target")
@with_appcontext
def move(source: str, target: str) -> None:
    """Copy all rows from SOURCE to TARGET, and compare each: all of them, or none.

    Both are addresses as in DATABASE_URL. TARGET must be empty; its tables are made. Stop the
    server first: what is written meanwhile stays in SOURCE alone.
    """
    try:
        with _opened(source, must_exist=True) as old, _opened(target) as new:
            _make_tables(new)
            click.echo(f"{'table':<22} {'rows':>8}  digest of all rows")
            moving.move(old, new, _tell)
    except (MoveError, ArgumentError) as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        raise click.ClickException(f"{advice_about(error)} ({error.orig})") from error
    click.echo("All rows are there, and the same. Set DATABASE_URL to the new address.")


@contextmanager
def _opened(address: str, *, must_exist: bool = False) -> Iterator[Engine]:
    url = postgresql.with_driver(make_url(address))
    file = sqlite.file_of(url)
    if must_exist and file is not None and not file.is_file():  # opening it would make one
        raise MoveError(f"there is no file {file}")
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _make_tables(engine: Engine) -> None:
    """Bring an empty database to the newest migration."""
    # This command alone needs it.
    from alembic import command

    config = current_app.extensions["migrate"].migrate.get_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _tell(moved: Moved) -> None:
    click.echo(f"{moved.table:<22} {moved.rows:>8}  {moved.digest[:16]}")
