"""Texts of the pages: gettext, then French typography where the page is French."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

from flask import Flask, request
from flask_babel import format_currency, get_locale
from flask_babel import gettext as babel_gettext
from flask_babel import ngettext as babel_ngettext

from pedabot.extensions import babel
from pedabot.knowledge.document import Difficulty
from pedabot.typography import french_label

LANGUAGES = ("fr",)


def init_app(app: Flask) -> None:
    """Choose the language by the browser, and set typography in templates as well."""
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    app.config["BABEL_DEFAULT_TIMEZONE"] = app.config["PEDABOT_TIMEZONE"]
    babel.init_app(app, locale_selector=lambda: request.accept_languages.best_match(LANGUAGES))
    # The method comes from Jinja's i18n extension, which Flask-Babel has just added.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    app.jinja_env.globals["language"] = lambda: str(get_locale())


def _typeset(text: str) -> str:
    return french_label(text) if str(get_locale()).startswith("fr") else text


def gettext(text: str, **variables: object) -> str:
    """Translate a text and set its typography."""
    return _typeset(babel_gettext(text, **variables))


def ngettext(singular: str, plural: str, count: int, **variables: object) -> str:
    """Translate a text that depends on a number, and set its typography."""
    return _typeset(babel_ngettext(singular, plural, count, **variables))


def quoted(words: Iterable[str]) -> str:
    """Write some words one after the other, each between quotation marks."""
    return ", ".join(gettext("« %(word)s »", word=word) for word in words)


def level_name(level: Difficulty) -> str:
    """Return the word for a difficulty or a student's level."""
    names = {
        Difficulty.BEGINNER: gettext("débutant"),
        Difficulty.INTERMEDIATE: gettext("intermédiaire"),
        Difficulty.ADVANCED: gettext("avancé"),
    }
    return names[level]


def euros(micro: int | None) -> str:
    """Write micro-euros in euros; what is less than a cent keeps the digits that tell it from 0."""
    if micro is None:
        return gettext("inconnu")
    digits = "#,##0.00" if micro >= 10_000 or not micro else "0.00####"
    written: str = format_currency(
        Decimal(micro) / 1_000_000, "EUR", f"{digits}\u00a0¤", currency_digits=False
    )
    return written


def duration(seconds: int) -> str:
    """Write a time to wait in words, rounded up."""
    if seconds < 60:
        return ngettext("%(num)s seconde", "%(num)s secondes", seconds)
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return ngettext("%(num)s heure", "%(num)s heures", math.ceil(minutes / 60))


def outcome_name(name: str) -> str:
    """Return how an attempt to answer ended, in words."""
    names = {
        "complete": gettext("terminée"),
        "stopped": gettext("arrêtée par l'étudiant"),
        "unauthorized": gettext("clé refusée"),
        "invalid_request": gettext("demande refusée"),
        "rate_limited": gettext("trop de demandes"),
        "server_error": gettext("erreur du serveur du modèle"),
        "unreachable": gettext("modèle injoignable"),
        "timeout": gettext("temps dépassé"),
        "dropped": gettext("coupée en route"),
        "garbled": gettext("réponse illisible"),
        "empty": gettext("réponse vide"),
        "resting": gettext("modèle au repos après des pannes"),
        "blocked": gettext("réponse retenue par le garde-fou"),
        "day_budget": gettext("budget du jour épuisé"),
        "month_budget": gettext("budget du mois épuisé"),
        "unpriced": gettext("prix du modèle inconnu"),
        "crowded": gettext("file d'attente trop longue"),
    }
    return names.get(name, name)


def engine_name(name: str) -> str:
    """Return who answered, in words."""
    names = {
        "offline": gettext("le cours, sans IA"),
        "mistral": "Mistral",
        "memory": gettext("une réponse déjà donnée"),
        "pinned": gettext("une réponse épinglée"),
        "verified": gettext("une réponse vérifiée par l'enseignant"),
    }
    return names.get(name, name)
