"""Bringing a list of students: the file, what it would make line by line, and then all of it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.storage.audit import Action
from pedabot.storage.people import Classroom
from pedabot.teaching import importing, roster_file
from pedabot.teaching.importing import PlanChangedError
from pedabot.teaching.roster_file import (
    MAX_BYTES,
    MAX_LINES,
    FileProblem,
    Line,
    Refusal,
    RosterFileError,
)
from pedabot.web.access import changeable_class, teacher_only
from pedabot.web.i18n import gettext as _
from pedabot.web.i18n import ngettext
from pedabot.web.noting import not_noted, note

bp = Blueprint("admin_class_import", __name__, url_prefix="/admin/classes/<slug>/import")


@bp.get("")
@teacher_only
def upload(slug: str) -> str:
    """Ask for the file, and say what it may look like."""
    return _upload_page(changeable_class(slug))


def _upload_page(classroom: Classroom, problem: str = "") -> str:
    return render_template(
        "admin/class_import.html", classroom=classroom, problem=problem, most=MAX_LINES
    )


@bp.post("/preview")
@not_noted("nothing is stored")
@teacher_only
def preview(slug: str) -> ResponseReturnValue:
    """Show what each line of the file would do; nothing is made."""
    classroom, file = changeable_class(slug), request.files.get("list")
    try:
        text = roster_file.decode(file.read(MAX_BYTES + 1) if file else b"")
        return _preview_page(classroom, text)
    except RosterFileError as error:
        return _upload_page(classroom, _why_no_list(error.problem)), 422


def _preview_page(classroom: Classroom, text: str, *, changed: bool = False) -> str:
    plan = importing.plan(text, classroom)
    return render_template(
        "admin/class_import_preview.html",
        classroom=classroom,
        plan=plan,
        text=text,
        changed=changed,
        reasons={line.number: _why_not(line) for line in plan.lines},
    )


@bp.post("")
@teacher_only
def confirm(slug: str) -> ResponseReturnValue:
    """Make all the accounts that the preview has shown, or none."""
    classroom, text = changeable_class(slug), request.form.get("text", "")
    try:
        made = importing.carry_out(request.form.get("shown", ""), text, classroom)
    except RosterFileError as error:
        return _upload_page(classroom, _why_no_list(error.problem)), 422
    except PlanChangedError:
        return _preview_page(classroom, text, changed=True), 409
    note(Action.ACCOUNTS_IMPORTED, classroom=classroom, detail=made)
    flash(
        ngettext(
            "%(num)s compte est créé. Imprimez sa fiche : elle porte son premier code.",
            "%(num)s comptes sont créés. Imprimez leurs fiches : elles portent leurs codes.",
            made,
        )
    )
    return redirect(url_for("admin_class_people.students", slug=slug), 303)


def _why_no_list(problem: FileProblem) -> str:
    reasons = {
        FileProblem.EMPTY: _("Ce fichier ne contient aucun nom."),
        FileProblem.TOO_LARGE: _("Ce fichier est trop grand pour une liste d'étudiants."),
        FileProblem.TOO_MANY_LINES: _(
            "Cette liste dépasse %(most)s lignes : coupez-la en plusieurs.", most=MAX_LINES
        ),
        FileProblem.NOT_TEXT: _(
            "Ce fichier n'est pas un fichier CSV. Depuis un tableur : Enregistrer sous, puis CSV."
        ),
        FileProblem.BROKEN_QUOTES: _("Un guillemet du fichier ne se referme pas."),
    }
    return reasons[problem]


def _why_not(line: Line) -> str:
    """Return why a line makes no account; nothing for one that does."""
    reasons = {
        None: "",
        Refusal.NO_NAME: _("pas de nom sur cette ligne"),
        Refusal.BAD_NAME: _(
            "de 2 à 32 lettres, chiffres, espaces, points, tirets ou apostrophes seulement"
        ),
        Refusal.TWICE: _("même nom qu'à la ligne %(number)s", number=line.twin),
        Refusal.UNKNOWN_LEVEL: _("niveau inconnu : débutant, intermédiaire ou avancé"),
        Refusal.IN_CLASS: _("déjà dans la classe"),
        Refusal.TAKEN: _(
            "un compte porte déjà ce nom ; si c'est le sien, il rejoint la classe avec le code"
        ),
    }
    return reasons[line.refusal]
