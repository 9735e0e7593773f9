"""How students come into a class: the code on the projector, renewed, limited or closed."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage.audit import Action
from pedabot.storage.columns import utc_now
from pedabot.storage.people import Classroom
from pedabot.teaching import classes
from pedabot.web.access import changeable_class, teacher_only
from pedabot.web.drawing import qr_code
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

bp = Blueprint("admin_class_joining", __name__, url_prefix="/admin/classes/<slug>")

# What the form offers; None: without an end.
DURATIONS = {
    "quarter": timedelta(minutes=15),
    "hour": timedelta(hours=1),
    "week": timedelta(days=7),
    "always": None,
}


def join_address(classroom: Classroom) -> str:
    """Return the whole address with which a student joins the class."""
    return url_for("accounts.join", code=classroom.join_code, _external=True)


@bp.get("/projector")
@teacher_only
def projector(slug: str) -> str:
    """The code and its drawing as large as they go, and nothing else."""
    classroom = changeable_class(slug)
    return render_template(
        "admin/projector.html",
        classroom=classroom,
        address=url_for("accounts.join", _external=True),
        qr=qr_code(join_address(classroom)),
    )


@bp.post("/code")
@teacher_only
def renew(slug: str) -> ResponseReturnValue:
    """Give the class another code."""
    classroom = changeable_class(slug)
    classes.renew_code(classroom)
    note(Action.CODE_RENEWED, classroom=classroom)
    flash(_("Le nouveau code est %(code)s ; l'ancien ne sert plus.", code=classroom.join_code))
    return redirect(url_for("admin_classes.show", slug=slug), 303)


@bp.post("/joining")
@teacher_only
def joining(slug: str) -> ResponseReturnValue:
    """Open the code, for a while or without an end, or close it."""
    classroom = changeable_class(slug)
    choice = request.form.get("open", "")
    if choice == "closed":
        classes.close_code(classroom)
        flash(_("Le code est fermé : plus personne ne peut rejoindre la classe."))
    elif choice in DURATIONS:
        duration = DURATIONS[choice]
        classes.open_code(classroom, utc_now() + duration if duration else None)
        flash(_("Le code est ouvert."))
    else:
        abort(400)
    note(Action.JOINING_CHANGED, classroom=classroom, detail=choice)
    return redirect(url_for("admin_classes.show", slug=slug), 303)
