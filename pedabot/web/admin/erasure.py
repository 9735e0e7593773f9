"""Accounts that a teacher or an administrator erases for others."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage.accounts import find_account
from pedabot.storage.audit import Action
from pedabot.storage.people import User
from pedabot.teaching import records
from pedabot.teaching.accounts import LastAdminError
from pedabot.teaching.records import NotOnlyHereError
from pedabot.web import limits
from pedabot.web.access import (
    admin_only,
    signed_in_user,
    taught_class,
    taught_student,
    teacher_only,
)
from pedabot.web.confirming import confirmation_form, erasure_page, is_confirmed
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

bp = Blueprint("admin_erasure", __name__, url_prefix="/admin")


@bp.route("/classes/<slug>/students/<student>/erase", methods=["GET", "POST"])
@teacher_only
@limits.password_changes
def student(slug: str, student: str) -> ResponseReturnValue:
    """Erase the account of a student who is in this class only."""
    classroom = taught_class(slug)
    user, form = taught_student(classroom, student), confirmation_form()
    back, name = url_for("admin_class_people.students", slug=slug), user.username
    if is_confirmed(form):
        try:
            records.erase_student(classroom, user)
        except NotOnlyHereError:
            form.confirmation.errors = [
                _("Ce compte sert aussi ailleurs : demandez à l'administrateur.")
            ]
        else:
            note(Action.ACCOUNT_ERASED, classroom=classroom)
            return _erased(name, back)
    return erasure_page(form, user, back)


@bp.route("/accounts/<slug>/erase", methods=["GET", "POST"])
@admin_only
@limits.password_changes
def account(slug: str) -> ResponseReturnValue:
    """Erase any account; one's own is erased from one's own page."""
    user, form = _other_account(slug), confirmation_form()
    back, name = url_for("admin_accounts.index"), user.username
    if is_confirmed(form):
        try:
            records.erase_account(user)
        except LastAdminError:
            form.confirmation.errors = [_("Il faut qu'il reste un administrateur.")]
        else:
            note(Action.ACCOUNT_ERASED)
            return _erased(name, back)
    return erasure_page(form, user, back)


def _other_account(slug: str) -> User:
    user = find_account(slug) or abort(404)
    if user == signed_in_user():
        abort(403)
    return user


def _erased(name: str, back: str) -> ResponseReturnValue:
    flash(_("Le compte de %(name)s et tout ce qui s'y rattachait sont effacés.", name=name))
    return redirect(back, 303)
