"""Reading ease of French texts."""

from __future__ import annotations

import pytest

from pedabot.knowledge.readability import reading_ease

EASY = "Le chat dort. Il a bien mangé. Il rêve."
HARD = (
    "L'optimisation algorithmique des architectures convolutionnelles nécessite une compréhension"
    " approfondie des représentations intermédiaires hiérarchiques."
)


def ease(text: str) -> float:
    score = reading_ease(text)
    assert score is not None
    return score


def test_the_formula_is_that_of_kandel_and_moles() -> None:
    assert ease("Le chat dort.") == pytest.approx(207 - 1.015 * 3 - 73.6)
    assert ease("Le bon chat. Il dort.") == pytest.approx(207 - 1.015 * 2.5 - 73.6)
    assert ease("Un ami.") == pytest.approx(207 - 1.015 * 2 - 73.6 * 3 / 2)


def test_short_words_in_short_sentences_read_more_easily() -> None:
    assert ease(EASY) > 90 > 30 > ease(HARD)


def test_a_mute_ending_is_no_syllable() -> None:
    assert ease("Une table.") == ease("Un bal.")
    assert ease("Ils parlent.") == ease("Ils parl.")
    assert ease("Un pré.") == ease("Un pas.")


@pytest.mark.parametrize(
    "text", ["", "  \n", "12 345 !", "`code`", "```\nprint(1)\n```", "$x + y$"]
)
def test_without_words_there_is_no_score(text: str) -> None:
    assert reading_ease(text) is None


@pytest.mark.parametrize(
    "extra",
    ["`une_fonction_interminable()`", "$\\operatorname{argmax}$", "```\nincompréhensible\n```"],
)
def test_code_and_formulas_do_not_count(extra: str) -> None:
    assert ease(f"Le chat {extra} dort.") == ease("Le chat dort.")


def test_a_decimal_number_ends_no_sentence() -> None:
    assert ease("Le chat a 3.5 vies.") == ease("Le chat a vies.")


def test_points_of_a_list_are_sentences() -> None:
    assert ease("Le chat\n- dort\n- mange") == ease("Le chat. Dort. Mange.")
