"""The privacy notice, before all else at the first sign-in, and the register sheet."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.teaching import processing
from pedabot.web.access import admin_only, public, signed_in, signed_in_user
from pedabot.web.accounts import local_address
from pedabot.web.notice import is_due, version
from pedabot.web.services import ledger

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
@public
def show() -> str:
    """What is kept, how long, who reads it, what leaves: as the settings have it now."""
    classes = people.classes_of(current_user, teaches=False) if _known() else []
    return render_template(
        "privacy/notice.html",
        facts=processing.facts_for(current_app.config, classes),
        due=_known() and is_due(signed_in_user()),
        wanted=local_address(request.args.get("next", "")),
    )


def _known() -> bool:
    return bool(current_user.is_authenticated)


@bp.post("/privacy")
@signed_in
def acknowledge() -> ResponseReturnValue:
    """Remember who has read which notice, and when."""
    people.acknowledge(signed_in_user(), version())
    db.session.commit()
    return redirect(local_address(request.form.get("next", "")), 303)


@bp.get("/admin/register")
@admin_only
def register() -> str:
    """The sheet of the school's register of processing, to print."""
    facts = processing.facts_of_the_school(current_app.config)
    sheet = render_template("privacy/register.md", facts=facts)
    return render_template("privacy/register.html", sheet=sheet, today=ledger().today())
