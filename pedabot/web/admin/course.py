"""The versions of the course: the list, comparing, activating, bringing and taking a file."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.knowledge import changes, checks, document
from pedabot.knowledge.changes import Changes
from pedabot.knowledge.document import MAX_DOCUMENT_BYTES, InvalidDocumentError
from pedabot.storage import courses
from pedabot.storage.audit import Action
from pedabot.storage.courses import CourseVersion
from pedabot.teaching import course_editing
from pedabot.teaching.course_editing import AnotherVersionActiveError, NothingChangedError
from pedabot.web.access import (
    active_course_version,
    course_editor,
    course_version,
    row_number,
    signed_in_user,
)
from pedabot.web.admin import course_problems
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import note
from pedabot.web.services import course_cache

bp = Blueprint("admin_course", __name__, url_prefix="/admin/course")

PER_PAGE = 20
ENVELOPE_BYTES = 64 * 1024  # what a browser puts around the file, and the other fields


@bp.url_value_preprocessor
def _allow_a_document(endpoint: str | None, values: object) -> None:
    """Let a whole document in, on its route alone; the check of forgery reads the body first."""
    if endpoint == "admin_course.upload":
        request.max_content_length = MAX_DOCUMENT_BYTES + ENVELOPE_BYTES


@bp.get("")
@course_editor
def index() -> str:
    """The versions, newest first."""
    active = active_course_version()
    page = courses.list_versions(PER_PAGE + 1, request.args.get("before", type=row_number))
    return render_template(
        "admin/course.html",
        active=active,
        page=page[:PER_PAGE],
        more=len(page) > PER_PAGE,
        topics=document.loads(active.document).topics,
    )


@bp.get("/versions/<number>")
@course_editor
def show(number: str) -> ResponseReturnValue:
    """A version beside the active one."""
    return _comparison(course_version(number))


def _comparison(version: CourseVersion, notice: str = "", code: int = 200) -> ResponseReturnValue:
    active = active_course_version()
    problems: list[str] = []
    remarks: list[str] = []
    differences: Changes | None = None
    try:
        course, running = document.loads(version.document), document.loads(active.document)
    except InvalidDocumentError as error:
        problems = error.problems
    else:
        differences = changes.compare(running, course)
        known = set(checks.check(running))
        remarks = [remark for remark in checks.check(course) if remark not in known]
    page = render_template(
        "admin/course_version.html",
        version=version,
        active=active,
        changes=differences,
        problems=problems,
        remarks=remarks,
        notice=notice,
    )
    return page, code


@bp.post("/versions/<number>/activate")
@course_editor
def activate(number: str) -> ResponseReturnValue:
    """Make a version the course, if the active one is still the one that was on the page."""
    version = course_version(number)
    try:
        course_editing.activate(
            version, request.form.get("compared_with", type=row_number), signed_in_user()
        )
    except AnotherVersionActiveError:
        return _comparison(version, _another_version_active(), 409)
    except InvalidDocumentError:
        return _comparison(version, code=422)
    except NothingChangedError:
        flash(_("Cette version est déjà active."))
    else:
        course_cache().forget()
        note(Action.COURSE_ACTIVATED, detail=version.id)
        flash(_("La version %(number)s est active : le tuteur répond avec elle.", number=number))
    return redirect(url_for("admin_course.index"), 303)


def _another_version_active() -> str:
    return _(
        "Entre-temps, une autre version est devenue active. Rien n'a été changé : relisez la"
        " comparaison ci-dessous, faite avec elle, puis activez si vous le voulez toujours."
    )


@bp.get("/versions/<number>/export")
@course_editor
def export(number: str) -> Response:
    """The file of a version."""
    version = course_version(number)
    note(Action.COURSE_EXPORTED, detail=version.id)
    name = f"knowledge-{version.id}.json"
    return Response(
        version.document,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.route("/upload", methods=["GET", "POST"])
@course_editor
def upload() -> ResponseReturnValue:
    """Bring a whole document; it becomes a version, not active yet."""
    if request.method == "GET":
        return _upload_page()
    active_course_version()
    chosen = request.files.get("document")
    if chosen is None or not chosen.filename:
        return _upload_page(course_problems.no_file(), code=422)
    raw = chosen.read()
    remark = request.form.get("note", "") or chosen.filename
    try:
        version = course_editing.add_document(raw, remark, signed_in_user())
    except InvalidDocumentError as error:
        reason, code = course_problems.explain(raw, error)
        return _upload_page(reason, error.problems, code)
    except NothingChangedError:
        flash(_("Ce fichier est identique à la version active : il n'y a rien à garder."))
        return redirect(url_for("admin_course.index"), 303)
    note(Action.COURSE_KEPT, detail=version.id)
    flash(_("Le fichier est valable. Il est gardé, mais pas encore actif."))
    return redirect(url_for("admin_course.show", number=version.id), 303)


def _upload_page(
    reason: str = "", problems: list[str] | None = None, code: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "admin/course_upload.html",
        reason=reason,
        problems=problems or [],
        limit=MAX_DOCUMENT_BYTES // (1024 * 1024),
    )
    return page, code
