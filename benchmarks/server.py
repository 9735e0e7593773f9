"""All that is measured of the server, written to ``docs/benchmarks.md``: what ``make bench`` does.

    python -m benchmarks.server [--keep FOLDER]

Some twenty minutes, half of which fill a school with a year of messages (``--keep`` has it stay for
the next time); the machine should have nothing else to do.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import growth, pages, start, streams


def main() -> None:
    """Measure one thing after the other; each section is written as soon as it is whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder for the filled school, used again")
    keep = parser.parse_args().keep
    start.measure(times=3).write()
    pages.measure(seconds=6.0).write()
    streams.measure(counts=(100, 200, 500), seconds=12.0).write()
    growth.measure(messages=1_000_000, copies=4, visitors=20, seconds=8.0, keep=keep).write()


if __name__ == "__main__":
    main()
