"""The people of a class: its students, the cards for their first sign-in, its team."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from pedabot.extensions import db
from pedabot.storage import password_links, people, rosters
from pedabot.storage.audit import Action
from pedabot.storage.password_links import FIRST_CODE_LIFETIME
from pedabot.teaching import classes, teams
from pedabot.teaching.teams import AlreadyInClassError, LastTeacherError, UnknownTeacherError
from pedabot.web.access import (
    changeable_class,
    colleague,
    signed_in_user,
    taught_class,
    taught_student,
    teacher_only,
)
from pedabot.web.drawing import qr_code
from pedabot.web.forms import ClassForm, ColleagueForm
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note

bp = Blueprint("admin_class_people", __name__, url_prefix="/admin/classes/<slug>")


@bp.get("/students")
@teacher_only
def students(slug: str) -> str:
    """The students of a class."""
    classroom = taught_class(slug)
    return render_template(
        "admin/class_students.html",
        classroom=classroom,
        students=people.students_of(classroom),
        without_password=len(rosters.students_without_password(classroom)),
    )


@bp.post("/students/<student>/password-link")
@teacher_only
def password_link(slug: str, student: str) -> ResponseReturnValue:
    """Make a link with which a student who forgot the password sets a new one."""
    classroom = changeable_class(slug)
    user = taught_student(classroom, student)
    token = password_links.add_password_link(user)
    db.session.commit()
    note(Action.PASSWORD_LINK_GIVEN, user, classroom)
    link = url_for("accounts.password_link", token=token, _external=True)
    flash(
        _("Lien pour %(name)s, valable deux jours et une seule fois : ", name=user.username) + link
    )
    return redirect(url_for("admin_class_people.students", slug=slug), 303)


@bp.post("/students/<student>/remove")
@teacher_only
def remove_student(slug: str, student: str) -> ResponseReturnValue:
    """Take a student out of the class."""
    classroom = changeable_class(slug)
    user = taught_student(classroom, student)
    classes.remove_student(classroom, user)
    note(Action.STUDENT_REMOVED, user, classroom)
    flash(
        _(
            "%(name)s n'est plus dans la classe ; ses conversations restent lisibles.",
            name=user.username,
        )
    )
    return redirect(url_for("admin_class_people.students", slug=slug), 303)


@bp.post("/cards")
@teacher_only
def cards(slug: str) -> str:
    """Print a card for each student without a password. Codes are shown once: none is kept."""
    classroom = changeable_class(slug)
    newcomers = rosters.students_without_password(classroom)
    codes = password_links.add_first_codes(newcomers)
    db.session.commit()
    note(Action.CARDS_PRINTED, classroom=classroom, detail=len(codes))
    links = [url_for("accounts.password_link", token=code, _external=True) for code in codes]
    return render_template(
        "admin/cards.html",
        classroom=classroom,
        address=url_for("accounts.first_code", _external=True),
        days=FIRST_CODE_LIFETIME.days,
        cards=[
            {"name": user.username, "code": code, "qr": qr_code(link)}
            for user, code, link in zip(newcomers, codes, links, strict=True)
        ],
    )


@bp.route("/team", methods=["GET", "POST"])
@teacher_only
def team(slug: str) -> ResponseReturnValue:
    """The teachers of a class, a form to ask one more; copying and archiving."""
    classroom, form = taught_class(slug), ColleagueForm()
    if form.validate_on_submit():
        try:
            added = teams.invite(changeable_class(slug), form.username.data)
        except UnknownTeacherError:
            form.username.errors = [_("Aucun enseignant n'a de compte à ce nom sur ce serveur.")]
        except AlreadyInClassError:
            form.username.errors = [_("Cette personne est déjà dans la classe.")]
        else:
            note(Action.COLLEAGUE_ADDED, added, classroom)
            flash(_("%(name)s fait maintenant partie de l'équipe.", name=added.username))
            return redirect(url_for("admin_class_people.team", slug=slug), 303)
    page = render_template(
        "admin/class_team.html",
        classroom=classroom,
        team=rosters.team_of(classroom),
        form=form,
        copy_form=ClassForm(formdata=None, name=f"{classroom.name} (copie)"[:80]),
    )
    return page, 422 if form.errors else 200


@bp.post("/team/<teacher>/remove")
@teacher_only
def remove_colleague(slug: str, teacher: str) -> ResponseReturnValue:
    """Take a colleague, or oneself, out of the team; the last one stays."""
    classroom = changeable_class(slug)
    user = colleague(classroom, teacher)
    try:
        teams.remove(classroom, user)
    except LastTeacherError:
        flash(
            _("La classe n'aurait plus d'enseignant : invitez d'abord quelqu'un, ou archivez-la.")
        )
        return redirect(url_for("admin_class_people.team", slug=slug), 303)
    note(Action.COLLEAGUE_REMOVED, user, classroom)
    if user == signed_in_user():
        flash(_("Vous ne faites plus partie de l'équipe de « %(name)s ».", name=classroom.name))
        return redirect(url_for("admin_classes.index"), 303)
    flash(_("%(name)s ne fait plus partie de l'équipe.", name=user.username))
    return redirect(url_for("admin_class_people.team", slug=slug), 303)
