"""The audit in words."""

from __future__ import annotations

from pedabot.storage.audit import Action, Entry
from pedabot.web.i18n import gettext as _


def families() -> list[tuple[str, str, list[Action]]]:
    """Return the kinds of action: the word in the address, the name, the actions."""
    names = {
        "session": _("Connexions"),
        "reading": _("Lectures"),
        "review": _("Relecture des réponses"),
        "export": _("Exports"),
        "account": _("Comptes"),
        "rights": _("Droits"),
        "class": _("Classes"),
        "course": _("Cours"),
        "prompts": _("Consignes"),
        "models": _("Modèles"),
    }
    return [
        (family, name, [action for action in Action if action.family == family])
        for family, name in names.items()
    ]


def action_name(action: Action) -> str:
    """Return what was done, in words."""
    return {**_at_work(), **_of_the_school()}[action]


def _at_work() -> dict[Action, str]:
    return {
        Action.SIGNED_IN: _("s'est connecté"),
        Action.SIGN_IN_FAILED: _("connexion refusée"),
        Action.SIGNED_OUT: _("s'est déconnecté"),
        Action.SESSIONS_CLOSED: _("a fermé des sessions"),
        Action.TALK_READ: _("a lu une conversation"),
        Action.FILE_READ: _("a ouvert un fichier joint"),
        Action.ANSWER_APPROVED: _("a approuvé une réponse"),
        Action.ANSWER_CORRECTED: _("a corrigé une réponse"),
        Action.VERDICT_WITHDRAWN: _("a retiré une relecture"),
        Action.ANSWER_ANNOTATED: _("a écrit ou effacé une note"),
        Action.ANSWER_PINNED: _("a épinglé une réponse"),
        Action.ANSWER_UNPINNED: _("n'épingle plus une réponse"),
        Action.ALARM_DISMISSED: _("a pris note d'un message de détresse"),
        Action.OWN_DATA_EXPORTED: _("a téléchargé ses propres données"),
        Action.TALK_EXPORTED: _("a exporté une conversation"),
        Action.CLASS_EXPORTED: _("a exporté les conversations d'une classe"),
        Action.TRAINING_EXPORTED: _("a exporté des données d'entraînement"),
        Action.EVALUATION_EXPORTED: _("a exporté les questions corrigées"),
        Action.COURSE_EXPORTED: _("a exporté une version du cours"),
        Action.COURSE_KEPT: _("a apporté une version du cours"),
        Action.COURSE_ACTIVATED: _("a activé une version du cours"),
        Action.COURSE_EDITED: _("a modifié une page du cours"),
        Action.PROMPT_KEPT: _("a écrit une version des consignes"),
        Action.PROMPT_ACTIVATED: _("a activé une version des consignes"),
        Action.PROMPTS_COMPARED: _("a lancé un essai de consignes"),
        Action.COMPARISON_DELETED: _("a supprimé un essai de consignes"),
        Action.MODELS_AWAKENED: _("a fait réessayer tous les modèles"),
    }


def _of_the_school() -> dict[Action, str]:
    return {
        Action.ACCOUNT_ERASED: _("a effacé un compte"),
        Action.ACCOUNT_MADE: _("a créé un compte"),
        Action.ACCOUNTS_IMPORTED: _("a créé des comptes depuis une liste"),
        Action.ACCOUNT_CLOSED: _("a désactivé un compte"),
        Action.ACCOUNT_REOPENED: _("a réactivé un compte"),
        Action.PASSWORD_CHANGED: _("a choisi un mot de passe"),
        Action.PASSWORD_LINK_GIVEN: _("a donné un lien de mot de passe"),
        Action.CARDS_PRINTED: _("a imprimé des fiches de première connexion"),
        Action.SCHOOL_LINKED: _("a lié son compte de l'école"),
        Action.SCHOOL_UNLINKED: _("a retiré le lien avec son compte de l'école"),
        Action.ROLE_CHANGED: _("a changé un rôle"),
        Action.COURSE_RIGHT: _("a changé le droit de modifier le cours"),
        Action.PROMPTS_RIGHT: _("a changé le droit de modifier les consignes"),
        Action.CLASS_MADE: _("a créé une classe"),
        Action.CLASS_COPIED: _("a copié une classe"),
        Action.CLASS_ARCHIVED: _("a archivé une classe"),
        Action.CLASS_RESTORED: _("a rouvert une classe"),
        Action.CLASS_SETTINGS: _("a changé les réglages d'une classe"),
        Action.CLASS_PAUSED: _("a mis une classe en pause"),
        Action.CLASS_RESUMED: _("a fini la pause d'une classe"),
        Action.CODE_RENEWED: _("a renouvelé le code d'une classe"),
        Action.JOINING_CHANGED: _("a ouvert ou fermé le code d'une classe"),
        Action.STUDENT_JOINED: _("a rejoint une classe"),
        Action.STUDENT_REMOVED: _("a retiré un étudiant d'une classe"),
        Action.COLLEAGUE_ADDED: _("a ajouté un collègue à une équipe"),
        Action.COLLEAGUE_REMOVED: _("a retiré quelqu'un d'une équipe"),
    }


def detail_in_words(entry: Entry) -> str:
    """Return the detail of an entry, in words where it has some; no names stand in it."""
    words = {
        "student": _("étudiant"),
        "teacher": _("enseignant"),
        "admin": _("administrateur"),
        "given": _("donné"),
        "markdown": _("en Markdown"),
        "print": _("pour le papier"),
        "withdrawn": _("retiré"),
        "quarter": _("ouvert 15 minutes"),
        "hour": _("ouvert une heure"),
        "week": _("ouvert une semaine"),
        "always": _("ouvert sans limite"),
        "closed": _("fermé"),
        "level": _("niveau"),
        "guided": _("guidage"),
        "models": _("modèles"),
        "temperature": _("liberté de ton"),
        "max_tokens": _("longueur"),
        "questions_per_minute": _("questions par minute"),
        "questions_per_hour": _("questions par heure"),
        "questions_per_day": _("questions par jour"),
        "budget_per_day": _("budget du jour"),
        "budget_per_month": _("budget du mois"),
        "days_kept": _("conservation"),
        "opening_hours": _("heures d'ouverture"),
    }
    detail = ", ".join(words.get(part, part) for part in entry.detail.split(", "))
    if entry.action in _VERSIONS:
        return _("version %(number)s", number=detail)
    return detail


_VERSIONS = {
    Action.COURSE_KEPT,
    Action.COURSE_ACTIVATED,
    Action.COURSE_EXPORTED,
    Action.PROMPT_KEPT,
    Action.PROMPT_ACTIVATED,
}
