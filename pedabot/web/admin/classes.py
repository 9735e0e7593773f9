"""A teacher's classes: the list, the overview of one; copying, archiving, bringing back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage import people, rosters
from pedabot.storage.audit import Action
from pedabot.teaching import classes
from pedabot.web.access import changeable_class, signed_in_user, taught_class, teacher_only
from pedabot.web.admin.class_joining import join_address
from pedabot.web.drawing import qr_code
from pedabot.web.forms import ClassForm
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

bp = Blueprint("admin_classes", __name__, url_prefix="/admin")


@bp.route("", methods=["GET", "POST"])
@teacher_only
def index() -> ResponseReturnValue:
    """The classes of the teacher, and a form for one more."""
    user, form = signed_in_user(), ClassForm()
    if form.validate_on_submit():
        classroom = classes.create_class(form.name.data, user)
        note(Action.CLASS_MADE, classroom=classroom)
        return redirect(url_for("admin_classes.show", slug=classroom.slug), 303)
    mine = people.classes_of(user, teaches=True)
    page = render_template(
        "admin/classes.html",
        form=form,
        classes=mine,
        archived=people.classes_of(user, teaches=True, archived=True),
        students=rosters.student_counts(mine),
    )
    return page, 422 if form.errors else 200


@bp.get("/classes/<slug>")
@teacher_only
def show(slug: str) -> str:
    """A class at a glance: its code, its state, its people."""
    classroom = taught_class(slug)
    address = join_address(classroom)
    return render_template(
        "admin/class.html",
        classroom=classroom,
        students=rosters.student_counts([classroom]).get(classroom.id, 0),
        team=rosters.team_of(classroom),
        address=address,
        qr=qr_code(address),
    )


@bp.post("/classes/<slug>/copy")
@teacher_only
def copy(slug: str) -> ResponseReturnValue:
    """Make a class with the same settings and team, without students."""
    classroom, form = taught_class(slug), ClassForm()
    if not form.validate():
        flash(_("Donnez un nom de 80 caractères au plus à la nouvelle classe."))
        return redirect(url_for("admin_class_people.team", slug=slug), 303)
    copied = classes.copy_class(classroom, form.name.data, signed_in_user())
    note(Action.CLASS_COPIED, classroom=copied)
    flash(_("La classe « %(name)s » est prête, avec son propre code.", name=copied.name))
    return redirect(url_for("admin_classes.show", slug=copied.slug), 303)


@bp.post("/classes/<slug>/archive")
@teacher_only
def archive(slug: str) -> ResponseReturnValue:
    """Put a class away: it can be read, and brought back."""
    classroom = changeable_class(slug)
    classes.archive(classroom)
    note(Action.CLASS_ARCHIVED, classroom=classroom)
    flash(_("La classe « %(name)s » est archivée.", name=classroom.name))
    return redirect(url_for("admin_classes.index"), 303)


@bp.post("/classes/<slug>/restore")
@teacher_only
def restore(slug: str) -> ResponseReturnValue:
    """Bring an archived class back."""
    classroom = taught_class(slug)
    classes.restore(classroom)
    note(Action.CLASS_RESTORED, classroom=classroom)
    flash(_("La classe « %(name)s » est de nouveau ouverte.", name=classroom.name))
    return redirect(url_for("admin_classes.show", slug=slug), 303)
