"""The calls to models that are under way or wait for their turn, over all processes.

A call under way has one of the numbered slots, which are unique: there cannot be more calls than
slots, whatever two processes do at one moment. A row is a lease that its process renews; what a
dead process leaves behind runs out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime

_ENTER = text(
    """
    INSERT INTO calls (process, slot, expires_at)
    SELECT :process, free.slot, :until
    FROM (
        SELECT MIN(slot) AS slot
        FROM (SELECT 0 AS slot UNION ALL SELECT slot + 1 FROM calls WHERE slot IS NOT NULL) AS n
        WHERE slot < :slots AND slot NOT IN (SELECT slot FROM calls WHERE slot IS NOT NULL)
    ) AS free
    WHERE free.slot IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM calls WHERE slot IS NULL AND expires_at > :now)
    RETURNING id
    """
).bindparams(
    bindparam("process", type_=String),
    bindparam("until", type_=UtcDateTime()),
    bindparam("now", type_=UtcDateTime()),
)


class Call(Base):
    """A call, or the wish for one while ``slot`` is None. The smaller ``id`` came first."""

    __tablename__ = "calls"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(String(24), index=True)
    slot: Mapped[int | None] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


def enter(process: str, slots: int, now: datetime, lease: timedelta) -> int | None:
    """Take a free slot at once if nobody waits; return the id, None where one must queue. Commits.

    One statement, since this is the usual way: what waits is told by ``advance``.
    """
    values = {"process": process, "slots": slots, "now": now, "until": now + lease}
    try:
        call: int | None = db.session.execute(_ENTER, values).scalar()
        db.session.commit()
    except IntegrityError:  # another process was quicker
        db.session.rollback()
        return None
    return call


def join(process: str, now: datetime, lease: timedelta) -> int:
    """Stand at the end of the queue; return the id (the caller commits)."""
    row = insert(Call).values(process=process, expires_at=now + lease).returning(Call.id)
    return db.session.execute(row).scalar_one()


def renew(process: str, now: datetime, lease: timedelta) -> None:
    """Renew the leases of a process (the caller commits)."""
    db.session.execute(update(Call).where(Call.process == process).values(expires_at=now + lease))


def advance(process: str, slots: int, now: datetime) -> Mapping[int, int]:
    """Give free slots to the first in the queue; return the place of each call of the process.

    Place 0 is a call that may go on, 1 is the next one. Commits.
    """
    query = select(Call.id, Call.process, Call.slot, Call.expires_at).order_by(Call.id)
    every = db.session.execute(query).all()
    rows = [row for row in every if row.expires_at > now]
    if len(rows) < len(every):
        db.session.execute(delete(Call).where(Call.expires_at <= now))
    free = sorted(set(range(slots)) - {row.slot for row in rows})
    waiting = [row for row in rows if row.slot is None]
    places = {row.id: 0 for row in rows if row.slot is not None and row.process == process}
    starting = {
        row.id: slot for row, slot in zip(waiting, free, strict=False) if row.process == process
    }
    places |= {row.id: place for place, row in enumerate(waiting, 1) if row.process == process}
    return places | dict.fromkeys(starting, 0) if _start(starting) else places


def _start(starting: Mapping[int, int]) -> bool:
    """Commit the slots, by id; False where another process was quicker with one of them."""
    rows = [{"id": call_id, "slot": slot} for call_id, slot in starting.items()]
    try:
        if rows:
            db.session.execute(update(Call), rows)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def leave(call_id: int) -> None:
    """Leave the queue, or free the slot. Commits."""
    db.session.execute(delete(Call).where(Call.id == call_id))
    db.session.commit()


def counts(now: datetime) -> tuple[int, int]:
    """Return how many calls are under way, and how many wait."""
    slots = db.session.scalars(select(Call.slot).where(Call.expires_at > now)).all()
    under_way = sum(slot is not None for slot in slots)
    return under_way, len(slots) - under_way


def forget_all() -> None:
    """Forget all calls, as a server does that starts anew. Commits."""
    db.session.execute(delete(Call))
    db.session.commit()
