"""Is the process there, and can it do its work? For monitors, a proxy and the administrator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from pedabot.knowledge.document import InvalidDocumentError
from pedabot.storage import readiness
from pedabot.storage.columns import utc_now
from pedabot.storage.faults import Fault
from pedabot.web.access import public
from pedabot.web.limits import limiter
from pedabot.web.services import course_cache

bp = Blueprint("health", __name__)


class Status(StrEnum):
    """How a part is: with a failed one no question can be answered, or none be stored."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """How a part is, and what the administrator should do."""

    status: Status = Status.OK
    advice: str = ""

    def as_data(self) -> dict[str, str]:
        """Return what the page says of it."""
        return {"status": self.status} | ({"advice": self.advice} if self.advice else {})


WELL = Part()


@bp.get("/healthz")
@public
@limiter.exempt
def healthz() -> tuple[str, dict[str, str]]:
    """Answer as long as the process lives."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/readyz")
@public
@limiter.exempt
def readyz() -> ResponseReturnValue:
    """Say of each part how it is; 503 if questions cannot be answered and stored."""
    parts = {"database": _of_fault(readiness.database_fault())}
    if parts["database"].status is Status.OK:
        # The others read it.
        parts |= {name: check() for name, check in _others().items()}
    ready = all(part.status is not Status.FAILED for part in parts.values())
    page = jsonify(ready=ready, parts={name: part.as_data() for name, part in parts.items()})
    return page, 200 if ready else 503


def _others() -> Mapping[str, Callable[[], Part]]:
    checks = {
        "migrations": _migrations,
        "course": _course,
        "disk": _disk,
        "clock": _clock,
    }
    return checks | ({"redis": _redis} if current_app.config["REDIS_URL"] else {})


def _of_fault(fault: Fault | None) -> Part:
    return WELL if fault is None else Part(Status.FAILED, fault.advice)


def _migrations() -> Part:
    return _of_fault(readiness.tables_fault(current_app.extensions["migrate"].directory))


def _course() -> Part:
    try:
        course_cache().current()
    except InvalidDocumentError:
        return Part(
            Status.FAILED,
            "The course cannot be read: `flask knowledge check` says why, and"
            " `flask knowledge import` brings another one.",
        )
    return WELL


def _disk() -> Part:
    free = readiness.bytes_free()
    if free is None or free >= readiness.ROOM_WANTED:
        return WELL
    return Part(
        Status.WARNING,
        f"{free // 1_000_000} MB are left on the disk of the database: make room before it is full"
        " (`df -h`); old backups take some.",
    )


def _clock() -> Part:
    behind = readiness.behind_by(utc_now())
    if behind <= readiness.CLOCK_TOLERANCE:
        return WELL
    return Part(
        Status.WARNING,
        f"The clock of this machine is {behind} behind the newest message: it was wrong then, or"
        " is now. `timedatectl` shows it, `timedatectl set-ntp true` keeps it right.",
    )


def _redis() -> Part:
    if limiter.storage.check():
        return WELL
    return Part(
        Status.WARNING,
        "Redis does not answer: limits are counted by each process meanwhile, answers go on."
        " `systemctl status redis-server` says why.",
    )
