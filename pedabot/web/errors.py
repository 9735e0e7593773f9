"""Error pages as calm as the others: what happened, what to do, an id to quote."""

from __future__ import annotations

import math
import secrets
import time

from flask import Flask, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError, Locked, ServiceUnavailable

from pedabot.extensions import db
from pedabot.storage.faults import Fault, fault_of
from pedabot.web import metrics
from pedabot.web.access import forget_who_asks
from pedabot.web.allowance import NoQuestionLeftError
from pedabot.web.asking import NotNowError
from pedabot.web.explanations import Explanation, explain
from pedabot.web.i18n import duration
from pedabot.web.i18n import gettext as _
from pedabot.web.limits import limiter

MOST_BYTES_DRAINED = 64 * 1024 * 1024


def init_app(app: Flask) -> None:
    """Give every error its page, and every request an id."""
    app.before_request(_name_request)
    app.after_request(_show_id)
    app.after_request(_read_what_is_too_large)
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(CSRFError, _show_stale_form)
    app.register_error_handler(RateLimitExceeded, _show_wait)
    app.register_error_handler(NoQuestionLeftError, _show_no_question_left)
    app.register_error_handler(NotNowError, _show_not_now)
    app.register_error_handler(DBAPIError, _show_unusable_database)
    app.register_error_handler(Exception, _show_unexpected)


def _name_request() -> None:
    g.request_id = secrets.token_hex(5)


def _show_id(response: Response) -> Response:
    """Tell the id to the proxy too, whose log can then be read beside ours."""
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    return response


def _read_what_is_too_large(response: Response) -> Response:
    """Read the rest of a body that was refused: a browser cut off while it sends shows no page."""
    if response.status_code == 413:
        body, left = request.environ["wsgi.input"], MOST_BYTES_DRAINED
        while left > 0 and (chunk := body.read(min(left, 64 * 1024))):
            left -= len(chunk)
    return response


def _page(explanation: Explanation, code: int) -> ResponseReturnValue:
    if request.headers.get("HX-Request") == "true":
        text = f"{explanation.title}. {explanation.sentence}"
        headers = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
        return render_template("_notice.html", text=text), code, headers
    return render_template("error.html", explanation=explanation, code=code), code


def _show(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error
    return _page(explain(error.code), error.code or 500)


def _show_stale_form(error: CSRFError) -> ResponseReturnValue:
    explanation = Explanation(
        _("Cette page était ouverte depuis trop longtemps"),
        _("Par sécurité, il faut copier le texte déjà écrit, la recharger et recommencer."),
    )
    return _page(explanation, 400)


def _show_wait(error: RateLimitExceeded) -> ResponseReturnValue:
    window = limiter.current_limit
    # The moment of the reset is rounded up already.
    seconds = max(1, int(window.reset_at - time.time())) if window else 60
    sentence = _(
        "La limite est atteinte. Nouvel essai possible dans %(wait)s : rien n'est perdu.",
        wait=duration(seconds),
    )
    return _too_many(Explanation(_("Un instant"), sentence), seconds)


def _show_no_question_left(error: NoQuestionLeftError) -> ResponseReturnValue:
    db.session.rollback()
    seconds = max(1, math.ceil(error.allowance.wait.total_seconds()))
    sentence = _(
        "Nouvel essai possible dans %(wait)s : rien n'est perdu. Le cours, lui, reste ouvert.",
        wait=duration(seconds),
    )
    return _too_many(Explanation(_("Tu as posé toutes tes questions"), sentence), seconds)


def _too_many(explanation: Explanation, seconds: int) -> ResponseReturnValue:
    page = current_app.make_response(_page(explanation, 429))
    page.headers["Retry-After"] = str(seconds)
    return page


def _show_not_now(refusal: NotNowError) -> ResponseReturnValue:
    return _page(Explanation(_("Pas maintenant"), str(refusal)), Locked.code)


def _show_unusable_database(error: DBAPIError) -> ResponseReturnValue:
    """Say that nothing can be stored now; the log says what to do about it."""
    fault = fault_of(error)
    if fault in {None, Fault.BEHIND}:  # a server starts on the right tables: it is its own error
        return _show_unexpected(error)
    db.session.rollback()
    metrics.count_error(fault.name.lower())
    current_app.logger.error("request %s: %s", g.get("request_id", "-"), fault.advice)
    try:
        page = _page_without_database()
    except DBAPIError:
        # Nor can it be read who asks, in which language, or what the menu shows them.
        db.session.rollback()
        forget_who_asks()
        page = _page_without_database()
    response = current_app.make_response(page)
    response.headers["Retry-After"] = "60"
    return response


def _page_without_database() -> ResponseReturnValue:
    explanation = Explanation(
        _("Le serveur ne peut rien enregistrer en ce moment"),
        _(
            "Ce qui était enregistré ne se perd pas. Il faut garder une copie du texte écrit,"
            " réessayer dans quelques minutes et, si cela dure, prévenir l'administrateur."
        ),
    )
    return _page(explanation, ServiceUnavailable.code)


def _show_unexpected(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    metrics.count_error(type(error).__name__)
    current_app.logger.exception("request %s failed", g.get("request_id", "-"))
    explanation = Explanation(
        _("Quelque chose n'a pas marché de notre côté"),
        _("Il faut réessayer dans un instant. Si cela revient, ce numéro aidera l'administrateur."),
    )
    return _page(explanation, InternalServerError.code)
