"""Who may ask the tutor now, in which class, and what is said where nobody may."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import format_datetime

from pedabot.storage import people
from pedabot.storage.conversations import Conversation
from pedabot.storage.people import Classroom, User
from pedabot.teaching.opening import Closed, next_opening, why_closed
from pedabot.web.i18n import gettext as _


class NotNowError(Exception):
    """The student may not ask just now; the message is a sentence for them."""


def school_time() -> datetime:
    """Return the present moment on the clocks of the school."""
    return datetime.now(ZoneInfo(current_app.config["PEDABOT_TIMEZONE"]))


def classes_to_ask_in(user: User) -> list[Classroom]:
    """Return the classes in which a student may ask now; none for teachers, who need no class.

    Raises:
        NotNowError: if a student may ask in none.
    """
    mine = people.classes_of(user, teaches=False)
    if user.teaches:
        return mine
    if not mine:
        raise NotNowError(
            _("Tu n'es dans aucune classe : rejoins la tienne depuis ton compte, avec son code.")
        )
    refusals = [_why_not(classroom) for classroom in mine]
    if all(refusals):
        raise NotNowError(refusals[0])
    return [classroom for classroom, refusal in zip(mine, refusals, strict=True) if not refusal]


def check_conversation(user: User, conversation: Conversation) -> None:
    """Refuse a question where the class of the conversation may not ask now.

    Raises:
        NotNowError: if it may not, or if the student has left that class.
    """
    classroom = conversation.classroom
    if user.teaches:
        return
    if classroom is None:
        classes_to_ask_in(user)
    elif not people.is_member(user, classroom.id):
        raise NotNowError(
            _(
                "Tu n'es plus dans la classe « %(name)s » : commence une nouvelle conversation.",
                name=classroom.name,
            )
        )
    elif refusal := _why_not(classroom):
        raise NotNowError(refusal)


def why_not_here(user: User, conversation: Conversation) -> str | None:
    """Return the sentence for a conversation in which nobody may ask now, None where one may."""
    try:
        check_conversation(user, conversation)
    except NotNowError as refusal:
        return str(refusal)
    return None


def _why_not(classroom: Classroom) -> str | None:
    now = school_time()
    match why_closed(classroom, now):
        case Closed.ARCHIVED:
            return _(
                "La classe « %(name)s » est archivée : ses conversations se lisent encore.",
                name=classroom.name,
            )
        case Closed.PAUSED:
            return _(
                "Le tuteur est en pause pour la classe « %(name)s ». Le cours et tes conversations"
                " restent ouverts à la lecture.",
                name=classroom.name,
            )
        case Closed.HOURS:
            return _at_its_hours(classroom, now)
        case None:
            return None


def _at_its_hours(classroom: Classroom, now: datetime) -> str:
    opens = next_opening(classroom.settings.opening_hours, now)
    return _(
        "Le tuteur est fermé à cette heure. Il rouvre %(day)s à %(time)s ; le cours et tes"
        " conversations restent ouverts à la lecture.",
        day=format_datetime(opens, "EEEE"),
        time=format_datetime(opens, "HH:mm"),
    )
