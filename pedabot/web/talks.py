"""The page of a conversation around its turns: all that is the same until something is asked."""

from __future__ import annotations

from collections.abc import Hashable

from flask import current_app

from pedabot.storage.conversations import Conversation
from pedabot.storage.shown import RecentTalk, recent_talks
from pedabot.web import kept
from pedabot.web.access import signed_in_user
from pedabot.web.allowance import Allowance, questions_left
from pedabot.web.forms import QuestionForm
from pedabot.web.services import running_course

TEMPLATE = "chat/conversation.html"
CONVERSATIONS_IN_SIDEBAR = 12


def conversation_page(
    conversation: Conversation, turns: bytes, closed: str | None, form: QuestionForm | None = None
) -> bytes:
    """Return the page with its turns; ``form`` is what was refused of a question, if one was."""
    user = signed_in_user()
    recent = tuple(recent_talks(user, CONVERSATIONS_IN_SIDEBAR))
    left = None if closed else questions_left(user, conversation.classroom)

    def values() -> dict[str, object]:
        return {
            "conversation": conversation,
            "about": running_course().document.by_id.get(conversation.subtopic or ""),
            "recent": recent,
            "closed": closed,
            "left": left,
            "form": form or QuestionForm(formdata=None, level=user.level.value),
        }

    key = _key(conversation, recent, closed, left) if form is None else None
    return kept.frame(TEMPLATE, key, values, turns)


def _key(
    conversation: Conversation,
    recent: tuple[RecentTalk, ...],
    closed: str | None,
    left: Allowance | None,
) -> Hashable:
    """Return all that the page shows beside its turns."""
    classroom = conversation.classroom
    return (
        (conversation.slug, conversation.title, conversation.subtopic),
        running_course().document.digest if conversation.subtopic else None,
        classroom is not None and classroom.settings.guided,
        recent,
        closed,
        left and (left.window, left.left, left.left <= 0 and left.wait),
        signed_in_user().level,
        current_app.config["PEDABOT_MAX_QUESTION_LENGTH"],
    )
