"""Questions that are alike come together, and the most central one names them."""

from __future__ import annotations

from pedabot.knowledge.grouping import groups, stems


def test_questions_about_one_thing_are_a_group_that_begins_with_its_centre() -> None:
    texts = [
        "Docker sur Windows ?",
        "Qui a gagné la coupe du monde ?",
        "Comment installer Docker ?",
        "Comment installer Docker sur Windows ?",
    ]
    found = groups(texts)
    assert found == [[3, 0, 2], [1]]


def test_what_has_no_telling_word_is_left_out() -> None:
    assert groups(["quoi ?", "et ?", ""]) == []
    assert groups(["quoi ?", "un VLAN"]) == [[1]]


def test_spelling_and_endings_do_not_tell_questions_apart() -> None:
    assert stems("C koi les réseaux ?") == stems("c'est quoi, un réseau")
