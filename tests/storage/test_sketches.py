"""Percentiles from buckets are as near to the true ones as they say."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from pedabot.storage.sketches import ERROR, bucket, percentile


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.99, 1.0])
def test_a_percentile_is_the_nearest_rank_within_the_error(share: float) -> None:
    dice = random.Random(7)
    times = sorted(round(dice.lognormvariate(6, 1.5)) + 1 for _ in range(999))
    exact = times[math.ceil(share * len(times)) - 1]
    found = percentile(Counter(map(bucket, times)), share)
    assert found is not None
    assert abs(found - exact) <= ERROR * exact + 0.5  # whole milliseconds


def test_days_can_be_added() -> None:
    monday, tuesday = Counter({bucket(100): 3}), Counter({bucket(100): 1, bucket(2000): 1})
    assert percentile(monday + tuesday, 0.5) == percentile(monday, 0.5)
    assert percentile(monday + tuesday, 0.99) == percentile(Counter({bucket(2000): 1}), 0.5)


def test_nothing_has_no_percentile_and_no_time_is_a_millisecond() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({bucket(0): 1}, 0.5) == percentile({bucket(1): 1}, 0.5) == 1
