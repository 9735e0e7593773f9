"""The running prompt: that of the active version, kept in memory by each process."""

from __future__ import annotations

from pedabot.answering.templates import first_prompt
from pedabot.answering.values import Prompt
from pedabot.answering.watching import Watched
from pedabot.storage import prompts


class PromptCache(Watched[Prompt]):
    """Gives the running prompt: the file's until a version is activated."""

    def _active_id(self) -> int | None:
        return prompts.active_version_id()

    def _load(self, version_id: int | None) -> Prompt:
        return prompt_of(version_id)


def prompt_of(version_id: int | None) -> Prompt:
    """Return the prompt of a version; that of the file for None, or where the version is gone."""
    version = prompts.find_version(version_id) if version_id is not None else None
    return first_prompt() if version is None else Prompt(version.text, version.id)
