"""Whoever is signed in proves it once more, before something that cannot be undone."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from pedabot.storage.people import User, username_key
from pedabot.teaching import passwords
from pedabot.web.access import signed_in_user
from pedabot.web.forms import NameConfirmationForm, PasswordConfirmationForm
from pedabot.web.i18n import gettext as _

ConfirmationForm = NameConfirmationForm | PasswordConfirmationForm


def confirmation_form() -> ConfirmationForm:
    """Return the form that asks for the password, or for the name where there is no password."""
    has_password = signed_in_user().password_hash is not None
    return PasswordConfirmationForm() if has_password else NameConfirmationForm()


def is_confirmed(form: ConfirmationForm) -> bool:
    """Tell whether the form was sent with what it asks for; what is wrong is said in the form."""
    if not form.validate_on_submit():
        return False
    user, word = signed_in_user(), form.confirmation.data or ""
    if user.password_hash is not None:
        right = passwords.verify(user.password_hash, word)
    else:
        right = username_key(word) == user.username_key
    if not right:
        form.confirmation.errors = [_("Ce n'est pas le bon : rien n'a changé.")]
    return right


def erasure_page(form: ConfirmationForm, account: User, back: str) -> ResponseReturnValue:
    """Return the page that says what goes, and asks; ``back`` is where to go instead."""
    page = render_template("accounts/erase.html", form=form, account=account, back=back)
    return page, 422 if form.errors else 200
