"""Locks that one process of a machine holds; the system lets go of them when it ends, however."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class HeldError(Exception):
    """Another process has the lock."""


def take(path: Path) -> IO[str]:
    """Open a file and lock it; closing it gives the lock back. Forked children share it.

    Raises:
        HeldError: if another process has it.
    """
    file = path.open("a", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise HeldError(str(path)) from error
    return file
