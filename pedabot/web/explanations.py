"""What the page of an error says, by its code: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import LazyString

from pedabot.web.i18n import gettext
from pedabot.web.i18n import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a page says of an error."""

    title: str | LazyString
    sentence: str | LazyString


def explain(code: int | None) -> Explanation:
    """Return what is said of an error."""
    return _EXPLANATIONS.get(code or 0, _ANY_OTHER)


def _largest() -> str:
    """Write how large a request to this page may be."""
    size = request.max_content_length or 0
    if size >= 1_000_000:
        return gettext("%(size)s Mo", size=size // 1_000_000)
    return gettext("%(size)s ko", size=size // 1000)


_EXPLANATIONS: Mapping[int, Explanation] = {
    403: Explanation(
        _("Cette page n'est pas pour ce compte"),
        _("C'est à l'enseignant de la classe d'en donner le droit."),
    ),
    404: Explanation(
        _("Cette page n'existe pas"),
        _("L'adresse est peut-être incomplète, ou ce qu'elle montrait a été supprimé."),
    ),
    405: Explanation(
        _("Cette page ne s'ouvre pas ainsi"),
        _("Les boutons de la page précédente font ce qu'il faut."),
    ),
    409: Explanation(
        _("C'est déjà fait"),
        _("Il suffit de recharger la conversation."),
    ),
    410: Explanation(
        _("Ce lien ne sert plus"),
        _("Il a déjà servi ou il est trop ancien : il en faut un autre."),
    ),
    413: Explanation(
        _("C'est trop grand"),
        _(
            "La limite est de %(limit)s : il faut un texte plus court ou un fichier plus petit."
            " Rien n'a été gardé.",
            limit=LazyString(_largest),
        ),
    ),
    421: Explanation(
        _("Ce serveur ne répond pas à ce nom"),
        _(
            "L'adresse est à vérifier auprès de l'enseignant. Pour l'administrateur : les noms"
            " admis sont dans le réglage PEDABOT_HOSTS."
        ),
    ),
    423: Explanation(
        _("Cette classe est archivée"),
        _("Elle se lit encore, mais plus rien n'y change tant qu'elle n'est pas rouverte."),
    ),
}
_ANY_OTHER = Explanation(
    _("Cette demande n'a pas été comprise"),
    _("Le mieux est de revenir à la page précédente et de réessayer."),
)
