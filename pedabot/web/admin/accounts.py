"""All accounts, in the hands of an administrator."""

from __future__ import annotations

from typing import Literal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.extensions import db
from pedabot.storage import password_links
from pedabot.storage.accounts import find_account, page_of_accounts
from pedabot.storage.audit import Action
from pedabot.storage.people import User
from pedabot.storage.roles import Permission, Role
from pedabot.teaching import accounts, classes
from pedabot.teaching.accounts import LastAdminError
from pedabot.teaching.classes import NameTakenError
from pedabot.web.access import admin_only, signed_in_user
from pedabot.web.forms import AccountForm
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

bp = Blueprint("admin_accounts", __name__, url_prefix="/admin/accounts")

PER_PAGE = 50


@bp.route("", methods=["GET", "POST"])
@admin_only
def index() -> ResponseReturnValue:
    """All accounts with a search, a page at a time, and a form for one more."""
    form = AccountForm()
    if form.validate_on_submit():
        try:
            user = classes.create_account(form.username.data, Role(form.role.data))
        except NameTakenError:
            form.username.errors = [_("Un compte porte déjà ce nom.")]
        else:
            note(Action.ACCOUNT_MADE, user, detail=user.role)
            return _with_link(user)
    page = _page()
    shown = render_template(
        "admin/accounts.html",
        form=form,
        page=page[:PER_PAGE],
        more=len(page) > PER_PAGE,
        filters={name: request.args.get(name, "")[:64] for name in ("q", "role", "active")},
    )
    return shown, 422 if form.errors else 200


def _page() -> list[User]:
    """Return the accounts that the address asks for, and one more if there are more."""
    role = request.args.get("role", "")
    return page_of_accounts(
        PER_PAGE + 1,
        request.args.get("after", "")[:64],
        search=request.args.get("q", "")[:64],
        role=Role(role) if role in set(Role) else None,
        active={"1": True, "0": False}.get(request.args.get("active", "")),
    )


@bp.post("/<slug>/password-link")
@admin_only
def password_link(slug: str) -> ResponseReturnValue:
    """Make a link with which an account sets its password."""
    user = _account(slug)
    note(Action.PASSWORD_LINK_GIVEN, user)
    return _with_link(user)


@bp.post("/<slug>/course")
@admin_only
def course_right(slug: str) -> ResponseReturnValue:
    """Let a teacher change the course, or no longer."""
    user = _set_right(slug, "edits_course", Action.COURSE_RIGHT)
    text = (
        _("%(name)s peut maintenant modifier le cours.", name=user.username)
        if user.may_edit_course
        else _("%(name)s ne peut plus modifier le cours.", name=user.username)
    )
    return _back(text)


@bp.post("/<slug>/role")
@admin_only
def role(slug: str) -> ResponseReturnValue:
    """Give an account another role."""
    user, wanted = _other_account(slug), request.form.get("role", "")
    if wanted not in set(Role):
        abort(400)
    try:
        accounts.change_role(user, Role(wanted))
    except LastAdminError:
        return _back(_("Il faut qu'il reste un administrateur."))
    note(Action.ROLE_CHANGED, user, detail=wanted)
    return _back(_("Le rôle de %(name)s est changé.", name=user.username))


@bp.post("/<slug>/activity")
@admin_only
def activity(slug: str) -> ResponseReturnValue:
    """Close an account, or open it again."""
    user = _other_account(slug)
    if request.form.get("active") == "1":
        accounts.reactivate(user)
        note(Action.ACCOUNT_REOPENED, user)
        return _back(_("Le compte de %(name)s est de nouveau ouvert.", name=user.username))
    try:
        accounts.deactivate(user)
    except LastAdminError:
        return _back(_("Il faut qu'il reste un administrateur."))
    note(Action.ACCOUNT_CLOSED, user)
    return _back(
        _("Le compte de %(name)s est désactivé ; rien n'en est effacé.", name=user.username)
    )


@bp.post("/<slug>/sessions")
@admin_only
def sessions(slug: str) -> ResponseReturnValue:
    """Sign an account out everywhere."""
    user = _other_account(slug)
    accounts.end_sessions(user)
    note(Action.SESSIONS_CLOSED, user)
    return _back(_("Toutes les sessions de %(name)s sont fermées.", name=user.username))


@bp.post("/<slug>/prompts")
@admin_only
def prompts_right(slug: str) -> ResponseReturnValue:
    """Let a teacher change what the model is told, or no longer."""
    user = _set_right(slug, "edits_prompts", Action.PROMPTS_RIGHT)
    text = (
        _("%(name)s peut maintenant modifier les consignes du tuteur.", name=user.username)
        if user.may_edit_prompts
        else _("%(name)s ne peut plus modifier les consignes du tuteur.", name=user.username)
    )
    return _back(text)


def _set_right(slug: str, column: Literal["edits_course", "edits_prompts"], action: Action) -> User:
    """Give a teacher a right, or take it, as the form says."""
    user = _account(slug)
    if not user.may(Permission.TEACH):
        abort(404)
    given = request.form.get("edits") == "1"
    setattr(user, column, given)
    db.session.commit()
    note(action, user, detail=_given(given))
    return user


def _given(right: bool) -> str:
    return "given" if right else "withdrawn"


def _account(slug: str) -> User:
    return find_account(slug) or abort(404)


def _other_account(slug: str) -> User:
    """Return an account that is not one's own: nobody closes the door behind themselves."""
    user = _account(slug)
    if user == signed_in_user():
        abort(403)
    return user


def _back(text: str) -> ResponseReturnValue:
    flash(text)
    return redirect(url_for("admin_accounts.index", q=request.args.get("q")), 303)


def _with_link(user: User) -> ResponseReturnValue:
    token = password_links.add_password_link(user)
    db.session.commit()
    link = url_for("accounts.password_link", token=token, _external=True)
    text = _("Lien pour %(name)s, valable deux jours et une seule fois : ", name=user.username)
    return _back(text + link)
