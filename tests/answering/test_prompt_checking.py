"""What cannot be a prompt is refused before it is saved, with its line."""

from __future__ import annotations

import pytest
from jinja2 import TemplateError
from jinja2.exceptions import SecurityError

from pedabot.answering.prompt_checking import (
    MAX_LENGTH,
    InvalidPromptError,
    Problem,
    Trouble,
    check,
)
from pedabot.answering.templates import (
    MAX_PROMPT_LENGTH,
    PromptTooLargeError,
    first_prompt,
    render_prompt,
)
from pedabot.answering.values import Extract

EXTRACTS = "{% for e in extracts %}[{{ e.number }}] {{ e.title }} : {{ e.text }}\n{% endfor %}"
ESCAPES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ extracts.__class__.__init__.__globals__ }}",
    "{{ ''['__class__'] }}",
    "{{ level['__class__'] }}",
    "{{ level[level] }}",
    "{{ level|attr('__class__') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ joiner() }}",
    "{{ namespace() }}",
    "{{ range(9) }}",
    "{{ dict(a=1) }}",
    "{{ level.format(level) }}",
    "{{ '%s'|format(level) }}",
    "{{ level|map(attribute='__class__')|list }}",
    "{{ extracts.append(1) }}",
    "{{ extracts[0].__dataclass_fields__ }}",
    "{{ config }}",
    "{{ request.environ }}",
    "{{ 'a' * 999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ level|center(999999999) }}",
    "{{ level|replace('e', 'eeeeeeeeee') }}",
    "{% set x = level %}",
    "{% include 'system.md.j2' %}",
    "{% extends 'system.md.j2' %}",
    "{% import 'system.md.j2' as other %}",
    "{% from 'system.md.j2' import other %}",
    "{% macro m() %}{% endmacro %}",
    "{% block b %}{% endblock %}",
    "{% filter upper %}a{% endfilter %}",
    "{% call level() %}{% endcall %}",
    "{% for a in 'aaaaaaaaaa' %}{% endfor %}",
    "{% for a in extracts recursive %}{% endfor %}",
    "{% for a in level %}" * 3 + "{% endfor %}" * 3,
)


def problems(text: str) -> list[Problem]:
    with pytest.raises(InvalidPromptError) as caught:
        check(text)
    return caught.value.problems


def test_the_prompt_of_the_file_is_one() -> None:
    check(first_prompt().text)


def test_what_a_teacher_would_write_is_let_through() -> None:
    check(
        "Niveau : {{ level|upper }}{% if level == 'beginner' and level is defined %} (simple)"
        "{% elif level == 'advanced' %} (précis){% else %}.{% endif %}\n" + EXTRACTS
    )


@pytest.mark.parametrize("escape", ESCAPES)
def test_an_escape_is_refused_at_its_line(escape: str) -> None:
    found = problems(f"Bonjour.\n\n{escape}\n{EXTRACTS}")
    assert {problem.line for problem in found} == {3}


@pytest.mark.parametrize(
    "escape",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ extracts.__class__.__init__.__globals__ }}",
        "{{ extracts[0].__init__.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ range(9) }}",
        "{{ extracts.append(1) }}",
    ],
)
def test_the_sandbox_stops_what_the_check_would_have_missed(escape: str) -> None:
    variables = {"level": "beginner", "extracts": [Extract(1, "t", "c", "x")]}
    with pytest.raises((SecurityError, TemplateError)):
        render_prompt(escape, variables)


def test_a_rendering_without_end_is_cut() -> None:
    variables = {"level": "a" * 1000, "extracts": []}
    text = "{% for a in level %}{% for b in level %}" + "x" * 100 + "{% endfor %}{% endfor %}"
    with pytest.raises(PromptTooLargeError):
        render_prompt(text, variables)
    assert MAX_PROMPT_LENGTH < 1000 * 1000 * 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  \n ", Problem(Trouble.EMPTY)),
        ("a" * (MAX_LENGTH + 1), Problem(Trouble.TOO_LONG, what=str(MAX_LENGTH + 1))),
        ("Bonjour\n{{ niveau }}\n" + EXTRACTS, Problem(Trouble.UNKNOWN_NAME, 2, "niveau")),
        (
            "{% for e in extracts %}\n{{ e.contenu }}\n{% endfor %}",
            Problem(Trouble.UNKNOWN_ATTRIBUTE, 2, "contenu"),
        ),
        ("\n\n{{ level|shout }}\n" + EXTRACTS, Problem(Trouble.UNKNOWN_FILTER, 3, "shout")),
        ("\n{{ e.text }}\n" + EXTRACTS, Problem(Trouble.UNKNOWN_NAME, 2, "e")),
        ("Réponds en français, à {{ level }}.", Problem(Trouble.NO_EXTRACTS)),
        ("{{ extracts[0].text }}", Problem(Trouble.NO_EXTRACTS)),
        (
            "{% if level == 'beginner' %}" + EXTRACTS + "{% endif %}",
            Problem(Trouble.NO_EXTRACTS),
        ),
    ],
)
def test_each_problem_is_named_with_its_place(text: str, expected: Problem) -> None:
    assert problems(text) == [expected]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\n{% if level %}\nb", 2), ("a\n\n{{ level", 3), ("{% endfor %}", 1), ("a\n{% quoi %}", 2)],
)
def test_an_error_of_syntax_names_the_line(text: str, line: int) -> None:
    (found,) = problems(text)
    assert found.trouble is Trouble.SYNTAX
    assert found.line is not None
    assert abs(found.line - line) <= 1
    assert found.what


def test_what_fails_only_when_rendered_names_the_line() -> None:
    (found,) = problems("Un\n\n{{ extracts[7].text }}\n" + EXTRACTS)
    assert (found.trouble, found.line) == (Trouble.FAILS, 3)


def test_all_problems_are_told_at_once() -> None:
    found = problems("{{ un }}\n{{ deux }}\n" + EXTRACTS)
    assert [(problem.line, problem.what) for problem in found] == [(1, "un"), (2, "deux")]
