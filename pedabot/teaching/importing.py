"""Bringing a list of students into a class: a plan to look at first, then all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy.exc import IntegrityError

from pedabot.extensions import db
from pedabot.storage import people, rosters
from pedabot.storage.people import Classroom, Membership, Role, username_key
from pedabot.teaching import roster_file
from pedabot.teaching.classes import ClassError
from pedabot.teaching.roster_file import Line, Refusal


class PlanChangedError(ClassError):
    """What the file would make is no longer what was shown, so nothing was made."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would make: ``fingerprint`` stands for the accounts that it would add."""

    lines: list[Line]

    @property
    def accepted(self) -> list[Line]:
        """Return the lines that make an account."""
        return [line for line in self.lines if line.refusal is None]

    @property
    def fingerprint(self) -> str:
        """Return a hash of the names to be made."""
        names = "\n".join(username_key(line.username) for line in self.accepted)
        return sha256(names.encode()).hexdigest()


def plan(text: str, classroom: Classroom) -> Plan:
    """Judge each line of a list against the accounts that exist.

    Raises:
        RosterFileError: if the list cannot be read.
    """
    lines = roster_file.read(text)
    in_use = rosters.names_in_use({username_key(line.username) for line in lines}, classroom.id)
    return Plan([_beside_accounts(line, in_use) for line in lines])


def _beside_accounts(line: Line, in_use: dict[str, bool]) -> Line:
    in_class = in_use.get(username_key(line.username))
    if line.refusal is not None or in_class is None:
        return line
    return replace(line, refusal=Refusal.IN_CLASS if in_class else Refusal.TAKEN)


def carry_out(shown: str, text: str, classroom: Classroom) -> int:
    """Make the accounts of a list in one transaction; returns how many. Commits.

    ``shown`` is the fingerprint of the plan that somebody has looked at.

    Raises:
        PlanChangedError: if the plan is another one by now; nothing is made then.
        RosterFileError: if the list cannot be read.
    """
    now = plan(text, classroom)
    if now.fingerprint != shown:
        raise PlanChangedError
    level = classroom.settings.level
    for line in now.accepted:
        user = people.add_user(line.username, Role.STUDENT)
        user.level = line.level or level
        user.memberships.append(Membership(classroom=classroom))
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise PlanChangedError from error
    return len(now.accepted)
