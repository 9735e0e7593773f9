"""Personal data does not leave, comes back in the answer, and what is not personal stays."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.redaction import measure, sentences
from pedabot.answering.privacy.finding import find
from pedabot.answering.privacy.masking import Mask, Restorer, without_marks
from pedabot.answering.privacy.names import identifying
from pedabot.answering.values import Hidden, Kind


@pytest.mark.parametrize(
    ("part", "precision", "recall"),
    # As measured by `python -m benchmarks.redaction`.
    [("tuning", 1.0, 1.0), ("validation", 1.0, 1.0), ("held_out", 1.0, 0.95)],
)
def test_the_labelled_sentences(part: str, precision: float, recall: float) -> None:
    score = measure([sentence for sentence in sentences() if sentence.part == part])
    assert score.precision >= precision, score.faults
    assert score.recall >= recall, score.faults


def test_half_of_the_sentences_hold_nothing_personal() -> None:
    clean = sum(not sentence.hidden for sentence in sentences())
    assert len(sentences()) >= 200
    assert clean >= len(sentences()) / 2


def test_one_value_has_one_mark_however_it_is_written() -> None:
    mask = Mask(["Zoé"])
    assert mask.hide("06 12 34 56 78, Zoé")[0] == "[TÉLÉPHONE 1], [NOM 1]"
    assert mask.hide("+33612345678 puis 07 12 34 56 78, zoe")[0] == (
        "[TÉLÉPHONE 1] puis [TÉLÉPHONE 2], [NOM 1]"
    )


def test_marks_stay_what_they_were_in_the_conversation() -> None:
    known = Hidden(Kind.EMAIL, "[E-MAIL 1]", "lea@lycee.fr")
    mask = Mask(known=[known])
    text, hidden = mask.hide("tom@lycee.fr ou lea@lycee.fr")
    assert text == "[E-MAIL 2] ou [E-MAIL 1]"
    assert known in hidden


def test_values_come_back_however_the_model_writes_the_mark() -> None:
    mask = Mask()
    mask.hide("lea@lycee.fr")
    for mark in ("[E-MAIL 1]", "[e-mail 1]", r"\[E-MAIL 1\]", "[E-MAIL\u00a01]", "[E-MAIL-1]"):
        assert mask.restore(f"Écris à {mark}.") == "Écris à lea@lycee.fr."
    assert mask.restore("[E-MAIL 2] [1] [int 8]") == "[E-MAIL 2] [1] [int 8]"


@given(st.lists(st.integers(0, 60), max_size=6))
def test_a_mark_cut_by_the_stream_comes_back_whole(cuts: list[int]) -> None:
    mask = Mask()
    hidden, _ = mask.hide("Écris à lea@lycee.fr [1], dit-il, ou au 06 12 34 56 78 [")
    places = sorted({0, len(hidden), *(min(cut, len(hidden)) for cut in cuts)})
    restorer = Restorer(mask)
    said = [restorer.feed(hidden[a:b]) for a, b in pairwise(places)]
    assert "".join([*said, restorer.flush()]) == (
        "Écris à lea@lycee.fr [1], dit-il, ou au 06 12 34 56 78 ["
    )


@given(st.text(max_size=200))
def test_hiding_and_putting_back_changes_nothing(text: str) -> None:
    mask = Mask(["Zoé", "Jean-Baptiste"])
    hidden, pieces = mask.hide(text)
    values = [piece.value for piece in pieces]
    assert len(hidden) <= len(text) + 20 * len(pieces)
    assert all(value in text for value in values)


def test_a_name_that_is_a_word_of_the_course_is_not_hidden() -> None:
    assert identifying(["Adam", "Zoé", "zo", "Pixel"], {"adam", "pixel"}) == ("Zoé",)


def test_names_are_whole_words_in_any_case_and_accent() -> None:
    names = ("Inès", "Rose")
    text = "INÈS et Ine\u0300s et ines, pas lines ; Rose voit du rose"
    found = [text[span.start : span.end] for span in find(text, names)]
    assert found == ["INÈS", "Ine\u0300s", "ines", "Rose"]


def test_marks_are_no_words_of_a_question() -> None:
    words = without_marks("Que vaut [1] pour [NOM 2] ?").split()
    assert words == ["Que", "vaut", "[1]", "pour", "?"]
