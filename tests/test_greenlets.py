"""What takes long lets the other requests of a worker go on; as a worker has it, in a process."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from pedabot.greenlets import aside

START = """
from gevent import monkey

monkey.patch_all()
import time

import gevent

from pedabot.greenlets import SECONDS_AT_A_TIME, aside, giving_way
"""


def _run(program: str) -> str:
    done = subprocess.run(
        (sys.executable, "-c", START + textwrap.dedent(program)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip() or done.stderr


def test_work_in_a_thread_of_its_own_is_waited_for_by_its_request_alone() -> None:
    # The work ends once another greenlet has had its turn; else the wait ends with False.
    told = _run(
        """
        came = monkey.get_original("threading", "Event")()
        gevent.spawn(came.set)
        print(aside(lambda: came.wait(20)))
        """
    )
    assert told == "True"


def test_what_the_work_raises_reaches_its_request() -> None:
    told = _run(
        """
        try:
            aside(lambda: {}["nothing"])
        except KeyError as error:
            print(error)
        """
    )
    assert told == "'nothing'"


def test_a_long_loop_gives_way() -> None:
    told = _run(
        """
        came = []
        gevent.spawn(came.append, "another")

        def slow():
            for number in range(3):
                until = time.monotonic() + SECONDS_AT_A_TIME
                while time.monotonic() < until:
                    pass
                yield number

        print([(number, bool(came)) for number in giving_way(slow())])
        """
    )
    assert told == "[(0, False), (1, True), (2, True)]"


def test_without_greenlets_all_is_done_at_once() -> None:
    assert aside(lambda: 7) == 7
