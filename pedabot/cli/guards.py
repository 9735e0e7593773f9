"""What commands do before and after: the application around them, sentences for what fails."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from pedabot.storage.faults import Fault, fault_of

P = ParamSpec("P")
R = TypeVar("R")


def with_database(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command within the application; say what to do where the database cannot be used."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except DBAPIError as error:
            if (fault := fault_of(error)) is None:
                raise
            raise click.ClickException(_advice(fault, error)) from error

    return with_appcontext(run)


def _advice(fault: Fault, error: DBAPIError) -> str:
    return f"{fault.advice} ({error.orig})"
