"""Percentiles of times from counts in growing buckets: small to keep, and they can be added up.

The method is DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch
with relative-error guarantees", PVLDB 12, 2019). Bucket ``i`` counts the times between GAMMA^(i-1)
and GAMMA^i milliseconds; a percentile is the nearest rank (the n-th smallest of N, with
n = ceil(p * N)), and the value told for its bucket is at most ``ERROR`` away from the true one,
relatively. Nothing of it depends on a database: rows are counted once, and days can be added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

ERROR = 0.02
"""How far a percentile may be from the true one: 2 of 100."""

GAMMA = (1 + ERROR) / (1 - ERROR)


def bucket(milliseconds: int) -> int:
    """Return the bucket of a time; below one millisecond is one millisecond."""
    return math.ceil(math.log(max(milliseconds, 1), GAMMA))


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """Return the milliseconds that this share (0 to 1) needs at most; None if there are none."""
    rank, below = math.ceil(share * sum(counts.values())), 0
    for number in sorted(counts):
        below += counts[number]
        if below >= rank:
            return round(2 * GAMMA**number / (GAMMA + 1))
    return None
