"""Files that students attached to questions; they go when the message goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import ForeignKey, Select, String, Text, bindparam, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship, undefer

from pedabot.extensions import Base, db
from pedabot.storage.columns import Slugged, UtcDateTime, utc_now
from pedabot.storage.conversations import Message

CHARACTERS_SHOWN = 6000
"""How much of a file a page shows; the rest is a download away."""


class Attachment(Slugged, Base):
    """A file of text. ``content`` is as it came; ``readable`` is what is shown and asked about.

    Only notebooks are read otherwise than they came; ``readable`` is None for others. ``size`` is
    in bytes, as it came. Pages get the ``beginning`` only: the texts may be long.
    """

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(80))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    content: Mapped[str] = mapped_column(Text, deferred=True)
    readable: Mapped[str | None] = mapped_column(Text, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    message: Mapped[Message] = relationship()
    beginning: Mapped[str] = column_property(
        func.substr(func.coalesce(readable, content), 1, CHARACTERS_SHOWN)
    )
    length: Mapped[int] = column_property(func.length(func.coalesce(readable, content)))

    @property
    def text(self) -> str:
        """The whole text as a person reads it."""
        return self.content if self.readable is None else self.readable

    @property
    def is_cut(self) -> bool:
        """Tell whether ``beginning`` is not all."""
        return self.length > CHARACTERS_SHOWN


def find_attachment(slug: str) -> Attachment | None:
    """Return the file that addresses name by that slug."""
    return db.session.scalar(select(Attachment).where(Attachment.slug == slug))


def attachments_of(message_ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Return the files of some questions by message, in their order; their texts stay behind."""
    query = select(Attachment).where(Attachment.message_id.in_(list(message_ids)))
    found: dict[int, list[Attachment]] = defaultdict(list)
    for attachment in db.session.scalars(query.order_by(Attachment.id)):
        found[attachment.message_id].append(attachment)
    return dict(found)


def whole_attachments(question: Message) -> list[Attachment]:
    """Return the files of a question in their order, with their texts."""
    return list(db.session.scalars(_whole_attachments(), {"message_id": question.id}))


@cache
def _whole_attachments() -> Select[Attachment]:
    query = select(Attachment).where(Attachment.message_id == bindparam("message_id"))
    texts = undefer(Attachment.content), undefer(Attachment.readable)
    return query.order_by(Attachment.id).options(*texts)
