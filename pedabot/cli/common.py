"""What the commands share: the database, the course, addresses to print."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from pedabot.answering.course import CourseCache
from pedabot.extensions import db
from pedabot.storage import password_links
from pedabot.storage.faults import advice_about
from pedabot.storage.people import User

P = ParamSpec("P")
R = TypeVar("R")

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


def with_database(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command within the application; say what to do where it cannot be used."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except DBAPIError as error:
            if not (advice := advice_about(error)):
                raise
            raise click.ClickException(f"{advice} ({error.orig})") from error

    return with_appcontext(run)


def address() -> str:
    """Return where this machine's own browser finds the server."""
    host, port = current_app.config["HOST"], current_app.config["PORT"]
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104


def password_address(user: User) -> str:
    """Make a link that sets the password of an account once; returns it. Commits."""
    token = password_links.add_password_link(user)
    db.session.commit()
    return f"{address()}/password/{token}"


def course_cache() -> CourseCache:
    """Return the running course."""
    cache: CourseCache = current_app.extensions["pedabot_course"]
    return cache
