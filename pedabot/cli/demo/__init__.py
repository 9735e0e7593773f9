"""``flask demo``: a class with six weeks behind it, to see what PedaBot is for."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click
from flask import current_app

from pedabot.cli.common import course_cache, password_address, with_database
from pedabot.cli.demo import words
from pedabot.cli.demo.story import WEEKS, Story
from pedabot.cli.demo.telling import Teller, open_class
from pedabot.storage import demo, people
from pedabot.teaching.processing import notice_version


@click.command("demo")
@click.option("--remove", is_flag=True, help="Take the class and its accounts away.")
@with_database
def demo_command(remove: bool) -> None:
    """Make a class with 30 students and some 400 conversations, answered by the offline tutor."""
    if remove:
        _remove()
    elif demo.exists():
        raise click.ClickException("the demo class is there; `flask demo --remove` takes it away")
    else:
        _make()


def _make() -> None:
    if taken := people.known_names([words.TEACHER, *words.STUDENTS]):
        raise click.ClickException(
            f"accounts that belong to somebody bear names of the demo: {', '.join(taken)};"
            " rename or remove them first"
        )
    now = datetime.now(ZoneInfo(current_app.config["PEDABOT_TIMEZONE"]))
    document = course_cache().current().document
    story = Story(document, now)
    classroom = open_class(story.students, now - timedelta(weeks=WEEKS))
    for member in classroom.memberships:  # they have been here for weeks
        people.acknowledge(member.user, notice_version(current_app.config))
    teller = Teller(classroom, document, current_app.extensions, current_app.config)
    with click.progressbar(story.events(), label="Six weeks of a class") as events:
        for event in events:
            teller.tell(event)
    click.echo(
        f'"{classroom.name}" is ready. Its teacher, {words.TEACHER}, chooses a password here:'
    )
    click.echo(f"  {password_address(teller.teacher)}")


def _remove() -> None:
    if not demo.exists():
        raise click.ClickException("there is no demo class")
    demo.remove()
    click.echo("The demo class, its accounts and all that they asked are gone.")
