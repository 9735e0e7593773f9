"""Browsing the course."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from pedabot.knowledge.document import Difficulty, Document, Subtopic, Topic
from pedabot.web.access import signed_in
from pedabot.web.services import running_course

bp = Blueprint("knowledge", __name__, url_prefix="/knowledge")

FOUND = 8


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands around a subtopic in the course."""

    previous: tuple[Topic, Subtopic] | None
    next: tuple[Topic, Subtopic] | None
    prerequisites: list[tuple[Topic, Subtopic]]
    related: list[tuple[Topic, Subtopic]]


@bp.get("")
@signed_in
def contents() -> str:
    """The table of contents, filtered by difficulty, or what a search finds."""
    difficulty = _difficulty(request.args.get("difficulty", ""))
    query = request.args.get("q", "").strip()[:200]
    return render_template(
        "knowledge/contents.html",
        topics=_filtered(running_course().document, difficulty),
        difficulty=difficulty,
        difficulties=list(Difficulty),
        query=query,
        found=_found(query, difficulty) if query else None,
    )


def _difficulty(text: str) -> Difficulty | None:
    return Difficulty(text) if text in set(Difficulty) else None


def _filtered(
    document: Document, difficulty: Difficulty | None
) -> list[tuple[Topic, list[Subtopic]]]:
    """Return the topics that have subtopics of the difficulty, with these alone."""
    kept = [
        (topic, [entry for entry in topic.subtopics if difficulty in {None, entry.difficulty}])
        for topic in document.topics
    ]
    return [(topic, subtopics) for topic, subtopics in kept if subtopics]


def _found(query: str, difficulty: Difficulty | None) -> list[tuple[Topic, Subtopic]]:
    passages = running_course().index.search(query).passages
    found = [(passage.topic, passage.subtopic) for passage in passages]
    return [entry for entry in found if difficulty in {None, entry[1].difficulty}][:FOUND]


@bp.get("/<topic_id>/<subtopic_id>")
@signed_in
def subtopic(topic_id: str, subtopic_id: str) -> str:
    """One notion of the course."""
    document = running_course().document
    topic, entry = document.by_id.get(subtopic_id) or abort(404)
    if topic.id != topic_id:
        abort(404)
    return subtopic_page(document, topic, entry)


def subtopic_page(document: Document, topic: Topic, entry: Subtopic) -> str:
    """Render the page of a notion; the preview of an edit shows it as well."""
    return render_template(
        "knowledge/subtopic.html",
        topic=topic,
        subtopic=entry,
        around=_neighbours(document, entry),
    )


def _neighbours(document: Document, entry: Subtopic) -> Neighbours:
    order = list(document.subtopics())
    place = next(i for i, (_, subtopic) in enumerate(order) if subtopic.id == entry.id)
    return Neighbours(
        previous=order[place - 1] if place > 0 else None,
        next=order[place + 1] if place + 1 < len(order) else None,
        prerequisites=[document.by_id[i] for i in entry.prerequisites],
        related=[document.by_id[i] for i in entry.related],
    )
