"""The map of the course: readable whatever the course is, and always the same."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from pedabot.knowledge import arrows, document
from pedabot.knowledge import map as course_map
from pedabot.knowledge.document import Document
from pedabot.knowledge.lettering import lines_of, width_of

COURSE = Path(__file__).parents[2] / "knowledge.json"


@pytest.fixture(scope="module")
def course() -> Document:
    return document.loads(COURSE.read_bytes())


@pytest.fixture(scope="module")
def drawn(course: Document) -> course_map.Map:
    return course_map.draw(course)


def made_of(**prerequisites: list[str]) -> Document:
    """A course of one topic: the names of its notions with what each needs."""
    subtopics: list[dict[str, Any]] = [
        {
            "id": name,
            "title": name,
            "difficulty": "beginner",
            "content": "Text.",
            "examples": [],
            "prerequisites": needed,
        }
        for name, needed in prerequisites.items()
    ]
    return document.validate({"topics": [{"id": "t", "title": "T", "subtopics": subtopics}]})


def test_a_notion_stands_one_step_after_the_last_of_its_prerequisites() -> None:
    course = made_of(a=[], b=["a"], c=["b", "a"], d=["a"])
    assert course_map.steps_of(course) == {"a": 0, "b": 1, "c": 2, "d": 1}


def test_all_notions_and_all_prerequisites_of_the_course_are_drawn(
    course: Document, drawn: course_map.Map
) -> None:
    assert [node.subtopic.id for node in drawn.nodes] == list(course.by_id)
    wanted = {(name, s.id) for _, s in course.subtopics() for name in s.prerequisites}
    assert {(arrow.source, arrow.target) for arrow in drawn.arrows} == wanted


def test_every_arrow_goes_from_left_to_right(drawn: course_map.Map) -> None:
    left = {node.subtopic.id: node.x for node in drawn.nodes}
    for arrow in drawn.arrows:
        assert left[arrow.source] + arrows.NODE_WIDTH < left[arrow.target]


def test_no_two_notions_overlap_and_all_are_inside(drawn: course_map.Map) -> None:
    for one, other in combinations(drawn.nodes, 2):
        apart = (
            abs(one.x - other.x) >= arrows.NODE_WIDTH + arrows.GUTTER
            or abs(one.y - other.y) >= arrows.NODE_HEIGHT + arrows.CHANNEL
        )
        assert apart, (one.subtopic.id, other.subtopic.id)
    for node in drawn.nodes:
        assert 0 <= node.x <= drawn.width - arrows.NODE_WIDTH
        assert 0 <= node.y <= drawn.height - arrows.NODE_HEIGHT


def test_each_notion_stands_in_the_band_of_its_topic(drawn: course_map.Map) -> None:
    bands = {band.topic.id: band for band in drawn.bands}
    for node in drawn.nodes:
        band = bands[node.topic.id]
        assert band.y < node.y < node.y + arrows.NODE_HEIGHT <= band.y + band.height


def test_no_arrow_runs_behind_a_notion(drawn: course_map.Map) -> None:
    for arrow in drawn.arrows:
        points = corners(arrow.path)
        for (x1, y1), (x2, y2) in pairwise(points):
            for node in drawn.nodes:
                outside = (
                    max(x1, x2) <= node.x
                    or min(x1, x2) >= node.x + arrows.NODE_WIDTH
                    or max(y1, y2) <= node.y
                    or min(y1, y2) >= node.y + arrows.NODE_HEIGHT
                )
                assert outside, (arrow.source, arrow.target, node.subtopic.id)


def corners(path: str) -> list[tuple[float, float]]:
    """Return all the points that a path names: it stays within the boxes between them."""
    numbers = [float(word) for word in path.translate(str.maketrans("MLQ", "   ")).split()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_the_same_course_gives_the_same_map(course: Document, drawn: course_map.Map) -> None:
    again = course_map.draw(document.loads(document.dumps(course)))
    assert [(n.subtopic.id, n.x, n.y) for n in again.nodes] == [
        (n.subtopic.id, n.x, n.y) for n in drawn.nodes
    ]
    assert again.arrows == drawn.arrows


def test_the_sweeps_take_crossings_away() -> None:
    course = made_of(a=[], b=[], c=[], x=["c"], y=["b"], z=["a"])
    cells = {node.subtopic.id: (node.step, node.y) for node in course_map.draw(course).nodes}
    edges = [("c", "x"), ("b", "y"), ("a", "z")]
    assert course_map.crossings({**cells, "x": (1, 0), "y": (1, 1), "z": (1, 2)}, edges) == 3
    assert course_map.crossings(cells, edges) == 0


def test_a_circle_of_prerequisites_can_be_shown_all_the_same() -> None:
    drawn = course_map.draw(made_of(a=["c"], b=["a"], c=["b"]))
    assert len(drawn.nodes) == 3
    assert len(drawn.arrows) == 2  # the third would go back


def test_a_course_of_one_notion_has_a_map() -> None:
    drawn = course_map.draw(made_of(a=[]))
    assert len(drawn.nodes) == 1
    assert drawn.arrows == ()


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Pooling", ("Pooling",)),
        ("Le perceptron multicouche", ("Le perceptron", "multicouche")),
        (
            "Déployer avec l’écosystème TensorFlow",
            ("Déployer avec", "l’écosystème", "TensorFlow"),
        ),
        (
            "Hyperparamètres : époques, lots, taux d’apprentissage, dropout, couches, neurones",
            ("Hyperparamètres",),
        ),
    ],
)
def test_a_title_has_three_lines_at_most(title: str, lines: tuple[str, ...]) -> None:
    assert lines_of(title, 140) == lines


def test_what_is_too_long_is_cut_and_says_so(drawn: course_map.Map) -> None:
    long = "Enrichir le prompt avec une base de connaissances de classe et de quoi la tenir à jour"
    first, _, last = lines_of(long, 140)
    assert first == "Enrichir le prompt"
    assert last.endswith("…")
    assert lines_of("a" * 200, 140)[0].endswith("…")


def test_no_title_of_the_course_is_cut(drawn: course_map.Map) -> None:
    for node in drawn.nodes:
        assert " ".join(node.lines) == node.subtopic.title
        assert all(width_of(line) <= course_map.TEXT_WIDTH for line in node.lines)
