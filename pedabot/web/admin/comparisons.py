"""Comparing two prompts: choosing questions, following the run, reading side by side, voting."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import comparisons, people, predictions, prompts
from pedabot.storage.audit import Action
from pedabot.storage.comparisons import (
    ComparedQuestion,
    Comparison,
    Progress,
    Side,
    Step,
    Vote,
)
from pedabot.storage.predictions import Prediction
from pedabot.storage.roles import Role
from pedabot.web.access import (
    compared_question,
    prompt_editor,
    readable_comparison,
    row_number,
    signed_in_user,
    taught_class,
)
from pedabot.web.admin import comparison_forms
from pedabot.web.admin.comparison_forms import MAX_FILE_BYTES, MAX_QUESTIONS, ComparisonDraft
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import not_noted, note
from pedabot.web.services import comparer

bp = Blueprint("admin_comparisons", __name__, url_prefix="/admin/comparisons")

PER_PAGE = 20
QUESTIONS_PER_PAGE = 30
VERSIONS_OFFERED = 50


@bp.get("")
@prompt_editor
def index() -> str:
    """The comparisons that the account may read, newest first."""
    class_ids = [classroom.id for classroom in people.classes_of(signed_in_user(), teaches=True)]
    before = request.args.get("before", type=row_number)
    page = comparisons.list_comparisons(class_ids, PER_PAGE + 1, before)
    shown = page[:PER_PAGE]
    return render_template(
        "admin/comparisons.html",
        page=shown,
        more=len(page) > PER_PAGE,
        steps=comparisons.steps([comparison.id for comparison in shown]),
        has_model=comparer().has_model,
    )


@bp.get("/new")
@prompt_editor
def new() -> ResponseReturnValue:
    """The form: two versions, and questions."""
    active = prompts.active_version_id() or 0
    newest = prompts.list_versions(1)
    slug = request.args.get("classroom", "")
    classes = people.classes_of(signed_in_user(), teaches=True)
    draft = comparison_forms.opened(
        request.args.get("left", str(active)),
        request.args.get("right", str(newest[0].id if newest else 0)),
        taught_class(slug) if slug else next(iter(classes), None),
    )
    return _form(draft)


def _form(draft: ComparisonDraft, code: int = 200) -> ResponseReturnValue:
    if not comparer().has_model:
        return render_template("admin/comparison_no_model.html"), code
    page = render_template(
        "admin/comparison_new.html",
        draft=draft,
        versions=prompts.list_versions(VERSIONS_OFFERED),
        active_id=prompts.active_version_id(),
        classes=people.classes_of(signed_in_user(), teaches=True),
        levels=list(Difficulty),
        max_questions=MAX_QUESTIONS,
        max_kilobytes=MAX_FILE_BYTES // 1024,
    )
    return page, code


@bp.post("/new")
@prompt_editor
def create() -> ResponseReturnValue:
    """Store the comparison and ask the worker for its answers."""
    draft = comparison_forms.posted()
    if draft.problems or not comparer().has_model:
        return _form(draft, 422)
    taken = [question for question in draft.questions if question.message_id is not None]
    comparison = Comparison(
        author=signed_in_user(),
        left_id=draft.left.id if draft.left else None,
        right_id=draft.right.id if draft.right else None,
        class_id=draft.classroom.id if draft.classroom and taken else None,
        note=draft.note,
    )
    comparer().begin(comparison, draft.questions)
    note(Action.PROMPTS_COMPARED, classroom=draft.classroom if taken else None)
    return redirect(url_for(".show", slug=comparison.slug), 303)


@bp.get("/<slug>")
@prompt_editor
def show(slug: str) -> str:
    """The run and, side by side, what is answered already."""
    comparison = readable_comparison(slug)
    after = request.args.get("after", default=0, type=row_number)
    page = comparisons.answered_questions(comparison, QUESTIONS_PER_PAGE + 1, after)
    shown = page[:QUESTIONS_PER_PAGE]
    return render_template(
        "admin/comparison.html",
        questions=shown,
        more=len(page) > QUESTIONS_PER_PAGE,
        after=after,
        **_state(comparison, shown),
    )


def _state(comparison: Comparison, questions: list[ComparedQuestion]) -> dict[str, Any]:
    """Return what all parts of the page say of a comparison and of the questions shown."""
    attempts: dict[int, list[Prediction]] = {a.id: [] for q in questions for a in q.answers}
    for attempt in predictions.compared_predictions(list(attempts)):
        if attempt.compared_id is not None:
            attempts[attempt.compared_id].append(attempt)
    steps = comparisons.steps([comparison.id])[comparison.id]
    return {
        "comparison": comparison,
        "total": sum(steps.values()),
        "answered": steps.get(Step.DONE, 0) + steps.get(Step.FAILED, 0),
        "failed": steps.get(Step.FAILED, 0),
        "being_made": steps.get(Step.RUNNING, 0),
        "figures": predictions.figures_of(comparison.id),
        "attempts": attempts,
        "votes": comparisons.votes(comparison),
        "sides": list(Side),
        "active_id": prompts.active_version_id(),
        "last": prompts.last_activation(),
    }


@bp.get("/<slug>/progress")
@prompt_editor
def progress(slug: str) -> str:
    """How far the run is, and the answers that came since the page was asked last."""
    comparison = readable_comparison(slug)
    shown = max(0, request.args.get("shown", default=0, type=row_number))
    last = request.args.get("last", default=0, type=row_number)
    room = max(0, QUESTIONS_PER_PAGE - shown)
    page = comparisons.answered_questions(comparison, room, last)
    return render_template(
        "admin/_comparison_progress.html",
        questions=page,
        shown=shown + len(page),
        last_shown=page[-1].id if page else last,
        **_state(comparison, page),
    )


@bp.post("/<slug>/stop")
@not_noted("a part of a comparison, which is noted when it begins")
@prompt_editor
def stop(slug: str) -> ResponseReturnValue:
    """Stop a run: what is answered stays."""
    comparison = readable_comparison(slug)
    if comparison.state is Progress.RUNNING:
        comparison.state = Progress.STOPPED
        db.session.commit()
    return redirect(url_for(".show", slug=slug), 303)


@bp.post("/<slug>/resume")
@not_noted("a part of a comparison, which is noted when it begins")
@prompt_editor
def resume(slug: str) -> ResponseReturnValue:
    """Go on with a run that was stopped, and try again what failed."""
    comparison = readable_comparison(slug)
    if comparison.state is not Progress.RUNNING and comparer().has_model:
        comparisons.retry_failed(comparison)
        comparer().go_on(comparison.id)
    return redirect(url_for(".show", slug=slug), 303)


@bp.post("/<slug>/questions/<number>/vote")
@not_noted("a part of a comparison, which is noted when it begins")
@prompt_editor
def vote(slug: str, number: str) -> ResponseReturnValue:
    """Keep which answer is better; the same vote once more takes it back."""
    question = compared_question(slug, number)
    choice = request.form.get("vote", "")
    if choice not in set(Vote):
        abort(400)
    question.vote = None if question.vote == choice else Vote(choice)
    db.session.commit()
    if request.headers.get("HX-Request") == "true":
        state = _state(question.comparison, [question])
        return render_template("admin/_comparison_voted.html", question=question, **state)
    place = url_for(".show", slug=slug, after=question.id - 1, _anchor=f"q-{question.id}")
    return redirect(place, 303)


@bp.post("/<slug>/delete")
@prompt_editor
def delete(slug: str) -> ResponseReturnValue:
    """Delete a comparison; only who made it, or an administrator."""
    comparison = readable_comparison(slug)
    user = signed_in_user()
    if comparison.author_id != user.id and user.role is not Role.ADMIN:
        abort(403)
    comparisons.delete_comparison(comparison)
    note(Action.COMPARISON_DELETED)
    flash(_("L'essai est supprimé."))
    return redirect(url_for(".index"), 303)
