"""The prompt fits its tokens whatever comes, and nothing in it ends in mid-sentence."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from pedabot.answering.enrichment import build_prompt, units
from pedabot.answering.enrichment.fitting import cut_lines
from pedabot.answering.enrichment.history import TURN_COST, fit_history
from pedabot.answering.tokens import estimate_tokens
from pedabot.answering.values import Attachment, Question, Turn, Window
from pedabot.knowledge.document import Difficulty, validate
from pedabot.knowledge.search import Passage
from tests.conftest import COURSE

QUICK = settings(max_examples=40, deadline=None)
PASSAGES = [Passage(topic, subtopic, score=1.0) for topic, subtopic in validate(COURSE).subtopics()]

words = st.text("abcdefghijéàç", min_size=1, max_size=14)
sentences = st.builds(
    lambda first, rest, end: f"Ab{first} {' '.join(rest)}{end}",
    words,
    st.lists(words, min_size=1, max_size=12),
    st.sampled_from([".", " ?", " !"]),
)
paragraphs = st.lists(sentences, min_size=1, max_size=12)
anything = st.text(max_size=3000)
exchanges = st.lists(st.tuples(anything | sentences, anything | sentences), max_size=12)
BLOCKS = (
    "- un\n- deux\n- trois",
    "```python\nx = 1\n\ny = 2\n```",
    "| a | b |\n|---|---|\n| 1 | 2 |",
)


def turns_of(pairs: list[tuple[str, str]]) -> tuple[Turn, ...]:
    return tuple(
        turn
        for asked, said in pairs
        for turn in (Turn("user", asked), Turn("assistant", said, ("Quantification",)))
    )


def cost(turns: tuple[Turn, ...]) -> int:
    return sum(estimate_tokens(turn.content) + TURN_COST for turn in turns)


@QUICK
@given(
    text=anything | st.just("Pourquoi ? " * 2000) | st.just("x" * 20_000),
    pairs=exchanges,
    files=st.lists(st.builds(Attachment, words, anything), max_size=3),
    prompt=st.integers(3000, 12_000),
    history=st.integers(0, 4000),
    room=st.integers(0, 6000),
)
def test_a_prompt_is_never_over_its_tokens(
    text: str,
    pairs: list[tuple[str, str]],
    files: list[Attachment],
    prompt: int,
    history: int,
    room: int,
) -> None:
    question = Question(text, Difficulty.BEGINNER, turns_of(pairs), None, tuple(files))
    turns, _ = build_prompt(question, PASSAGES, Window(prompt, history, room))
    assert cost(turns) <= prompt
    assert [turn.role for turn in turns][1:] == ["user", "assistant"] * (len(turns) // 2 - 1) + [
        "user"
    ]
    assert '<extrait numero="1"' in turns[0].content


@QUICK
@given(pairs=exchanges, tokens=st.integers(0, 3000))
def test_the_turns_before_are_never_over_their_tokens(
    pairs: list[tuple[str, str]], tokens: int
) -> None:
    summary, kept = fit_history(turns_of(pairs), tokens)
    assert cost(kept) + estimate_tokens(summary) <= tokens


@QUICK
@given(pairs=st.lists(st.tuples(sentences, sentences), min_size=1), tokens=st.integers(80, 900))
def test_the_newest_turns_are_kept_and_older_ones_summarised(
    pairs: list[tuple[str, str]], tokens: int
) -> None:
    turns = turns_of(pairs)
    summary, kept = fit_history(turns, tokens)
    assert kept
    assert kept[-1].content.startswith(turns[-1].content[:5])
    told = len(kept) // 2
    if told > 1:
        assert kept == turns[-2 * told :]
    lines = summary.splitlines()
    assert len(lines) <= len(pairs) - told
    for line, (asked, _said) in zip(reversed(lines), reversed(pairs[: len(pairs) - told])):  # noqa: B905
        assert line.startswith(f"- Question : {asked[:5]}")
        assert "Pages : Quantification." in line
    assert fit_history(turns, tokens) == (summary, kept)


@QUICK
@given(body=paragraphs, block=st.sampled_from(BLOCKS), tokens=st.integers(1, 200))
def test_no_text_of_the_course_ends_in_mid_sentence(
    body: list[str], block: str, tokens: int
) -> None:
    text = " ".join(body) + "\n\n" + block + "\n\n" + " ".join(body)
    kept = units.cut(text, tokens)
    assert estimate_tokens(kept) <= tokens
    told = kept.removesuffix(units.GAP).strip()
    assert text.startswith(told)
    if told:
        last = block.splitlines()[-1]
        assert told.endswith((*body, last))
        assert block.splitlines()[0] not in told or block in told


@QUICK
@given(lines=st.lists(st.text("abc 12;", max_size=60), max_size=60), tokens=st.integers(0, 300))
def test_a_file_is_cut_at_the_end_of_a_line(lines: list[str], tokens: int) -> None:
    text = "\n".join(lines)
    kept, left_out = cut_lines(text, tokens)
    assert estimate_tokens(kept) <= tokens
    every = text.rstrip("\n").split("\n")
    assert kept == "\n".join(every[: len(every) - left_out])


def test_sentences_end_where_a_reader_says() -> None:
    text = "Il pèse 3.5 Mo (cf. Fig. 2). `x.fit(X)` apprend. Avec $a. B$ aussi. Et p. ex. Keras ?"
    assert units.sentences(text) == [
        "Il pèse 3.5 Mo (cf. Fig. 2).",
        "`x.fit(X)` apprend.",
        "Avec $a. B$ aussi.",
        "Et p. ex. Keras ?",
    ]


def test_what_announces_a_list_does_not_stand_without_it() -> None:
    text = "La fin du début.\n\nTrois étapes :\n\n" + "\n".join(f"- étape {n}" for n in range(99))
    assert units.cut(text, 40) == f"La fin du début.\n\n{units.GAP}"


def test_a_long_question_keeps_its_beginning_and_its_end() -> None:
    text = "Voici mon code.\n" + "    x = modele(x)\n" * 900 + "Pourquoi ne marche-t-il pas ?"
    turns, _ = build_prompt(Question(text, Difficulty.BEGINNER), PASSAGES, Window(3000))
    asked = turns[-1].content
    assert asked.startswith("Voici mon code.\n    x = modele(x)\n")
    assert f"\n{units.GAP}\n" in asked
    assert asked.endswith("Pourquoi ne marche-t-il pas ?")


def test_a_cut_file_says_so_between_its_marks() -> None:
    file = Attachment("train.py", "\n".join(f"x{n} = {n}" for n in range(2000)))
    question = Question("Pourquoi ?", Difficulty.BEGINNER, attachments=(file,))
    turns, _ = build_prompt(question, PASSAGES)
    asked = turns[-1].content
    found = re.search(
        r'<fichier nom="train\.py">\n(.*)\n\[La fin du fichier n\'est pas montrée : '
        r"(\d+) lignes de plus\.\]\n</fichier>$",
        asked,
        re.DOTALL,
    )
    assert found is not None
    assert len(found[1].splitlines()) + int(found[2]) == 2000


def test_tokens_are_estimated_by_words_digits_and_signs() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("le modèle apprend") == 1 + 2 + 2
    assert estimate_tokens("3,14") == 4
    assert estimate_tokens("a\n\nb") == 3
