"""The Jinja environments of the prompts and of the offline answers.

A prompt may have been written by a teacher, so prompts are rendered in a sandbox, with plain data
only: no globals, few filters, nothing that could be called, and a limit on what comes out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pedabot.answering.values import Prompt

SYSTEM_PROMPT = "system.md.j2"
FILTERS = ("capitalize", "first", "join", "last", "length", "lower", "trim", "upper")
TESTS = ("defined", "divisibleby", "even", "none", "odd")
MAX_PROMPT_LENGTH = 60_000
"""Characters of a rendered prompt; some 15,000 tokens."""

_log = logging.getLogger(__name__)
_FOLDER = Path(__file__).parent / "prompts"
# The output is markdown for a model or for the sanitiser, never HTML: no escaping here.
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701
    trim_blocks=True,
    lstrip_blocks=True,
)
SANDBOX = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
SANDBOX.globals.clear()
SANDBOX.filters = {name: SANDBOX.filters[name] for name in FILTERS}
SANDBOX.tests = {name: SANDBOX.tests[name] for name in TESTS}


class PromptTooLargeError(TemplateError):
    """A template would make a prompt that is larger than any model is sent."""


def template(name: str) -> Template:
    """Return a template of ``answering/prompts`` by its file name."""
    return _ENVIRONMENT.get_template(name)


@lru_cache(maxsize=1)
def first_prompt() -> Prompt:
    """Return the prompt of the file, which is there before anybody writes another."""
    return Prompt((_FOLDER / SYSTEM_PROMPT).read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _compiled(text: str) -> Template:
    return SANDBOX.from_string(text)


def render_prompt(text: str, variables: Mapping[str, object]) -> str:
    """Render a prompt in the sandbox.

    Raises:
        TemplateError: if the text is no template, asks for what there is not or what the sandbox
            forbids, or makes more than ``MAX_PROMPT_LENGTH`` characters.
    """
    pieces: list[str] = []
    length = 0
    for piece in _compiled(text).generate(variables):
        length += len(piece)
        if length > MAX_PROMPT_LENGTH:
            raise PromptTooLargeError(f"more than {MAX_PROMPT_LENGTH} characters")
        pieces.append(piece)
    return "".join(pieces)


def render_or_first(prompt: Prompt, variables: Mapping[str, object]) -> tuple[str, Prompt]:
    """Render a prompt; one that no longer can be (the variables changed) gives way to the file's.

    Returns the text, and the prompt that made it.
    """
    try:
        return render_prompt(prompt.text, variables), prompt
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        if prompt.version is None:
            raise
        _log.warning("prompt version %s cannot be rendered: %s", prompt.version, type(error))
        first = first_prompt()
        return render_prompt(first.text, variables), first
