"""Editing a subtopic, bringing a document, activating: nothing that others did is lost."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.knowledge.document import MAX_DOCUMENT_BYTES, InvalidDocumentError
from pedabot.storage import courses, people
from pedabot.storage.courses import CourseVersion
from pedabot.storage.people import Role, User
from pedabot.teaching import course_editing
from pedabot.teaching.course_editing import (
    AnotherVersionActiveError,
    NothingChangedError,
    SubtopicChangedError,
    SubtopicRemovedError,
)
from tests.conftest import COURSE

pytestmark = pytest.mark.usefixtures("context")
FIRST = document.validate(COURSE)
CONVOLUTION: dict[str, Any] = {
    "title": "Opération de convolution",
    "difficulty": "beginner",
    "content": "Un noyau glisse sur l'image.",
    "examples": [],
}


@pytest.fixture
def curie(app: Flask) -> User:
    return people.add_user("curie", Role.TEACHER)


@pytest.fixture
def noether(app: Flask) -> User:
    return people.add_user("noether", Role.TEACHER)


@pytest.fixture
def base(context: None, curie: User, noether: User) -> CourseVersion:
    return course_editing.adopt_first(FIRST)


def fields(identifier: str, **changes: Any) -> dict[str, Any]:
    data = json.loads(document.dumps(FIRST))
    entries = [entry for topic in data["topics"] for entry in topic["subtopics"]]
    (entry,) = [entry for entry in entries if entry["id"] == identifier]
    return {**{name: value for name, value in entry.items() if name != "id"}, **changes}


def running() -> document.Document:
    active = courses.active_version()
    assert active is not None
    return document.loads(active.document)


def count() -> int:
    return db.session.query(CourseVersion).count()


def test_the_first_document_becomes_a_version_once(base: CourseVersion) -> None:
    assert course_editing.adopt_first(FIRST).id == base.id
    assert (count(), running()) == (1, FIRST)


def test_an_edit_makes_a_version_and_activates_it(base: CourseVersion, curie: User) -> None:
    new = fields("elagage", title="Élagage")
    version = course_editing.save_subtopic("elagage", new, base, " plus  court ", curie)
    assert courses.active_version_id() == version.id != base.id
    assert (version.note, version.author) == ("plus court", curie)
    assert running().by_id["elagage"][1].title == "Élagage"
    assert [s.id for _, s in running().subtopics()] == [s.id for _, s in FIRST.subtopics()]


def test_without_a_note_the_title_stands_for_it(base: CourseVersion, curie: User) -> None:
    new = fields("elagage", content="Autrement dit.")
    assert course_editing.save_subtopic("elagage", new, base, "", curie).note == "Élagage (pruning)"


def test_an_edit_that_changes_nothing_makes_no_version(base: CourseVersion, curie: User) -> None:
    with pytest.raises(NothingChangedError):
        course_editing.save_subtopic("elagage", fields("elagage"), base, "", curie)
    assert count() == 1


def test_an_invalid_edit_names_its_places_within_the_subtopic(
    base: CourseVersion, curie: User
) -> None:
    bad = fields("elagage", title="", related=["nothing"], difficulty="easy")
    with pytest.raises(InvalidDocumentError) as caught:
        course_editing.save_subtopic("elagage", bad, base, "", curie)
    assert {problem.split(":")[0] for problem in caught.value.problems} == {"title", "difficulty"}
    assert count() == 1


def test_edits_of_two_subtopics_are_both_kept(
    base: CourseVersion, curie: User, noether: User
) -> None:
    course_editing.save_subtopic("elagage", fields("elagage", title="A"), base, "", curie)
    course_editing.save_subtopic("convolution", fields("convolution", title="B"), base, "", noether)
    titles = [subtopic.title for _, subtopic in running().subtopics()]
    assert titles == ["Quantification", "A", "B"]


def test_the_second_edit_of_a_subtopic_is_told_of_the_first(
    base: CourseVersion, curie: User, noether: User
) -> None:
    first = course_editing.save_subtopic("elagage", fields("elagage", title="A"), base, "", curie)
    course_editing.save_subtopic("convolution", CONVOLUTION, first, "", noether)
    with pytest.raises(SubtopicChangedError) as caught:
        course_editing.save_subtopic("elagage", fields("elagage", title="B"), base, "", noether)
    active = caught.value.active
    by = course_editing.interventions("elagage", base, active)
    assert [(change.author, change.note) for change in by] == [("curie", "A")]
    # Knowing it, one saves on top of the version that one was told of.
    course_editing.save_subtopic("elagage", fields("elagage", title="B"), active, "", noether)
    assert running().by_id["elagage"][1].title == "B"
    assert running().by_id["convolution"][1].content == CONVOLUTION["content"]


def test_who_rolled_back_is_told_too(base: CourseVersion, curie: User, noether: User) -> None:
    mine = course_editing.save_subtopic("elagage", fields("elagage", title="A"), base, "", curie)
    course_editing.activate(base, mine.id, noether)
    with pytest.raises(SubtopicChangedError) as caught:
        course_editing.save_subtopic("elagage", fields("elagage", title="C"), mine, "", curie)
    by = course_editing.interventions("elagage", mine, caught.value.active)
    assert [change.author for change in by] == ["noether"]


def test_the_same_edit_twice_is_no_conflict(
    base: CourseVersion, curie: User, noether: User
) -> None:
    new = fields("elagage", title="A")
    course_editing.save_subtopic("elagage", new, base, "", curie)
    with pytest.raises(NothingChangedError):
        course_editing.save_subtopic("elagage", new, base, "", noether)


def test_a_subtopic_removed_meanwhile_cannot_be_edited(base: CourseVersion, curie: User) -> None:
    data = deepcopy(COURSE)
    del data["topics"][1]
    version = course_editing.add_document(json.dumps(data).encode(), "", curie)
    course_editing.activate(version, base.id, curie)
    with pytest.raises(SubtopicRemovedError):
        course_editing.save_subtopic("convolution", CONVOLUTION, base, "", curie)


def other(title: str) -> bytes:
    data: dict[str, Any] = deepcopy(COURSE)
    data["topics"][0]["title"] = title
    return json.dumps(data).encode()


def test_a_document_is_kept_and_not_active_yet(base: CourseVersion, curie: User) -> None:
    version = course_editing.add_document(other("Optimiser"), "essai", curie)
    assert (version.note, version.author, version.activated_at) == ("essai", curie, None)
    assert courses.active_version_id() == base.id
    assert document.dumps(document.loads(version.document)) == version.document


def test_the_active_document_is_not_kept_twice(base: CourseVersion, curie: User) -> None:
    with pytest.raises(NothingChangedError):
        course_editing.add_document(json.dumps(COURSE).encode(), "", curie)
    assert count() == 1


def test_an_invalid_document_is_not_kept(base: CourseVersion, curie: User) -> None:
    with pytest.raises(InvalidDocumentError):
        course_editing.add_document(other("x").replace(b"beginner", b"easy"), "", curie)
    assert count() == 1


def test_a_document_that_grows_too_large_when_written_out_is_refused(
    base: CourseVersion, curie: User
) -> None:
    data: dict[str, Any] = deepcopy(COURSE)
    size = len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
    # Each alias takes 4 bytes here and, with its indentation, 18 in the file that would be kept.
    data["topics"][0]["subtopics"][0]["aliases"] = ["a"] * ((MAX_DOCUMENT_BYTES - size) // 4)
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(raw) <= MAX_DOCUMENT_BYTES
    with pytest.raises(InvalidDocumentError, match="the limit is"):
        course_editing.add_document(raw, "", curie)


def test_activating_and_rolling_back(base: CourseVersion, curie: User) -> None:
    version = course_editing.add_document(other("Optimiser"), "", curie)
    course_editing.activate(version, base.id, curie)
    assert courses.active_version_id() == version.id
    course_editing.activate(base, version.id, curie)
    assert courses.active_version_id() == base.id
    assert base.activated_by == curie
    with pytest.raises(NothingChangedError):
        course_editing.activate(base, base.id, curie)


def test_an_activation_names_what_it_was_compared_with(
    base: CourseVersion, curie: User, noether: User
) -> None:
    mine = course_editing.add_document(other("A"), "", curie)
    theirs = course_editing.add_document(other("B"), "", noether)
    course_editing.activate(theirs, base.id, noether)
    with pytest.raises(AnotherVersionActiveError):
        course_editing.activate(mine, base.id, curie)
    assert courses.active_version_id() == theirs.id


def test_of_two_that_replace_the_same_version_only_one_can(
    base: CourseVersion, curie: User
) -> None:
    base_id = base.id
    first = courses.add_version("{}", "first", curie)
    assert courses.activate_in_place_of(base_id, first, curie)
    second = courses.add_version("{}", "second", curie)
    assert not courses.activate_in_place_of(base_id, second, curie)
    assert [version.note for version in courses.list_versions(10)] == ["first", "knowledge.json"]


def test_the_last_activated_wins_even_if_the_clock_is_set_back(
    base: CourseVersion, curie: User
) -> None:
    assert base.activated_at is not None
    base.activated_at = base.activated_at.replace(year=base.activated_at.year + 1)
    later = courses.add_version(document.dumps(FIRST), "later", curie)
    courses.activate(later)
    db.session.commit()
    assert courses.active_version_id() == later.id


def test_versions_are_listed_page_by_page(base: CourseVersion, curie: User) -> None:
    for number in range(5):
        courses.add_version("{}", str(number), curie)
        db.session.flush()
    first = courses.list_versions(3)
    second = courses.list_versions(3, first[-1].id)
    assert [v.note for v in [*first, *second]] == ["4", "3", "2", "1", "0", "knowledge.json"]
