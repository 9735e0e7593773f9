"""Limits are counted in memory without a thread for each request."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from flask import Flask
from limits import parse
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from pedabot.web.counted import SCHEME, SweptMemory
from pedabot.web.limits import limiter
from tests.conftest import Visit, settings


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    return settings(instance, REDIS_URL="")


def test_the_application_counts_with_it(app: Flask) -> None:
    assert isinstance(limiter.storage, SweptMemory)


def test_requests_start_no_thread(visit: Visit) -> None:
    browser = visit("student")
    storage = limiter.storage
    assert isinstance(storage, SweptMemory)
    browser.get("/knowledge")
    before = storage.timer
    before.join()
    threads = set(threading.enumerate())
    for _ in range(5):
        browser.get("/knowledge")
    assert storage.timer is before
    assert set(threading.enumerate()) <= threads


def test_it_counts_as_its_parent_does() -> None:
    ours, theirs = storage_from_string(f"{SCHEME}://"), MemoryStorage()
    limit = parse("3 per hour")
    allowed = [
        [FixedWindowRateLimiter(storage).hit(limit, name) for name in "aaaabab"]
        for storage in (ours, theirs)
    ]
    assert allowed[0] == allowed[1] == [True, True, True, False, True, False, True]
