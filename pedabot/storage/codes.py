"""Codes that people type: random ones, and the form in which they are compared."""

from __future__ import annotations

import secrets

# No vowels and no look-alikes (0/O, 1/I): easy to read from a projector, and no words appear.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789"


def random_code(length: int) -> str:
    """Return a random code of so many characters, each of 28."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def normal_code(code: str) -> str:
    """Return a code as it is kept: case, spaces and hyphens do not matter."""
    return "".join(character for character in code.upper() if character.isalnum())
