"""What the school keeps about whoever is signed in: a copy of it, and its end."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import IO, cast

from flask import Blueprint, Response, current_app, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from werkzeug.utils import secure_filename

from pedabot.storage import copies, people
from pedabot.storage.audit import Action
from pedabot.storage.people import User
from pedabot.teaching import records
from pedabot.teaching.accounts import LastAdminError
from pedabot.teaching.records import OnlyTeacherError
from pedabot.web import limits
from pedabot.web.access import signed_in, signed_in_user
from pedabot.web.confirming import confirmation_form, erasure_page, is_confirmed
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

bp = Blueprint("records", __name__, url_prefix="/account")

STYLES = ("tokens.css", "copy.css")


@bp.get("/data")
@signed_in
@limits.copies
def copy() -> Response:
    """All that is kept about the account: a readable page, the tables as JSON, the files."""
    user = signed_in_user()
    note(Action.OWN_DATA_EXPORTED)
    file = BytesIO()  # compressed; no copy of it is left on the disk
    records.write_copy(user, _readable(user), _style(), file)
    file.seek(0)
    name = f"pedabot-{secure_filename(user.username) or 'compte'}-{datetime.now(UTC):%Y-%m-%d}.zip"
    response = send_file(file, "application/zip", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _readable(user: User) -> IO[str]:
    page = current_app.jinja_env.get_template("accounts/copy.html").stream(
        account=user,
        made_at=datetime.now(UTC),
        learns_in=people.classes_of(user, teaches=False),
        teaches_in=people.classes_of(user, teaches=True),
        conversations=groupby(copies.messages_of(user), lambda message: message.conversation),
        quiz_results=copies.quiz_results_of(user),
    )
    page.enable_buffering(50)
    return cast(IO[str], page)


def _style() -> bytes:
    folder = Path(str(current_app.static_folder)) / "css"
    return b"\n".join((folder / name).read_bytes() for name in STYLES)


@bp.route("/erase", methods=["GET", "POST"])
@signed_in
@limits.password_changes
def erase() -> ResponseReturnValue:
    """Erase one's own account, after its password was asked for."""
    user, form = signed_in_user(), confirmation_form()
    if is_confirmed(form):
        try:
            records.erase_own_account(user)
        except LastAdminError:
            form.confirmation.errors = [_("Il faut qu'il reste un administrateur.")]
        except OnlyTeacherError as error:
            form.confirmation.errors = [
                _(
                    "« %(name)s » n'aurait plus d'enseignant : invitez quelqu'un, ou archivez-la.",
                    name=str(error),
                )
            ]
        else:
            logout_user()
            note(Action.ACCOUNT_ERASED)
            flash(_("Le compte et tout ce qui s'y rattachait sont effacés."))
            return redirect(url_for("chat.home"), 303)
    return erasure_page(form, user, url_for("accounts.account"))
