"""The circuit breaker of each model: what all processes of the server know of its failures.

No row is written while a model answers as it should.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import String, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime


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
    cause: Mapped[str] = mapped_column(String(300), default="")


def all_breakers() -> Sequence[Breaker]:
    """Return the rows of all models that have ever failed."""
    return db.session.scalars(select(Breaker)).all()


def count_failure(model: str, outcome: str, cause: str, now: datetime) -> Breaker:
    """Count one more failure; the row stays locked until the caller commits."""
    _ensure(model)
    db.session.execute(
        update(Breaker)
        .where(Breaker.model == model)
        .values(
            failures=Breaker.failures + 1,
            outcome=outcome,
            cause=cause[:300],
            failed_at=now,
            probe_until=None,
        )
    )
    return db.session.get_one(Breaker, model, populate_existing=True)


def _ensure(model: str) -> None:
    if db.session.get(Breaker, model) is None:
        db.session.add(Breaker(model=model))
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()  # another process counted its first failure just now


def close(model: str) -> None:
    """Forget the failures in a row; the last one stays to be read. Commits."""
    db.session.execute(
        update(Breaker)
        .where(Breaker.model == model)
        .values(failures=0, openings=0, open_until=None, probe_until=None)
    )
    db.session.commit()


def take_probe(model: str, now: datetime, lease: timedelta) -> bool:
    """Take the one call that may try a rested model; False if another has it. Commits."""
    taken = db.session.execute(
        update(Breaker)
        .where(
            Breaker.model == model,
            Breaker.open_until <= now,
            or_(Breaker.probe_until.is_(None), Breaker.probe_until <= now),
        )
        .values(probe_until=now + lease)
        .returning(Breaker.model)
    ).first()
    db.session.commit()
    return taken is not None


def return_probe(model: str) -> None:
    """Let another call try the model: this one told nothing about it. Commits."""
    db.session.execute(update(Breaker).where(Breaker.model == model).values(probe_until=None))
    db.session.commit()


def forget_all() -> None:
    """Forget all failures, as a server does that starts anew. Commits."""
    db.session.execute(delete(Breaker))
    db.session.commit()
