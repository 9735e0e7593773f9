"""An answer on its way as server-sent events, which htmx puts in place."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain

from flask import current_app, render_template
from markupsafe import escape

from pedabot.answering.events import Answer, Event, Progress, Queued, Restart, Sources
from pedabot.extensions import db
from pedabot.storage import conversations
from pedabot.storage.conversations import Message
from pedabot.storage.faults import advice_about
from pedabot.storage.sessions import keep_what_is_loaded
from pedabot.turns import turn
from pedabot.web import metrics
from pedabot.web.access import signed_in_user


def frames(answer: Message, events: Generator[Event, None, None]) -> Iterator[str]:
    """Yield the events of an answer, then the whole of it as the database has it, then the end."""
    slug, made_here = answer.slug, False
    # The view's session has ended with the view; what it has loaded goes on in this one.
    keep_what_is_loaded()
    db.session.add_all([answer, signed_in_user()])
    try:
        with closing(events):
            with turn():  # up to what was found in the course, and the prompt
                first = next(events, None)
            for event in _changes(chain([first] if first else [], events)):
                made_here = made_here or isinstance(event, Answer)
                yield _event_frames(event)
    except Exception as error:
        # The answer is marked as failed; the student sees so in place, the log says why.
        current_app.logger.exception("an answer failed. %s", advice_about(error))
        metrics.count_error(type(error).__name__)
        db.session.rollback()  # where not even that could be stored
    yield _whole(slug, answer if made_here else None)
    yield _frame("end", "")


def _whole(slug: str, made: Message | None) -> str:
    """The answer as its page shows it: the one that was just made, or what the database has."""
    with turn():
        if made is not None:
            conversations.note_nobody_has_judged(made)
        message = made or conversations.find_shown_message(slug)
        if message is None:
            return ""
        return _frame("whole", render_template("chat/_delivered.html", answer=message, last=True))


def _changes(events: Iterable[Event]) -> Iterator[Event]:
    """Leave out what says the same place in the queue again: each place is read aloud once."""
    before: Event | None = None
    for event in events:
        if event != before:
            yield event
        before = event if isinstance(event, Queued) else None


def _event_frames(event: Event) -> str:
    if isinstance(event, Sources):
        return _frame("sources", render_template("chat/_found.html", found=event))
    if isinstance(event, Queued):
        return _frame("queue", render_template("chat/_queue.html", place=event.place))
    if isinstance(event, Restart):
        return _frame("restart", "")
    if isinstance(event, Progress):
        blocks = _frame("blocks", event.html) if event.html else ""
        return blocks + _frame("tail", str(escape(event.tail)))
    return ""


def _frame(name: str, data: str) -> str:
    """Write one server-sent event; an empty one carries a comment, or browsers would skip it."""
    lines = "\n".join(f"data: {line}" for line in (data or "<!-- -->").splitlines())
    return f"event: {name}\n{lines}\n\n"
