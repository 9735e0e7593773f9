"""The student's own page: what was asked, what is mastered, and what to review today."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.knowledge import progress
from pedabot.knowledge.document import QuizQuestion
from pedabot.storage import cards, conversations, insights, quizzes
from pedabot.storage.columns import utc_now
from pedabot.storage.quizzes import Question
from pedabot.teaching import revision
from pedabot.web import services
from pedabot.web.access import signed_in, signed_in_user
from pedabot.web.quiz import Asked, chosen_in, quiz_of

bp = Blueprint("me", __name__, url_prefix="/me")

CONVERSATIONS_SHOWN = 5


@bp.get("")
@signed_in
def show() -> str:
    """What the account asked and mastered, and how many questions are due today."""
    user, document = signed_in_user(), services.running_course().document
    done = progress.mastered(document, quizzes.answered_right(user))
    topics = insights.topics_of(user.id)
    return render_template(
        "me/show.html",
        talks=conversations.conversations_of(user, CONVERSATIONS_SHOWN),
        asked=[(topic, topics[topic.id]) for topic in document.topics if topic.id in topics],
        progress=[
            (topic, sum(entry.id in done for entry in with_quiz), len(with_quiz))
            for topic in document.topics
            if (with_quiz := [entry for entry in topic.subtopics if entry.quiz])
        ],
        due=len(_due()),
        next_due=cards.next_due(user),
    )


def _due() -> list[tuple[Question, QuizQuestion]]:
    """Return what is due by the end of the school's day."""
    books = services.ledger()
    tomorrow = datetime.combine(books.today() + timedelta(days=1), time.min, books.zone)
    return revision.due(signed_in_user(), services.running_course().document, tomorrow)


@bp.get("/review")
@signed_in
def review() -> str:
    """The next question that is due, or the one just answered with its explanation."""
    due = _due()
    subtopic, key = request.args.get("subtopic", ""), request.args.get("question", "")
    asked = _asked(subtopic, key, answered=True) if key else None
    if asked is None and due:
        subtopic, key = due[0][0]
        asked = _asked(subtopic, key)
    return _page(subtopic, asked, len(due))


def _page(subtopic: str, asked: Asked | None, left: int) -> str:
    document = services.running_course().document
    place = document.by_id.get(subtopic) if asked else None
    return render_template("me/review.html", place=place, asked=asked, left=left)


def _asked(subtopic: str, key: str, *, answered: bool = False) -> Asked | None:
    """Return a question of the course; with the answer given last only if it is to be shown."""
    place = services.running_course().document.by_id.get(subtopic)
    if place is None:
        return None
    choices = quizzes.latest_choices(signed_in_user(), subtopic) if answered else {}
    return quiz_of(place[1], choices).find(key)


@bp.post("/review")
@signed_in
def answer() -> ResponseReturnValue:
    """Keep an answer and plan when the question comes back; then explain it."""
    subtopic, key = request.form.get("subtopic", ""), request.form.get("question", "")
    asked = _asked(subtopic, key)
    if asked is None:  # the course has changed: on with the questions of today
        return redirect(url_for("me.review"), 303)
    chosen = chosen_in(asked.question, request.form.get("choice", ""))
    if chosen is None:
        place = services.running_course().document.by_id[subtopic]
        refused = quiz_of(place[1], {}, refused=key).find(key)
        return _page(subtopic, refused, len(_due())), 422
    right = chosen == asked.question.answer
    revision.answer(signed_in_user(), (subtopic, key), chosen, right, utc_now())
    return redirect(url_for("me.review", subtopic=subtopic, question=key), 303)
