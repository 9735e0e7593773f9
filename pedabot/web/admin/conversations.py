"""What a class asks: the list with filters, and the page of a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template, request

from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.rebuilding import rebuild
from pedabot.knowledge.document import Difficulty
from pedabot.storage import answers, attachments, conversations, people, predictions
from pedabot.storage.conversations import FROM_MEMORY
from pedabot.web.access import (
    read_answer,
    read_conversation,
    taught_class,
    taught_conversation,
    teacher_only,
)
from pedabot.web.services import delivery, retrieval, running_course

bp = Blueprint("admin_conversations", __name__, url_prefix="/admin")

PER_PAGE = 30
ENGINES = ("mistral", "offline", *FROM_MEMORY)


@bp.get("/classes/<slug>/conversations")
@teacher_only
def index(slug: str) -> str:
    """The conversations of a class, newest first."""
    classroom = taught_class(slug)
    before = request.args.get("before", "")
    page = conversations.class_conversations(
        classroom.id,
        PER_PAGE + 1,
        taught_conversation(before) if before else None,
        **_filters(),
    )
    shown = page[:PER_PAGE]
    return render_template(
        "admin/conversations.html",
        classroom=classroom,
        page=shown,
        counts=conversations.question_counts(shown),
        more=len(page) > PER_PAGE,
        students=people.students_of(classroom),
        topics=running_course().document.topics,
        levels=Difficulty,
        engines=ENGINES,
        filters=without_page(),
    )


def _filters() -> dict[str, Any]:
    return {
        "student": request.args.get("student", ""),
        "topic": request.args.get("topic", ""),
        "level": _one_of(Difficulty, "level"),
        "engine": request.args.get("engine", ""),
        "in_scope": {"in": True, "out": False}.get(request.args.get("scope", "")),
        "helpful": {"up": True, "down": False}.get(request.args.get("thumb", "")),
        **day_filters(),
    }


def _one_of(words: Iterable[str], name: str) -> str:
    """Return what the address says, if it is one of the words."""
    return next((word for word in words if word == request.args.get(name)), "")


def day_filters() -> dict[str, datetime | None]:
    """Read ``from`` and ``to`` (days, both included) as moments; what is no day is left out."""
    until = _start_of_day(request.args.get("to", ""))
    return {
        "since": _start_of_day(request.args.get("from", "")),
        "until": until + timedelta(days=1) if until else None,
    }


def _start_of_day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    zone = ZoneInfo(current_app.config["PEDABOT_TIMEZONE"])
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def without_page() -> dict[str, str]:
    """Return the filters of the address, for the link to the next page."""
    return {name: value for name, value in request.args.items() if name != "before" and value}


@bp.get("/conversations/<slug>")
@teacher_only
def show(slug: str) -> str:
    """A conversation as the student sees it, with what is behind each answer."""
    conversation = read_conversation(slug)
    messages = conversations.shown_messages(conversation)
    attempts = predictions.predictions_of([message.id for message in messages])
    return render_template(
        "admin/conversation.html",
        conversation=conversation,
        messages=messages,
        files=attachments.attachments_of(message.id for message in messages),
        pinned=answers.pinned_among(messages),
        first_question=messages[0].id if messages else None,
        attempts={
            message.id: [attempt for attempt in attempts if attempt.message_id == message.id]
            for message in messages
        },
    )


@bp.get("/answers/<slug>/prompt")
@teacher_only
def prompt(slug: str) -> str:
    """The prompt of an answer, made again from what is stored."""
    answer = read_answer(slug)
    attempts = predictions.predictions_of([answer.id])
    return render_template(
        "admin/prompt.html",
        answer=answer,
        sent=any(attempt.engine not in (OfflineEngine.name, *FROM_MEMORY) for attempt in attempts),
        rebuilt=rebuild(
            answer.id, running_course(), retrieval().words_of_the_course(), delivery().window
        ),
    )
