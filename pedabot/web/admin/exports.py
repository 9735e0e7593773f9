"""What teachers take away of a class."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response

from pedabot.storage import reviews
from pedabot.storage.audit import Action
from pedabot.storage.conversations import Message
from pedabot.storage.reviews import Review
from pedabot.web.access import taught_class, teacher_only
from pedabot.web.noting import note

bp = Blueprint("admin_exports", __name__, url_prefix="/admin")


@bp.get("/classes/<slug>/evaluation.jsonl")
@teacher_only
def evaluation(slug: str) -> Response:
    """The corrected questions of a class, as ``flask evaluate`` reads them."""
    classroom = taught_class(slug)
    note(Action.EVALUATION_EXPORTED, classroom=classroom)
    corrected = reviews.shared_corrections(classroom.id)
    body = "".join(_cases(list(corrected)))
    headers = {"Content-Disposition": f'attachment; filename="evaluation-{slug}.jsonl"'}
    return Response(body, mimetype="application/jsonl", headers=headers)


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
