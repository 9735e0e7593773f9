"""Accounts and classes."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from pedabot.cli.common import password_address, with_database
from pedabot.storage import people
from pedabot.storage.people import Role, User
from pedabot.teaching import classes, passwords
from pedabot.teaching.classes import NameTakenError
from pedabot.teaching.common_passwords import is_common

user_group = AppGroup("user", help="Accounts.")
class_group = AppGroup("class", help="Classes.")


@user_group.command("create")
@click.argument("username")
@click.option("--role", type=click.Choice([r.value for r in Role]), default=Role.TEACHER.value)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_database
def create_user(username: str, role: str, password_stdin: bool) -> None:
    """Make an account; without --password-stdin, print a link that sets its password."""
    password = _read_password(username) if password_stdin else None
    try:
        user = classes.create_account(username, Role(role), password)
    except NameTakenError as error:
        raise click.ClickException(f'an account is named "{username}" already') from error
    click.echo(f"Account {user.username} ({user.role}) made.")
    if password is None:
        click.echo(password_address(user))


@user_group.command("password")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_database
def reset_password(username: str, password_stdin: bool) -> None:
    """Set the password of USERNAME, or print a link with which they set it."""
    user = _user(username)
    if password_stdin:
        passwords.change(user, _read_password(username))
        click.echo("Password changed; all sessions of the account are closed.")
    else:
        click.echo(password_address(user))


def _read_password(username: str) -> str:
    password = sys.stdin.readline().rstrip("\n")
    if not passwords.MINIMUM_LENGTH <= len(password) <= passwords.MAXIMUM_LENGTH:
        raise click.ClickException(
            f"a password has {passwords.MINIMUM_LENGTH} to {passwords.MAXIMUM_LENGTH} characters"
        )
    if is_common(password, username):
        raise click.ClickException("this password is too well known: four random words will do")
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
