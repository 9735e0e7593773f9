"""Reviewing an answer: approve it, correct it with a preview, write a note, take it back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage import alarms, concerns, reviews
from pedabot.storage.audit import Action
from pedabot.storage.conversations import Message
from pedabot.teaching import review
from pedabot.web.access import (
    changeable_answer,
    read_answer,
    signed_in_user,
    taught_answer,
    teacher_only,
)
from pedabot.web.admin.returning import to_answer
from pedabot.web.forms import CorrectionForm, NoteForm
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import not_noted, note_answer
from pedabot.web.services import delivery

bp = Blueprint("admin_reviews", __name__, url_prefix="/admin")


@bp.get("/answers/<slug>/review")
@teacher_only
def show(slug: str) -> ResponseReturnValue:
    """An answer with its question, and beside it what a teacher may do with it."""
    answer = read_answer(slug)
    if answer.unfinished:
        abort(409)
    return _page(answer, CorrectionForm(formdata=None, text=answer.valid_content))


def _page(answer: Message, form: CorrectionForm, preview: str | None = None) -> ResponseReturnValue:
    expected = _chosen_sources(answer) if request.method == "POST" else _expected(answer)
    return render_template(
        "admin/review.html",
        answer=answer,
        classroom=answer.conversation.classroom,
        form=form,
        expected=expected,
        preview=preview,
        shared=delivery().may_be_shared(answer),
        following=_following(answer),
        own_notes={n.for_student: n.text for n in answer.notes if n.teacher == signed_in_user()},
    ), 422 if form.errors else 200


def _following(answer: Message) -> Message | None:
    """Return the answer after this one in the list of those to review, or its first."""
    class_id = answer.conversation.class_id
    if class_id is None:
        return None
    after = concerns.answers_to_review(class_id, 1, answer)
    found = after or concerns.answers_to_review(class_id, 1)
    return found[0].answer if found and found[0].answer != answer else None


def _expected(answer: Message) -> list[str]:
    """The notions that are ticked: those chosen before, or the first that was found."""
    if answer.review is not None and answer.review.corrects:
        return answer.review.expected
    found = [str(source["subtopic"]) for source in answer.sources]
    return found[:1] if answer.in_scope else []


def _chosen_sources(answer: Message) -> list[str]:
    chosen = request.form.getlist("expected")
    return [str(s["subtopic"]) for s in answer.sources if s["subtopic"] in chosen]


@bp.post("/answers/<slug>/approve")
@teacher_only
def approve(slug: str) -> ResponseReturnValue:
    """Say that an answer is right."""
    answer = changeable_answer(slug)
    try:
        review.approve(answer, signed_in_user())
    except review.NothingToReviewError:
        abort(409)
    note_answer(Action.ANSWER_APPROVED, answer)
    flash(_("La réponse est approuvée : l'étudiant voit qu'un enseignant l'a relue."))
    return to_answer(answer)


@bp.post("/answers/<slug>/correct")
@teacher_only
def correct(slug: str) -> ResponseReturnValue:
    """Put another text in the place of an answer."""
    answer = changeable_answer(slug)
    form = CorrectionForm()
    if not form.validate():
        return _page(answer, form)
    shared = delivery().may_be_shared(answer)
    try:
        review.correct(
            answer,
            signed_in_user(),
            form.text.data.strip(),
            expected=_chosen_sources(answer),
            shared=shared,
        )
    except review.NothingToReviewError:
        abort(409)
    note_answer(Action.ANSWER_CORRECTED, answer)
    flash(_said_of_correction(shared))
    return to_answer(answer)


def _said_of_correction(shared: bool) -> str:
    if shared:
        return _(
            "C'est corrigé : l'étudiant la verra à la place, et la même question recevra votre"
            " réponse dans la classe."
        )
    return _("C'est corrigé : l'étudiant verra votre réponse à la place de celle du tuteur.")


@bp.post("/answers/<slug>/preview")
@not_noted("nothing is stored")
@teacher_only
def preview(slug: str) -> ResponseReturnValue:
    """What the student would read; with a script only that, else in the page of the review."""
    answer = taught_answer(slug)
    form = CorrectionForm()
    form.validate()
    if request.headers.get("HX-Request") == "true":
        return render_template("admin/_review_preview.html", answer=answer, form=form)
    return _page(answer, form, form.text.data or "")


@bp.post("/answers/<slug>/withdraw")
@teacher_only
def withdraw(slug: str) -> ResponseReturnValue:
    """Take a verdict back."""
    answer = changeable_answer(slug)
    review.withdraw(answer)
    note_answer(Action.VERDICT_WITHDRAWN, answer)
    flash(_("C'est retiré : la réponse du tuteur est de nouveau là."))
    return to_answer(answer)


@bp.post("/answers/<slug>/note")
@teacher_only
def note(slug: str) -> ResponseReturnValue:
    """Write a note, for the student or for oneself; no words take it away."""
    answer = changeable_answer(slug)
    form = NoteForm()
    if not form.validate():
        flash(next(iter(form.errors.values()))[0])
        return redirect(url_for("admin_reviews.show", slug=slug), 303)
    for_student = request.form.get("for") == "student"
    text = (form.text.data or "").strip()
    reviews.set_note(answer, signed_in_user(), text, for_student=for_student)
    note_answer(Action.ANSWER_ANNOTATED, answer)
    flash(_("Votre note est enregistrée.") if text else _("Votre note est effacée."))
    return redirect(url_for("admin_reviews.show", slug=slug), 303)


@bp.post("/answers/<slug>/alarm")
@teacher_only
def dismiss(slug: str) -> ResponseReturnValue:
    """Take note of a message of distress, or of a wrong alarm: its line goes."""
    answer = taught_answer(slug)
    if not alarms.dismiss(answer, signed_in_user()):
        abort(404)
    note_answer(Action.ALARM_DISMISSED, answer)
    flash(_("C'est noté : la ligne ne s'affiche plus pour l'équipe."))
    return to_answer(answer)
