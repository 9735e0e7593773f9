"""Each rule of the course beyond its schema: silent on a good course, loud on a broken one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pedabot.knowledge.checks import MAXIMUM_WORDS, MINIMUM_WORDS, check
from pedabot.knowledge.document import loads, validate

LONG_ENOUGH = "Un réseau de neurones apprend une fonction à partir de données. " * 3
CHOICES = [{"text": "Oui", "why": "C'est ainsi."}, {"text": "Non", "why": "C'est faux."}]


def subtopic(name: str, **fields: object) -> dict[str, Any]:
    return {
        "id": name,
        "title": f"Notion {name}",
        "difficulty": "intermediate",
        "content": f"{LONG_ENOUGH} ({name})",
        "examples": [],
        **fields,
    }


def found(*subtopics: dict[str, Any]) -> list[str]:
    topics = [{"id": "t", "title": "T", "subtopics": list(subtopics)}]
    return check(validate({"topics": topics}))


GOOD = subtopic(
    "good",
    summary="En bref, un réseau apprend.",
    simpler="On lui montre des cas. Il apprend.",
    deeper="L'optimisation stochastique minimise une fonction de coût différentiable.",
    examples=["Voir [la suite](/knowledge/t/next#exemple).", "Voir [le site](https://x.example)."],
    questions=["C'est quoi ?", "À quoi ça sert ?"],
    prerequisites=["next"],
    quiz=[
        {"question": "Vrai ?", "choices": CHOICES, "answer": 0},
        {"question": "Faux ?", "choices": CHOICES, "answer": 1},
    ],
)
NEXT = subtopic("next", questions=["Et ensuite ?"])


def test_a_good_course_is_passed_in_silence() -> None:
    assert found(GOOD, NEXT) == []


def test_a_minimal_course_is_passed_in_silence() -> None:
    assert found(subtopic("a", content="Bref.")) == []


def test_the_course_of_the_project_is_passed_in_silence() -> None:
    assert check(loads((Path(__file__).parents[2] / "knowledge.json").read_bytes())) == []


def test_prerequisites_in_a_circle_are_found() -> None:
    (problem,) = found(
        subtopic("a", prerequisites=["b"]),
        subtopic("b", prerequisites=["c"]),
        subtopic("c", prerequisites=["a"]),
    )
    assert problem.startswith("prerequisites: ")
    assert problem.endswith(" is a circle")


def test_the_same_text_twice_is_found_whatever_its_spaces_and_capitals() -> None:
    problems = found(
        subtopic("a", content="Un même texte."), subtopic("b", examples=["UN  même\ntexte."])
    )
    assert problems == ["t/b.examples[0]: the same text as t/a.content"]


def test_the_same_question_twice_is_found_at_both_places() -> None:
    problems = found(
        subtopic("a", questions=["Pourquoi ?"]), subtopic("b", questions=["Quoi ?", "pourquoi  ?"])
    )
    assert problems == [
        "t/a.questions[0]: asked more than once in the course",
        "t/b.questions[1]: asked more than once in the course",
    ]


@pytest.mark.parametrize("words", [MINIMUM_WORDS - 1, MAXIMUM_WORDS + 1])
def test_a_content_too_short_or_too_long_is_found(words: int) -> None:
    (problem,) = found(subtopic("a", summary="Bref.", content="mot " * words))
    assert problem.startswith(f"t/a.content: {words} words")


@pytest.mark.parametrize("words", [MINIMUM_WORDS, MAXIMUM_WORDS])
def test_a_content_at_the_limits_is_passed(words: int) -> None:
    assert found(subtopic("a", summary="Bref.", content="mot " * words)) == []


def test_the_same_choice_twice_is_found() -> None:
    choices = [*CHOICES, {"text": "oui ", "why": "Encore."}]
    quiz = [{"question": "Vrai ?", "choices": choices, "answer": 0}]
    assert found(subtopic("a", quiz=quiz)) == ["t/a.quiz[0].choices: the same choice twice"]


def test_the_same_quiz_question_twice_is_found() -> None:
    quiz = [{"question": text, "choices": CHOICES, "answer": 0} for text in ("Vrai ?", "VRAI ?")]
    assert found(subtopic("a", quiz=quiz)) == ["t/a.quiz: the same question twice"]


def test_a_simpler_text_that_is_harder_to_read_is_found() -> None:
    swapped = {**GOOD, "simpler": GOOD["deeper"], "deeper": GOOD["simpler"]}
    (problem,) = found(swapped, NEXT)
    assert problem.startswith("t/good.simpler: harder to read (")


def test_a_prerequisite_much_harder_than_the_notion_is_found() -> None:
    problems = found(
        subtopic("a", difficulty="beginner", prerequisites=["b"]),
        subtopic("b", difficulty="advanced"),
    )
    assert problems == [
        "t/a.prerequisites: b is advanced, too hard to come before a beginner notion"
    ]


@pytest.mark.parametrize(
    ("before", "after"), [("advanced", "intermediate"), ("beginner", "advanced")]
)
def test_a_prerequisite_a_little_harder_or_easier_is_passed(before: str, after: str) -> None:
    notions = subtopic("a", difficulty=after, prerequisites=["b"]), subtopic("b", difficulty=before)
    assert found(*notions) == []


@pytest.mark.parametrize(
    "address",
    ["http://x.example", "javascript:f", "//x.example", "page.html", "/admin", "ftp://x.example"],
)
def test_a_link_of_another_kind_is_found(address: str) -> None:
    assert found(subtopic("a", examples=[f"Voir [ici]({address})."])) == [
        f"t/a.examples[0]: {address} is neither https, mailto, nor a page of the course"
    ]


@pytest.mark.parametrize(
    "address", ["/knowledge/t/none", "/knowledge/none/a", "/knowledge/none/none"]
)
def test_a_link_to_no_page_of_the_course_is_found(address: str) -> None:
    assert found(subtopic("a", examples=[f"Voir [ici]({address})."])) == [
        f"t/a.examples[0]: {address} is no page of this course"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Voir [ici](https://x.example), [là](mailto:a@x.example), [plus bas](#fin).",
        "Voir [ici](/knowledge/t/a) et [là](/knowledge/t/a#fin).",
        "Du code : `t[0](x)`.",
        "Du code :\n\n```\nt[0](x)\n```",
        "Une formule : $f[0](x)$.",
    ],
)
def test_good_links_and_what_only_looks_like_one_are_passed(text: str) -> None:
    assert found(subtopic("a", examples=[text])) == []
