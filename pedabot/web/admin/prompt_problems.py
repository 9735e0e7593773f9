"""What is said of a text that cannot be a prompt, in words that tell what to do."""

from __future__ import annotations

from pedabot.answering.prompt_checking import ATTRIBUTES, MAX_LENGTH, VARIABLES, Problem, Trouble
from pedabot.answering.templates import FILTERS, MAX_PROMPT_LENGTH, TESTS
from pedabot.web.i18n import gettext as _


def sentence(problem: Problem) -> str:
    """Return what is wrong, and what to do about it."""
    what = problem.what
    sentences = {
        Trouble.EMPTY: _("Le texte est vide : écrivez les consignes."),
        Trouble.TOO_LONG: _(
            "Le texte est trop long (%(size)s caractères) : %(limit)s au plus.",
            size=what,
            limit=MAX_LENGTH,
        ),
        Trouble.SYNTAX: _("Cette ligne n'est pas du Jinja correct : %(what)s", what=what),
        Trouble.FORBIDDEN: _(
            "« %(what)s » n'est pas permis dans des consignes : seulement des variables, if, for,"
            " des comparaisons et quelques filtres.",
            what=what,
        ),
        Trouble.UNKNOWN_NAME: _unknown(what, VARIABLES),
        Trouble.UNKNOWN_ATTRIBUTE: _unknown(what, ATTRIBUTES),
        Trouble.UNKNOWN_FILTER: _unknown(what, FILTERS),
        Trouble.UNKNOWN_TEST: _unknown(what, TESTS),
        Trouble.LOOP: _(
            "Cette boucle n'est pas permise : une boucle parcourt une variable, et il y en a deux"
            " au plus l'une dans l'autre."
        ),
        Trouble.FAILS: _("Cette ligne échoue sur un exemple : %(what)s", what=what),
        Trouble.TOO_LARGE: _(
            "Ces consignes donneraient plus de %(limit)s caractères au modèle.",
            limit=MAX_PROMPT_LENGTH,
        ),
        Trouble.NO_EXTRACTS: _(
            "Les extraits du cours n'y sont pas tous, à chaque niveau. Il faut une boucle"
            " {% for extract in extracts %} qui contient {{ extract.text }}."
        ),
    }
    return sentences[problem.trouble]


def _unknown(what: str, known: tuple[str, ...]) -> str:
    return _("« %(what)s » n'existe pas. Il y a : %(known)s.", what=what, known=", ".join(known))
