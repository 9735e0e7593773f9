"""What a class decides for itself, within the bounds of the school."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import JSON, BigInteger, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base
from pedabot.knowledge.document import Difficulty
from pedabot.storage.columns import Word


class OpeningHours(TypedDict):
    """Hours at which a class may ask: week days from 0 (Monday), times as ``"08:00"``."""

    days: list[int]
    opens: str
    closes: str


class ClassSettings(Base):
    """The settings of one class; None and empty lists leave the choice to the school.

    ``guided`` lets the tutor lead by questions instead of explaining. Budgets are in micro-euros.
    """

    __tablename__ = "class_settings"

    class_id: Mapped[int] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), primary_key=True
    )
    level: Mapped[Difficulty] = mapped_column(Word(Difficulty), default=Difficulty.BEGINNER)
    guided: Mapped[bool] = mapped_column(default=False, server_default=false())
    models: Mapped[list[str]] = mapped_column(JSON, default=list)
    temperature: Mapped[float | None]
    max_tokens: Mapped[int | None]
    questions_per_minute: Mapped[int | None]
    questions_per_hour: Mapped[int | None]
    questions_per_day: Mapped[int | None]
    budget_per_day: Mapped[int | None] = mapped_column(BigInteger)
    budget_per_month: Mapped[int | None] = mapped_column(BigInteger)
    days_kept: Mapped[int | None]
    opening_hours: Mapped[list[OpeningHours]] = mapped_column(JSON, default=list)
    paused: Mapped[bool] = mapped_column(default=False, server_default=false())
