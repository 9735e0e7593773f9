"""Hostile texts of all public kinds, and markdown made at random: nothing but words comes out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pedabot.answering.rendering import (
    MAX_COLOURED,
    MAX_MARKS,
    MAX_QUOTES,
    is_too_much,
    render,
    sanitise,
)
from tests.answering.hostile import outcomes, payloads
from tests.answering.test_rendering import assert_safe, elements, patient, text_of

KINDS = payloads()


def test_there_are_hundreds_of_them_and_each_once() -> None:
    texts = [text for kind in KINDS.values() for text in kind]
    assert len(KINDS) >= 12
    assert len(texts) >= 300
    assert min(map(len, KINDS.values())) >= 10


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_way_it_takes_only_allowed_markup_comes_out(kind: str) -> None:
    for text in KINDS[kind]:
        for html in outcomes(text):
            assert_safe(html)
            # What is clean stays as it is: a browser that reads it twice sees the same.
            assert sanitise(html) == html or "<pre>" in html, text


HOSTILE = st.sampled_from([text for kind in KINDS.values() for text in kind])
MARKS = st.sampled_from(
    "> ¦- ¦1. ¦    ¦# ¦`¦```¦~~~¦$¦$$¦*¦_¦~~¦[¦](¦)¦![¦<¦>¦&¦\\¦'¦\"¦[1]¦|¦\n|-|-|\n¦\n\n¦\0".split(
        "¦"
    )
)
PIECES = st.one_of(HOSTILE, MARKS, st.text(max_size=8))


@given(st.lists(PIECES, max_size=24).map("".join))
@patient
def test_markdown_made_at_random_is_safe(text: str) -> None:
    assert_safe(render(text, ["/knowledge/a/b"], links=False))
    assert_safe(render(text))


@given(st.lists(HOSTILE, min_size=2, max_size=4), st.integers(1, 60))
@patient
def test_pieces_of_payloads_put_together_are_safe(texts: list[str], cut: int) -> None:
    assert_safe(sanitise("".join(text[:cut] for text in texts)))


# What is too deep or too large.


def test_as_many_marks_as_are_rendered_and_one_more() -> None:
    assert elements(render("*" + "a" * 5 + "* " + "|" * (MAX_MARKS - 2)), "em")
    shown = render("*a* " + "<" * MAX_MARKS)
    assert elements(shown, "em") == []
    assert text_of(shown) == "*a* " + "<" * MAX_MARKS


@pytest.mark.parametrize(
    "text",
    [
        "- a\n  - b\n" * MAX_MARKS,
        ">" * 5000 + " a",
        "[" * 5000 + "](/a)" * 5000,
        "|a" * 5000 + "\n" + "|-" * 5000,
        "$$\n```\n$$\n" + "|a|b|\n" * MAX_MARKS,  # no fence for the parser
        "> ```\n" + "*a* " * MAX_MARKS,
        "- ```\n" + "\n*a* " * MAX_MARKS,
        'a "b" ' * MAX_QUOTES,
    ],
)
def test_deep_or_huge_markdown_is_shown_as_it_was_typed(text: str) -> None:
    assert is_too_much(text)
    assert text_of(render(text)).strip() == text.strip()


def test_long_code_is_no_mark_and_loses_only_its_colours() -> None:
    line = "x = [f(1), {'a': 2}]\n"
    short = f"```python\n{line * 5}```"
    long = f"```python\n{line * (MAX_COLOURED // len(line) + 1)}```"
    assert elements(render(short), "span")
    assert elements(render(long), "span") == []
    assert len(elements(render(long), "code")) == 1


def test_a_fence_that_is_closed_hides_no_marks() -> None:
    assert is_too_much("```\na\n```\n" + "*a* " * MAX_MARKS)
    assert not is_too_much("```\n" + "*a* " * MAX_MARKS + "\n```")
