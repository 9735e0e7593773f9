"""The level that the tutor proposes under an answer; the student decides."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from pedabot.extensions import db
from pedabot.knowledge import followup, levels
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.followup import Wish
from pedabot.storage import quizzes
from pedabot.storage.conversations import Message
from pedabot.web.access import own_conversation, signed_in, signed_in_user
from pedabot.web.forms import LevelForm
from pedabot.web.services import running_course

bp = Blueprint("levels", __name__)


def proposed_level(answer: Message) -> Difficulty | None:
    """Return the level to propose under the last answer of a conversation, if any."""
    user = answer.conversation.user
    if answer.question is None or not answer.sources:
        return None
    lost = followup.wish(answer.question.content) is Wish.SIMPLER
    known = running_course().document.by_id
    results = [
        (known[name][1].difficulty, right)
        for name, right in quizzes.latest_results(user, levels.LOOKED_AT)
        if name in known
    ]
    return levels.proposal(user.level, lost, results)


@bp.post("/chat/<slug>/level")
@signed_in
def choose(slug: str) -> ResponseReturnValue:
    """Set the student's level, at the student's wish."""
    conversation = own_conversation(slug)
    form = LevelForm()
    if not form.validate():
        abort(400)
    signed_in_user().level = Difficulty(form.level.data)
    db.session.commit()
    return redirect(url_for("chat.show", slug=conversation.slug, _anchor="text"), 303)
