"""Pinning the best answer to a question: the class is then given this one."""

from __future__ import annotations

from flask import Blueprint, abort, flash
from flask.typing import ResponseReturnValue

from pedabot.storage import answers
from pedabot.storage.audit import Action
from pedabot.web.access import taught_answer, teacher_only
from pedabot.web.admin.returning import to_answer
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note_answer
from pedabot.web.services import delivery

bp = Blueprint("admin_pins", __name__, url_prefix="/admin/answers")


@bp.post("/<slug>/pin")
@teacher_only
def pin(slug: str) -> ResponseReturnValue:
    """Give this answer to all who ask the same question in the class."""
    answer = taught_answer(slug)
    place = delivery().place_of(answer) or abort(409)
    answers.pin(place, answer)
    note_answer(Action.ANSWER_PINNED, answer)
    flash(_("C'est épinglé : la même question recevra cette réponse dans la classe."))
    return to_answer(answer)


@bp.post("/<slug>/unpin")
@teacher_only
def unpin(slug: str) -> ResponseReturnValue:
    """Let the tutor answer this question again."""
    answer = taught_answer(slug)
    answers.unpin(answer)
    note_answer(Action.ANSWER_UNPINNED, answer)
    flash(_("Cette réponse n'est plus épinglée : le tuteur répondra de nouveau."))
    return to_answer(answer)
