"""Accounts of teachers and administrators, made by an administrator."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.people import Role, User
from pedabot.teaching import classes
from pedabot.teaching.classes import NameTakenError
from pedabot.web.access import admin_only
from pedabot.web.forms import AccountForm
from pedabot.web.i18n import gettext as _

bp = Blueprint("admin_accounts", __name__, url_prefix="/admin/accounts")


@bp.route("", methods=["GET", "POST"])
@admin_only
def index() -> ResponseReturnValue:
    """The accounts of the staff, and a form for one more."""
    form = AccountForm()
    if form.validate_on_submit():
        try:
            user = classes.create_account(form.username.data, Role(form.role.data))
        except NameTakenError:
            form.username.errors = [_("Un compte porte déjà ce nom.")]
        else:
            return _with_link(user)
    page = render_template("admin/accounts.html", form=form, accounts=people.staff())
    return page, 422 if form.errors else 200


@bp.post("/<slug>/password-link")
@admin_only
def password_link(slug: str) -> ResponseReturnValue:
    """Make a link with which an account of the staff sets its password."""
    return _with_link(_account(slug))


@bp.post("/<slug>/course")
@admin_only
def course_right(slug: str) -> ResponseReturnValue:
    """Let a teacher change the course, or no longer."""
    user = _account(slug)
    user.edits_course = request.form.get("edits") == "1"
    db.session.commit()
    text = (
        _("%(name)s peut maintenant modifier le cours.", name=user.username)
        if user.may_edit_course
        else _("%(name)s ne peut plus modifier le cours.", name=user.username)
    )
    flash(text)
    return redirect(url_for("admin_accounts.index"), 303)


@bp.post("/<slug>/prompts")
@admin_only
def prompts_right(slug: str) -> ResponseReturnValue:
    """Let a teacher change what the model is told, or no longer."""
    user = _account(slug)
    user.edits_prompts = request.form.get("edits") == "1"
    db.session.commit()
    text = (
        _("%(name)s peut maintenant modifier les consignes du tuteur.", name=user.username)
        if user.may_edit_prompts
        else _("%(name)s ne peut plus modifier les consignes du tuteur.", name=user.username)
    )
    flash(text)
    return redirect(url_for("admin_accounts.index"), 303)


def _account(slug: str) -> User:
    staff = {account.slug: account for account in people.staff()}
    return staff.get(slug) or abort(404)


def _with_link(user: User) -> ResponseReturnValue:
    token = people.add_password_link(user)
    db.session.commit()
    link = url_for("accounts.password_link", token=token, _external=True)
    flash(
        _("Lien pour %(name)s, valable deux jours et une seule fois : ", name=user.username) + link
    )
    return redirect(url_for("admin_accounts.index"), 303)
