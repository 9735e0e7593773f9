"""What leads to an answer is done in turn."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from pedabot import turns


def test_no_more_work_at_once_than_there_are_turns() -> None:
    all_at_work = threading.Barrier(turns.AT_ONCE + 1)
    go_on = threading.Event()
    at_work = []

    def work(number: int) -> None:
        with turns.turn():
            at_work.append(number)
            if len(at_work) <= turns.AT_ONCE:
                all_at_work.wait()
            go_on.wait()

    with ThreadPoolExecutor(10) as threads:
        done = [threads.submit(work, number) for number in range(10)]
        all_at_work.wait()
        assert len(at_work) == turns.AT_ONCE
        go_on.set()
    assert all(work.exception() is None for work in done)
    assert sorted(at_work) == list(range(10))


def test_whoever_waits_has_no_turn_meanwhile_and_one_after() -> None:
    def other() -> bool:
        with turns.turn():
            return True

    with turns.turn(), ThreadPoolExecutor(turns.AT_ONCE) as threads:
        with turns.waiting():
            meanwhile = [threads.submit(other) for _ in range(turns.AT_ONCE)]
            assert all(work.result() for work in meanwhile)
        assert turns.give_back()
    assert not turns.give_back()
