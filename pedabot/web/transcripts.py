"""A conversation taken away: as Markdown, and as a page to print or to keep as PDF."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from pedabot.storage import conversations
from pedabot.storage.audit import Action
from pedabot.storage.conversations import Conversation
from pedabot.web.access import own_conversation, signed_in
from pedabot.web.noting import note

bp = Blueprint("chat_transcripts", __name__, url_prefix="/chat/<slug>")


@bp.get("/markdown")
@signed_in
def markdown(slug: str) -> Response:
    """One's own conversation as a file."""
    conversation = own_conversation(slug)
    note(Action.TALK_EXPORTED, detail="markdown")
    return markdown_file(conversation)


@bp.get("/print")
@signed_in
def printable(slug: str) -> str:
    """One's own conversation on paper."""
    conversation = own_conversation(slug)
    note(Action.TALK_EXPORTED, detail="print")
    return printable_page(conversation, url_for("chat.show", slug=slug))


def markdown_file(conversation: Conversation) -> Response:
    """Return a conversation as it stands, as a file in Markdown."""
    text = render_template("exports/conversation.md", **_shown(conversation))
    name = f"conversation-{conversation.created_at:%Y-%m-%d}.md"
    return Response(
        text,
        content_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def printable_page(conversation: Conversation, back: str) -> str:
    """Return a conversation as a page for paper; ``back`` is where it came from."""
    return render_template("exports/conversation.html", back=back, **_shown(conversation))


def _shown(conversation: Conversation) -> dict[str, object]:
    return {
        "conversation": conversation,
        "messages": conversations.shown_messages(conversation),
    }
