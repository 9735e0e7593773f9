"""The turns of a conversation, kept as HTML while nothing that they show has changed.

A conversation is opened at each turn, and what was said in it stays. A message is known again by
the digest of all rows behind it: so nothing has to be told when one of them changes, and where
all are known no row is made an object.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pedabot.extensions import db
from pedabot.knowledge import levels
from pedabot.storage import attachments, conversations, quizzes
from pedabot.storage.attachments import Attachment
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.shown import ShownMessage, messages_shown
from pedabot.web import kept
from pedabot.web.access import signed_in_user
from pedabot.web.services import running_course

TRIES = 3
"""A page that changes while it is read is read again as often, then shown without being kept."""


@dataclass(frozen=True, slots=True)
class _Page:
    conversation: Conversation
    closed: bool
    shown: Sequence[ShownMessage]
    messages: Mapping[int, Message] = field(default_factory=dict)
    files: Mapping[int, list[Attachment]] = field(default_factory=dict)


def turns_html(conversation: Conversation, shown: Sequence[ShownMessage], *, closed: bool) -> bytes:
    """Return the questions and answers of a page; ``closed`` tells that nobody may ask there now.

    ``shown`` is what ``messages_shown`` has just told of the conversation.
    """
    page = _Page(conversation, closed, shown)
    return kept.find_all(_names(page)) or b"\n".join(_made(page))


def _names(page: _Page) -> list[tuple[str, Hashable | None]]:
    """Return template and key of each part."""
    digests = {turn.id: turn.digest for turn in page.shown}
    return [(_template(turn), _key(page, turn, digests)) for turn in page.shown]


def _template(turn: ShownMessage) -> str:
    return "chat/_question.html" if turn.is_question else "chat/_answer.html"


def _key(page: _Page, turn: ShownMessage, digests: Mapping[int, bytes]) -> Hashable | None:
    """Return what tells a part from all others; None for an answer that is still on its way."""
    if turn.is_question:
        return turn.digest
    if turn.unfinished:
        return None
    about = (page.conversation.slug, page.conversation.class_id, page.closed)
    asked = digests.get(turn.question_id or 0)
    return (turn.digest, asked, *about, _proposal(page, turn))


def _proposal(page: _Page, turn: ShownMessage) -> Hashable:
    """Return what the level depends on that is proposed under the last answer."""
    if page.closed or turn is not page.shown[-1]:
        return None
    user = signed_in_user()
    results = quizzes.latest_results(user, levels.LOOKED_AT)
    return (user.level, tuple(results), running_course().document.digest)


def _made(page: _Page) -> list[bytes]:
    """Return all parts, and keep them; what has changed meanwhile is read once more."""
    for _ in range(TRIES):
        page = _read(page)
        shown = messages_shown(page.conversation)
        if shown == page.shown:
            parts = zip(page.shown, _names(page), strict=True)
            return [_part(page, turn, key) for turn, (_, key) in parts]
        page = replace(page, shown=shown)
        db.session.expire_all()
    return [_part(page, turn, None) for turn in page.shown if turn.id in page.messages]


def _read(page: _Page) -> _Page:
    shown = conversations.shown_messages(page.conversation)
    messages = {message.id: message for message in shown}
    return replace(page, messages=messages, files=attachments.attachments_of(messages))


def _part(page: _Page, turn: ShownMessage, key: Hashable | None) -> bytes:
    return kept.part(_template(turn), key, lambda: _values(page, turn))


def _values(page: _Page, turn: ShownMessage) -> dict[str, object]:
    message = page.messages[turn.id]
    if turn.is_question:
        return {"message": message, "files": page.files}
    return {"answer": message, "closed": page.closed, "last": turn is page.shown[-1]}
