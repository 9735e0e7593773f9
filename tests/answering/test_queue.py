"""The queue before the models, on the real database; two queues stand for two processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Lock

import pytest
from flask import Flask

from pedabot.answering.events import Queued
from pedabot.answering.outcomes import CrowdedError
from pedabot.answering.queue import LEASE, Queue, Store, Ticket
from pedabot.extensions import db
from pedabot.storage import calls as calls_of_the_database
from pedabot.storage.columns import utc_now
from pedabot.storage.shared_calls import SharedCalls
from tests.databases import shared_memory

pytestmark = pytest.mark.usefixtures("context")

AMPLE = 60.0


@pytest.fixture(params=["database", "redis"])
def calls(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Where the processes meet."""
    if request.param == "redis":
        with closing(shared_memory()) as memory:
            yield SharedCalls(memory)
    else:
        yield calls_of_the_database


@pytest.fixture
def queue(calls: Store) -> Queue:
    return Queue(slots=2, patience=AMPLE, calls=calls)


def until_admitted(ticket: Ticket) -> Iterator[int]:
    while (waiting := ticket.admit()) is not None:
        yield waiting.place


def test_as_many_as_there_are_slots_go_on_at_once_and_the_others_see_their_place(
    queue: Queue, calls: Store
) -> None:
    assert [queue.ticket().admit() for _ in range(4)] == [None, None, Queued(1), Queued(2)]
    assert calls.counts(utc_now()) == (2, 2)


def test_who_came_first_goes_first_whatever_the_process(queue: Queue, calls: Store) -> None:
    other = Queue(slots=2, patience=AMPLE, calls=calls)
    tickets = [each.ticket() for each in (queue, queue, other, queue, other)]
    assert [ticket.admit() for ticket in tickets[2:]] == [None, None, Queued(1)]
    first, second = tickets[:2]
    assert (first.admit(), second.admit()) == (Queued(2), Queued(3))
    tickets[3].close()
    assert list(until_admitted(tickets[4])) == []
    assert first.admit() == Queued(1)
    tickets[2].close()
    assert list(until_admitted(first)) == []
    assert second.admit() == Queued(1)


def test_who_leaves_the_queue_makes_room(queue: Queue) -> None:
    tickets = [queue.ticket() for _ in range(4)]
    assert [ticket.admit() for ticket in tickets][2:] == [Queued(1), Queued(2)]
    tickets[2].close()
    assert tickets[3].admit() == Queued(1)


def test_who_has_been_let_through_passes_again_before_the_next_model(
    queue: Queue, calls: Store
) -> None:
    ticket = queue.ticket()
    assert (ticket.admit(), ticket.admit()) == (None, None)
    assert calls.counts(utc_now()) == (1, 0)


def test_who_has_waited_long_enough_is_refused_by_all_models(calls: Store) -> None:
    queue = Queue(slots=1, patience=0, calls=calls)
    queue.ticket().admit()
    ticket = queue.ticket()
    ticket.check()
    with pytest.raises(CrowdedError):
        ticket.admit()
    with pytest.raises(CrowdedError):
        ticket.check()
    assert calls.counts(utc_now()) == (1, 0)


def test_what_a_dead_process_leaves_behind_runs_out(queue: Queue, calls: Store) -> None:
    dead = Queue(slots=2, patience=AMPLE, calls=calls)
    for _ in range(3):
        dead.ticket().admit()
    ticket = queue.ticket()
    assert ticket.admit() == Queued(2)
    later = utc_now() + LEASE
    calls.renew(queue._process, later, LEASE)
    assert calls.counts(later) == (0, 1)
    assert set(calls.advance(queue._process, 2, later).values()) == {0}


def test_a_process_that_lives_keeps_its_calls(queue: Queue, calls: Store) -> None:
    ticket = queue.ticket()
    ticket.admit()
    calls.renew(queue._process, utc_now() - LEASE / 2, LEASE)
    queue._renewed_at = float("-inf")
    ticket.keep()
    assert set(calls.advance(queue._process, 2, utc_now() + LEASE * 3 / 4).values()) == {0}


def test_a_call_whose_lease_ran_out_stands_in_the_queue_again(calls: Store) -> None:
    queue = Queue(slots=1, patience=AMPLE, calls=calls)
    queue.ticket().admit()
    ticket = queue.ticket()
    assert ticket.admit() == Queued(1)
    calls.advance(queue._process, 1, utc_now() + 2 * LEASE)  # all leases have run out
    queue._looked_at = float("-inf")
    assert list(until_admitted(ticket)) in ([], [1])
    assert calls.counts(utc_now()) == (1, 0)


def test_never_more_calls_than_slots_whatever_threads_and_processes_do(
    app: Flask, calls: Store
) -> None:
    """Sixty students at one moment, in two processes."""
    queues = [Queue(slots=3, patience=AMPLE, calls=calls) for _ in range(2)]
    together, three, lock = Barrier(60), Barrier(3), Lock()
    under_way: list[int] = []
    most: list[int] = []

    def ask(number: int) -> None:
        with app.app_context():
            ticket = queues[number % 2].ticket()
            together.wait(AMPLE)
            for _place in until_admitted(ticket):
                pass
            with lock:
                under_way.append(number)
                most.append(len(under_way))
            three.wait(AMPLE)  # passes only if three are under way at once
            with lock:
                under_way.remove(number)
            ticket.close()
            db.session.remove()

    with ThreadPoolExecutor(60) as pool:
        list(pool.map(ask, range(60)))
    assert len(most) == 60
    assert max(most) == 3
    assert calls.counts(utc_now()) == (0, 0)
