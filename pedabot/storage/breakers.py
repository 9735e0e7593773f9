"""The circuit breaker of each model: what all processes of the server know of its failures.

No row is written while a model answers as it should.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime

CAUSE_LENGTH = 300


class Breaker(Base):
    """A model that has failed: how often in a row, and until when it is left alone.

    ``openings`` counts the rests in a row, without an answer between; ``probe_until`` is until when
    the one call that may try it again has it for itself.
    """

    __tablename__ = "breakers"

    model: Mapped[str] = mapped_column(String(100), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    openings: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    probe_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    cause: Mapped[str] = mapped_column(String(CAUSE_LENGTH), default="")


class State(StrEnum):
    """What a breaker does with a call."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a model, wherever it is kept; the fields are those of the row."""

    failures: int = 0
    openings: int = 0
    open_until: datetime | None = None
    probe_until: datetime | None = None
    failed_at: datetime | None = None
    outcome: str = ""
    cause: str = ""

    @property
    def spotless(self) -> bool:
        """Tell whether an answer would change nothing."""
        return self.failures == 0 and self.open_until is None

    def state(self, now: datetime) -> State:
        """Return what the breaker does with a call at that moment."""
        if self.open_until is None:
            return State.CLOSED
        return State.OPEN if now < self.open_until else State.HALF_OPEN

    def probed(self, now: datetime) -> bool:
        """Tell whether a call is trying the model at that moment."""
        return self.probe_until is not None and now < self.probe_until


Change = Callable[[Standing], Standing]
NAMES = tuple(field.name for field in fields(Standing))


def standings() -> Mapping[str, Standing]:
    """Return what is known of all models that have ever failed. Commits."""
    known = {row.model: _standing(row) for row in db.session.scalars(select(Breaker))}
    db.session.commit()
    return known


def change(model: str, changed: Change) -> None:
    """Change what is known of a model; nobody else does so meanwhile. Commits."""
    _ensure(model)
    # Changing nothing takes the lock, on SQLite too: what is read is still so when it is written.
    db.session.execute(update(Breaker).where(Breaker.model == model).values(model=model))
    row = db.session.get_one(Breaker, model, populate_existing=True)
    standing = changed(_standing(row))
    for name in NAMES:
        setattr(row, name, getattr(standing, name))
    db.session.commit()


def _standing(row: Breaker) -> Standing:
    return Standing(**{name: getattr(row, name) for name in NAMES})


def _ensure(model: str) -> None:
    if db.session.get(Breaker, model) is None:
        db.session.add(Breaker(model=model))
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()  # another process counted its first failure just now


def forget_all() -> None:
    """Forget all failures, as a server does that starts anew. Commits."""
    db.session.execute(delete(Breaker))
    db.session.commit()
