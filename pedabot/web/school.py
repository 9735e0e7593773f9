"""Signing in with an account of the school, beside passwords."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pedabot.storage import identities
from pedabot.storage.audit import Action
from pedabot.teaching import school_accounts
from pedabot.teaching.classes import ClosedCodeError, NameTakenError, UnknownCodeError
from pedabot.teaching.school_accounts import (
    AlreadyLinkedError,
    DeniedError,
    OnlyWayInError,
    SchoolAccount,
    SchoolError,
)
from pedabot.web import limits
from pedabot.web.access import public, sign_in, signed_in, signed_in_user
from pedabot.web.accounts import why_not_joined
from pedabot.web.forms import SchoolAccountForm, SignInForm
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

if TYPE_CHECKING:
    from pedabot.web.openid import Provider

bp = Blueprint("school", __name__)

LINKING, PENDING = "school_linking", "school_pending"
PENDING_SECONDS = 600


def init_app(app: Flask) -> None:
    """Make the provider if the settings name one; its buttons appear then."""
    app.extensions["pedabot_school"] = None
    app.jinja_env.globals["school_name"] = lambda: (
        app.config["PEDABOT_OIDC_NAME"] if app.extensions["pedabot_school"] else ""
    )
    if app.config["PEDABOT_OIDC_DISCOVERY_URL"]:
        # Heavy (half a second): a server without accounts of the school must not pay for it.
        from pedabot.web.openid import Provider

        app.extensions["pedabot_school"] = Provider(app)


def _provider() -> Provider:
    provider: Provider | None = current_app.extensions["pedabot_school"]
    return provider or abort(404)


@bp.get("/sign-in/school")
@public
def start() -> ResponseReturnValue:
    """Go to the provider."""
    return _provider().redirect(url_for("school.callback", _external=True))


@bp.get("/sign-in/school/callback")
@public
def callback() -> ResponseReturnValue:
    """Come back from the provider: link, sign in, or propose a new account."""
    account = _provider().account()
    if current_user.is_authenticated and session.pop(LINKING, "") == current_user.slug:
        return _link(account)
    identity = identities.find_identity(account.issuer, account.subject)
    if identity is None:
        return _unknown(account)
    if not identity.user.is_active:
        note(Action.SIGN_IN_FAILED, identity.user)
        return _sign_in_page(_("Ce compte est désactivé : voyez avec l'administrateur."), 403)
    sign_in(identity.user)
    return redirect(url_for("chat.home"), 303)


def _link(account: SchoolAccount) -> ResponseReturnValue:
    try:
        school_accounts.link(signed_in_user(), account.issuer, account.subject)
    except AlreadyLinkedError:
        flash(_("Ce compte de l'école est déjà lié à un autre compte d'ici."))
    else:
        note(Action.SCHOOL_LINKED)
        flash(_("C'est lié : le compte de l'école ouvre maintenant ce compte-ci."))
    return redirect(url_for("accounts.account"), 303)


def _unknown(account: SchoolAccount) -> ResponseReturnValue:
    """Lead to a new account where the school allows it; else say how to link one."""
    if not current_app.config["PEDABOT_OIDC_NEW_ACCOUNTS"]:
        text = _(
            "Aucun compte d'ici n'est lié à ce compte de l'école. Connecte-toi avec ton mot de"
            " passe, puis lie-le depuis ton compte ; sinon, rejoins d'abord ta classe."
        )
        return _sign_in_page(text, 403)
    session[PENDING] = {**account.as_data(), "since": time.time()}
    return redirect(url_for("school.new"), 303)


@bp.route("/sign-in/school/new", methods=["GET", "POST"])
@public
@limits.joins
def new() -> ResponseReturnValue:
    """Make an account for somebody whom the provider has just vouched for."""
    account = _pending()
    form = SchoolAccountForm(username=account.name)
    if account.teaches:
        del form.code
    if form.validate_on_submit():
        try:
            user = school_accounts.create(
                form.username.data,
                account.issuer,
                account.subject,
                None if account.teaches else form.code.data,
            )
        except (UnknownCodeError, ClosedCodeError) as error:
            form.code.errors = [why_not_joined(error)]
        except NameTakenError:
            form.username.errors = [_("Ce pseudonyme est déjà pris : choisis-en un autre.")]
        else:
            session.pop(PENDING)
            sign_in(user, Action.ACCOUNT_MADE)
            return redirect(url_for("chat.home"), 303)
    page = render_template("accounts/school_new.html", form=form, account=account)
    return page, 422 if form.errors else 200


def _pending() -> SchoolAccount:
    """Return who came back from the provider some minutes ago; 410 afterwards."""
    known: dict[str, Any] = dict(session.get(PENDING) or {})
    if not known or time.time() - known.pop("since") > PENDING_SECONDS:
        abort(410)
    return SchoolAccount(**known)


@bp.post("/account/school")
@signed_in
def begin_linking() -> ResponseReturnValue:
    """Remember that this account wants the link: a page elsewhere cannot ask for it."""
    _provider()
    session[LINKING] = signed_in_user().slug
    return render_template("accounts/school_link.html")


@bp.post("/account/school/unlink")
@signed_in
def unlink() -> ResponseReturnValue:
    """Forget the link; the password goes on."""
    try:
        school_accounts.unlink(signed_in_user())
    except OnlyWayInError:
        flash(_("Sans mot de passe, ce lien est le seul accès à ce compte : il reste."))
    else:
        note(Action.SCHOOL_UNLINKED)
        flash(_("Le compte de l'école n'ouvre plus ce compte-ci."))
    return redirect(url_for("accounts.account"), 303)


@bp.errorhandler(SchoolError)
def _no_sign_in(error: SchoolError) -> ResponseReturnValue:
    """Say so on the page where a password goes on; the log says why, without any name."""
    session.pop(LINKING, None)
    if isinstance(error, DeniedError):
        return _sign_in_page(_("La connexion par l'école a été refusée ou annulée."), 403)
    current_app.logger.warning("sign-in by the school failed: %s", error)
    text = _(
        "La connexion par l'école n'a pas marché. Réessaie dans un instant, ou utilise ton mot de"
        " passe."
    )
    return _sign_in_page(text, 502)


def _sign_in_page(text: str, code: int) -> ResponseReturnValue:
    form = SignInForm(formdata=None)
    return render_template("accounts/sign_in.html", form=form, problem=text), code
