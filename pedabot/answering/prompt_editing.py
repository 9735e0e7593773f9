"""The prompt workshop: writing a version, activating it, going back.

Versions never change, so two editors cannot overwrite each other. An activation names the one that
was on the page; where another was made meanwhile, it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from pedabot.answering import prompt_checking
from pedabot.answering.enrichment import prompt_variables
from pedabot.answering.prompt_cache import prompt_of
from pedabot.answering.templates import render_prompt
from pedabot.answering.values import Question
from pedabot.extensions import db
from pedabot.knowledge.search import Passage
from pedabot.storage import prompts
from pedabot.storage.people import User
from pedabot.storage.prompts import NOTE_LENGTH, PromptVersion


class PromptUnchangedError(Exception):
    """The prompt is so already."""


class AnotherPromptActiveError(Exception):
    """The prompt that is active is not the one that was compared with."""


def save(text: str, note: str, base_id: int | None, author: User) -> PromptVersion:
    """Keep a text as a version that is not active yet. Commits.

    Raises:
        InvalidPromptError: if it cannot be a prompt; nothing is kept then.
        PromptUnchangedError: if it is that of the version from which it was made.
    """
    text = _plain(text)
    prompt_checking.check(text)
    if text == _plain(prompt_of(base_id).text):
        raise PromptUnchangedError(base_id)
    version = prompts.add_version(text, " ".join(note.split())[:NOTE_LENGTH], author)
    db.session.commit()
    return version


def _plain(text: str) -> str:
    """Return the text with plain line ends, as browsers do not send it."""
    return text.replace("\r\n", "\n").strip() + "\n"


def activate(version_id: int | None, after: int, user: User) -> None:
    """Make a version (None: the file) the prompt of the school. Commits.

    ``after`` is the number of the activation that was on the page; 0 where there was none.

    Raises:
        InvalidPromptError: if it cannot be used any more (the variables may have changed since).
        PromptUnchangedError: if it is active already.
        AnotherPromptActiveError: if somebody activated another one meanwhile.
    """
    if prompts.active_version_id() == version_id:
        raise PromptUnchangedError(version_id)
    prompt_checking.check(prompt_of(version_id).text)
    last = prompts.last_activation()
    seen = after == (last.number if last else 0)
    if not seen or not prompts.activate_after(after, version_id, user):
        raise AnotherPromptActiveError(version_id)


def rendered(text: str, question: Question, passages: Sequence[Passage]) -> str:
    """Return what a model would be told with this text.

    Raises:
        InvalidPromptError: if it cannot be a prompt.
    """
    text = _plain(text)
    prompt_checking.check(text)
    return render_prompt(text, prompt_variables(question.level, passages))
