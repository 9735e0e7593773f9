"""The real SDK against a real server on loopback: nothing is patched."""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice
from pathlib import Path

import httpx2
import pytest
from mistralai.client import Mistral

from pedabot.answering.engines import Choice, Engines
from pedabot.answering.events import Piece, Usage
from pedabot.answering.mistral.classes import classes_built
from pedabot.answering.mistral.engine import MistralEngine
from pedabot.answering.mistral.limits import Limits
from pedabot.answering.mistral.reading import read
from pedabot.answering.mistral.settings import MistralSettings
from pedabot.answering.outcomes import (
    AnsweringError,
    DroppedStreamError,
    EmptyAnswerError,
    GarbledAnswerError,
    InvalidRequestError,
    ModelTimeoutError,
    RateLimitedError,
    ServerError,
    StoppedError,
    UnauthorizedError,
    UnreachableError,
)
from pedabot.answering.values import Question, Request, Turn
from pedabot.config import load
from pedabot.knowledge.document import Difficulty
from tests.mistral_server import (
    COMMENT,
    ERROR_EVENT,
    GARBAGE,
    USAGE,
    VARIANTS,
    Fault,
    MistralServer,
    Reply,
    refuse,
    stream,
)

KEY = "key-that-nobody-may-see"
QUESTION = "question-that-no-log-may-hold"
AMPLE = 60.0  # seconds: a limit that never ends a test, whatever else the machine does
SHORT = 0.2

MakeEngine = Callable[..., MistralEngine]


@pytest.fixture
def server() -> Iterator[MistralServer]:
    with MistralServer() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def _warm_sdk() -> None:
    """Import what the SDK imports at its first request: no test's short limit pays for it."""
    with MistralServer() as server, Mistral(api_key=KEY, server_url=server.url) as sdk:
        sdk.chat.stream(model="m", messages=[{"role": "user", "content": "?"}]).close()


SETTINGS = MistralSettings(
    api_key=KEY,
    server_url="http://127.0.0.1:9",
    model="mistral-small-latest",
    temperature=0.3,
    max_tokens=900,
    stop=(),
    connect_timeout=AMPLE,
    first_token_timeout=AMPLE,
    token_timeout=AMPLE,
    answer_timeout=AMPLE,
)


@pytest.fixture
def make_engine(server: MistralServer) -> Iterator[MakeEngine]:
    made = []

    def make(**changes: object) -> MistralEngine:
        settings = replace(SETTINGS, server_url=server.url)
        made.append(MistralEngine(replace(settings, **changes)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def a_request(text: str = QUESTION) -> Request:
    history = (Turn("user", "Bonjour"), Turn("assistant", "Bonjour, je vous écoute."))
    return Request(
        question=Question(text, Difficulty.BEGINNER, history),
        passages=(),
        in_scope=True,
        compared=False,
        prompt=(Turn("system", "Tu es un tuteur."), *history, Turn("user", text)),
        prompt_hash="hash",
    )


def text_of(steps: list[Piece | Usage]) -> str:
    return "".join(step.text for step in steps if isinstance(step, Piece))


def failure_of(engine: MistralEngine) -> AnsweringError:
    with pytest.raises(AnsweringError) as caught:
        list(engine.answer(a_request()))
    return caught.value


# ------------------------------------------------------------------------------------- it answers


def test_pieces_come_as_the_model_says_them_and_the_usage_last(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    go_on = threading.Event()
    server.script(stream("Un neu", go_on, "rone « é »"))
    answer = make_engine().answer(a_request())
    assert next(answer) == Piece("Un neu")  # while the server still holds the rest
    go_on.set()
    assert list(answer) == [Piece("rone « é »"), Usage(12, 34)]


def test_what_is_sent(server: MistralServer, make_engine: MakeEngine) -> None:
    engine = make_engine(stop=("FIN", "STOP"))
    list(engine.answer(a_request()))
    (received,) = server.requests
    assert received.path == "/v1/chat/completions"
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.body == {
        "model": "mistral-small-latest",
        "stream": True,
        "temperature": 0.3,
        "max_tokens": 900,
        "stop": ["FIN", "STOP"],
        "messages": [
            {"role": "system", "content": "Tu es un tuteur."},
            {"role": "user", "content": "Bonjour"},
            # "prefix" is the SDK's own addition, and its default
            {"role": "assistant", "content": "Bonjour, je vous écoute.", "prefix": False},
            {"role": "user", "content": QUESTION},
        ],
    }
    assert engine.parameters == {"temperature": 0.3, "max_tokens": 900, "stop": ["FIN", "STOP"]}


def test_without_stop_sequences_none_are_sent(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    list(make_engine().answer(a_request()))
    assert "stop" not in server.requests[0].body


def test_a_server_of_the_school_needs_no_key_and_gets_no_other(
    server: MistralServer, make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)
    assert text_of(list(make_engine(api_key="").answer(a_request()))) == "Bonjour !"
    assert KEY not in server.requests[0].headers["authorization"]


@pytest.mark.parametrize("name", VARIANTS)
def test_servers_of_ones_own_speak_each_in_its_way(
    server: MistralServer, make_engine: MakeEngine, name: str
) -> None:
    server.script(stream(VARIANTS[name], finish_reason=None, done=False))
    *pieces, usage = make_engine(api_key="").answer(a_request())
    assert text_of(pieces) == "Oui, bien sûr."
    assert usage == (Usage(7, 5) if name == "vllm" else Usage(None, None))


def test_a_model_that_thinks_is_not_silent(server: MistralServer, make_engine: MakeEngine) -> None:
    thought = b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n'
    server.script(stream(thought, Fault.STALL))
    failure = failure_of(make_engine(token_timeout=SHORT))
    assert isinstance(failure, ModelTimeoutError)
    assert failure.phase == "token"


@pytest.mark.parametrize("base", ["", "/llm/eleves"])
@pytest.mark.parametrize("quoted", ["", "/", "/v1", "/v1/"])
def test_the_address_of_a_server_is_taken_with_or_without_v1(base: str, quoted: str) -> None:
    with MistralServer(base=base, open_to_all=True) as server:
        environ = {"SECRET_KEY": KEY * 2, "MISTRAL_SERVER_URL": server.url + quoted}
        engines = Engines(load(environ, Path()))
        first, _offline = engines.chosen(Choice())
        assert text_of(list(first.answer(a_request()))) == "Bonjour !"
        engines.close()


def test_a_connection_serves_the_next_question_too(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    engine = make_engine()
    for _ in range(3):
        list(engine.answer(a_request()))
    assert len(server.requests) == 3
    assert server.connections == 1


def test_closed_it_opens_again(server: MistralServer, make_engine: MakeEngine) -> None:
    engine = make_engine()
    list(engine.answer(a_request()))
    engine.close()
    engine.close()
    assert text_of(list(engine.answer(a_request()))) == "Bonjour !"
    assert server.connections == 2


def test_threads_share_one_engine_without_waiting_for_each_other(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    together = threading.Barrier(8)
    engine = make_engine()

    def ask(number: int) -> str:
        answer = engine.answer(a_request(f"{QUESTION} {number}"))
        first = next(answer)
        together.wait(AMPLE)  # passes only if all eight streams are open at once
        return text_of([first, *answer])

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"Bonjour !"}
    assert len(server.requests) == 8


def test_comments_and_what_the_protocol_may_add_do_no_harm(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    only_usage = b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\r\n\r\n'
    server.script(
        stream(COMMENT, b"event: message\nid: 7\nretry: 3\n", "Oui", only_usage, usage=None)
    )
    assert list(make_engine().answer(a_request())) == [Piece("Oui"), Usage(1, 2)]


def test_an_event_cut_anywhere_by_the_network_is_put_together(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    event = 'data: {"choices":[{"delta":{"content":"é𝄞"}}]}\n\n'.encode()
    server.script(stream(*(event[place : place + 1] for place in range(len(event)))))
    assert text_of(list(make_engine().answer(a_request()))) == "é𝄞"


def test_thoughts_are_no_part_of_the_answer(server: MistralServer, make_engine: MakeEngine) -> None:
    thinking = (
        b'data: {"choices":[{"delta":{"content":[{"type":"thinking","thinking":'
        b'[{"type":"text","text":"hmm"}]},{"type":"text","text":"Oui"}]}}]}\n\n'
    )
    server.script(stream(thinking))
    assert text_of(list(make_engine().answer(a_request()))) == "Oui"


@pytest.mark.parametrize(
    ("figures", "usage"),
    [
        (None, Usage(None, None)),
        ({"prompt_tokens": 5}, Usage(5, None)),
        ({"prompt_tokens": "many", "completion_tokens": -1}, Usage(None, None)),
        ({"prompt_tokens": True, "completion_tokens": 0}, Usage(None, 0)),
    ],
)
def test_figures_of_usage_are_taken_only_where_they_are_numbers(
    server: MistralServer,
    make_engine: MakeEngine,
    figures: dict[str, object] | None,
    usage: Usage,
) -> None:
    server.script(stream("Oui", usage=figures))
    assert list(make_engine().answer(a_request())) == [Piece("Oui"), usage]


def test_an_answer_cut_by_max_tokens_is_an_answer(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    server.script(stream("Un neurone est", finish_reason="length"))
    assert text_of(list(make_engine().answer(a_request()))) == "Un neurone est"


def test_a_finished_answer_needs_no_done(server: MistralServer, make_engine: MakeEngine) -> None:
    server.script(stream("Oui", done=False))
    assert text_of(list(make_engine().answer(a_request()))) == "Oui"


def test_a_model_about_to_be_retired_still_answers(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    server.script(stream("Oui", headers={"x-model-deprecation-timestamp": "2026-12-31"}))
    assert text_of(list(make_engine().answer(a_request()))) == "Oui"


def test_the_sdk_gives_its_response_to_read(server: MistralServer) -> None:
    """The engine rests on this: a new version of the SDK without it must not be installed."""
    with Mistral(api_key=KEY, server_url=server.url) as sdk:
        events = sdk.chat.stream(model="m", messages=[{"role": "user", "content": "?"}])
        assert isinstance(events.response, httpx2.Response)
        assert not events.response.is_stream_consumed
        assert b"".join(events.response.iter_bytes()).endswith(b"data: [DONE]\n\n")


# -------------------------------------------------------------------------------------- it stops


def test_closed_early_it_hangs_up_at_once(server: MistralServer, make_engine: MakeEngine) -> None:
    server.script(stream("Bon", Fault.STALL))
    answer = make_engine().answer(a_request())
    assert next(answer) == Piece("Bon")
    answer.close()
    assert server.wait_for_disconnect(AMPLE)


@pytest.mark.parametrize("said", [(), ("Bon",)])
def test_stopped_while_it_is_silent_it_hangs_up(
    server: MistralServer, make_engine: MakeEngine, said: tuple[str, ...]
) -> None:
    server.script(stream(*said, Fault.STALL))
    stopped = threading.Event()
    answer = make_engine().answer(replace(a_request(), should_stop=stopped.is_set))
    assert [next(answer) for _ in said] == [Piece(text) for text in said]
    stopped.set()
    with pytest.raises(StoppedError):
        next(answer)
    assert server.wait_for_disconnect(AMPLE)


def test_all_that_has_come_is_told_before_the_model_falls_silent(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    server.script(stream("Un", " deux", " trois", COMMENT, Fault.STALL))
    answer = make_engine().answer(a_request())
    said = ""
    while said != "Un deux trois":  # else the time limit of a token ends the test with its error
        said += text_of([next(answer)])
    answer.close()


@pytest.mark.parametrize("end", [StoppedError(), DroppedStreamError("cut")])
def test_what_was_gathered_is_not_lost_with_the_answer(end: AnsweringError) -> None:
    def body() -> Iterator[bytes]:
        for text in ("Un", " deux", " trois"):
            yield f'data: {{"choices": [{{"delta": {{"content": "{text}"}}}}]}}\n\n'.encode()
        raise end

    said = ""
    with pytest.raises(type(end)) as ended:
        for step in read(httpx2.Response(200, content=body()), Limits(SETTINGS)):
            said += step.text if isinstance(step, Piece) else ""
    assert said + getattr(ended.value, "rest", "") == "Un deux trois"


def test_after_garbage_it_hangs_up(server: MistralServer, make_engine: MakeEngine) -> None:
    server.script(stream(GARBAGE, Fault.STALL))
    failure = failure_of(make_engine())
    # The error's traceback keeps all alive here: nothing is left to the garbage collector.
    assert server.wait_for_disconnect(5)
    assert isinstance(failure, GarbledAnswerError)


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        ({"token_timeout": SHORT}, Fault.STALL),
        ({"token_timeout": SHORT}, Fault.COMMENTS),
        ({"answer_timeout": 1.0}, Fault.ENDLESS),
    ],
)
def test_after_a_time_limit_it_hangs_up(
    server: MistralServer, make_engine: MakeEngine, limits: dict[str, float], fault: Fault
) -> None:
    server.script(stream("Bon", fault))
    failure_of(make_engine(**limits))
    assert server.wait_for_disconnect(AMPLE)


# --------------------------------------------------------------------------------- time runs out


@pytest.mark.parametrize(
    ("limits", "reply", "phase"),
    [
        ({"first_token_timeout": SHORT}, stream(Fault.STALL), "first_token"),
        ({"first_token_timeout": SHORT}, stream(COMMENT, Fault.STALL), "first_token"),
        ({"first_token_timeout": SHORT}, stream(Fault.COMMENTS), "first_token"),
        ({"first_token_timeout": SHORT}, stream("", Fault.COMMENTS), "first_token"),
        ({"token_timeout": SHORT}, stream("Bon", Fault.STALL), "token"),
        ({"token_timeout": SHORT}, stream("Bon", Fault.COMMENTS), "token"),
        ({"answer_timeout": SHORT}, stream(Fault.STALL), "whole"),
        ({"answer_timeout": SHORT}, stream("Bon", Fault.STALL), "whole"),
        ({"answer_timeout": SHORT}, stream("Bon", Fault.COMMENTS), "whole"),
        ({"answer_timeout": SHORT}, stream(Fault.ENDLESS), "whole"),
    ],
)
def test_each_limit_of_time_has_its_name(
    server: MistralServer,
    make_engine: MakeEngine,
    limits: dict[str, float],
    reply: Reply,
    phase: str,
) -> None:
    server.script(reply)
    failure = failure_of(make_engine(**limits))
    assert isinstance(failure, ModelTimeoutError)
    assert failure.phase == phase


def test_the_time_that_the_reader_takes_is_not_the_models(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    go_on = threading.Event()
    server.script(stream("Bon", go_on, "jour"), stream(Fault.STALL))
    answer = make_engine(token_timeout=SHORT).answer(a_request())
    first = next(answer)
    go_on.set()
    failure_of(make_engine(first_token_timeout=2 * SHORT))  # this reader has other things to do
    assert text_of([first, *answer]) == "Bonjour"


def test_a_connection_that_nobody_accepts(make_engine: MakeEngine) -> None:
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):  # fill the queue: the next one stays unanswered
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        failure = failure_of(make_engine(server_url=url, connect_timeout=SHORT))
    assert isinstance(failure, ModelTimeoutError)
    assert failure.phase == "connect"


# ------------------------------------------------------------------------------- the API refuses


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, GarbledAnswerError),
        (400, InvalidRequestError),
        (401, UnauthorizedError),
        (403, UnauthorizedError),
        (404, InvalidRequestError),
        (422, InvalidRequestError),
        (429, RateLimitedError),
        (500, ServerError),
        (503, ServerError),
    ],
)
def test_each_refusal_has_its_name(
    server: MistralServer, make_engine: MakeEngine, status: int, kind: type[AnsweringError]
) -> None:
    server.script(refuse(status))
    failure = failure_of(make_engine())
    assert type(failure) is kind
    assert str(failure) == f"HTTP {status}"


def test_a_refusal_is_not_tried_again(server: MistralServer, make_engine: MakeEngine) -> None:
    server.script(refuse(503, {"Retry-After": "0"}))
    failure_of(make_engine())
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("1.5", 1.5), ("-3", 0.0), ("soon", None), ("nan", None), (None, None)],
)
def test_when_to_ask_again_in_seconds(
    server: MistralServer, make_engine: MakeEngine, header: str | None, seconds: float | None
) -> None:
    server.script(refuse(429, {} if header is None else {"Retry-After": header}))
    failure = failure_of(make_engine())
    assert isinstance(failure, RateLimitedError)
    assert failure.retry_after == seconds


def test_when_to_ask_again_as_a_date(server: MistralServer, make_engine: MakeEngine) -> None:
    dates = [datetime.now(UTC) + timedelta(hours=hours) for hours in (1, -1)]
    server.script(
        *(refuse(429, {"Retry-After": format_datetime(date, usegmt=True)}) for date in dates)
    )
    engine = make_engine()
    later, past = failure_of(engine), failure_of(engine)
    assert isinstance(later, RateLimitedError)
    assert isinstance(past, RateLimitedError)
    assert later.retry_after is not None
    assert 0 < later.retry_after <= 3600
    assert past.retry_after == 0


def test_a_refused_request_leaves_the_connection_usable(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    server.script(refuse(500))
    engine = make_engine()
    failure_of(engine)
    assert text_of(list(engine.answer(a_request()))) == "Bonjour !"
    assert server.connections == 1


def test_nobody_listens(make_engine: MakeEngine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused, and taken by no other
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        failure = failure_of(make_engine(server_url=url))
    assert isinstance(failure, UnreachableError)


def test_a_host_that_does_not_exist(make_engine: MakeEngine) -> None:
    failure = failure_of(make_engine(server_url="http://nowhere.invalid"))
    assert isinstance(failure, UnreachableError)


def test_a_server_without_the_encryption_it_should_have(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    url = server.url.replace("http://", "https://")
    assert isinstance(failure_of(make_engine(server_url=url)), UnreachableError)


def test_another_address_of_the_host_is_tried(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    url = server.url.replace("127.0.0.1", "localhost")  # on most machines ::1 comes first
    assert text_of(list(make_engine(server_url=url).answer(a_request()))) == "Bonjour !"


@pytest.mark.parametrize("key", ["clé", "a\nb"])
def test_a_key_that_no_header_can_hold(make_engine: MakeEngine, key: str) -> None:
    failure = failure_of(make_engine(api_key=key))
    assert isinstance(failure, UnauthorizedError | InvalidRequestError)
    assert key not in str(failure)


# ---------------------------------------------------------------------------- the answer is broken


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (stream("Bon", ERROR_EVENT), ServerError),
        (stream("Bon", b'data: {"error":{"message":"out of memory"}}\n\n'), ServerError),
        (stream("Bon", finish_reason="error"), ServerError),
        (stream("Bon", Fault.END), DroppedStreamError),
        (stream(Fault.END), DroppedStreamError),
        (stream("Bon", finish_reason=None), DroppedStreamError),
        (stream("Bon", Fault.DROP), DroppedStreamError),
        (stream("Bon", Fault.RESET), DroppedStreamError),
        (stream("Bon", GARBAGE), GarbledAnswerError),
        (stream(b"data: 7\n\n"), GarbledAnswerError),
        (stream(b"data: []\n\n"), GarbledAnswerError),
        (stream(b'data: {"choices":7}\n\n'), GarbledAnswerError),
        (stream(b'data: {"choices":[{"delta":{"content":7}}]}\n\n'), GarbledAnswerError),
        (stream(b'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\n'), GarbledAnswerError),
        (stream(b"data: \xff\xfe\xfd\n\n"), GarbledAnswerError),
        (stream(b"data: " + b"[" * 100_000 + b"\n\n"), GarbledAnswerError),
        (stream(b"data: " + b"x" * 300_000, Fault.STALL), GarbledAnswerError),
        (refuse(200, {"Content-Type": "text/html"}, b"<h1>Portail</h1>"), GarbledAnswerError),
        (refuse(422, body=b"not JSON"), InvalidRequestError),
        (stream(), EmptyAnswerError),
        (stream("", " ", "\n"), EmptyAnswerError),
    ],
)
def test_each_broken_answer_has_its_name(
    server: MistralServer, make_engine: MakeEngine, reply: Reply, kind: type[AnsweringError]
) -> None:
    server.script(reply)
    assert type(failure_of(make_engine())) is kind


def test_what_was_said_before_the_break_has_been_passed_on(
    server: MistralServer, make_engine: MakeEngine
) -> None:
    server.script(stream("Bon", "jour", Fault.DROP))
    answer = make_engine().answer(a_request())
    assert text_of(list(islice(answer, 2))) == "Bonjour"
    with pytest.raises(DroppedStreamError):
        next(answer)


# ------------------------------------------------------------------------------------- it is silent


@pytest.mark.parametrize(
    "reply",
    [
        stream("Oui", usage=USAGE),
        refuse(401),
        refuse(422),
        refuse(429),
        refuse(500),
        stream(f"{QUESTION} {KEY}", GARBAGE),
        stream("Bon", f'data: {{"error":"{QUESTION} {KEY}"}}\n\n'.encode()),
        stream("Bon", f'data: "{QUESTION} {KEY}"\n\n'.encode()),
        stream("Bon", Fault.RESET),
    ],
)
def test_neither_key_nor_question_is_in_an_error_or_a_log(
    server: MistralServer,
    make_engine: MakeEngine,
    reply: Reply,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MISTRAL_DEBUG", "1")  # the SDK then prints both, unless it is kept from it
    caplog.set_level(logging.DEBUG)
    server.script(reply)
    engine = make_engine()
    shown = repr(engine) + repr(engine._settings)
    try:
        list(engine.answer(a_request()))
    except AnsweringError as error:
        shown += repr(error) + "".join(traceback.format_exception(error))
    shown += caplog.text
    assert len(server.requests) == 1
    assert KEY not in shown
    assert QUESTION not in shown


def test_a_second_question_builds_no_class(server: MistralServer, make_engine: MakeEngine) -> None:
    engine = make_engine()
    list(engine.answer(a_request()))
    built = classes_built()
    assert built > 0  # else the SDK has stopped asking for them, and the room can go
    list(engine.answer(a_request()))
    assert classes_built() == built
