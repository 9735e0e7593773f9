"""What is written down in the audit: by views and loaders, in one line each.

A test runs every route by which staff change something, take data away or read a student's words,
and demands an entry of it, or a reason why there is none (:func:`not_noted`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import current_app, request
from flask_login import current_user

from pedabot.storage import audit
from pedabot.storage.audit import Action
from pedabot.storage.conversations import Message
from pedabot.storage.people import Classroom, User

P = ParamSpec("P")
R = TypeVar("R")


def note(
    action: Action,
    subject: User | None = None,
    classroom: Classroom | None = None,
    detail: object = "",
) -> None:
    """Write down what whoever is signed in has just done, and from where. Commits.

    ``subject`` is another account that it concerned. ``detail`` must not name anybody.
    """
    user = current_user._get_current_object() if current_user.is_authenticated else None
    # Of whoever has just erased their account, nothing is kept.
    known = user is not None or action is Action.SIGN_IN_FAILED
    audit.note(
        action,
        user,
        (request.remote_addr or "") if known else "",
        current_app.config["PEDABOT_AUDIT_DAYS"],
        subject=subject,
        classroom=classroom,
        detail=str(detail),
    )


def note_answer(action: Action, answer: Message) -> None:
    """Write down what was done with an answer to somebody. Commits."""
    note(action, answer.conversation.user, answer.conversation.classroom)


def not_noted(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Say why nothing that a view does belongs into the audit."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.not_noted = reason  # type: ignore[attr-defined]
        return view

    return decorate
