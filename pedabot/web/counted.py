"""Where Flask-Limiter counts in a process's own memory, swept once a minute.

That of ``limits`` 5 starts a thread at nearly each request, to drop ten milliseconds later what has
expired: 6 % of the price of a page. A count that has expired is not believed in either case.
"""

from __future__ import annotations

import time

from limits.storage import MemoryStorage

SCHEME = "swept-memory"
SECONDS_BETWEEN = 60.0


class SweptMemory(MemoryStorage):
    """Counts as its parent does; ``limits`` finds it by its scheme."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - as in the parent
    _swept_at = float("-inf")

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802
        """Stand in for what the parent does before each count; a test tells if it is renamed."""
        now = time.monotonic()
        if now - self._swept_at >= SECONDS_BETWEEN:
            self._swept_at = now
            super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]
