"""How long the server needs from its start to the first page, and what it imports meanwhile.

    python -m benchmarks.start [--times 3] [--write]

``gunicorn`` alone, and ``flask serve`` (which is ``make run`` once all is installed) on an instance
that exists. The imports are those of ``wsgi``, as ``python -X importtime`` tells them.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import school
from benchmarks.processes import ROOT, free_port, serving
from benchmarks.report import Section

TITLE = "Start: `python -m benchmarks.start`"
IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| (\s*)([\w.]+)")
PACKAGES_SHOWN = 12
UPSTREAM = "http://127.0.0.1:9"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md too")
    options = parser.parse_args()
    section = measure(options.times)
    if options.write:
        section.write()


def measure(times: int) -> Section:
    """Start the server some times each way, then look at the imports."""
    section = Section(TITLE)
    with tempfile.TemporaryDirectory() as folder:
        school.found(school.settings(Path(folder), UPSTREAM, free_port()), 1)
        section.say(f"{'start':<28}{'seconds to the first 200':>26}{'CPU s':>8}{'MiB':>6}")
        commands = {
            "gunicorn": (sys.executable, "-m", "gunicorn"),
            "make run, the second time": (sys.executable, "-m", "flask", "serve"),
        }
        for name, command in commands.items():
            taken = [_start(command, Path(folder)) for _ in range(times)]
            seconds, cpu, memory = (
                statistics.median(figures) for figures in zip(*taken, strict=True)
            )
            section.say(f"{name:<28}{seconds:>26.2f}{cpu:>8.2f}{memory:>6.0f}")
        _say_imports(section, school.settings(Path(folder), UPSTREAM, free_port()))
    return section


def _start(command: Sequence[str], folder: Path) -> tuple[float, float, float]:
    """Return seconds to the first page, processor seconds by then, MiB."""
    port = free_port()
    environ = school.settings(folder, UPSTREAM, port)
    began = time.monotonic()
    with serving(command, port, "/sign-in", environ) as server:
        return time.monotonic() - began, server.cpu_seconds(), server.resident_mib()


def _say_imports(section: Section, environ: Mapping[str, str]) -> None:
    told = subprocess.run(
        (sys.executable, "-X", "importtime", "-c", "import wsgi"),
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    own: Counter[str] = Counter()
    for microseconds, _, module in IMPORTED.findall(told):
        own[module.partition(".")[0]] += int(microseconds)
    section.say("")
    section.say(f"{'imported for the first page':<28}{'ms':>8}")
    for package, microseconds in own.most_common(PACKAGES_SHOWN):
        section.say(f"{package:<28}{microseconds / 1000:>8.0f}")
    section.say(f"{'all':<28}{sum(own.values()) / 1000:>8.0f}")


if __name__ == "__main__":
    main()
