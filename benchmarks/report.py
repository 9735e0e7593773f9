"""Figures on the screen as they come, and as a section of ``docs/benchmarks.md`` at the end."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.processes import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


class Section:
    """A section of the page: its title, then a table of plain text."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._lines: list[str] = []

    def say(self, line: str) -> None:
        """Print a line, and keep it."""
        print(line, flush=True)
        self._lines.append(line)

    def write(self, page: Path = PAGE) -> None:
        """Put the section in the place of the one with its title, or at the end of the page."""
        told = "\n".join(f"    {line}".rstrip() for line in [*self._lines, "", machine()])
        section = f"## {self.title}\n\n{told}\n\n"
        before = page.read_text(encoding="utf-8")
        own = re.compile(rf"^## {re.escape(self.title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
        whole = own.sub(lambda _: section, before) if own.search(before) else f"{before}\n{section}"
        page.write_text(whole.rstrip() + "\n", encoding="utf-8")


def machine() -> str:
    """Describe the machine, and how busy it was: figures of two machines cannot be compared."""
    models = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{len(models)} x {models[0] if models else platform.machine()}, {memory:.0f} GiB,"
        f" {platform.system()} {platform.release()}, Python {platform.python_version()},"
        f" {datetime.now(UTC):%d %B %Y}; load average {load}"
    )
