"""The models of the school as they are now: who answers, who rests, how many wait."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage.audit import Action
from pedabot.storage.columns import utc_now
from pedabot.web.access import admin_only
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note
from pedabot.web.services import chains

bp = Blueprint("admin_models", __name__, url_prefix="/admin/models")


@bp.get("")
@admin_only
def index() -> str:
    """Each model with the state of its breaker, and the queue before all of them."""
    now = utc_now()
    in_flight, waiting = chains().queue.calls.counts(now)
    known = chains().breakers
    models = [(model, known.standing(model.name)) for model in chains().engines.models]
    return render_template(
        "admin/models.html",
        models=[(model, standing, standing.state(now)) for model, standing in models],
        in_flight=in_flight,
        waiting=waiting,
        slots=chains().queue.slots,
        now=now,
    )


@bp.post("/awaken")
@admin_only
def awaken() -> ResponseReturnValue:
    """Let the next question ask all models again, as after the repair of a key or a server."""
    chains().breakers.begin_anew()
    note(Action.MODELS_AWAKENED)
    flash(_("La prochaine question sera posée à tous les modèles."))
    return redirect(url_for("admin_models.index"), 303)
