"""Passwords: how they are kept, which are refused, and what a sign-in costs."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from argon2 import PasswordHasher

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.columns import utc_now
from pedabot.storage.people import Role
from pedabot.teaching import passwords
from pedabot.teaching.common_passwords import is_common
from tests.conftest import PASSWORD, Cast


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "azertyuiop",
        "motdepasse2024!",
        "M0tdeP@sse",
        "Azerty12345",
        "AZERTYAZERTY",
        "bonjour bonjour",
        "Marseille13000",
        "aaaaaaaaaaaa",
        "12341234123412341234",
        "abcdefghijklm",
        "9876543210",
        "jeanpierre2007",
        "Jean-Pierre!!",
    ],
)
def test_what_others_try_first_is_common(password: str) -> None:
    assert is_common(password, "Jean-Pierre")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "table lampe verte nuage",
        "qzx9#kf2!lpw",
        "7K#9x2!m4$",
        "8402918475635",
        "Jean-Pie",
    ],
)
def test_what_nobody_would_guess_is_not_common(password: str) -> None:
    assert not is_common(password, "Jean-Pierre")


def test_the_hash_is_argon2id_with_the_parameters_of_owasp() -> None:
    assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.usefixtures("context")
def test_an_older_hash_is_made_anew_at_the_next_sign_in(cast: Cast) -> None:
    user = people.find_user("student")
    assert user is not None
    user.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    db.session.commit()
    assert passwords.authenticate("student", PASSWORD) is user
    assert (user.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.authenticate("student", PASSWORD) is user


def _hashes_computed(username: str, password: str) -> int:
    """Count the passwords that argon2 hashes for a sign-in: they take nearly all of its time."""
    count = 0

    def note(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code.co_name == "verify_secret"

    sys.setprofile(note)
    try:
        passwords.authenticate(username, password)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.usefixtures("context", "cast")
@pytest.mark.parametrize("name", ["student", "nobody", "without password", "closed"])
def test_a_wrong_sign_in_costs_the_same_whoever_is_named(name: str) -> None:
    people.add_user("without password", Role.STUDENT)
    closed = people.add_user("closed", Role.STUDENT, passwords.hash_password(PASSWORD))
    closed.deactivated_at = closed.created_at = utc_now()
    db.session.commit()
    assert _hashes_computed(name, "not the password") == 1
