"""A stand-in for Mistral's API on loopback: the real protocol, and every fault on demand.

In tests::

    with MistralServer() as server:
        go_on = threading.Event()
        server.script(stream("Bonjour", go_on, " !"), refuse(429, {"Retry-After": "7"}))
        ...  # the first request gets the stream, the second the refusal

By hand, to see an answer being streamed without a key::

    python -m tests.mistral_server --port 9100
    MISTRAL_SERVER_URL=http://127.0.0.1:9100 flask run
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

CHAT_PATH = "/v1/chat/completions"
EMBEDDINGS_PATH = "/v1/embeddings"
POLL_SECONDS = 0.01

USAGE: Mapping[str, object] = {"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46}

GARBAGE = b"data: {this is not JSON\n\n"
ERROR_EVENT = (
    b'data: {"object":"error","message":"Service unavailable","type":"internal_server_error",'
    b'"param":null,"code":"3505"}\n\n'
)
COMMENT = b": keep-alive\n\n"

# How servers of one's own speak the same protocol, each in its way; the answer is "Oui, bien sûr.".
_ROLE = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
_DONE = b"data: [DONE]\n\n"
VARIANTS: Mapping[str, bytes] = {
    # https://docs.vllm.ai: extra fields, the usage (if asked for) in an event without choices
    "vllm": _ROLE.replace(b'""}', b'""},"logprobs":null,"finish_reason":null')
    + b'data: {"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"hm"}}]}\n\n'
    + 'data: {"choices":[{"index":0,"delta":{"content":"Oui, bien sûr."},"logprobs":null,'
    '"finish_reason":"stop","stop_reason":2,"token_ids":null}]}\n\n'.encode()
    + b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}}\n\n'
    + _DONE,
    # llama.cpp: the last event has an empty delta, and timings instead of usage
    "llama.cpp": _ROLE.replace(b'""', b"null")
    + 'data: {"choices":[{"finish_reason":null,"index":0,'
    '"delta":{"content":"Oui, bien sûr."}}]}\n\n'.encode()
    + b'data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],'
    b'"timings":{"predicted_n":5}}\n\n' + _DONE,
    # Ollama: thoughts as "reasoning", a fingerprint, no usage
    "ollama": b'data: {"system_fingerprint":"fp_ollama","choices":[{"index":0,'
    b'"delta":{"role":"assistant","content":"","reasoning":"hm"},"finish_reason":null}]}\n\n'
    + 'data: {"choices":[{"index":0,"delta":{"role":"assistant",'
    '"content":"Oui, bien sûr."},"finish_reason":null}]}\n\n'.encode()
    + b'data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}\n\n'
    + _DONE,
    # others: an empty reason for none, a delta that is null
    "bare": b'data:{"choices":[{"delta":null,"finish_reason":""}]}\n\n'
    + 'data:{"choices":[{"delta":{"content":"Oui, bien sûr."},"finish_reason":""}]}\n\n'.encode()
    + b'data:{"choices":[{"delta":null,"finish_reason":"length"}]}\n\n'
    + _DONE,
    "eos_token": 'data: {"choices":[{"delta":{"content":"Oui, bien sûr."},'
    '"finish_reason":"eos_token"}]}\n\n'.encode(),
}

CANNED_ANSWER = """\
## Le perceptron

Un **perceptron** est le plus simple des neurones artificiels : il additionne ses entrées,
chacune multipliée par un *poids*, et compare le total à un seuil.

1. On présente un exemple.
2. On compare la sortie à la réponse attendue.
3. On corrige les poids : $w \\leftarrow w + \\eta\\,(y - \\hat{y})\\,x$.

```python
def perceptron(entrees, poids, biais):
    total = sum(x * w for x, w in zip(entrees, poids))
    return 1 if total + biais > 0 else 0
```

Un seul perceptron ne sait pas calculer un « ou exclusif » [1] : il en faut plusieurs couches.
"""


class Fault(Enum):
    """What a stream may do instead of going on."""

    STALL = auto()  # say nothing more, and keep the connection
    COMMENTS = auto()  # say nothing but comments, for ever
    ENDLESS = auto()  # repeat one word, for ever
    END = auto()  # end the body as if all were well, without finish_reason and [DONE]
    DROP = auto()  # close the connection in the middle of the body
    RESET = auto()  # the same, with a TCP reset


Step = str | bytes | threading.Event | Fault


class Announced(threading.Event):
    """A step of the stand-in that is over at once, and tells that it was reached."""

    def __init__(self, reached: threading.Event) -> None:
        super().__init__()
        self._reached = reached

    def wait(self, timeout: float | None = None) -> bool:
        self._reached.set()
        return True


@dataclass(frozen=True)
class Reply:
    """One answer of the API; ``stream`` and ``refuse`` make them.

    Of the steps, text is sent as the protocol wants it, bytes as they are, an event is waited
    for, and a fault ends the answer. The headers leave with the first thing sent.
    """

    steps: Iterable[Step] = ()
    usage: Mapping[str, object] | None = None
    finish_reason: str | None = "stop"
    done: bool = True
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    pause: float = 0.0


def stream(
    *steps: Step,
    usage: Mapping[str, object] | None = USAGE,
    finish_reason: str | None = "stop",
    done: bool = True,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return an answer streamed step by step; ``usage`` None leaves the figures out."""
    return Reply(steps, usage, finish_reason, done, headers=headers or {})


def refuse(
    status: int, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Reply:
    """Return an answer with this status; without ``body`` it quotes all that was sent, key too."""
    return Reply(status=status, headers=headers or {}, body=body)


def letters(text: str) -> list[float]:
    """Return how often each of the 26 letters occurs: a vector that knows nothing of meaning."""
    return [float(text.lower().count(chr(97 + n))) + 0.01 for n in range(26)]


def canned(tokens_per_second: float) -> Reply:
    """Return a French answer in markdown, at about the speed of a model."""
    words = tuple(f"{word} " for word in CANNED_ANSWER.split(" "))
    return Reply(words, USAGE, pause=1 / tokens_per_second)


@dataclass(frozen=True)
class Received:
    """A request as it came; the names of the headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Any


class MistralServer:
    """The stand-in, from ``with`` to its end, in threads of this process.

    ``base`` is a path under which it answers, as behind a proxy; ``open_to_all`` asks for no key.
    """

    def __init__(
        self,
        port: int = 0,
        default: Reply | None = None,
        base: str = "",
        *,
        open_to_all: bool = False,
    ) -> None:
        self.base = base
        self.open_to_all = open_to_all
        self.requests: list[Received] = []
        self.embedded: list[list[str]] = []
        self.embed: Callable[[str], list[float]] = letters
        self.embedding_refusal: Reply | None = None
        self.respond: Callable[[Received], Reply] | None = None
        self.connections = 0
        self.closing = threading.Event()
        self._default = default or stream("Bonjour", " !")
        self._script: deque[Reply] = deque()
        self._disconnections = threading.Semaphore(0)
        self._server = _Server(self, port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,))

    @property
    def url(self) -> str:
        """The address to set as the server's."""
        return f"http://127.0.0.1:{self._server.server_port}{self.base}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    def script(self, *replies: Reply) -> None:
        """Say what the next requests get, in order; after that, a plain answer."""
        self._script.extend(replies)

    def forget_script(self) -> None:
        """Take back what no request has asked for."""
        self._script.clear()

    def next_reply(self) -> Reply:
        """Return what the request at hand gets."""
        if self.respond is not None:
            return self.respond(self.requests[-1])
        try:
            return self._script.popleft()
        except IndexError:
            return self._default

    def wait_for_disconnect(self, timeout: float) -> bool:
        """Wait until a client has left before its answer was whole; False if none did in time."""
        return self._disconnections.acquire(timeout=timeout)

    def note_disconnect(self) -> None:
        """Remember that a client left in the middle of its answer."""
        self._disconnections.release()


_Socket = socket.socket | tuple[bytes, socket.socket]  # as the base class has it, for UDP too


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them, and no test leaves one behind
    request_queue_size = 128

    def __init__(self, owner: MistralServer, port: int) -> None:
        self.owner = owner
        self._open: set[_Socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: _Socket, client_address: object) -> None:
        self.owner.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Socket) -> None:
        self._open.discard(request)
        # Without the shutdown() of the base class, which would say goodbye before a reset.
        self.close_request(request)

    def hang_up(self) -> None:
        """Wake the threads that wait for the next request of a client that keeps its connection."""
        for connection in tuple(self._open):
            if isinstance(connection, socket.socket):
                with suppress(OSError):  # it may just have closed by itself
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: _Socket, client_address: object) -> None:
        """Print nothing of connections that tests break on purpose."""


class _Gone(Exception):
    """The client has left, or the server is closing."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests clean."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        owner = self.server.owner
        body: Any = _parsed(raw)
        if self.path == owner.base + EMBEDDINGS_PATH:
            return self._embed(body, raw)
        headers = {name.lower(): value for name, value in self.headers.items()}
        owner.requests.append(Received(self.path, headers, body))
        refusal = self._refusal(body)
        if refusal is not None:
            return self._send_json(*refusal)
        reply = owner.next_reply()
        if reply.status == 200 and reply.body is None:
            return self._stream(reply, body["model"])
        return self._refuse(reply, raw)

    def _embed(self, body: Any, raw: bytes) -> None:
        owner = self.server.owner
        if owner.embedding_refusal is not None:
            return self._refuse(owner.embedding_refusal, raw)
        owner.embedded.append(body["input"])
        vectors = [owner.embed(text) for text in body["input"]]
        data = [
            {"object": "embedding", "index": n, "embedding": vector}
            for n, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1}
        answer = {"id": "1", "object": "list", "model": body["model"], "usage": usage, "data": data}
        return self._send_json(200, answer)

    def _refusal(self, body: object) -> tuple[int, object] | None:
        """Return status and body with which the real API would refuse this request."""
        owner = self.server.owner
        if self.path != owner.base + CHAT_PATH:
            return 404, {"message": "no Route matched with those values"}
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        if not owner.open_to_all and (scheme != "Bearer" or not key.strip()):
            return 401, {"detail": "Unauthorized"}
        problems = list(_problems(body))
        return (422, {"detail": problems}) if problems else None

    def _refuse(self, reply: Reply, raw: bytes) -> None:
        quoted = {
            "object": "error",
            "message": f"{self.headers.get('Authorization')} {raw.decode()}",
            "type": "error",
            "code": str(reply.status),
        }
        body = json.dumps(quoted).encode() if reply.body is None else reply.body
        self._send(reply.status, body, {"Content-Type": "application/json", **reply.headers})

    def _send_json(self, status: int, body: object) -> None:
        self._send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    # ------------------------------------------------------------------------------- the stream

    def _stream(self, reply: Reply, model: str) -> None:
        self._begun = False
        self._reply = reply
        self._model = model
        try:
            if self._take_steps(reply):
                self._finish(reply)
        except (_Gone, OSError):
            self.close_connection = True
            if not self.server.owner.closing.is_set():
                self.server.owner.note_disconnect()

    def _take_steps(self, reply: Reply) -> bool:
        """Send what the steps say; tell whether the answer ends as it should."""
        for step in reply.steps:
            match step:
                case str():
                    self._say(step)
                    self._wait(reply.pause)
                case bytes():
                    self._write(step)
                case threading.Event():
                    self._wait_for(step)
                case Fault():
                    self._fail(step)
                    return False
        return True

    def _finish(self, reply: Reply) -> None:
        if reply.finish_reason is not None:
            self._write(_event(self._model, "", reply.finish_reason, reply.usage))
        if reply.done:
            self._write(b"data: [DONE]\n\n")
        self._end()

    def _fail(self, fault: Fault) -> None:
        match fault:
            case Fault.STALL:
                self._wait_for(threading.Event())
            case Fault.COMMENTS:
                self._repeat(COMMENT)
            case Fault.ENDLESS:
                self._repeat(_event(self._model, "encore "))
            case Fault.END:
                self._end()
            case Fault.DROP:
                self._begin()
                self.close_connection = True
            case Fault.RESET:
                self._begin()
                no_linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
                self.close_connection = True

    def _repeat(self, raw: bytes) -> None:
        while True:
            self._write(raw)
            self._wait(POLL_SECONDS)

    def _say(self, text: str) -> None:
        self._write(_event(self._model, text))

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in {"Content-Type": "text/event-stream", **self._reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, raw: bytes) -> None:
        self._begin()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(raw), raw))

    def _end(self) -> None:
        self._begin()
        self.wfile.write(b"0\r\n\r\n")

    def _wait_for(self, event: threading.Event) -> None:
        while not event.wait(POLL_SECONDS):
            self._check_client()

    def _wait(self, seconds: float) -> None:
        if seconds:
            self.server.owner.closing.wait(seconds)
            self._check_client()

    def _check_client(self) -> None:
        """Raise if nobody is there any more: a client that waits has nothing to send."""
        if self.server.owner.closing.is_set():
            raise _Gone
        readable, _, _ = select.select([self.connection], [], [], 0)
        if readable and not self.connection.recv(1, socket.MSG_PEEK):
            raise _Gone


def _event(
    model: str,
    text: str,
    finish_reason: str | None = None,
    usage: Mapping[str, object] | None = None,
) -> bytes:
    """Return one event of the stream, as the API words it."""
    choice = {
        "index": 0,
        "delta": {"role": "assistant", "content": text},
        "finish_reason": finish_reason,
    }
    event: dict[str, object] = {
        "id": "cmpl-stand-in",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": model,
        "choices": [choice],
    }
    if usage is not None:
        event["usage"] = usage
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"


def _parsed(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return None


# ----------------------------------------------------------------------- what the API would refuse

_OPTIONS: Mapping[str, type | tuple[type, ...]] = {
    "temperature": (int, float),
    "max_tokens": int,
    "stop": (str, list),
    "top_p": (int, float),
    "random_seed": int,
    "safe_prompt": bool,
}


def _problems(body: object) -> Iterator[dict[str, object]]:
    """Yield what is wrong with a request, in the words and with the quotes of the real API."""
    if not isinstance(body, dict):
        yield _problem("model_attributes_type", [], body)
        return
    if not isinstance(body.get("model"), str):
        yield _problem("missing", ["model"], body)
    if body.get("stream") is not True:
        yield _problem("stand-in streams only", ["stream"], body)
    yield from _message_problems(body.get("messages"))
    for name in body.keys() - {"model", "stream", "messages"}:
        if name not in _OPTIONS:
            yield _problem("extra_forbidden", [name], body[name])
        elif not isinstance(body[name], _OPTIONS[name]):
            yield _problem("type", [name], body[name])


def _message_problems(messages: object) -> Iterator[dict[str, object]]:
    if not isinstance(messages, list) or not messages:
        yield _problem("missing", ["messages"], messages)
        return
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("content"), str):
            yield _problem("missing", ["messages", place, "content"], message)
        elif message.get("role") not in {"system", "user", "assistant", "tool"}:
            yield _problem("union_tag_invalid", ["messages", place, "role"], message)
    if isinstance(messages[-1], dict) and messages[-1].get("role") not in {"user", "tool"}:
        yield _problem("invalid_request_message_order", ["messages"], messages[-1])


def _problem(kind: str, place: list[object], found: object) -> dict[str, object]:
    return {"type": kind, "loc": ["body", *place], "msg": kind, "input": found}


def main() -> None:
    """Serve the canned answer until interrupted."""
    parser = argparse.ArgumentParser(description="A stand-in for Mistral's API.")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--tokens-per-second", type=float, default=30.0)
    options = parser.parse_args()
    with MistralServer(options.port, canned(options.tokens_per_second)) as server:
        print(f"MISTRAL_SERVER_URL={server.url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("bye")


if __name__ == "__main__":
    main()
