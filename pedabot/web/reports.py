"""A student reports an answer to the teachers of the class."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage import concerns
from pedabot.web.access import own_answer, signed_in
from pedabot.web.forms import ReportForm

bp = Blueprint("reports", __name__)


@bp.post("/messages/<slug>/report")
@signed_in
def report(slug: str) -> ResponseReturnValue:
    """Keep a report with its reason; answers in no class have nobody to read it."""
    message = own_answer(slug)
    if message.unfinished or message.conversation.class_id is None:
        abort(409)
    form = ReportForm()
    valid = form.validate()
    if valid:
        concerns.report(message, form.reason.data.strip())
    if request.headers.get("HX-Request") == "true":
        error = "" if valid else form.reason.errors[0]
        return render_template("chat/_report.html", answer=message, error=error)
    if not valid:
        abort(422, form.reason.errors[0])
    return redirect(
        url_for("chat.show", slug=message.conversation.slug, _anchor=f"a-{message.slug}"), 303
    )
