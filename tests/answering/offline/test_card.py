"""An answer of the offline tutor: the sentences that bear on the question, and none other."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pedabot.answering.events import Piece
from pedabot.answering.offline.engine import OfflineEngine, compose
from pedabot.answering.values import Question, Request
from pedabot.knowledge.document import Difficulty, validate
from pedabot.knowledge.search import Passage
from pedabot.knowledge.units import units
from tests.answering.offline.ask import (
    ADVANCED,
    BEGINNER,
    INTERMEDIATE,
    ask,
    course,
    length,
    spaced,
    subtopic,
)
from tests.conftest import COURSE

QUESTIONS = [
    "C'est quoi la quantification ?",
    "Combien gagne-t-on avec la quantification ?",
    "Pourquoi limiter le débit ?",
    "À quoi servent les fonctions d'activation ?",
    "Comment marche la descente de gradient ?",
    "Quels sont les pièges de l'élagage ?",
    "Comment choisir la taille de lot ?",
    "Cite les familles de modèles de vision.",
    "Mon modèle apprend par cœur, que faire ?",
    "Quels avantages à partir d'un modèle pré-entraîné ?",
    "c koi un embedding",
    "Résume le mécanisme d'attention.",
    "Différence entre latence et débit ?",
]


def without_references(text: str) -> str:
    return " ".join(re.sub(r"\s*\[\d\]", "", text).split())


def test_a_definition_gives_the_figures_of_the_course() -> None:
    text = spaced(ask("C'est quoi la quantification ?", BEGINNER).text)
    for figure in ("float32", "int8", "4 fois plus petit", "2 à 4 fois plus", "1 à 2 %"):
        assert figure in text


@pytest.mark.parametrize("level", Difficulty)
def test_a_question_of_quantity_is_answered_by_figures(level: Difficulty) -> None:
    text = spaced(ask("Combien gagne-t-on avec la quantification ?", level).text)
    assert "4 fois plus petit" in text
    assert re.search(r"2 à 4 fois plus (?:rapide|vite)", text)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Pourquoi limiter le débit ?", "180 000 requêtes"),
        ("Quels sont les pièges de l'élagage ?", "Fichier inchangé"),
        ("Mon modèle apprend par cœur, que faire ?", "Arrêt anticipé"),
        ("D'où vient le surapprentissage ?", "Trop peu de données"),
        ("Comment se calcule une convolution, étape par étape ?", "Glisser"),
        ("Quantification après l'entraînement ou pendant ?", "Pendant l’entraînement"),
        ("TensorRT marche-t-il sur une carte AMD ?", "ne fonctionne pas sur un GPU AMD"),
    ],
)
def test_the_sentence_that_answers_is_there(question: str, said: str) -> None:
    assert said in spaced(ask(question).text)


def test_what_was_not_asked_stays_out() -> None:
    text = ask("Quels sont les pièges de l'élagage ?").text
    assert "Classer" not in text
    assert "```" not in text


@pytest.mark.parametrize("level", Difficulty)
@pytest.mark.parametrize("question", QUESTIONS[:-1])  # the last one is a comparison
def test_every_sentence_is_the_courses_own(question: str, level: Difficulty) -> None:
    answer = ask(question, level)
    source = without_references("\n".join(_all_texts(answer.passages)))
    for unit in units(answer.text):
        if "Et ensuite ?" in unit.text or ": l'essentiel**" in unit.text:
            continue
        plain = re.sub(r"\s*:$", "", without_references(unit.text).removeprefix("- "))
        plain = plain.removeprefix("D'après le cours :").strip()
        assert plain.split("\n")[0][:60] in source, unit.text


def _all_texts(passages: tuple[Passage, ...]) -> list[str]:
    texts = []
    for passage in passages:
        entry = passage.subtopic
        texts += [entry.title, entry.content, *entry.key_points, *entry.examples]
        texts += [text for text in (entry.summary, entry.simpler, entry.deeper) if text]
    return texts


@pytest.mark.parametrize("level", [BEGINNER, INTERMEDIATE])
def test_answers_are_as_long_as_a_card(level: Difficulty) -> None:
    lengths = [length(ask(question, level).text) for question in QUESTIONS]
    assert max(lengths) <= 260
    assert 70 <= sum(lengths) / len(lengths) <= 190


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_question_gets_the_same_answer(question: str) -> None:
    assert ask(question).text == ask(question).text


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_is_said_twice(question: str) -> None:
    blocks = [unit.text for unit in units(ask(question).text)]
    assert len(blocks) == len(set(blocks))


def test_the_level_steers_the_answer() -> None:
    texts = {level: ask("C'est quoi le pooling ?", level).text for level in Difficulty}
    assert "Pense au bilan d’une salle de TP" in texts[BEGINNER]
    assert "Les variantes" in texts[INTERMEDIATE]
    assert "$$" in texts[ADVANCED]
    assert "$$" not in texts[BEGINNER]


def test_a_definition_comes_first() -> None:
    text = ask("Qu'est-ce que le rate limiting ?", BEGINNER).text
    assert text.startswith("La limitation de débit (rate limiting) fixe un nombre maximal")


@pytest.mark.parametrize(
    ("question", "level", "has_code"),
    [
        ("Donne un exemple de quantification", BEGINNER, False),
        ("Montre le code Python de la quantification", INTERMEDIATE, True),
        ("C'est quoi la quantification ?", INTERMEDIATE, False),
    ],
)
def test_code_stands_where_it_is_asked_for(
    question: str, level: Difficulty, has_code: bool
) -> None:
    assert ("```python" in ask(question, level).text) is has_code


def test_an_example_is_quoted_whole() -> None:
    passage = Passage(*course().by_id["quantification"], 1.0)
    text = compose(request([passage], "Montre le code Python pour quantifier une couche"))
    first, *rest = subtopic("quantification").examples[0].split("\n")
    assert f"{first} [1]\n" in text
    assert "\n".join(rest) in text


def test_the_essential_is_the_key_points() -> None:
    text = ask("Résume le pooling").text
    assert all(f"- {point}" in text for point in subtopic("pooling").key_points)


def test_a_table_stays_whole() -> None:
    text = ask("Élagage structuré ou non structuré ?").text
    (table,) = [u for u in units(subtopic("elagage").content) if u.text.startswith("|")]
    assert table.text in text


def test_typing_errors_do_not_change_what_is_found() -> None:
    assert "Pendant l’entraînement" in ask("quantifcation int8 apres entrainemnt ou pendent ?").text


def test_the_next_step_is_the_quiz_or_a_neighbour() -> None:
    answer = ask("C'est quoi la quantification ?")
    last = answer.text.strip().split("\n\n")[-1]
    assert last.startswith("**Et ensuite ?** Vérifie-toi avec le quiz de la page [1]")
    assert f"{answer.passages[1].subtopic.title} [2]" in last


@pytest.mark.parametrize("number", range(0, 79, 6))
@pytest.mark.parametrize("level", Difficulty)
def test_any_notion_is_explained_tidily(number: int, level: Difficulty) -> None:
    topic, entry = list(course().subtopics())[number]
    text = compose(request([Passage(topic, entry, 1.0)], f"Explique : {entry.title}", level))
    assert length(text) >= 25
    assert "[1]" in text
    assert text == text.strip() + "\n"
    assert "\n\n\n" not in re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert text.count("```") % 2 == 0
    assert text.count("$$") % 2 == 0


def request(
    passages: list[Passage],
    text: str = "Explique.",
    level: Difficulty = INTERMEDIATE,
    **more: Any,
) -> Request:
    options = {"in_scope": True, "compared": False, **more}
    return Request(Question(text, level), tuple(passages), prompt=(), prompt_hash="", **options)


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


@pytest.mark.parametrize("compared", [False, True])
@pytest.mark.parametrize("text", ["Explique.", "Un exemple", "Résume", "Combien ?", "En code ?"])
@pytest.mark.parametrize("level", Difficulty)
def test_a_minimal_document_is_explained_and_cited(
    level: Difficulty, text: str, compared: bool
) -> None:
    passages = [Passage(*validate(MINIMAL).by_id[name], 1.0) for name in ("perceptron", "couche")]
    said = compose(request(passages, text, level, compared=compared))
    assert "Un neurone seul." in said
    assert "[1]" in said
    assert "None" not in said


def test_outside_the_course_the_nearest_notions_are_named_and_nothing_explained() -> None:
    passages = [Passage(*place, 0.1) for place in validate(COURSE).subtopics()]
    text = compose(request(passages, in_scope=False, compared=True))
    assert "ne parle pas de cela" in text
    for number, passage in enumerate(passages, start=1):
        assert f"- {passage.subtopic.title} [{number}]\n" in text
    assert "moins de bits" not in text


def test_the_engine_says_it_all_in_one_piece() -> None:
    asked = request([Passage(*next(validate(COURSE).subtopics()), 1.0)])
    assert list(OfflineEngine().answer(asked)) == [Piece(compose(asked))]


def test_a_name_of_several_words_is_one_word_of_another_subject() -> None:
    # The course cuts texts (« coupé ») and speaks of the world: alone, these words are its own.
    assert not ask("Qui a gagné la coupe du monde ?").in_scope
    assert ask("Que se passe-t-il quand un texte trop long est coupé ?").in_scope
