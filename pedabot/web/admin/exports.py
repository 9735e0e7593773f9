"""What teachers take away: of a conversation, and of a class."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, render_template, stream_with_context, url_for

from pedabot.answering.training import training_lines
from pedabot.greenlets import giving_way
from pedabot.storage import reviews
from pedabot.storage.audit import Action
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.exports import talks_of_class
from pedabot.storage.reviews import Review
from pedabot.teaching import exports
from pedabot.web import limits
from pedabot.web.access import taught_class, taught_conversation, teacher_only
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note
from pedabot.web.services import retrieval
from pedabot.web.transcripts import markdown_file, printable_page

bp = Blueprint("admin_exports", __name__, url_prefix="/admin")


@bp.get("/conversations/<slug>/markdown")
@teacher_only
def markdown(slug: str) -> Response:
    """A conversation of a class as a file."""
    return markdown_file(_taken(slug, "markdown"))


@bp.get("/conversations/<slug>/print")
@teacher_only
def printable(slug: str) -> str:
    """A conversation of a class on paper."""
    return printable_page(_taken(slug, "print"), url_for("admin_conversations.show", slug=slug))


def _taken(slug: str, form: str) -> Conversation:
    conversation = taught_conversation(slug)
    note(Action.TALK_EXPORTED, conversation.user, conversation.classroom, form)
    return conversation


@bp.get("/classes/<slug>/exports")
@teacher_only
def index(slug: str) -> str:
    """The files that can be made of a class, and what each is for."""
    return render_template("admin/exports.html", classroom=taught_class(slug))


@bp.get("/classes/<slug>/conversations.csv")
@teacher_only
@limits.copies
def as_csv(slug: str) -> Response:
    """All messages of a class, for a spreadsheet."""
    classroom = taught_class(slug)
    note(Action.CLASS_EXPORTED, classroom=classroom, detail="CSV")
    lines = exports.as_csv(talks_of_class(classroom.id), _headings())
    return _streamed(lines, "text/csv; charset=utf-8", f"conversations-{slug}.csv")


def _headings() -> list[str]:
    names = {
        "conversation": _("conversation"),
        "title": _("titre"),
        "student": _("étudiant"),
        "at": _("date (UTC)"),
        "author": _("auteur"),
        "level": _("niveau"),
        "topic": _("thème"),
        "subtopic": _("page du cours"),
        "engine": _("moteur"),
        "state": _("état"),
        "in_scope": _("dans le cours"),
        "content": _("texte"),
        "helpful": _("jugée utile"),
        "reason": _("pourquoi"),
        "verdict": _("relecture"),
        "correction": _("correction"),
    }
    return [names[column] for column in exports.COLUMNS]


@bp.get("/classes/<slug>/conversations.jsonl")
@teacher_only
@limits.copies
def as_jsonl(slug: str) -> Response:
    """All conversations of a class, for programs."""
    classroom = taught_class(slug)
    note(Action.CLASS_EXPORTED, classroom=classroom, detail="JSONL")
    lines = exports.as_jsonl(talks_of_class(classroom.id))
    return _streamed(lines, "application/jsonl", f"conversations-{slug}.jsonl")


@bp.get("/classes/<slug>/training.jsonl")
@teacher_only
@limits.copies
def training(slug: str) -> Response:
    """What teachers have approved and corrected in a class, to train a model with."""
    classroom = taught_class(slug)
    note(Action.TRAINING_EXPORTED, classroom=classroom)
    lines = training_lines(classroom.id, retrieval().words_of_the_course())
    return _streamed(lines, "application/jsonl", f"entrainement-{slug}.jsonl")


def _streamed(lines: Iterable[str], content_type: str, name: str) -> Response:
    return Response(
        stream_with_context(giving_way(lines)),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.get("/classes/<slug>/evaluation.jsonl")
@teacher_only
def evaluation(slug: str) -> Response:
    """The corrected questions of a class, as ``flask evaluate`` reads them."""
    classroom = taught_class(slug)
    note(Action.EVALUATION_EXPORTED, classroom=classroom)
    corrected = reviews.shared_corrections(classroom.id)
    return _streamed(_cases(list(corrected)), "application/jsonl", f"evaluation-{slug}.jsonl")


def _cases(corrected: list[Review]) -> Iterator[str]:
    for row in corrected:
        question = row.message.question
        if question is not None:
            case = {
                "id": row.message.slug,
                "kind": "corrected",
                "question": _without_personal_data(question),
                "expect": row.expected,
                "level": question.level.value,
            }
            yield json.dumps(case, ensure_ascii=False) + "\n"


def _without_personal_data(question: Message) -> str:
    text = question.content
    for hidden in question.hidden:
        text = text.replace(hidden["value"], hidden["mark"])
    return text
