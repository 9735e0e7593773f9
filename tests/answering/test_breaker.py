"""The circuit breaker of a model, on the real database; time is the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pedabot.answering.breaker import LONGEST_REST, Breakers, Store
from pedabot.answering.events import Attempt
from pedabot.answering.outcomes import Outcome, RestingError
from pedabot.storage import breakers
from pedabot.storage.breakers import State
from pedabot.storage.shared_breakers import SharedBreakers
from tests.databases import shared_memory

MODEL = "mistral-small-latest"
REST = timedelta(seconds=30)
LONGEST = timedelta(seconds=60)
INSTANT = timedelta(milliseconds=1)

COMPLETE = Attempt("mistral", MODEL, "hash", {}, Outcome.COMPLETE, "", 5, 9, 1, 1)
FAILURE = replace(COMPLETE, outcome=Outcome.SERVER_ERROR, cause="HTTP 503", first_token_ms=None)
REFUSED = replace(FAILURE, outcome=Outcome.INVALID_REQUEST, cause="HTTP 422")
LIMITED = replace(FAILURE, outcome=Outcome.RATE_LIMITED, cause="HTTP 429", retry_after=7.0)

pytestmark = pytest.mark.usefixtures("context")


class Process:
    """The breakers as one process of the server has them, at a time that the test sets."""

    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    store: Store = breakers

    def __init__(self) -> None:
        self.breakers = Breakers(3, REST, lambda: Process.now, Process.store)

    def call(self, attempt: Attempt) -> None:
        gate = self.breakers.gate(MODEL, LONGEST)
        gate.admit()
        gate.leave(attempt)

    def state(self) -> State:
        self.breakers.forget()
        return self.breakers.standing(MODEL).state(Process.now)


@pytest.fixture(params=["database", "redis"])
def process(request: pytest.FixtureRequest) -> Iterator[Process]:
    start = Process.now
    if request.param == "redis":
        with closing(shared_memory()) as memory:
            Process.store = SharedBreakers(memory)
            yield Process()
    else:
        yield Process()
    Process.now, Process.store = start, breakers


def wait(time: timedelta) -> None:
    Process.now += time


def open_until() -> datetime | None:
    (known,) = Process.store.standings().values()
    return known.open_until


def test_it_opens_after_failures_in_a_row_and_then_asks_nobody(process: Process) -> None:
    for _ in range(2):
        process.call(FAILURE)
        assert process.state() is State.CLOSED
    process.call(FAILURE)
    assert process.state() is State.OPEN
    with pytest.raises(RestingError):
        process.breakers.gate(MODEL, LONGEST).check()
    with pytest.raises(RestingError):
        process.breakers.gate(MODEL, LONGEST).admit()


def test_an_answer_between_begins_the_count_anew(process: Process) -> None:
    for attempt in (FAILURE, FAILURE, COMPLETE, FAILURE, FAILURE):
        process.call(attempt)
    assert process.state() is State.CLOSED


def test_another_process_knows_of_it(process: Process) -> None:
    other = Process()
    for each in (process, other, process):
        each.call(FAILURE)
    other.breakers.forget()
    with pytest.raises(RestingError):
        other.breakers.gate(MODEL, LONGEST).admit()


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.UNAUTHORIZED, State.OPEN),
        (Outcome.RATE_LIMITED, State.OPEN),
        (Outcome.SERVER_ERROR, State.CLOSED),
        (Outcome.TIMEOUT, State.CLOSED),
    ],
)
def test_what_opens_it_at_once(process: Process, outcome: Outcome, state: State) -> None:
    process.call(replace(FAILURE, outcome=outcome))
    assert process.state() is state


def test_a_request_that_the_model_does_not_accept_says_nothing_of_it(process: Process) -> None:
    for _ in range(9):
        process.call(REFUSED)
    assert process.breakers.standing(MODEL).spotless
    assert Process.store.standings() == {}


def test_after_the_rest_one_call_tries_it_for_all(process: Process) -> None:
    for _ in range(3):
        process.call(FAILURE)
    wait(REST)
    assert process.state() is State.HALF_OPEN
    probe = process.breakers.gate(MODEL, LONGEST)
    probe.admit()
    probe.check()  # its own probe is no reason to refuse it
    for other in (process, Process()):
        with pytest.raises(RestingError):
            other.breakers.gate(MODEL, LONGEST).admit()
    probe.leave(COMPLETE)
    assert process.state() is State.CLOSED
    process.call(FAILURE)
    assert process.state() is State.CLOSED, "the failures before count no more"


def test_each_failure_of_the_probe_doubles_the_rest_up_to_a_limit(process: Process) -> None:
    for _ in range(3):
        process.call(FAILURE)
    rests = []
    for _ in range(6):
        until = open_until()
        assert until is not None
        rests.append(until - Process.now)
        Process.now = until
        process.breakers.forget()
        process.call(FAILURE)
    assert rests == [REST, 2 * REST, 4 * REST, 8 * REST, LONGEST_REST, LONGEST_REST]


def test_a_probe_whose_process_died_is_given_to_another(process: Process) -> None:
    for _ in range(3):
        process.call(FAILURE)
    wait(REST)
    process.breakers.forget()
    process.breakers.gate(MODEL, LONGEST).admit()  # and it never comes back
    wait(LONGEST - INSTANT)
    other = Process()
    with pytest.raises(RestingError):
        other.breakers.gate(MODEL, LONGEST).admit()
    wait(INSTANT)
    other.call(COMPLETE)
    assert other.state() is State.CLOSED


def test_a_probe_that_told_nothing_leaves_the_next_one_to_another(process: Process) -> None:
    for _ in range(3):
        process.call(FAILURE)
    wait(REST)
    process.breakers.forget()
    process.call(REFUSED)
    assert process.state() is State.HALF_OPEN
    process.call(replace(COMPLETE, outcome=Outcome.STOPPED))  # it had spoken: it works
    assert process.state() is State.CLOSED


@pytest.mark.parametrize(
    ("asked", "rest"),
    [(7.0, timedelta(seconds=7)), (86_400.0, LONGEST_REST), (None, REST)],
)
def test_a_429_is_left_alone_as_long_as_it_asks(
    process: Process, asked: float | None, rest: timedelta
) -> None:
    process.call(replace(LIMITED, retry_after=asked))
    assert open_until() == Process.now + rest


def test_calls_that_fail_while_it_is_open_do_not_lengthen_the_rest(process: Process) -> None:
    gates = [process.breakers.gate(MODEL, LONGEST) for _ in range(8)]
    for gate in gates:
        gate.admit()
    for gate in gates:
        gate.leave(FAILURE)
    assert open_until() == Process.now + REST
    process.breakers.gate(MODEL, LONGEST).leave(replace(LIMITED, retry_after=100.0))
    assert open_until() == Process.now + timedelta(seconds=100)


def test_a_model_that_answers_is_not_written_about(process: Process) -> None:
    process.call(COMPLETE)
    assert Process.store.standings() == {}


def test_the_last_failure_stays_to_be_read(process: Process) -> None:
    process.call(FAILURE)
    process.call(COMPLETE)
    standing = process.breakers.standing(MODEL)
    assert (standing.failures, standing.outcome, standing.cause) == (0, "server_error", "HTTP 503")
    assert standing.failed_at == Process.now
