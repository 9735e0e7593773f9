"""The form of a comparison: two versions, and questions from a file, a class, or pasted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import current_app, request

from pedabot.answering.comparing import NewQuestion
from pedabot.knowledge import evaluation
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.evaluation import Case, InvalidCaseError
from pedabot.storage import conversations
from pedabot.storage.conversations import Message
from pedabot.storage.people import Classroom
from pedabot.storage.prompts import PromptVersion
from pedabot.web.access import prompt_version, taught_class
from pedabot.web.i18n import gettext as _

MAX_QUESTIONS = 200
MAX_FILE_BYTES = 256 * 1024
OFFERED = 40


@dataclass(slots=True)
class ComparisonDraft:
    """A comparison as the form has it; ``problems`` are sentences."""

    left: PromptVersion | None
    right: PromptVersion | None
    classroom: Classroom | None = None
    offered: list[Message] = field(default_factory=list)
    ticked: list[str] = field(default_factory=list)
    pasted: str = ""
    level: Difficulty = Difficulty.BEGINNER
    questions: list[NewQuestion] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    file_name: str = ""

    @property
    def note(self) -> str:
        """Say in a few words where the questions come from."""
        return ", ".join(filter(None, (self.file_name[:100], self._class_name())))

    def _class_name(self) -> str:
        return self.classroom.name if self.classroom and self.ticked else ""


def opened(left: str, right: str, classroom: Classroom | None) -> ComparisonDraft:
    """Open the form."""
    draft = ComparisonDraft(prompt_version(left), prompt_version(right), classroom)
    if classroom is not None:
        draft.offered = conversations.opening_questions(classroom.id, OFFERED)
    return draft


def posted() -> ComparisonDraft:
    """Read the posted form, with the questions it asks for or the reasons why it cannot be."""
    form = request.form
    slug = form.get("classroom", "")
    draft = opened(
        form.get("left", "0"), form.get("right", "0"), taught_class(slug) if slug else None
    )
    level = form.get("level", "")
    draft.level = Difficulty(level) if level in set(Difficulty) else Difficulty.BEGINNER
    draft.pasted, draft.ticked = form.get("pasted", ""), form.getlist("message")
    draft.questions = [*_from_file(draft), *_from_class(draft), *_from_lines(draft)]
    draft.problems += _problems(draft)
    return draft


def _from_file(draft: ComparisonDraft) -> list[NewQuestion]:
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        return []
    draft.file_name = chosen.filename
    raw = chosen.read(MAX_FILE_BYTES + 1)
    try:
        return [_of_case(case, draft.level) for case in _cases(raw)]
    except InvalidCaseError as error:
        draft.problems.append(_("Le fichier n'a pas la forme attendue : %(what)s", what=error))
    except UnicodeDecodeError:
        draft.problems.append(
            _("Le fichier n'est pas un texte en UTF-8 : enregistrez-le de nouveau avec ce codage.")
        )
    except _TooLargeError:
        draft.problems.append(
            _("Le fichier est trop grand : %(limit)s ko au plus.", limit=MAX_FILE_BYTES // 1024)
        )
    return []


class _TooLargeError(Exception):
    """The file is larger than any list of questions need be."""


def _cases(raw: bytes) -> list[Case]:
    if len(raw) > MAX_FILE_BYTES:
        raise _TooLargeError
    cases = evaluation.read_cases(raw.decode("utf-8-sig"))
    if not cases:
        raise InvalidCaseError(_("aucune ligne"))
    return cases


def _of_case(case: Case, otherwise: Difficulty) -> NewQuestion:
    history = tuple({"role": turn.role, "content": turn.content} for turn in case.history)
    return NewQuestion(case.question, case.level or otherwise, history)


def _from_class(draft: ComparisonDraft) -> Iterator[NewQuestion]:
    """Take the ticked questions; only those that were offered count."""
    for message in draft.offered:
        if message.slug in draft.ticked:
            yield NewQuestion(message.content, message.level, message_id=message.id)


def _from_lines(draft: ComparisonDraft) -> list[NewQuestion]:
    lines = (line.strip() for line in draft.pasted.splitlines())
    return [NewQuestion(line, draft.level) for line in lines if line]


def _problems(draft: ComparisonDraft) -> Iterator[str]:
    longest = current_app.config["PEDABOT_MAX_QUESTION_LENGTH"]
    if draft.left == draft.right:
        yield _("Les deux versions sont la même : choisissez-en deux différentes.")
    if not draft.questions and not draft.problems:
        yield _("Il n'y a pas encore de question : apportez un fichier, cochez ou collez-en.")
    if len(draft.questions) > MAX_QUESTIONS:
        yield _(
            "Cela fait %(count)s questions : %(limit)s au plus par essai.",
            count=len(draft.questions),
            limit=MAX_QUESTIONS,
        )
    if any(not q.text.strip() or len(q.text) > longest for q in draft.questions):
        yield _("Une question est vide ou dépasse %(limit)s caractères.", limit=longest)
