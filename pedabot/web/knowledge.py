"""Browsing the course: its table of contents, its map, a notion and its quiz."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.answering.course import RunningCourse
from pedabot.knowledge import browsing, progress
from pedabot.knowledge.browsing import Chapter, Place
from pedabot.knowledge.document import Difficulty, Document, Subtopic
from pedabot.knowledge.map import draw
from pedabot.storage import quizzes
from pedabot.storage.columns import utc_now
from pedabot.teaching import revision
from pedabot.web import kept
from pedabot.web.access import signed_in, signed_in_user
from pedabot.web.quiz import Quiz, chosen_in, quiz_of
from pedabot.web.services import running_course

bp = Blueprint("knowledge", __name__, url_prefix="/knowledge")

LONGEST_QUERY = 200
EVERYTHING = "all"
LEVELS_OF_TEXTS = {
    "simpler": Difficulty.BEGINNER,
    "content": Difficulty.INTERMEDIATE,
    "deeper": Difficulty.ADVANCED,
}


@bp.get("")
@signed_in
def contents() -> ResponseReturnValue:
    """The table of contents, filtered by difficulty, or what a search finds."""
    course = running_course()
    difficulties = [level for level in Difficulty if level in request.args.getlist("difficulty")]
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    page = _found(course, query, difficulties) if query else _contents(course, difficulties)
    # While one types the script asks for this page: the address then leaves the empty fields out.
    address = url_for("knowledge.contents", q=query or None, difficulty=difficulties)
    return page, {"HX-Push-Url": address}


def _found(course: RunningCourse, query: str, difficulties: Sequence[Difficulty]) -> str:
    """Return the page with what a search finds."""
    done = _mastered()
    return render_template(
        "knowledge/contents.html",
        difficulties=difficulties,
        query=query,
        found=browsing.find(course.document, course.index, query, difficulties),
        mastered=done,
        next_step=progress.next_step(course.document, done),
        total=len(course.document.by_id),
    )


def _contents(course: RunningCourse, difficulties: Sequence[Difficulty]) -> bytes:
    """Return the page with the chapters."""
    document, done = course.document, _mastered()
    next_step = progress.next_step(document, done)
    opened = request.args.get("open") or (next_step[0].id if next_step else "")
    chapters = browsing.chapters(document, difficulties, done)
    parts = [_chapter_html(document, difficulties, opened, done, chapter) for chapter in chapters]
    return kept.frame(
        "knowledge/contents.html",
        (document.digest, tuple(difficulties), opened == EVERYTHING, frozenset(done)),
        lambda: {
            "difficulties": difficulties,
            "kept": sum(chapter.kept for chapter in chapters),
            "all_open": opened == EVERYTHING,
            "query": "",
            "found": None,
            "mastered": done,
            "next_step": next_step,
            "total": len(document.by_id),
        },
        b"".join(parts),
    )


def _chapter_html(
    document: Document,
    difficulties: Sequence[Difficulty],
    opened: str,
    done: Collection[str],
    chapter: Chapter,
) -> bytes:
    """Return a chapter of the table of contents; most students see the same of most chapters."""
    is_open = bool(difficulties) or opened in (chapter.topic.id, EVERYTHING)
    shown = frozenset(entry.id for entry in chapter.topic.subtopics if entry.id in done)
    return kept.part(
        "knowledge/_chapter.html",
        (document.digest, chapter.topic.id, tuple(difficulties), is_open, shown),
        lambda: {"chapter": chapter, "open": is_open, "mastered": shown},
    )


def _mastered() -> set[str]:
    return progress.mastered(running_course().document, quizzes.answered_right(signed_in_user()))


@bp.get("/map")
@signed_in
def course_map() -> str:
    """All notions with their prerequisites, drawn and as a list."""
    document = running_course().document
    return render_template(
        "knowledge/map.html",
        map=draw(document),
        document=document,
        mastered=_mastered(),
        total=len(document.by_id),
    )


@bp.get("/<topic_id>/<subtopic_id>")
@signed_in
def subtopic(topic_id: str, subtopic_id: str) -> str:
    """One notion of the course."""
    place = _place(topic_id, subtopic_id)
    return subtopic_page(
        running_course().document, place, _quiz(place[1], again=request.args.get("again", ""))
    )


def _place(topic_id: str, subtopic_id: str) -> Place:
    """Return a notion with its topic; 404 where the course has no such page."""
    place = running_course().document.by_id.get(subtopic_id)
    if place is None or place[0].id != topic_id:
        abort(404)
    return place


def _quiz(entry: Subtopic, again: str = "", refused: str | None = None) -> Quiz:
    choices = quizzes.latest_choices(signed_in_user(), entry.id)
    return quiz_of(entry, choices, again=again, refused=refused)


def subtopic_page(course: Document, place: Place, quiz: Quiz) -> str:
    """Render the page of a notion; the preview of an edit shows it as well."""
    topic, entry = place
    texts = {name: text for name in LEVELS_OF_TEXTS if (text := getattr(entry, name))}
    return render_template(
        "knowledge/subtopic.html",
        topic=topic,
        subtopic=entry,
        around=browsing.neighbours(course, entry),
        texts=texts,
        shown_text=_shown_text(texts),
        quiz=quiz,
        mastered=_mastered(),
    )


def _shown_text(texts: dict[str, str]) -> str:
    """Return which explanation to show first: as the address says, or by the student's level."""
    wanted = request.args.get("level", signed_in_user().level.value)
    names = [name for name, level in LEVELS_OF_TEXTS.items() if level == wanted]
    return next((name for name in names if name in texts), "content")


@bp.post("/<topic_id>/<subtopic_id>/quiz")
@signed_in
def answer_quiz(topic_id: str, subtopic_id: str) -> ResponseReturnValue:
    """Keep an answer to a question of the quiz, and explain it."""
    place = _place(topic_id, subtopic_id)
    key = request.form.get("question", "")
    asked = _quiz(place[1]).find(key)
    chosen = chosen_in(asked.question, request.form.get("choice", "")) if asked else None
    if asked is None or chosen is None:
        return _refused(place, key)
    right = chosen == asked.question.answer
    revision.answer(signed_in_user(), (place[1].id, key), chosen, right, utc_now())
    if request.headers.get("HX-Request") == "true":
        return _question(place, _quiz(place[1]), key)
    page = url_for(
        "knowledge.subtopic", topic_id=topic_id, subtopic_id=subtopic_id, _anchor=f"question-{key}"
    )
    return redirect(page, 303)


def _refused(place: Place, key: str) -> ResponseReturnValue:
    """Say why an answer does not count: nothing was chosen, or the question is no more."""
    quiz = _quiz(place[1], refused=key)
    if request.headers.get("HX-Request") != "true":
        return subtopic_page(running_course().document, place, quiz), 422
    if quiz.find(key):
        return _question(place, quiz, key), 422
    whole = render_template("knowledge/_quiz.html", topic=place[0], subtopic=place[1], quiz=quiz)
    return whole, 422, {"HX-Retarget": "#quiz", "HX-Reswap": "outerHTML"}


def _question(place: Place, quiz: Quiz, key: str) -> str:
    """One question in place, with the new score."""
    return render_template(
        "knowledge/_answered.html",
        topic=place[0],
        subtopic=place[1],
        quiz=quiz,
        asked=quiz.find(key),
    )
