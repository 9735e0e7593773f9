"""One greenlet for each request: what takes long must let the others go on.

A worker serves all its requests in one thread, and goes from one to the next where one waits for
the network. What computes for long, or calls C code that does, has to give way by itself. Commands
and tests have no greenlets: there, all is done at once.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

SECONDS_AT_A_TIME = 0.02
"""How long the answers of others may stand still: half of what their tokens are gathered for."""

T = TypeVar("T")


def aside(work: Callable[[], T]) -> T:
    """Do work that needs no interpreter, such as hashing a password, in a thread of its own.

    Raises:
        what the work raises.
    """
    if not _in_use():
        return work()
    done: T = sys.modules["gevent"].get_hub().threadpool.apply(work)
    return done


def giving_way(items: Iterable[T]) -> Iterator[T]:
    """Yield the items of a long loop; the other requests go on in between."""
    began = time.monotonic()
    for item in items:
        yield item
        if time.monotonic() - began >= SECONDS_AT_A_TIME:
            time.sleep(0)
            began = time.monotonic()


def _in_use() -> bool:
    # Only a server has loaded it: see wsgi.py.
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))
