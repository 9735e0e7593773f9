"""A teacher's classes: making one, its join code, the list of its students."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from pedabot.extensions import db
from pedabot.storage import people
from pedabot.teaching import classes
from pedabot.web.access import signed_in_user, taught_class, taught_student, teacher_only
from pedabot.web.forms import ClassForm
from pedabot.web.i18n import gettext as _

bp = Blueprint("admin_classes", __name__, url_prefix="/admin")


@bp.route("", methods=["GET", "POST"])
@teacher_only
def index() -> ResponseReturnValue:
    """The classes of the teacher, and a form for one more."""
    form = ClassForm()
    if form.validate_on_submit():
        classroom = classes.create_class(form.name.data, signed_in_user())
        return redirect(url_for("admin_classes.show", slug=classroom.slug), 303)
    page = render_template(
        "admin/classes.html",
        form=form,
        classes=people.classes_of(signed_in_user(), teaches=True),
    )
    return page, 422 if form.errors else 200


@bp.get("/classes/<slug>")
@teacher_only
def show(slug: str) -> str:
    """A class: its code for the projector, its students."""
    classroom = taught_class(slug)
    address = url_for("accounts.join", code=classroom.join_code, _external=True)
    return render_template(
        "admin/class.html",
        classroom=classroom,
        students=people.students_of(classroom),
        address=address,
        qr=_qr_code(address),
    )


def _qr_code(address: str) -> Markup:
    """Return the address as an inline SVG drawing, without any inline style."""
    drawing = segno.make(address, error="m").svg_inline(
        scale=5, border=2, svgclass="qr-code", lineclass=None, omitsize=True
    )
    return Markup(drawing)  # noqa: S704 - segno draws only its own shapes


@bp.post("/classes/<slug>/students/<student>/password-link")
@teacher_only
def password_link(slug: str, student: str) -> ResponseReturnValue:
    """Make a link with which a student who forgot the password sets a new one."""
    user = taught_student(taught_class(slug), student)
    token = people.add_password_link(user)
    db.session.commit()
    link = url_for("accounts.password_link", token=token, _external=True)
    flash(
        _("Lien pour %(name)s, valable deux jours et une seule fois : ", name=user.username) + link
    )
    return redirect(url_for("admin_classes.show", slug=slug), 303)
