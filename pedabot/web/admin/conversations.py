"""What a class asks: the list with filters and search, and the page of a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.rebuilding import rebuild
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.excerpts import Part, excerpt
from pedabot.knowledge.text import shorten, stems_of
from pedabot.storage import (
    answers,
    attachments,
    conversations,
    fulltext,
    people,
    predictions,
    reading,
)
from pedabot.storage.conversations import FROM_MEMORY, Conversation, Message
from pedabot.storage.people import Classroom
from pedabot.web.access import (
    read_answer,
    read_conversation,
    signed_in_user,
    taught_answer,
    taught_class,
    taught_conversation,
    teacher_only,
)
from pedabot.web.admin.filters import wanted, without_page
from pedabot.web.noting import not_noted
from pedabot.web.services import delivery, retrieval, running_course

bp = Blueprint("admin_conversations", __name__, url_prefix="/admin")

PER_PAGE = 30
ENGINES = ("mistral", "offline", *FROM_MEMORY)
MOST_STEMS = 12
TITLE_CHARACTERS = 140


@dataclass(frozen=True, slots=True)
class Found:
    """An answer of a search, with the words found in its question and in itself."""

    answer: Message
    asked: Sequence[Part]
    said: Sequence[Part]


@bp.get("/classes/<slug>/conversations")
@teacher_only
def index(slug: str) -> str:
    """The conversations of a class, newest first; or the answers that hold some words."""
    classroom = taught_class(slug)
    words = request.args.get("q", "").strip()
    return _results(classroom, words) if words else _list(classroom)


def _list(classroom: Classroom) -> str:
    before = request.args.get("before", "")
    page = reading.class_conversations(
        classroom.id, wanted(), PER_PAGE + 1, taught_conversation(before) if before else None
    )
    shown = page[:PER_PAGE]
    return render_template(
        "admin/conversations.html",
        page=shown,
        counts=reading.question_counts(shown),
        unread=reading.unread_among(shown, signed_in_user()),
        more=len(page) > PER_PAGE,
        **_form(classroom),
    )


def _results(classroom: Classroom, words: str) -> str:
    stems = list(dict.fromkeys(stems_of(shorten(words))))[:MOST_STEMS]
    after = request.args.get("after", "")
    page = fulltext.search(
        classroom.id,
        stems,
        wanted(),
        PER_PAGE + 1,
        taught_answer(after) if after else None,
        by_date=request.args.get("order") == "date",
    )
    return render_template(
        "admin/search.html",
        found=[_found(answer, stems) for answer in page[:PER_PAGE]],
        more=len(page) > PER_PAGE,
        telling=bool(stems),
        ranked=fulltext.RANKED,
        **_form(classroom),
    )


def _found(answer: Message, stems: Sequence[str]) -> Found:
    asked = answer.question.content if answer.question else ""
    said = excerpt(answer.valid_content, stems)
    shown = any(part.found for part in said)
    return Found(answer, excerpt(asked, stems, TITLE_CHARACTERS), said if shown else ())


def _form(classroom: Classroom) -> dict[str, object]:
    """Return what the filters above the list are made of."""
    return {
        "classroom": classroom,
        "students": people.students_of(classroom),
        "topics": running_course().document.topics,
        "levels": Difficulty,
        "engines": ENGINES,
        "filters": without_page(),
    }


@bp.get("/conversations/<slug>")
@teacher_only
def show(slug: str) -> str:
    """A conversation as the student sees it, with what is behind each answer."""
    conversation = read_conversation(slug)
    messages = conversations.shown_messages(conversation)
    attempts = predictions.predictions_of([message.id for message in messages])
    reading.mark_read(conversation, signed_in_user())
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
        **_neighbours(conversation),
    )


def _neighbours(conversation: Conversation) -> dict[str, object]:
    """Return the conversations beside one in the list from which it was opened."""
    filters, chosen = without_page(), wanted()
    if conversation.class_id is None or "q" in filters:
        return {"filters": filters}
    older = reading.class_conversations(conversation.class_id, chosen, 1, conversation)
    newer = reading.newer_conversation(chosen, conversation)
    return {"filters": filters, "newer": newer, "older": older[0] if older else None}


@bp.post("/conversations/<slug>/read")
@teacher_only
@not_noted("a teacher's own mark in a list")
def mark(slug: str) -> ResponseReturnValue:
    """Mark a conversation as read, or as unread; then the list again."""
    conversation = taught_conversation(slug)
    if request.form.get("read") == "1":
        reading.mark_read(conversation, signed_in_user())
    else:
        reading.mark_unread(conversation, signed_in_user())
    classroom = conversation.classroom or abort(404)
    page: dict[str, Any] = {"before": request.args.get("before"), **without_page()}
    return redirect(url_for(".index", slug=classroom.slug, **page), 303)


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
