"""What a class decides for itself: its settings, and the pause of an exam."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import inspect

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.audit import Action
from pedabot.web import limits
from pedabot.web.access import changeable_class, teacher_only
from pedabot.web.admin.class_forms import SHORTEST_ANSWER, apply, settings_form, temperature_bounds
from pedabot.web.i18n import decimal
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note
from pedabot.web.services import school_models

bp = Blueprint("admin_class_settings", __name__, url_prefix="/admin/classes/<slug>")


@bp.route("/settings", methods=["GET", "POST"])
@teacher_only
def edit(slug: str) -> ResponseReturnValue:
    """All that a class decides for itself, on one page."""
    classroom = changeable_class(slug)
    form = settings_form(classroom.settings, school_models())
    if form.validate_on_submit():
        apply(form, classroom.settings)
        changed = [name.key for name in inspect(classroom.settings).attrs if name.history.added]
        if "days_kept" in changed:
            people.show_notice_again(classroom)
        db.session.commit()
        note(Action.CLASS_SETTINGS, classroom=classroom, detail=", ".join(changed))
        flash(_("Les réglages de la classe sont enregistrés."))
        return redirect(url_for("admin_class_settings.edit", slug=slug), 303)
    page = render_template(
        "admin/class_settings.html",
        classroom=classroom,
        form=form,
        temperature_bounds=temperature_bounds(),
        shortest=SHORTEST_ANSWER,
        school_limit=limits.in_words(current_app.config["PEDABOT_QUESTION_LIMIT"]),
        school={
            "temperature": decimal(current_app.config["PEDABOT_TEMPERATURE"]),
            "max_tokens": current_app.config["PEDABOT_MAX_TOKENS"],
        },
    )
    return page, 422 if form.errors else 200


@bp.post("/pause")
@teacher_only
def pause(slug: str) -> ResponseReturnValue:
    """Let nobody ask, at once, or let the class ask again."""
    classroom = changeable_class(slug)
    settings = classroom.settings
    settings.paused = request.form.get("paused") == "1"
    db.session.commit()
    note(Action.CLASS_PAUSED if settings.paused else Action.CLASS_RESUMED, classroom=classroom)
    flash(
        _("Le tuteur est en pause : vos étudiants ne peuvent plus rien demander.")
        if settings.paused
        else _("La pause est finie : vos étudiants peuvent de nouveau poser des questions.")
    )
    return redirect(url_for("admin_classes.show", slug=slug), 303)
