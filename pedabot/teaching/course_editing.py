"""Keeping the course alive: editing a subtopic, bringing a document, activating a version.

Nothing that somebody else did meanwhile is lost unseen. An edit names the version it was made
from, an activation the version it was compared with; where that one is no longer active and it
matters, the verb refuses and says what happened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pedabot.extensions import db
from pedabot.knowledge import changes, document
from pedabot.knowledge.document import (
    MAX_DOCUMENT_BYTES,
    Document,
    InvalidDocumentError,
    Subtopic,
)
from pedabot.storage import courses
from pedabot.storage.courses import NOTE_LENGTH, CourseVersion
from pedabot.storage.people import User

TRIES = 5
VERSIONS_READ = 20  # to tell who changed what; older ones are summed up


class CourseEditingError(Exception):
    """What keeps a version from becoming the course; a person can decide what to do."""


class NothingChangedError(CourseEditingError):
    """The course is so already."""


class SubtopicChangedError(CourseEditingError):
    """The same subtopic was changed meanwhile, in the version that is active now."""

    def __init__(self, active: CourseVersion) -> None:
        super().__init__(active.id)
        self.active = active


class SubtopicRemovedError(CourseEditingError):
    """The subtopic is no longer in the active version."""


class AnotherVersionActiveError(CourseEditingError):
    """The version that is active is not the one that was compared with."""


@dataclass(frozen=True, slots=True)
class Intervention:
    """Somebody's change of a subtopic; ``author`` is None for a command of the server."""

    author: str | None
    moment: datetime
    note: str


def adopt_first(first: Document) -> CourseVersion:
    """Return the active version; in a database without any, ``first`` becomes it. Commits."""
    active = courses.active_version()
    if active is None:
        active = courses.add_version(document.dumps(first), "knowledge.json")
        courses.activate(active)
        db.session.commit()
    return active


def with_subtopic(course: Document, identifier: str, fields: Mapping[str, Any]) -> Document:
    """Return the course with the fields of a subtopic replaced; it stays where it is.

    Raises:
        SubtopicRemovedError: if the course has no such subtopic.
        InvalidDocumentError: its places begin at the subtopic.
    """
    data = json.loads(document.dumps(course))
    for t, topic in enumerate(data["topics"]):
        for s, subtopic in enumerate(topic["subtopics"]):
            if subtopic["id"] == identifier:
                topic["subtopics"][s] = {"id": identifier, **fields}
                return _validated(data, f"topics[{t}].subtopics[{s}].")
    raise SubtopicRemovedError(identifier)


def _validated(data: Any, prefix: str) -> Document:
    try:
        return document.validate(data)
    except InvalidDocumentError as error:
        raise InvalidDocumentError([p.removeprefix(prefix) for p in error.problems]) from error


def _text_of(course: Document) -> str:
    """Write a document as it is stored; spaces may have made it larger than what was read."""
    text = document.dumps(course)
    size = len(text.encode())
    if size > MAX_DOCUMENT_BYTES:
        raise InvalidDocumentError([f"document: {size} bytes, the limit is {MAX_DOCUMENT_BYTES}"])
    return text


def save_subtopic(
    identifier: str, fields: Mapping[str, Any], base: CourseVersion, note: str, author: User
) -> CourseVersion:
    """Make a version with an edited subtopic, and activate it. Commits.

    The edit was made from the version ``base``. What was done to other subtopics since is kept.

    Raises:
        InvalidDocumentError: if the edited subtopic cannot be used.
        NothingChangedError: if the subtopic is like this already.
        SubtopicChangedError: if this subtopic was changed since.
        SubtopicRemovedError: if it is gone.
        AnotherVersionActiveError: if others are faster every time.
    """
    made_from = changes.subtopic_or_none(document.loads(base.document), identifier)
    for _ in range(TRIES):
        active = courses.active_version()
        if active is None:
            raise AnotherVersionActiveError(identifier)
        course = document.loads(active.document)
        edited = with_subtopic(course, identifier, fields)
        if edited == course:
            raise NothingChangedError(identifier)
        if course.by_id[identifier][1] != made_from:
            raise SubtopicChangedError(active)
        title = edited.by_id[identifier][1].title
        version = courses.add_version(_text_of(edited), _note(note, title), author)
        if courses.activate_in_place_of(active.id, version, author):
            return version
    raise AnotherVersionActiveError(identifier)


def _note(note: str, otherwise: str) -> str:
    return (" ".join(note.split()) or otherwise)[:NOTE_LENGTH]


def interventions(identifier: str, since: CourseVersion, now: CourseVersion) -> list[Intervention]:
    """Tell who changed a subtopic between a version and the one active now, oldest first."""
    found = []
    before = _subtopic_in(since, identifier)
    for version in courses.activated_between(since.id, now.id, VERSIONS_READ):
        after = _subtopic_in(version, identifier)
        if after != before:
            found.append(_intervention(version.author, version.created_at, version.note))
        before = after
    # Rolling back makes no version: whoever activated the earlier one changed the subtopic.
    return found or [_intervention(now.activated_by, now.activated_at or now.created_at, now.note)]


def _intervention(author: User | None, moment: datetime, note: str) -> Intervention:
    return Intervention(author.username if author else None, moment, note)


def _subtopic_in(version: CourseVersion, identifier: str) -> Subtopic | None:
    return changes.subtopic_or_none(document.loads(version.document), identifier)


def add_document(raw: bytes, note: str, author: User) -> CourseVersion:
    """Keep a whole document as a version that is not active yet. Commits.

    Raises:
        InvalidDocumentError: if it cannot be used; nothing is kept then.
        NothingChangedError: if the active version is the same.
    """
    text = _text_of(document.loads(raw))
    active = courses.active_version()
    if active is not None and active.document == text:
        raise NothingChangedError(active.id)
    version = courses.add_version(text, _note(note, ""), author)
    db.session.commit()
    return version


def activate(version: CourseVersion, compared_with: int | None, user: User) -> None:
    """Make a version the course, in place of the one it was compared with. Commits.

    Raises:
        InvalidDocumentError: if the version cannot be used (the schema may have changed since).
        NothingChangedError: if it is active already.
        AnotherVersionActiveError: if another one is active than the one compared with.
    """
    document.loads(version.document)
    active_id = courses.active_version_id()
    if active_id == version.id:
        raise NothingChangedError(version.id)
    if active_id != compared_with or not courses.activate_in_place_of(active_id, version, user):
        raise AnotherVersionActiveError(version.id)
