"""What each role may do: the one table that guards, pages and docs/roles.md follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is, on the whole server."""

    STUDENT = "student"
    TEACHER = "teacher"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a route asks of whoever calls it; which rows they then see is the loaders' work."""

    VISIT = "visit"
    USE = "use"
    TEACH = "teach"
    EDIT_COURSE = "edit_course"
    EDIT_PROMPTS = "edit_prompts"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who has a permission: by role, or, for some roles, once an administrator gave it.

    ``visitors`` are people who are not signed in.
    """

    meaning: str
    roles: frozenset[Role]
    if_granted: frozenset[Role] = frozenset()
    visitors: bool = False


EVERYBODY = frozenset(Role)
STAFF = frozenset({Role.TEACHER, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})

RULES: Mapping[Permission, Rule] = {
    Permission.VISIT: Rule("Welcome, sign in, join a class by its code", EVERYBODY, visitors=True),
    Permission.USE: Rule("Browse the course, ask, read one's own conversations", EVERYBODY),
    Permission.TEACH: Rule("Make classes; see and run those of whose team one is", STAFF),
    Permission.EDIT_COURSE: Rule("Change the course", ADMINS, if_granted=frozenset({Role.TEACHER})),
    Permission.EDIT_PROMPTS: Rule(
        "Change what the model is told, and compare", ADMINS, if_granted=frozenset({Role.TEACHER})
    ),
    Permission.ADMINISTER: Rule("Manage all accounts, see the whole log", ADMINS),
}


def allows(permission: Permission, role: Role, *, granted: bool = False) -> bool:
    """Tell whether an account of this role has the permission; ``granted`` by an administrator."""
    rule = RULES[permission]
    return role in rule.roles or (granted and role in rule.if_granted)
