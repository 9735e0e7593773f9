"""The sheet of the school's register of processing."""

from __future__ import annotations

import click
from flask import current_app, render_template
from flask_babel import force_locale

from pedabot.cli.common import with_database
from pedabot.teaching import processing


@click.command("register")
@with_database
def register_command() -> None:
    """Print the sheet of this processing for the register of the school (RGPD, article 30)."""
    facts = processing.facts_of_the_school(current_app.config)
    with force_locale("fr"):
        click.echo(render_template("privacy/register.md", facts=facts))
