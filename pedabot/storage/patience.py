"""Work for a database that is away for a moment, such as a server that is being restarted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from pedabot.extensions import db
from pedabot.storage.faults import Fault, fault_of

SECONDS_OF_PATIENCE = 120.0
"""A server of PostgreSQL restarts in seconds, after a crash in a minute or two."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0

T = TypeVar("T")
log = logging.getLogger(__name__)


def patiently(work: Callable[[], T]) -> T:
    """Do a whole transaction, again and again while the database cannot be reached.

    Where the connection broke at the commit nobody knows whether it was done: ``work`` must bear to
    be done twice.

    Raises:
        DBAPIError: if it is still away when the patience ends, or for any other reason.
    """
    until = time.monotonic() + SECONDS_OF_PATIENCE
    pause = FIRST_PAUSE
    while True:
        try:
            return work()
        except DBAPIError as error:
            db.session.rollback()
            if not is_away(error) or time.monotonic() >= until:
                raise
            log.warning("the database is away: trying again")
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def unless_away(work: Callable[[], T], otherwise: T) -> T:
    """Do what can be left undone: returns ``otherwise`` where the database cannot be reached."""
    try:
        return work()
    except DBAPIError as error:
        db.session.rollback()
        if not is_away(error):
            raise
        return otherwise


def is_away(error: DBAPIError) -> bool:
    """Tell whether the trouble is that the database does not answer."""
    return fault_of(error) is Fault.UNREACHABLE
