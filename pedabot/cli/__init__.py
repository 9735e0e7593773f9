"""The ``flask`` commands of PedaBot, a room for each kind."""

from __future__ import annotations

from flask import Flask

from pedabot.cli.accounts import class_group, user_group
from pedabot.cli.asking import ask, evaluate
from pedabot.cli.course import knowledge_group
from pedabot.cli.data import data_group
from pedabot.cli.demo import demo_command
from pedabot.cli.register import register_command
from pedabot.cli.server import retention_command, serve, setup, worker
from pedabot.cli.upkeep import backup, restore

COMMANDS = (
    setup,
    serve,
    worker,
    ask,
    evaluate,
    retention_command,
    register_command,
    backup,
    restore,
    demo_command,
    data_group,
    knowledge_group,
    user_group,
    class_group,
)


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
