"""Logs: one JSON line an event on the standard error, without questions, keys and names.

The standard library's logging with a formatter of our own. structlog and python-json-logger write
JSON as well, but both write what an exception says, and an exception may quote a question (as
SQLAlchemy's do with the parameters of a statement): so a traceback here has places and no values.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType

from flask import Flask, Response, g, has_request_context, request

OURS = "pedabot"
_log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """Writes a record as a line: when, how grave, who, what, in which request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what other libraries put into their messages is left out."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        if has_request_context():
            line["request"] = g.get("request_id", "-")
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = list(_errors(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=lambda value: type(value).__name__)


def _event(record: logging.LogRecord) -> str:
    """Return our own messages whole; of others the text in the source, and numbers in it."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    numbers = all(isinstance(argument, int | float) for argument in arguments)
    if record.name.split(".")[0] == OURS or (arguments and numbers):
        return record.getMessage()
    return record.msg if isinstance(record.msg, str) else type(record.msg).__name__


def _errors(error: BaseException) -> Iterator[dict[str, object]]:
    """Yield an exception and those behind it: their kind, and the places that they passed."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield {"kind": type(current).__qualname__, "at": _places(current.__traceback__)}
        current = current.__cause__ or current.__context__


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace, limit=-12)
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(path: str) -> str:
    return "/".join(path.split("/")[-3:])


def configure(level: str) -> None:
    """Send everything to the standard error as JSON; ours from this level on, others from warning.

    May be called again: there is one handler for the process.
    """
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JsonFormatter) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        root.addHandler(handler)
    logging.getLogger(OURS).setLevel(level.upper())


def init_app(app: Flask) -> None:
    """Write one event for each request: by its route, since addresses and their words may tell."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    fields = {
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "ms": round((time.monotonic() - g.get("began", time.monotonic())) * 1000),
    }
    _log.info("request", extra={"fields": fields})
    return response
