"""A guided class: questions and hints that escalate, and no solution."""

from __future__ import annotations

from pedabot.knowledge.attempts import asks_for_help, is_attempt
from tests.answering.offline.ask import BEGINNER, ask, subtopic, talk

EXERCISE = "Combien pèse en Mo un modèle de 25 millions de paramètres en float32 ?"
QUIZ = subtopic("taille-modele").quiz


def posed(text: str) -> int:
    """Return the number of the quiz question that an answer asks."""
    return next(n for n, quiz in enumerate(QUIZ) if quiz.question in text)


def test_an_exercise_is_answered_by_a_question_of_the_course() -> None:
    text = ask(EXERCISE, guided=True).text
    quiz = QUIZ[posed(text)]
    assert all(choice.text in text for choice in quiz.choices)
    assert "100 Mo" not in text
    assert not [choice.why for choice in quiz.choices if choice.why in text]


def test_a_definition_is_given_before_the_question() -> None:
    text = ask("C'est quoi la quantification ?", BEGINNER, guided=True).text
    assert text.startswith(subtopic("quantification").summary or "no summary")
    assert "À toi de chercher" in text


def test_hints_escalate_to_a_similar_case_and_never_to_the_solution() -> None:
    first, *hints = talk(EXERCISE, "je sais pas", "un indice", "donne-moi la réponse", guided=True)
    headings = ["Un indice", "Un indice plus fort", "Un cas semblable"]
    for heading, hint in zip(headings, hints, strict=True):
        assert f"**{heading}**" in hint.text
    quiz = QUIZ[posed(first.text)]
    right = quiz.choices[quiz.answer]
    assert not [hint for hint in hints if right.why in hint.text]
    assert any(c.why in hints[1].text for n, c in enumerate(quiz.choices) if n != quiz.answer)
    assert "Je ne te donne pas la solution" in hints[2].text
    assert any(
        example.split("\n")[0] in hints[2].text for example in subtopic("taille-modele").examples
    )


def test_a_right_choice_is_confirmed_and_the_next_question_asked() -> None:
    first = ask(EXERCISE, guided=True)
    quiz = QUIZ[posed(first.text)]
    _, second = talk(EXERCISE, "ABCDEF"[quiz.answer], guided=True)
    assert quiz.choices[quiz.answer].why in second.text
    assert quiz.question not in second.text
    assert "À toi de chercher" in second.text


def test_a_wrong_choice_gets_its_reason_and_another_try() -> None:
    first = ask(EXERCISE, guided=True)
    quiz = QUIZ[posed(first.text)]
    wrong = (quiz.answer + 1) % len(quiz.choices)
    _, second = talk(EXERCISE, f"je dirais {'ABCDEF'[wrong]}", guided=True)
    assert quiz.choices[wrong].why in second.text
    assert quiz.choices[quiz.answer].why not in second.text
    assert quiz.question in second.text


def test_an_attempt_is_compared_with_the_key_points() -> None:
    attempt = "on passe les poids de float32 à int8, un octet au lieu de 4"
    _, second = talk("C'est quoi la quantification ?", attempt, guided=True)
    points = subtopic("quantification").key_points
    assert points[0] in second.text
    assert [point for point in points if point not in second.text]


def test_an_attempt_of_one_number_is_asked_for_its_reasoning() -> None:
    _, second = talk(EXERCISE, "42", guided=True)
    assert "écris ton calcul" in second.text


def test_a_new_question_begins_anew() -> None:
    _, second = talk(EXERCISE, "Et comment fonctionne le pooling ?", guided=True)
    assert second.passages[0].subtopic.id == "pooling"
    assert "À toi de chercher" in second.text


def test_attempts_questions_and_calls_for_help_are_told_apart() -> None:
    assert is_attempt("je pense que c'est 4 fois plus petit")
    assert not is_attempt("c'est quoi un noyau")
    assert not is_attempt("je sais pas")
    assert asks_for_help("un indice stp")
    assert not asks_for_help("c'est la réponse B")


def test_outside_the_guided_mode_the_question_is_answered() -> None:
    assert "À toi de chercher" not in ask(EXERCISE).text
