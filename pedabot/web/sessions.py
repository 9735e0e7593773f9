"""Where one's account is signed in, and the end of the sessions that are elsewhere."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage import sign_ins
from pedabot.storage.audit import Action
from pedabot.teaching import accounts
from pedabot.web import limits
from pedabot.web.access import signed_in, signed_in_user
from pedabot.web.confirming import confirmation_form, is_confirmed
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

bp = Blueprint("sessions", __name__, url_prefix="/account/sessions")


@bp.route("", methods=["GET", "POST"])
@signed_in
@limits.password_changes
def index() -> ResponseReturnValue:
    """List the open sessions; end all others, after the password was asked for."""
    user, form = signed_in_user(), confirmation_form()
    if is_confirmed(form):
        accounts.end_sessions(user, but=user.session_token)
        note(Action.SESSIONS_CLOSED)
        flash(_("Toutes les autres sessions sont fermées."))
        return redirect(url_for("sessions.index"), 303)
    page = render_template(
        "accounts/sessions.html",
        form=form,
        sessions=sign_ins.open_sessions(user),
        is_this_one=lambda row: sign_ins.is_session_of(row, user.session_token),
        hours=current_app.config["PEDABOT_SESSION_HOURS"],
        idle_minutes=current_app.config["PEDABOT_IDLE_MINUTES"],
    )
    return page, 422 if form.errors else 200
