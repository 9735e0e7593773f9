"""What was hidden in a question, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from babel.lists import format_list
from flask_babel import get_locale

from pedabot.answering.values import Hidden, Kind
from pedabot.web.i18n import ngettext


def hidden_in_words(hidden: Iterable[Hidden | Mapping[str, str]]) -> str:
    """Return how many pieces of each kind, such as "1 adresse électronique et 2 noms"."""
    counts = Counter(_kind(piece) for piece in hidden)
    return format_list(
        [_counted(kind, number) for kind, number in counts.items()], locale=get_locale()
    )


def _kind(piece: Hidden | Mapping[str, str]) -> Kind:
    return piece.kind if isinstance(piece, Hidden) else Kind(piece["kind"])


def _counted(kind: Kind, number: int) -> str:
    match kind:
        case Kind.EMAIL:
            return ngettext(
                "%(num)s adresse électronique", "%(num)s adresses électroniques", number
            )
        case Kind.PHONE:
            return ngettext("%(num)s numéro de téléphone", "%(num)s numéros de téléphone", number)
        case Kind.INE:
            return ngettext("%(num)s numéro INE", "%(num)s numéros INE", number)
        case Kind.NIR:
            return ngettext(
                "%(num)s numéro de sécurité sociale", "%(num)s numéros de sécurité sociale", number
            )
        case Kind.IBAN:
            return ngettext("%(num)s IBAN", "%(num)s IBAN", number)
        case Kind.CARD:
            return ngettext("%(num)s numéro de carte", "%(num)s numéros de carte", number)
        case Kind.ADDRESS:
            return ngettext("%(num)s adresse postale", "%(num)s adresses postales", number)
        case Kind.URL:
            return ngettext(
                "%(num)s lien avec mot de passe", "%(num)s liens avec mot de passe", number
            )
        case Kind.KEY:
            return ngettext("%(num)s clé ou mot de passe", "%(num)s clés ou mots de passe", number)
        case Kind.NAME:
            return ngettext("%(num)s nom", "%(num)s noms", number)
