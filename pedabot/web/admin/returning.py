"""Where a teacher is led after a change to an answer."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage.conversations import Message


def to_answer(answer: Message) -> ResponseReturnValue:
    """Lead back to an answer in its conversation, as the team reads it."""
    page = url_for(
        "admin_conversations.show", slug=answer.conversation.slug, _anchor=f"a-{answer.slug}"
    )
    return redirect(page, 303)
