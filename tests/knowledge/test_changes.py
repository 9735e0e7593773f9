"""What differs between two versions, down to the words."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pedabot.knowledge.changes import (
    MAX_LINES,
    Kind,
    Piece,
    as_text,
    compare,
    field_changes,
    shortened,
    word_diff,
)
from pedabot.knowledge.document import Document, validate
from tests.conftest import COURSE

QUIZ: dict[str, Any] = {
    "question": "Combien de bits ?",
    "choices": [{"text": "8", "why": "Oui."}, {"text": "9", "why": "Non."}],
    "answer": 0,
}


def course() -> dict[str, Any]:
    data: dict[str, Any] = deepcopy(COURSE)
    return data


BEFORE = validate(COURSE)


def edited(**fields: Any) -> Document:
    """Return the course with fields of its first subtopic changed."""
    data = course()
    data["topics"][0]["subtopics"][0].update(fields)
    return validate(data)


def test_the_same_course_has_no_changes() -> None:
    assert not compare(BEFORE, validate(course()))


def test_each_changed_field_is_told_with_its_words() -> None:
    changes = compare(
        BEFORE, edited(content="La quantification passe les poids de float32 à int4.")
    )
    (change,) = changes.changed
    (field,) = change.fields
    assert (change.id, field.name) == ("quantification", "content")
    assert [piece for piece in field.pieces() if piece.kind is not Kind.SAME] == [
        Piece(Kind.REMOVED, "int8"),
        Piece(Kind.ADDED, "int4"),
    ]
    assert [changes.added, changes.removed, changes.moved, changes.topics] == [[], [], [], []]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("difficulty", "advanced", "advanced"),
        ("summary", None, ""),
        ("aliases", ["quantization", "int4"], "quantization\nint4"),
        ("related", ["convolution"], "convolution"),
        ("examples", ["Un.\n\nDeux.", "Trois."], "Un.\n\nDeux.\n\nTrois."),
        ("quiz", [QUIZ], "Combien de bits ?\n● 8\n   Oui.\n○ 9\n   Non."),
    ],
)
def test_every_kind_of_field_can_be_read(field: str, value: Any, expected: str) -> None:
    (change,) = compare(BEFORE, edited(**{field: value})).changed
    assert [(f.name, f.after) for f in change.fields] == [(field, expected)]


def test_subtopics_are_added_and_removed() -> None:
    data = course()
    gone = data["topics"][0]["subtopics"].pop()
    data["topics"][0]["subtopics"][0]["related"] = []
    data["topics"][1]["subtopics"].append({**gone, "id": "pooling", "title": "Pooling"})
    changes = compare(BEFORE, validate(data))
    assert [change.id for change in changes.removed] == ["elagage"]
    assert [(change.id, change.title) for change in changes.added] == [("pooling", "Pooling")]
    assert [change.id for change in changes.changed] == ["quantification"]


def test_a_subtopic_moves_to_another_topic() -> None:
    data = course()
    data["topics"][1]["subtopics"].append(data["topics"][0]["subtopics"].pop())
    (change,) = compare(BEFORE, validate(data)).moved
    assert change.before is not None
    assert change.after is not None
    assert (change.id, change.before[0].id, change.after[0].id) == (
        "elagage",
        "optimisation",
        "cnn",
    )


def test_a_subtopic_moves_within_its_topic() -> None:
    data = course()
    extra = {**data["topics"][1]["subtopics"][0], "related": []}
    data["topics"][1]["subtopics"] = [{**extra, "id": name} for name in "abcde"]
    before = validate(data)
    data["topics"][1]["subtopics"] = [{**extra, "id": name} for name in "aecbd".replace("cb", "bc")]
    assert [change.id for change in compare(before, validate(data)).moved] == ["e"]


def test_adding_before_others_moves_none_of_them() -> None:
    data = course()
    first = {**data["topics"][0]["subtopics"][1], "id": "nouveau"}
    data["topics"][0]["subtopics"].insert(0, first)
    changes = compare(BEFORE, validate(data))
    assert [change.id for change in changes.added] == ["nouveau"]
    assert changes.moved == []


def test_topics_are_added_removed_renamed_and_moved() -> None:
    data = course()
    data["topics"][1]["title"] = "Convolutions"
    data["topics"].append(
        {**data["topics"][1], "id": "rnn", "subtopics": [{**extra(), "id": "lstm"}]}
    )
    changes = {change.id: change for change in compare(BEFORE, validate(data)).topics}
    assert set(changes) == {"cnn", "rnn"}
    assert changes["rnn"].before is None
    assert [field.name for field in changes["cnn"].fields] == ["title"]

    data = course()
    data["topics"].reverse()
    moved = [change.id for change in compare(BEFORE, validate(data)).topics if change.moved]
    assert len(moved) == 1

    data = course()
    del data["topics"][1]
    (gone,) = compare(BEFORE, validate(data)).topics
    assert (gone.id, gone.after, gone.title) == ("cnn", None, "Réseaux de neurones convolutifs")


def extra() -> dict[str, Any]:
    entry: dict[str, Any] = course()["topics"][1]["subtopics"][0]
    return entry


def text(pieces: list[Piece], *kinds: Kind) -> str:
    return "".join(piece.text for piece in pieces if piece.kind in kinds)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "tout est nouveau"),
        ("tout s'en va", ""),
        ("un deux trois", "un 2 trois"),
        ("un\n\ndeux", "un\n\ndeux\n\ntrois"),
        ("a b c d", "a x y d"),
        ("mot " * 400, "mot " * 399 + "fin"),
    ],
)
def test_the_pieces_give_both_texts_back(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert text(pieces, Kind.SAME, Kind.REMOVED) == before
    assert text(pieces, Kind.SAME, Kind.ADDED) == after


def test_words_changed_side_by_side_are_one_change() -> None:
    assert word_diff("il y a deux mots ici", "il y a trois choses ici") == [
        Piece(Kind.SAME, "il y a "),
        Piece(Kind.REMOVED, "deux mots"),
        Piece(Kind.ADDED, "trois choses"),
        Piece(Kind.SAME, " ici"),
    ]


def test_a_word_is_never_cut() -> None:
    pieces = word_diff("la convolution", "la convolutive")
    assert Piece(Kind.REMOVED, "convolution") in pieces


def test_texts_too_long_for_words_are_compared_by_lines_then_not_at_all() -> None:
    lines = "".join(f"ligne {number} du texte\n" for number in range(1000))
    pieces = word_diff(lines, lines.replace("ligne 500 ", "ligne cinq-cents "))
    assert Piece(Kind.REMOVED, "ligne 500 du texte\n") in pieces
    longest = "\n".join("a" * 1 for _ in range(MAX_LINES))
    assert word_diff(longest, longest + "b") == [
        Piece(Kind.REMOVED, longest),
        Piece(Kind.ADDED, longest + "b"),
    ]


def test_far_from_a_change_the_text_is_left_out() -> None:
    before = "début " + "mot " * 500 + "milieu " + "mot " * 500 + "fin"
    pieces = shortened(word_diff(before, before.replace("milieu", "centre")))
    assert [piece.kind for piece in pieces] == [
        Kind.GAP,
        Kind.SAME,
        Kind.REMOVED,
        Kind.ADDED,
        Kind.SAME,
        Kind.GAP,
    ]
    assert text(pieces, Kind.GAP, Kind.SAME, Kind.REMOVED) == before
    assert all(len(piece.text) < 250 for piece in pieces if piece.kind is Kind.SAME)
    assert pieces[1].text.startswith("mot ")


def test_short_texts_are_shown_whole() -> None:
    pieces = word_diff("un deux trois", "un deux quatre")
    assert shortened(pieces) == pieces


def test_the_fields_of_one_subtopic_are_compared() -> None:
    after = edited(title="Quantifier", aliases=[]).by_id["quantification"][1]
    changes = field_changes(BEFORE.by_id["quantification"][1], after)
    assert [change.name for change in changes] == ["title", "aliases"]


def test_absent_values_are_empty_texts() -> None:
    assert (as_text(None), as_text([])) == ("", "")
