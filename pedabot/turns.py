"""What leads to an answer is done in turn, a few questions at a time in each process.

One request of a process works at a time. When a class asks at one moment, and a database on the
network is waited for at each statement, a hundred requests that all work a little are each late by
the work of all. Whoever waits for the model or for another answer gives the turn back meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
"""Two: one may wait for the database while the other works."""


class _Mine(threading.local):
    has_turn = False


_turns = threading.BoundedSemaphore(AT_ONCE)
_mine = _Mine()


def take() -> None:
    """Wait for a turn, unless this request has one."""
    if not _mine.has_turn:
        _turns.acquire()
        _mine.has_turn = True


def give_back() -> bool:
    """Let another request work; tells whether this one had a turn."""
    had, _mine.has_turn = _mine.has_turn, False
    if had:
        _turns.release()
    return had


@contextmanager
def turn() -> Iterator[None]:
    """Work in turn."""
    take()
    try:
        yield
    finally:
        give_back()


@contextmanager
def waiting() -> Iterator[None]:
    """Wait for something slow: without a turn, and with one again after it."""
    had = give_back()
    try:
        yield
    finally:
        if had:
            take()
