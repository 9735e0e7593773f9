"""The schema of the course: what it accepts, and how it names what it does not."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from pedabot.knowledge.document import (
    MAX_DOCUMENT_BYTES,
    Difficulty,
    InvalidDocumentError,
    dumps,
    loads,
    validate,
)
from tests.conftest import COURSE

MINIMAL: dict[str, Any] = {
    "topics": [
        {
            "id": "bases",
            "title": "Les bases",
            "subtopics": [
                {
                    "id": "perceptron",
                    "title": "Le perceptron",
                    "content": "Un neurone artificiel.",
                    "examples": [],
                    "difficulty": "beginner",
                }
            ],
        }
    ]
}
QUIZ: dict[str, Any] = {
    "question": "Combien de bits ?",
    "choices": [{"text": "8", "why": "Oui."}, {"text": "9", "why": "Non."}],
    "answer": 0,
}
PERCEPTRON = "topics[0].subtopics[0]"


def course(**changes: object) -> dict[str, Any]:
    """Return the minimal course with fields of its subtopic changed; None removes a field."""
    data: dict[str, Any] = deepcopy(MINIMAL)
    subtopic = data["topics"][0]["subtopics"][0]
    subtopic.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del subtopic[name]
    return data


def problems(data: object) -> list[str]:
    with pytest.raises(InvalidDocumentError) as caught:
        validate(data)
    return caught.value.problems


def problems_of(raw: bytes | str) -> list[str]:
    with pytest.raises(InvalidDocumentError) as caught:
        loads(raw)
    return caught.value.problems


def test_the_minimal_shape_is_valid() -> None:
    ((topic, subtopic),) = validate(MINIMAL).subtopics()
    assert (topic.id, subtopic.id) == ("bases", "perceptron")
    assert (subtopic.difficulty, subtopic.examples) == (Difficulty.BEGINNER, [])
    assert (subtopic.summary, subtopic.key_points, subtopic.quiz) == (None, [], [])


def test_the_rich_shape_is_valid() -> None:
    document = validate(COURSE)
    assert list(document.by_id) == ["quantification", "elagage", "convolution"]
    topic, subtopic = document.by_id["elagage"]
    assert (topic.id, subtopic.title) == ("optimisation", "Élagage (pruning)")


def test_the_text_for_a_level_falls_back_to_the_content() -> None:
    by_id = validate(COURSE).by_id
    rich, poor = by_id["quantification"][1], by_id["convolution"][1]
    assert rich.text_for(Difficulty.BEGINNER) == rich.simpler
    assert rich.text_for(Difficulty.INTERMEDIATE) == rich.content
    assert rich.text_for(Difficulty.ADVANCED) == rich.deeper
    assert {poor.text_for(level) for level in Difficulty} == {poor.content}


CHOICES = '"beginner", "intermediate", "advanced"'


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "topics: this field is missing"),
        ([], "document: []: input should be a valid dictionary"),
        ({"topics": []}, "topics: []: list should have at least 1 item"),
        (
            {"topics": [{"id": "a", "title": "A", "subtopics": []}]},
            "topics[0].subtopics: []: list should have at least 1 item",
        ),
        ({**MINIMAL, "version": 2}, "version: this field is not known"),
        (course(difficulty="easy"), f'{PERCEPTRON}.difficulty: "easy" is not one of {CHOICES}'),
        (course(content=None), f"{PERCEPTRON}.content: this field is missing"),
        (course(examples=None), f"{PERCEPTRON}.examples: this field is missing"),
        (course(exemples=[]), f"{PERCEPTRON}.exemples: this field is not known"),
        (course(id="Le Perceptron"), f'{PERCEPTRON}.id: "Le Perceptron" is not an id'),
        (course(id="a--b"), f'{PERCEPTRON}.id: "a--b" is not an id'),
        (course(id="a\n"), f'{PERCEPTRON}.id: "a\\n" is not an id'),
        (course(id="a" * 65), f"{PERCEPTRON}.id: "),
        (course(title="  "), f'{PERCEPTRON}.title: "  ": string should have at least 1'),
        (course(title="a" * 301), f"{PERCEPTRON}.title: "),
        (course(title=3), f"{PERCEPTRON}.title: 3: input should be a valid string"),
        (course(examples="x"), f'{PERCEPTRON}.examples: "x": input should be a valid list'),
        (course(examples=["x", 2]), f"{PERCEPTRON}.examples[1]: 2: input should be a valid"),
        (course(related=["x"]), f'{PERCEPTRON}.related[0]: "x" is not the id of a subtopic'),
        (course(prerequisites=["x"]), f'{PERCEPTRON}.prerequisites[0]: "x" is not the id'),
        (course(related=["perceptron"]), f'{PERCEPTRON}.related[0]: "perceptron" is the subtopic'),
        (course(quiz=[{**QUIZ, "answer": -1}]), f"{PERCEPTRON}.quiz[0].answer: -1: "),
        (
            course(quiz=[{**QUIZ, "answer": 2}]),
            f"{PERCEPTRON}.quiz[0]: answer is 2, but the choices are numbered 0 to 1",
        ),
        (course(quiz=[{**QUIZ, "choices": []}]), f"{PERCEPTRON}.quiz[0].choices: []: "),
        (course(quiz=[{"question": "?"}]), f"{PERCEPTRON}.quiz[0].choices: this field is missing"),
        (
            course(quiz=[{**QUIZ, "choices": [{"text": "8"}, QUIZ["choices"][1]]}]),
            f"{PERCEPTRON}.quiz[0].choices[0].why: this field is missing",
        ),
    ],
)
def test_an_error_names_its_place_and_its_reason(data: object, problem: str) -> None:
    assert problems(data)[0].startswith(problem)


def test_the_place_of_an_error_counts_topics_and_subtopics() -> None:
    data = deepcopy(COURSE)
    third = {
        **MINIMAL["topics"][0],
        "subtopics": course(difficulty="easy")["topics"][0]["subtopics"],
    }
    data["topics"].append(third)
    assert problems(data) == [f'topics[2].subtopics[0].difficulty: "easy" is not one of {CHOICES}']


def test_every_error_is_named_at_once() -> None:
    data = course(difficulty="easy", content=None, colour="red")
    assert {problem.split(":")[0] for problem in problems(data)} == {
        f"{PERCEPTRON}.difficulty",
        f"{PERCEPTRON}.content",
        f"{PERCEPTRON}.colour",
    }


def test_a_long_value_is_shortened_in_the_error() -> None:
    (problem,) = problems(course(difficulty="x" * 1000))
    assert "xxx..." in problem
    assert len(problem) < 200


def test_doubled_ids_are_named_at_both_places() -> None:
    topic = MINIMAL["topics"][0]
    assert problems({"topics": [topic, topic]}) == [
        'topics[0].id: "bases" is the id of more than one topic',
        'topics[0].subtopics[0].id: "perceptron" is the id of more than one subtopic',
        'topics[1].id: "bases" is the id of more than one topic',
        'topics[1].subtopics[0].id: "perceptron" is the id of more than one subtopic',
    ]


def test_text_is_stripped_at_its_ends_only() -> None:
    ((_, subtopic),) = validate(course(content="\n a\n\n  b \n")).subtopics()
    assert subtopic.content == "a\n\n  b"


def test_a_document_too_large_is_refused() -> None:
    (problem,) = problems_of(b" " * (MAX_DOCUMENT_BYTES + 1))
    assert problem == f"document: {MAX_DOCUMENT_BYTES + 1} bytes, the limit is {MAX_DOCUMENT_BYTES}"


def test_the_largest_document_is_read() -> None:
    raw = json.dumps(MINIMAL).encode()
    assert loads(raw.ljust(MAX_DOCUMENT_BYTES)) == validate(MINIMAL)


def test_size_is_counted_in_bytes() -> None:
    (problem,) = problems_of("é" * (MAX_DOCUMENT_BYTES // 2 + 1))
    assert "the limit is" in problem


def test_what_is_not_utf_8_is_refused_with_its_place() -> None:
    assert problems_of('{"topics": "é"}'.encode("latin-1")) == ["byte 12: not UTF-8"]


def test_what_is_not_json_is_refused_with_its_line_and_column() -> None:
    (problem,) = problems_of(b'{\n  "topics": [,]\n}')
    assert problem.startswith("line 2, column 14: not JSON (")


@pytest.mark.parametrize("raw", [b"", b"null", b"3", b'"topics"', b'{"topics": NaN}'])
def test_json_that_is_no_course_is_refused(raw: bytes) -> None:
    assert problems_of(raw)


def test_what_is_nested_too_deep_is_refused() -> None:
    for depth in (100, *range(850, 1001), 100_000):
        assert problems_of('{"topics": ' + "[" * depth + "]" * depth + "}")


def test_a_number_too_long_to_be_read_is_refused() -> None:
    assert problems_of('{"topics": ' + "1" * 5000 + "}")


@pytest.mark.parametrize("raw", ['{"topics": "\ud800"}', '{"topics": "\\ud800"}'])
def test_half_a_surrogate_pair_is_refused(raw: str) -> None:
    assert problems_of(raw)


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert loads(b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode()) == validate(MINIMAL)


@pytest.mark.parametrize("data", [MINIMAL, COURSE, course(quiz=[QUIZ])])
def test_what_is_written_out_is_read_in_again_and_written_the_same(data: object) -> None:
    document = validate(data)
    text = dumps(document)
    assert loads(text) == document
    assert dumps(loads(text)) == text
    assert json.loads(text) == data


def test_the_order_of_the_fields_does_not_matter() -> None:
    subtopic = MINIMAL["topics"][0]["subtopics"][0]
    assert isinstance(subtopic, dict)
    backwards = course()
    backwards["topics"][0]["subtopics"] = [dict(reversed(subtopic.items()))]
    assert dumps(validate(backwards)) == dumps(validate(MINIMAL))


def test_letters_are_written_as_they_are() -> None:
    text = dumps(validate(COURSE))
    assert "Élagage" in text
    assert text.endswith("}\n")
