"""Editing a subtopic of the course: the form, its preview, saving it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from pedabot.answering.pipeline import address
from pedabot.knowledge import changes, document
from pedabot.knowledge.changes import FieldChange
from pedabot.knowledge.document import Difficulty, Document, InvalidDocumentError, Subtopic, Topic
from pedabot.storage.audit import Action
from pedabot.storage.courses import CourseVersion
from pedabot.teaching import course_editing
from pedabot.teaching.course_editing import (
    AnotherVersionActiveError,
    Intervention,
    NothingChangedError,
    SubtopicChangedError,
    SubtopicRemovedError,
)
from pedabot.web.access import active_course_version, course_editor, course_version, signed_in_user
from pedabot.web.admin.course_forms import SubtopicFields, fields_of, fields_posted
from pedabot.web.i18n import gettext as _
from pedabot.web.knowledge import subtopic_page
from pedabot.web.noting import not_noted, note
from pedabot.web.quiz import quiz_of
from pedabot.web.services import course_cache, running_course

bp = Blueprint("admin_subtopics", __name__, url_prefix="/admin/course/subtopics")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What others did to the subtopic since the form was opened."""

    since: CourseVersion
    by: list[Intervention]
    fields: list[FieldChange]


@dataclass(slots=True)
class Editor:
    """The state of the page: the version that the form is made from, and what is typed in it."""

    base: CourseVersion
    course: Document
    topic: Topic
    subtopic: Subtopic
    fields: SubtopicFields
    note: str = ""
    problems: list[str] = field(default_factory=list)
    notice: str = ""
    meanwhile: Meanwhile | None = None

    def page(self, code: int = 200) -> ResponseReturnValue:
        """Render the form."""
        return render_template(
            "admin/course_subtopic.html", editor=self, difficulties=list(Difficulty)
        ), code


def _editor(identifier: str, base: CourseVersion) -> Editor:
    """Open the form on a version; 404 if it has no such subtopic."""
    course = document.loads(base.document)
    topic, subtopic = course.by_id.get(identifier) or abort(404)
    return Editor(base, course, topic, subtopic, fields_of(subtopic))


def _posted_editor(identifier: str) -> Editor:
    """Open the form as it was posted, on the version that it names."""
    number = request.form.get("base", "")
    editor = _editor(identifier, course_version(number) if number else active_course_version())
    editor.fields = fields_posted(request.form, editor.subtopic)
    editor.note = request.form.get("note", "")
    return editor


@bp.get("/<identifier>")
@course_editor
def edit(identifier: str) -> ResponseReturnValue:
    """The form of a subtopic of the active version."""
    return _editor(identifier, active_course_version()).page()


@bp.post("/<identifier>/preview")
@not_noted("nothing is stored")
@course_editor
def preview(identifier: str) -> ResponseReturnValue:
    """The page as it would be; nothing is stored."""
    editor = _posted_editor(identifier)
    try:
        course = course_editing.with_subtopic(editor.course, identifier, editor.fields.as_data())
    except InvalidDocumentError as error:
        page = render_template("admin/course_no_preview.html", problems=error.problems)
        return page, 422
    place = course.by_id[identifier]
    return subtopic_page(course, place, quiz_of(place[1], {}))


@bp.post("/<identifier>")
@course_editor
def save(identifier: str) -> ResponseReturnValue:
    """Make a version with the edited subtopic, and activate it."""
    editor = _posted_editor(identifier)
    try:
        course_editing.save_subtopic(
            identifier, editor.fields.as_data(), editor.base, editor.note, signed_in_user()
        )
    except InvalidDocumentError as error:
        editor.problems = error.problems
        return editor.page(422)
    except SubtopicChangedError as error:
        return _on_top_of(editor, error.active).page(409)
    except (SubtopicRemovedError, AnotherVersionActiveError) as error:
        editor.notice = _why_not(error)
        return editor.page(409)
    except NothingChangedError:
        flash(_("Cette page est déjà ainsi : rien n'a été changé."))
    else:
        course_cache().forget()
        note(Action.COURSE_EDITED, detail=identifier)
        flash(_("C'est enregistré : le tuteur répond maintenant avec ce texte."))
    topic = running_course().document.by_id.get(identifier, (editor.topic,))[0]
    return redirect(address(topic.id, identifier), 303)


def _why_not(error: Exception) -> str:
    if isinstance(error, SubtopicRemovedError):
        return _(
            "Entre-temps, cette notion a été retirée du cours. Votre texte est encore ici :"
            " copiez-le, ou activez d'abord une version qui contient la notion."
        )
    return _("Le cours change en ce moment même. Votre texte est encore ici : réessayez.")


def _on_top_of(editor: Editor, active: CourseVersion) -> Editor:
    """Put what is typed on top of the version active now, and tell what others did meanwhile."""
    identifier, since = editor.subtopic.id, editor.base
    newer = _editor(identifier, active)
    newer.fields, newer.note = editor.fields, editor.note
    newer.meanwhile = Meanwhile(
        since,
        course_editing.interventions(identifier, since, active),
        changes.field_changes(editor.subtopic, newer.subtopic),
    )
    return newer
