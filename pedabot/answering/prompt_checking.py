"""Whether a text can be a prompt: each problem is found before it is saved, and has its line."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from jinja2 import TemplateError, TemplateSyntaxError, nodes

from pedabot.answering.templates import (
    FILTERS,
    SANDBOX,
    TESTS,
    PromptTooLargeError,
    render_prompt,
)
from pedabot.answering.values import Extract
from pedabot.knowledge.document import Difficulty

MAX_LENGTH = 20_000
MAX_LOOPS = 2
VARIABLES = ("level", "extracts")
ATTRIBUTES = (*Extract.__dataclass_fields__, "index", "index0", "first", "last", "length")

# Nothing that calls, includes, defines or computes: what is left cannot reach out nor run away.
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Filter,
    nodes.Test,
)


class Trouble(StrEnum):
    """What may be wrong with a text."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    SYNTAX = "syntax"
    FORBIDDEN = "forbidden"
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_ATTRIBUTE = "unknown_attribute"
    UNKNOWN_FILTER = "unknown_filter"
    UNKNOWN_TEST = "unknown_test"
    LOOP = "loop"
    FAILS = "fails"
    TOO_LARGE = "too_large"
    NO_EXTRACTS = "no_extracts"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem, the line where it is (None: the whole text), and the word or message at fault."""

    trouble: Trouble
    line: int | None = None
    what: str = ""


class InvalidPromptError(ValueError):
    """A text cannot be a prompt; ``problems`` is never empty."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def check(text: str) -> None:
    """Let a text through if it can be a prompt.

    Raises:
        InvalidPromptError: with all problems that can be told at once, by their lines.
    """
    problems = list(_first_problems(text)) or list(_problems_of_rendering(text))
    if problems:
        raise InvalidPromptError(sorted(set(problems), key=lambda p: (p.line or 0, p.what)))


def _first_problems(text: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(Trouble.EMPTY)
    elif len(text) > MAX_LENGTH:
        yield Problem(Trouble.TOO_LONG, what=str(len(text)))
    else:
        yield from _problems_of_source(text)


def _problems_of_source(text: str) -> Iterator[Problem]:
    try:
        tree = SANDBOX.parse(text)
    except TemplateSyntaxError as error:
        yield _problem_of_syntax(error)
    except RecursionError:
        yield Problem(Trouble.TOO_LONG, what=str(len(text)))
    else:
        yield from _walk(tree, frozenset(VARIABLES), 0)


def _problem_of_syntax(error: TemplateSyntaxError) -> Problem:
    unknown = re.match(r"No (filter|test) named '(.+?)'", error.message or "")
    if unknown:
        trouble = Trouble.UNKNOWN_FILTER if unknown[1] == "filter" else Trouble.UNKNOWN_TEST
        return Problem(trouble, error.lineno, unknown[2])
    return Problem(Trouble.SYNTAX, error.lineno, error.message or "")


def _walk(node: nodes.Node, known: frozenset[str], loops: int) -> Iterator[Problem]:
    """Yield what is wrong in a part of the template; ``known`` are the names that it may use."""
    if not isinstance(node, _ALLOWED):
        yield Problem(Trouble.FORBIDDEN, node.lineno, type(node).__name__.lower())
        return
    yield from _own_problems(node, known)
    if isinstance(node, nodes.For):
        yield from _walk_loop(node, known, loops + 1)
        return
    for child in node.iter_child_nodes():
        yield from _walk(child, known, loops)


def _walk_loop(loop: nodes.For, known: frozenset[str], loops: int) -> Iterator[Problem]:
    target = loop.target
    plain = isinstance(loop.iter, nodes.Name | nodes.Getattr) and not loop.recursive
    if loops > MAX_LOOPS or not plain or not isinstance(target, nodes.Name):
        yield Problem(Trouble.LOOP, loop.lineno)
        return
    yield from _walk(loop.iter, known, loops)
    for part in (*loop.body, *([loop.test] if loop.test else [])):
        yield from _walk(part, known | {"loop", target.name}, loops)
    for part in loop.else_:
        yield from _walk(part, known, loops)


def _own_problems(node: nodes.Node, known: frozenset[str]) -> Iterator[Problem]:
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in known:
        yield Problem(Trouble.UNKNOWN_NAME, node.lineno, node.name)
    elif isinstance(node, nodes.Getattr) and node.attr not in ATTRIBUTES:
        yield Problem(Trouble.UNKNOWN_ATTRIBUTE, node.lineno, node.attr)
    elif isinstance(node, nodes.Getitem):
        if not (isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int)):
            yield Problem(Trouble.FORBIDDEN, node.lineno, "[…]")
    elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
        yield Problem(Trouble.UNKNOWN_FILTER, node.lineno, node.name)
    elif isinstance(node, nodes.Test) and node.name not in TESTS:
        yield Problem(Trouble.UNKNOWN_TEST, node.lineno, node.name)


def _samples() -> Iterator[dict[str, object]]:
    """Yield what a prompt may be given: each level, and as few or many extracts as there can be."""
    extracts = [
        Extract(number, f"titre {number}", f"chapitre {number}", f"le texte de l'extrait {number}")
        for number in (1, 2, 3)
    ]
    for level in Difficulty:
        yield {"level": level.value, "extracts": extracts}
    yield {"level": Difficulty.BEGINNER.value, "extracts": extracts[:1]}
    yield {"level": Difficulty.BEGINNER.value, "extracts": []}


def _problems_of_rendering(text: str) -> Iterator[Problem]:
    for sample in _samples():
        try:
            rendered = render_prompt(text, sample)
        except PromptTooLargeError:
            yield Problem(Trouble.TOO_LARGE)
            return
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            yield Problem(Trouble.FAILS, _line_of(error), str(error))
            return
        extracts = sample["extracts"]
        if isinstance(extracts, list) and not all(e.text in rendered for e in extracts):
            yield Problem(Trouble.NO_EXTRACTS)
            return


def _line_of(error: Exception) -> int | None:
    """Return the line of the template where it failed: Jinja puts it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == "<template>"]
    return lines[-1] if lines else None
