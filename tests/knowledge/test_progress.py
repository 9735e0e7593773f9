"""What is mastered, and what is next."""

from __future__ import annotations

from typing import Any

from pedabot.knowledge import document, progress
from pedabot.knowledge.document import Document, QuizQuestion


def question(text: str, answer: int = 0, why: str = "Parce que.") -> dict[str, Any]:
    choices = [{"text": choice, "why": why} for choice in ("oui", "non")]
    return {"question": text, "choices": choices, "answer": answer}


def course(**quizzes: tuple[list[str], list[dict[str, Any]]]) -> Document:
    """A course of notions: the prerequisites and the quiz of each."""
    subtopics = [
        {
            "id": name,
            "title": name,
            "difficulty": "beginner",
            "content": "Text.",
            "examples": [],
            "prerequisites": prerequisites,
            "quiz": quiz,
        }
        for name, (prerequisites, quiz) in quizzes.items()
    ]
    return document.validate({"topics": [{"id": "t", "title": "T", "subtopics": subtopics}]})


def key(data: dict[str, Any]) -> str:
    return QuizQuestion.model_validate(data).key


def test_the_key_changes_with_what_is_asked_and_not_with_the_explanations() -> None:
    assert key(question("Un ?")) == key(question("Un ?", why="Autrement dit."))
    assert key(question("Un ?")) != key(question("Deux ?"))
    assert key(question("Un ?")) != key(question("Un ?", answer=1))


def test_a_notion_is_mastered_when_all_its_questions_are_right() -> None:
    first, second = question("Un ?"), question("Deux ?")
    made = course(a=([], [first, second]), b=([], []))
    assert progress.mastered(made, {("a", key(first))}) == set()
    assert progress.mastered(made, {("a", key(first)), ("a", key(second))}) == {"a"}
    assert progress.mastered(made, {("b", key(first)), ("b", key(second))}) == set()


def test_the_next_step_waits_for_its_prerequisites() -> None:
    made = course(
        late=(["early"], [question("Un ?")]),
        early=(["read"], [question("Deux ?")]),
        read=([], []),  # without a quiz it cannot be mastered, and so holds nobody up
    )

    def following(done: set[str]) -> str:
        place = progress.next_step(made, done)
        return place[1].id if place else ""

    assert following(set()) == "early"
    assert following({"early"}) == "late"
    assert following({"early", "late"}) == ""
