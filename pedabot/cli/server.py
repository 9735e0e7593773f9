"""Making the instance ready, serving it, and what is done beside the pages."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import click
from flask import current_app
from flask.cli import ScriptInfo

from pedabot import config, locks
from pedabot.cli import starting
from pedabot.cli.common import address, password_address, with_database
from pedabot.cli.course import import_file
from pedabot.cli.starting import NotStartedError
from pedabot.extensions import db
from pedabot.jobs.supervision import supervise
from pedabot.storage import calls, courses, interrupted, people, postgresql, retention, schema
from pedabot.storage.columns import utc_now
from pedabot.storage.faults import Fault
from pedabot.storage.people import Role


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
        import_file(current_app.extensions["pedabot_course"].first_document, "knowledge.json")
    if not people.has_admin():
        admin = people.find_user("admin") or people.add_user("admin", Role.ADMIN)
        click.echo("First run: the administrator chooses a password here (once, within two days):")
        click.echo(f"  {password_address(admin)}")
    click.echo(f"PedaBot is at {address()}")


def _migrate() -> None:
    """Bring the tables up to date; refuse those of a newer version."""
    with db.engine.connect() as connection, postgresql.in_turn(connection):
        fault = schema.fault_in(connection, current_app.extensions["migrate"].directory)
        if fault is Fault.NEWER:
            raise click.ClickException(fault.advice)
        connection.rollback()
        if fault is not None:
            # As rarely as there is a new version.
            from flask_migrate import upgrade

            upgrade()


def _begin_anew() -> None:
    """Put an end to what an earlier server left, unless one is at work on it at this moment."""
    if db.engine.dialect.name != "sqlite":  # other machines may be at work on it
        interrupted.mark_interrupted(current_app.extensions["pedabot_delivery"].longest)
        current_app.extensions["pedabot_chains"].breakers.begin_anew()
        return
    try:
        with starting.having_database(current_app):
            interrupted.mark_interrupted()
            calls.forget_all()
            # Whoever starts anew may have changed the key.
            current_app.extensions["pedabot_chains"].breakers.begin_anew()
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
    click.echo(f"{found.sign_ins} session(s) that have ended")
    click.echo(f"{found.audit_entries} entr(y/ies) of the audit whose day has come")
    click.echo("Nothing was deleted." if dry_run else "Deleted.")
