"""Joining, signing in and out, passwords."""

from __future__ import annotations

import re

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import refresh

from pedabot.extensions import db, login
from pedabot.storage import password_links, people
from pedabot.storage.audit import Action
from pedabot.storage.codes import normal_code
from pedabot.storage.identities import identities_of
from pedabot.teaching import classes, passwords
from pedabot.teaching.classes import (
    ClassError,
    ClosedCodeError,
    NameTakenError,
    UnknownCodeError,
)
from pedabot.web import limits
from pedabot.web.access import public, sign_in, signed_in, signed_in_user
from pedabot.web.access import sign_out as end_session
from pedabot.web.forms import (
    ChangePasswordForm,
    CodeForm,
    FirstCodeForm,
    JoinForm,
    NewPasswordForm,
    SignInForm,
)
from pedabot.web.i18n import LANGUAGES
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

bp = Blueprint("accounts", __name__)

# Browsers read "\\" as "/", skip tabs and line ends, and take what follows two slashes or more for
# the name of another server.
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f]*")


@login.unauthorized_handler  # type: ignore[untyped-decorator]
def ask_to_sign_in() -> ResponseReturnValue:
    """Send a visitor to the sign-in page, and back to where they wanted to go."""
    if request.headers.get("HX-Request") == "true":
        return "", 401, {"HX-Redirect": url_for("accounts.sign_in_page")}
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in_page", next=wanted))


def local_address(address: str) -> str:
    """Return the address if it is a path on this server, else the start page."""
    return address if _LOCAL.fullmatch(address) else url_for("chat.home")


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@limits.sign_ins
def sign_in_page() -> ResponseReturnValue:
    """Name and password."""
    form = SignInForm()
    if form.validate_on_submit():
        user = passwords.authenticate(form.username.data, form.password.data)
        if user is not None and user.is_active:
            sign_in(user)
            return redirect(local_address(request.args.get("next", "")), 303)
        note(Action.SIGN_IN_FAILED, people.find_user(form.username.data))
        form.password.errors = [
            _("Ce nom et ce mot de passe ne vont pas ensemble.")
            if user is None
            else _("Ce compte est désactivé : voyez avec l'administrateur.")
        ]
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session; what scripts kept in this browser goes too."""
    note(Action.SIGNED_OUT)
    end_session()
    response = redirect(url_for("chat.home"), 303)
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@bp.route("/join", methods=["GET", "POST"])
@public
@limits.joins
def join() -> ResponseReturnValue:
    """A student joins with the code of the class, a pseudonym and a password."""
    form = JoinForm(code=request.args.get("code", "")[:20])
    if form.validate_on_submit():
        try:
            user = classes.join_as_new_student(
                form.code.data, form.username.data, form.password.data
            )
        except (UnknownCodeError, ClosedCodeError) as error:
            form.code.errors = [why_not_joined(error)]
        except NameTakenError:
            form.username.errors = [_("Ce pseudonyme est déjà pris : choisis-en un autre.")]
        else:
            sign_in(user, Action.STUDENT_JOINED, people.find_class_by_code(form.code.data))
            return redirect(url_for("chat.new"), 303)
    return render_template("accounts/join.html", form=form), 422 if form.errors else 200


def why_not_joined(error: ClassError) -> str:
    """Return what to say where a code lets nobody in."""
    if isinstance(error, ClosedCodeError):
        return _("Ce code ne sert plus pour l'instant : demande à ton enseignant de le rouvrir.")
    return _("Aucune classe n'a ce code : vérifie-le au tableau.")


@bp.get("/account")
@signed_in
def account() -> str:
    """One's own account: classes, password."""
    return _account_page(CodeForm(formdata=None), ChangePasswordForm(formdata=None))


def _account_page(code_form: CodeForm, password_form: ChangePasswordForm) -> str:
    user = signed_in_user()
    return render_template(
        "accounts/account.html",
        code_form=code_form,
        password_form=password_form,
        learns_in=people.classes_of(user, teaches=False),
        teaches_in=people.classes_of(user, teaches=True),
        linked=identities_of(user),
    )


@bp.post("/account/classes")
@signed_in
@limits.joins
def join_another() -> ResponseReturnValue:
    """An account joins one more class."""
    form = CodeForm()
    if form.validate():
        try:
            classroom = classes.join(form.code.data, signed_in_user())
        except (UnknownCodeError, ClosedCodeError) as error:
            form.code.errors = [why_not_joined(error)]
        else:
            note(Action.STUDENT_JOINED, classroom=classroom)
            flash(_("Te voilà dans la classe « %(name)s ».", name=classroom.name))
            return redirect(url_for("accounts.account"), 303)
    return _account_page(form, ChangePasswordForm(formdata=None)), 422


@bp.post("/account/password")
@signed_in
@limits.password_changes
def change_password() -> ResponseReturnValue:
    """Change one's password: every other session of the account ends."""
    user = signed_in_user()
    form = ChangePasswordForm(owner=user.username)
    if form.validate():
        if passwords.verify(user.password_hash or "", form.current.data):
            passwords.change(user, form.password.data)
            sign_in(user, Action.PASSWORD_CHANGED)
            flash(_("Le mot de passe est changé ; les autres sessions sont fermées."))
            return redirect(url_for("accounts.account"), 303)
        form.current.errors = [_("Ce n'est pas le mot de passe actuel.")]
    return _account_page(CodeForm(formdata=None), form), 422


@bp.post("/account/language")
@signed_in
def change_language() -> ResponseReturnValue:
    """Choose the language of the pages, or leave it to the browser."""
    chosen = request.form.get("language", "")
    if chosen and chosen not in LANGUAGES:
        abort(400)
    signed_in_user().language = chosen or None
    db.session.commit()
    refresh()
    flash(_("La langue des pages est changée."))
    return redirect(url_for("accounts.account"), 303)


@bp.route("/password", methods=["GET", "POST"])
@public
@limits.joins
def first_code() -> ResponseReturnValue:
    """Type the code of a printed card."""
    form = FirstCodeForm()
    if form.validate_on_submit():
        code = normal_code(form.code.data)
        if password_links.find_password_link(code):
            return redirect(url_for("accounts.password_link", token=code), 303)
        form.code.errors = [_("Ce code ne va pas, ou il a déjà servi : demande-en un autre.")]
    return render_template("accounts/first_code.html", form=form), 422 if form.errors else 200


@bp.route("/password/<token>", methods=["GET", "POST"])
@public
@limits.joins
def password_link(token: str) -> ResponseReturnValue:
    """Set a password with a link that works once: a first one, or after forgetting it."""
    link = password_links.find_password_link(token)
    if link is None:
        abort(410)
    form = NewPasswordForm(owner=link.user.username)
    if form.validate_on_submit():
        sign_in(passwords.use_link(link, form.password.data), Action.PASSWORD_CHANGED)
        return redirect(url_for("chat.home"), 303)
    page = render_template("accounts/password.html", form=form, user=link.user)
    return page, 422 if form.errors else 200
