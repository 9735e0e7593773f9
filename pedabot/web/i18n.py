"""Texts of the pages: gettext, then French typography where the page is French."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from flask import Flask, has_request_context, request
from flask_babel import LazyString, format_currency, format_decimal, get_domain, get_locale
from flask_babel import gettext as babel_gettext
from flask_babel import ngettext as babel_ngettext
from flask_login import current_user

from pedabot.extensions import babel
from pedabot.knowledge.document import Difficulty
from pedabot.typography import french_label

LANGUAGES = {"fr": "Français", "en": "English"}
"""The languages of the pages, each by its own name; the first is that of the texts in the code."""

DEFAULT = next(iter(LANGUAGES))

WITHOUT_WORDS = {"static", "health.healthz", "health.readyz"}
"""What is answered without asking who reads it: health is told of a database that cannot say so."""


def init_app(app: Flask) -> None:
    """Choose the language by the account or the browser, and set typography in templates too."""
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT
    app.config["BABEL_DEFAULT_TIMEZONE"] = app.config["PEDABOT_TIMEZONE"]
    babel.init_app(app, locale_selector=_language)
    app.before_request(_settle_language)
    # The method comes from Jinja's i18n extension, which Flask-Babel has just added.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, _plural_form, newstyle=True
    )
    app.jinja_env.globals["language"] = lambda: str(get_locale())


def _language() -> str:
    """Return the language of the account, else the one that the browser likes best."""
    if not has_request_context():
        return DEFAULT
    chosen: str | None = current_user.language if current_user.is_authenticated else None
    return chosen or request.accept_languages.best_match(LANGUAGES) or DEFAULT


def _settle_language() -> None:
    """Read the account's language now: no stream asks the database while it waits for a model."""
    if request.endpoint not in WITHOUT_WORDS:
        get_locale()


def _typeset(text: str) -> str:
    return french_label(text) if str(get_locale()) == DEFAULT else text


def gettext(text: str, **variables: object) -> str:
    """Translate a text and set its typography."""
    if not variables:
        return _said(getattr(get_locale(), "language", ""), text)
    return _typeset(babel_gettext(text, **variables))


@lru_cache(maxsize=8192)
def _said(_language: str, text: str) -> str:
    """A page says some hundred texts, the same ones again and again in each language."""
    return _typeset(babel_gettext(text))


def ngettext(singular: str, plural: str, count: int, **variables: object) -> str:
    """Translate a text that depends on a number, and set its typography."""
    return _typeset(babel_ngettext(singular, plural, count, **variables))


def _plural_form(singular: str, plural: str, count: int) -> str:
    """Do the same for a template: Jinja fills in the variables afterwards, each escaped."""
    return _typeset(get_domain().get_translations().ungettext(singular, plural, count))


def lazy_gettext(text: str, **variables: object) -> LazyString:
    """Translate a text when it is shown, not when a form is defined."""
    return LazyString(gettext, text, **variables)


def decimal(number: float) -> str:
    """Write a number with the comma or the point of the language, so that a form reads it back."""
    written: str = format_decimal(number, "0.######")
    return written


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
    pattern = f"{digits}\u00a0¤" if str(get_locale()) == DEFAULT else f"¤{digits}"
    written: str = format_currency(
        Decimal(micro) / 1_000_000, "EUR", pattern, currency_digits=False
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
