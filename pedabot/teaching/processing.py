"""What is done with personal data, as the settings in force have it.

The notice that people read and the register sheet of the school (article 30 of the RGPD) are two
pages made from this, so that neither can say what is not so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from pedabot.config import models
from pedabot.storage import rosters
from pedabot.storage.people import Classroom

NO_MODEL = "none"
WORDING = 1
"""Counts the changes of substance in the words of the notice: one more shows it to all again."""


class Recipient(StrEnum):
    """Who receives questions."""

    NOBODY = "nobody"
    MISTRAL = "mistral"
    OWN_SERVER = "own_server"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the notice and the sheet state. Days of 0 mean: until somebody deletes it.

    ``own_days`` are the classes that keep conversations for other days than the school, by name.
    """

    school: str
    officer: str
    recipient: Recipient
    server: str
    models: tuple[str, ...]
    by_meaning: bool
    days_kept: int
    audit_days: int
    school_accounts: bool
    https: bool
    sqlite: bool
    own_days: tuple[tuple[str, int], ...] = field(default=())


def facts(settings: Mapping[str, Any], own_days: tuple[tuple[str, int], ...] = ()) -> Facts:
    """Return what is so with these settings."""
    recipient = _recipient(settings)
    asks = recipient is not Recipient.NOBODY
    return Facts(
        school=settings["PEDABOT_SCHOOL"],
        officer=settings["PEDABOT_DATA_OFFICER"],
        recipient=recipient,
        server=urlsplit(settings["MISTRAL_SERVER_URL"]).hostname or "",
        models=tuple(model.name for model in models(settings)) if asks else (),
        by_meaning=asks and settings["PEDABOT_EMBEDDING_MODEL"] != NO_MODEL,
        days_kept=settings["PEDABOT_DAYS_KEPT"],
        audit_days=settings["PEDABOT_AUDIT_DAYS"],
        school_accounts=bool(settings["PEDABOT_OIDC_DISCOVERY_URL"]),
        https=settings["PEDABOT_SECURE_COOKIES"],
        sqlite=str(settings["DATABASE_URL"]).startswith("sqlite"),
        own_days=own_days,
    )


def _recipient(settings: Mapping[str, Any]) -> Recipient:
    if settings["MISTRAL_SERVER_URL"]:
        return Recipient.OWN_SERVER
    return Recipient.MISTRAL if settings["MISTRAL_API_KEY"] else Recipient.NOBODY


def facts_of_the_school(settings: Mapping[str, Any]) -> Facts:
    """Return what is so, with the days of all classes that say their own."""
    return facts(settings, rosters.days_kept())


def facts_for(settings: Mapping[str, Any], classes: list[Classroom]) -> Facts:
    """Return what is so for somebody in these classes."""
    days = [(room.name, room.settings.days_kept) for room in classes]
    return facts(settings, tuple((name, kept) for name, kept in days if kept is not None))


def notice_version(settings: Mapping[str, Any]) -> str:
    """Return what changes whenever the notice says something else in substance.

    Names of models do not count: that a model is asked does.
    """
    told = {**asdict(facts(settings)), "models": None, "sqlite": None, "wording": WORDING}
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
