"""A stand-in for the model's API on loopback: Mistral's protocol, at a pace that is known.

    python -m benchmarks.standin PORT

Each token bears the moment at which it was sent, and the first one also the moment at which the
request came, so that a reader on this machine can tell what the application in between has added.
Moments are microseconds of the monotonic clock, in braille: neither words nor figures.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from contextlib import suppress

from aiohttp import web

FIRST_TOKEN_SECONDS = 0.3
TOKENS_PER_SECOND = 50
TOKENS = 150
TOKENS_IN_PARAGRAPH = 40
SIGNS = "⠀⠁⠂⠃⠄⠅⠆⠇⠈⠉⠊⠋⠌⠍⠎⠏"
STAMP = re.compile(rf"⣿([{SIGNS}]+)(?:⣶([{SIGNS}]+))?⣿")
WORDS = "modèle données réseau entraînement apprentissage poids précision".split()
"""Words of any course on Deep Learning: an answer about nothing is not passed on."""
DIMENSION = 1024


def now_us() -> int:
    """Return the moment in microseconds of the clock that all processes of a machine share."""
    return time.monotonic_ns() // 1000


def in_signs(moment: int) -> str:
    """Write a moment in sixteen signs instead of digits."""
    return f"{moment:x}".translate(str.maketrans("0123456789abcdef", SIGNS))


def from_signs(text: str) -> int:
    """Read what :func:`in_signs` wrote."""
    return int(text.translate(str.maketrans(SIGNS, "0123456789abcdef")), 16)


def _event(text: str, finish: str | None = None) -> bytes:
    event: dict[str, object] = {
        "id": "standin",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "standin",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}],
    }
    if finish:
        event["usage"] = {
            "prompt_tokens": 900,
            "completion_tokens": TOKENS,
            "total_tokens": 900 + TOKENS,
        }
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _token(number: int, received: int) -> str:
    end = "\n\n" if number % TOKENS_IN_PARAGRAPH == TOKENS_IN_PARAGRAPH - 1 else " "
    word, sent = WORDS[number % len(WORDS)], in_signs(now_us())
    stamp = f"⣿{in_signs(received)}⣶{sent}⣿" if number == 0 else f"⣿{sent}⣿"
    return f"{word} {stamp}{end}"


async def chat(request: web.Request) -> web.StreamResponse:
    """Answer with tokens, each at its moment whatever the lateness of the one before."""
    received = now_us()
    await request.read()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    clock = asyncio.get_running_loop().time
    began = clock()
    with suppress(ConnectionResetError):  # the reader has left: nobody is owed the rest
        for number in range(TOKENS):
            due = began + FIRST_TOKEN_SECONDS + number / TOKENS_PER_SECOND
            await asyncio.sleep(max(0.0, due - clock()))
            await response.write(_event(_token(number, received)))
        await response.write(_event("", "stop") + b"data: [DONE]\n\n")
    return response


async def embeddings(request: web.Request) -> web.Response:
    """Answer with unit vectors."""
    inputs = (await request.json())["input"]
    vector = [1.0] + [0.0] * (DIMENSION - 1)
    data = [
        {"object": "embedding", "index": index, "embedding": vector} for index in range(len(inputs))
    ]
    usage = {"prompt_tokens": 10, "total_tokens": 10, "completion_tokens": 0}
    return web.json_response(
        {"id": "standin", "object": "list", "model": "standin", "data": data, "usage": usage}
    )


def main() -> None:
    """Serve on loopback until the process is ended."""
    app = web.Application(client_max_size=10 * 1024 * 1024)
    app.add_routes([web.post("/v1/chat/completions", chat), web.post("/v1/embeddings", embeddings)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
