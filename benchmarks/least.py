"""The least possible streamed tutor of the same stack: what PedaBot's figures are set beside.

Flask, gunicorn, the SDK and SQLite through SQLAlchemy; no account, no form, no search, no markdown.
``STANDIN`` is the address of the stand-in for the API, ``DATABASE`` the path of the database.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import httpx2
from flask import Flask, Response, render_template_string, request
from mistralai.client import Mistral, models
from sqlalchemy import Text, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

SYSTEM = "You answer the questions of a class from its course. " * 60
LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=1000)


class _Base(DeclarativeBase):
    pass


class _Message(_Base):
    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)


app = Flask(__name__)
_client = Mistral(
    api_key="none",
    server_url=os.environ["STANDIN"],
    client=httpx2.Client(limits=LIMITS, trust_env=False),
)
_engine = create_engine(f"sqlite:///{os.environ['DATABASE']}", pool_size=10, max_overflow=500)


@event.listens_for(_engine, "connect")
def _pragmas(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


@app.post("/stream")
def stream() -> Response:
    """Pass the model's answer on, piece by piece, and keep it."""
    question = str(request.get_json()["question"])
    return Response(_answer(question), mimetype="text/event-stream")


def _answer(question: str) -> Iterator[str]:
    events = _client.chat.stream(
        model="standin",
        messages=[models.SystemMessage(content=SYSTEM), models.UserMessage(content=question)],
    )
    said = []
    for text in _texts(events.response):
        said.append(text)
        yield f"data: {json.dumps(text, ensure_ascii=False)}\n\n"
    with Session(_engine) as session:
        session.add(_Message(question=question, answer="".join(said)))
        session.commit()
    yield "event: end\ndata: .\n\n"


def _texts(response: httpx2.Response) -> Iterator[str]:
    for line in response.iter_lines():
        if line.startswith("data: {"):
            yield json.loads(line[6:])["choices"][0]["delta"]["content"]


@app.get("/page")
def page() -> str:
    """A bare page of this stack: some forty paragraphs through Jinja."""
    return render_template_string(PAGE, lines=range(40))


PAGE = """<!doctype html><html lang="en"><head><title>A page</title></head><body><h1>A page</h1>
{% for line in lines %}
<p>Line {{ line }} of a page that nobody reads.</p>{% endfor %}</body></html>"""


def prepare() -> None:
    """Make the table, once, before the server starts."""
    _Base.metadata.create_all(_engine)


if __name__ == "__main__":
    prepare()
