"""Answers from the course alone: the words are the course's own."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pedabot.answering.offline import OfflineEngine, compose
from pedabot.answering.values import Piece, Question, Request
from pedabot.knowledge.document import Difficulty, validate
from pedabot.knowledge.search import Passage
from tests.conftest import COURSE

BEGINNER, INTERMEDIATE, ADVANCED = Difficulty


def passage(name: str, data: object = COURSE) -> Passage:
    return Passage(*validate(data).by_id[name], score=1.0)


QUANTIFICATION, ELAGAGE, CONVOLUTION = map(passage, ["quantification", "elagage", "convolution"])


def request(
    *passages: Passage,
    level: Difficulty = INTERMEDIATE,
    in_scope: bool = True,
    compared: bool = False,
) -> Request:
    question = Question("Explique.", level)
    return Request(question, passages, in_scope, compared, prompt=(), prompt_hash="")


def with_examples(*examples: str) -> Passage:
    """Return the first notion of the course with other examples."""
    data: dict[str, Any] = deepcopy(COURSE)
    data["topics"][0]["subtopics"][0]["examples"] = list(examples)
    return passage("quantification", data)


@pytest.mark.parametrize(
    ("level", "said", "unsaid"),
    [
        (BEGINNER, "On arrondit les nombres", ["float32 à int8 : 4", "Une échelle"]),
        (INTERMEDIATE, "La quantification passe les poids", ["On arrondit", "Une échelle"]),
        (ADVANCED, "Une échelle $s$ et un zéro $z$", ["On arrondit", "float32 à int8 : 4"]),
    ],
)
def test_an_explanation_is_the_text_for_the_level(
    level: Difficulty, said: str, unsaid: list[str]
) -> None:
    text = compose(request(QUANTIFICATION, level=level))
    assert said in text
    assert not [words for words in unsaid if words in text]


@pytest.mark.parametrize("level", Difficulty)
def test_an_explanation_has_its_summary_source_and_example(level: Difficulty) -> None:
    text = compose(request(QUANTIFICATION, level=level))
    assert "La quantification stocke les poids sur moins de bits. [1]" in text
    assert "```python\nprint(round(12.97))\n```" in text


def test_what_to_remember_is_added_to_another_text_than_the_content() -> None:
    assert "- De float32 à int8.\n- Jusqu'à 4 fois" in compose(
        request(QUANTIFICATION, level=BEGINNER)
    )


def test_a_beginner_gets_the_last_example_and_the_others_the_first() -> None:
    main = with_examples("Le premier.", "Le dernier.")
    shown = {level: compose(request(main, level=level)) for level in Difficulty}
    assert "Le dernier." in shown[BEGINNER]
    assert "Le premier." not in shown[BEGINNER]
    assert "Le premier." in shown[INTERMEDIATE]
    assert "Le premier." in shown[ADVANCED]


def test_an_explanation_proposes_what_to_read_next_by_its_number() -> None:
    text = compose(request(QUANTIFICATION, ELAGAGE, CONVOLUTION))
    assert "Élagage (pruning) [2], Opération de convolution [3]." in text


def test_a_lone_passage_proposes_nothing_to_read_next() -> None:
    assert "À lire ensuite" not in compose(request(QUANTIFICATION))


def test_an_example_is_quoted_to_the_letter() -> None:
    example = "```python\nimport math\n\n\ndef f():\n    return math.pi\n```"
    assert example in compose(request(with_examples(example)))


def test_a_comparison_puts_two_notions_side_by_side() -> None:
    text = compose(request(QUANTIFICATION, ELAGAGE, CONVOLUTION, compared=True))
    first, second = text.index("**Quantification** [1]"), text.index("**Élagage (pruning)** [2]")
    assert first < text.index("stocke les poids sur moins de bits") < second
    assert second < text.index("retire les connexions les moins utiles")
    assert "- De float32 à int8." in text
    assert "- On retire les poids proches de zéro." in text
    assert "convolution" not in text


def test_a_notion_without_summary_is_compared_by_its_content() -> None:
    text = compose(request(QUANTIFICATION, CONVOLUTION, compared=True))
    assert "Un noyau glisse sur l'image" in text


def test_a_comparison_with_one_passage_is_an_explanation() -> None:
    assert compose(request(QUANTIFICATION, compared=True)) == compose(request(QUANTIFICATION))


def test_outside_the_course_nothing_is_explained() -> None:
    text = compose(request(QUANTIFICATION, CONVOLUTION, in_scope=False))
    assert "sort du cours" in text
    assert "- Quantification (Optimisation des modèles) [1]" in text
    assert "- Opération de convolution (Réseaux de neurones convolutifs) [2]" in text
    assert "moins de bits" not in text


def test_outside_the_course_a_comparison_is_refused_too() -> None:
    text = compose(request(QUANTIFICATION, ELAGAGE, in_scope=False, compared=True))
    assert "sort du cours" in text


MINIMAL = {
    "topics": [
        {
            "id": "bases",
            "title": "Les bases",
            "subtopics": [
                {"id": name, "title": name.title(), "content": content, "examples": []}
                | {"difficulty": "beginner"}
                for name, content in [
                    ("perceptron", "Un neurone seul."),
                    ("couche", "Des neurones."),
                ]
            ],
        }
    ]
}


@pytest.mark.parametrize("level", Difficulty)
def test_a_minimal_document_is_explained_and_cited(level: Difficulty) -> None:
    text = compose(request(passage("perceptron", MINIMAL), level=level))
    assert "Un neurone seul." in text
    assert "[1]" in text


@pytest.mark.parametrize("compared", [False, True])
def test_a_minimal_document_leaves_no_empty_part(compared: bool) -> None:
    passages = [passage(name, MINIMAL) for name in ("perceptron", "couche")]
    text = compose(request(*passages, compared=compared))
    assert "Un neurone seul." in text
    assert not [title for title in ("À retenir", "exemple concret", "None") if title in text]


@pytest.mark.parametrize("compared", [False, True])
@pytest.mark.parametrize("in_scope", [False, True])
@pytest.mark.parametrize("level", Difficulty)
def test_an_answer_is_tidy_markdown(level: Difficulty, in_scope: bool, compared: bool) -> None:
    text = compose(
        request(QUANTIFICATION, ELAGAGE, level=level, in_scope=in_scope, compared=compared)
    )
    assert text == text.strip() + "\n"
    assert "\n\n\n" not in text
    assert not [mark for mark in ("{{", "{%", "None") if mark in text]


def test_the_engine_says_it_all_in_one_piece() -> None:
    asked = request(QUANTIFICATION)
    assert list(OfflineEngine().answer(asked)) == [Piece(compose(asked))]
