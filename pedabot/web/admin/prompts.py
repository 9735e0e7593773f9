"""The versions of the prompt: the list, writing one, comparing with the active one, activating."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pedabot.answering import prompt_editing
from pedabot.answering.pipeline import SOURCES_SHOWN
from pedabot.answering.prompt_cache import prompt_of
from pedabot.answering.prompt_checking import InvalidPromptError, Problem
from pedabot.answering.prompt_editing import AnotherPromptActiveError, PromptUnchangedError
from pedabot.answering.values import Question
from pedabot.knowledge import changes
from pedabot.knowledge.document import Difficulty
from pedabot.storage import prompts
from pedabot.storage.audit import Action
from pedabot.storage.prompts import PromptVersion
from pedabot.web.access import prompt_editor, prompt_version, row_number, signed_in_user
from pedabot.web.admin.prompt_problems import sentence
from pedabot.web.i18n import gettext as _
from pedabot.web.noting import not_noted, note
from pedabot.web.presets import presets
from pedabot.web.services import comparer, prompt_cache, retrieval, running_course

bp = Blueprint("admin_prompts", __name__, url_prefix="/admin/prompts")
bp.add_app_template_filter(sentence, "prompt_problem")

PER_PAGE = 20
QUESTION_LENGTH = 500


@dataclass(slots=True)
class Draft:
    """A text being written, and what it was made from."""

    base: PromptVersion | None
    text: str
    note: str = ""
    question: str = ""
    level: Difficulty = Difficulty.BEGINNER
    problems: list[Problem] = field(default_factory=list)
    notice: str = ""

    def page(self, code: int = 200) -> ResponseReturnValue:
        """Render the form."""
        return render_template(
            "admin/prompt_edit.html", draft=self, levels=list(Difficulty), rows=_rows(self.text)
        ), code


def _rows(text: str) -> int:
    return min(40, text.count("\n") + 4)


@bp.get("")
@prompt_editor
def index() -> str:
    """The versions, newest first; the file that comes with PedaBot is the oldest."""
    page = prompts.list_versions(PER_PAGE + 1, request.args.get("before", type=row_number))
    shown = page[:PER_PAGE]
    return render_template(
        "admin/prompts.html",
        page=shown,
        more=len(page) > PER_PAGE,
        last=prompts.last_activation(),
        once_active=prompts.once_active([version.id for version in shown]),
        has_model=comparer().has_model,
    )


@bp.get("/versions/<number>")
@prompt_editor
def show(number: str) -> ResponseReturnValue:
    """A version beside the active one."""
    return _comparison(prompt_version(number))


def _comparison(
    version: PromptVersion | None,
    notice: str = "",
    problems: list[Problem] | None = None,
    code: int = 200,
) -> ResponseReturnValue:
    text = prompt_of(version.id if version else None).text
    active = prompt_of(prompts.active_version_id())
    page = render_template(
        "admin/prompt_version.html",
        version=version,
        text=text,
        active=active,
        last=prompts.last_activation(),
        pieces=changes.shortened(changes.word_diff(active.text, text)),
        notice=notice,
        problems=problems or [],
        has_model=comparer().has_model,
    )
    return page, code


@bp.post("/versions/<number>/activate")
@prompt_editor
def activate(number: str) -> ResponseReturnValue:
    """Make a version the prompt, if the active one is still the one that was on the page."""
    version = prompt_version(number)
    after = request.form.get("after", default=-1, type=row_number)
    try:
        prompt_editing.activate(version.id if version else None, after, signed_in_user())
    except AnotherPromptActiveError:
        notice = _(
            "Entre-temps, une autre version est devenue active. Rien n'a été changé : relisez la"
            " comparaison ci-dessous, faite avec elle, puis activez si vous le voulez toujours."
        )
        return _comparison(version, notice, code=409)
    except InvalidPromptError as error:
        return _comparison(version, problems=error.problems, code=422)
    except PromptUnchangedError:
        flash(_("Cette version est déjà active."))
    else:
        prompt_cache().forget()
        note(Action.PROMPT_ACTIVATED, detail=number)
        flash(_("C'est fait : le modèle reçoit ces consignes dès la prochaine question."))
    return redirect(url_for("admin_prompts.index"), 303)


@bp.get("/edit")
@prompt_editor
def edit() -> ResponseReturnValue:
    """The form, made from the version that is named, or from the active one."""
    active = prompts.active_version_id() or 0
    base = prompt_version(request.args.get("base", str(active)))
    return Draft(
        base, prompt_of(base.id if base else None).text, question=_sample_question()
    ).page()


def _sample_question() -> str:
    found = presets(running_course(), Difficulty.BEGINNER)
    return found[0].text if found else ""


def _posted() -> Draft:
    level = request.form.get("level", "")
    return Draft(
        base=prompt_version(request.form.get("base", "0")),
        text=request.form.get("text", "").replace("\r\n", "\n"),
        note=request.form.get("note", ""),
        question=request.form.get("question", "")[:QUESTION_LENGTH].strip(),
        level=Difficulty(level) if level in set(Difficulty) else Difficulty.BEGINNER,
    )


@bp.post("/edit")
@prompt_editor
def save() -> ResponseReturnValue:
    """Keep what is written as a version; it is not active yet."""
    draft = _posted()
    try:
        version = prompt_editing.save(
            draft.text, draft.note, draft.base.id if draft.base else None, signed_in_user()
        )
    except InvalidPromptError as error:
        draft.problems = error.problems
        return draft.page(422)
    except PromptUnchangedError:
        draft.notice = _("Ce texte est celui de la version de départ : il n'y a rien à garder.")
        return draft.page()
    note(Action.PROMPT_KEPT, detail=version.id)
    flash(_("La version est gardée. Elle n'est pas encore active."))
    return redirect(url_for("admin_prompts.show", number=version.id), 303)


@bp.post("/preview")
@not_noted("nothing is stored")
@prompt_editor
def preview() -> ResponseReturnValue:
    """What the model would be told for a question; nothing is stored."""
    draft = _posted()
    question = Question(draft.question, draft.level)
    ranking = retrieval().find(question)
    try:
        text = prompt_editing.rendered(draft.text, question, ranking.passages[:SOURCES_SHOWN])
    except InvalidPromptError as error:
        draft.problems = error.problems
        return render_template("admin/prompt_preview.html", draft=draft, text=None), 422
    return render_template(
        "admin/prompt_preview.html", draft=draft, text=text, in_scope=ranking.in_scope
    )
