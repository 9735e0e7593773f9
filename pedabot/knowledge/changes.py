"""What differs between two versions of the course, down to the words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from pedabot.knowledge.document import Document, QuizQuestion, Subtopic, Topic

# Beyond these, comparing takes too long: lines are compared instead of words, then nothing.
MAX_WORDS = 6_000
MAX_LINES = 6_000
CONTEXT = 160

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_OWN_FIELDS = [name for name in Subtopic.model_fields if name != "id"]
_TOPIC_FIELDS = ("title", "summary")


class Kind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    GAP = "gap"  # unchanged text that is left out


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and what became of it."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs, as texts before and after ("" where it is absent)."""

    name: str
    before: str
    after: str

    def pieces(self) -> list[Piece]:
        """Return the text word by word: what stays, what goes, what comes."""
        return shortened(word_diff(self.before, self.after))


@dataclass(frozen=True, slots=True)
class SubtopicChange:
    """A subtopic that is not as it was; ``before`` or ``after`` is None if it is new or gone."""

    id: str
    before: tuple[Topic, Subtopic] | None
    after: tuple[Topic, Subtopic] | None
    fields: list[FieldChange]
    moved: bool = False

    @property
    def title(self) -> str:
        """Return its newest title."""
        entry = self.after or self.before
        return entry[1].title if entry else self.id


@dataclass(frozen=True, slots=True)
class TopicChange:
    """A topic that is not as it was; its subtopics are told apart."""

    id: str
    before: Topic | None
    after: Topic | None
    fields: list[FieldChange]
    moved: bool = False

    @property
    def title(self) -> str:
        """Return its newest title."""
        topic = self.after or self.before
        return topic.title if topic else self.id


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs between two versions."""

    topics: list[TopicChange]
    added: list[SubtopicChange]
    removed: list[SubtopicChange]
    changed: list[SubtopicChange]
    moved: list[SubtopicChange]

    def __bool__(self) -> bool:
        return any((self.topics, self.added, self.removed, self.changed, self.moved))


def compare(before: Document, after: Document) -> Changes:
    """Tell what became of the topics and subtopics of ``before`` in ``after``.

    A subtopic is known by its id. One that has both moved and changed is in both lists.
    """
    old, new = before.by_id, after.by_id
    displaced = _displaced_subtopics(before, after)
    kept = [
        SubtopicChange(
            identifier,
            old[identifier],
            entry,
            field_changes(old[identifier][1], entry[1]),
            identifier in displaced,
        )
        for identifier, entry in new.items()
        if identifier in old
    ]
    return Changes(
        topics=list(_topic_changes(before, after)),
        added=[SubtopicChange(i, None, entry, []) for i, entry in new.items() if i not in old],
        removed=[SubtopicChange(i, entry, None, []) for i, entry in old.items() if i not in new],
        changed=[change for change in kept if change.fields],
        moved=[change for change in kept if change.moved],
    )


def field_changes(before: Subtopic, after: Subtopic) -> list[FieldChange]:
    """Return the fields that differ between two states of a subtopic, in the document's order."""
    return _differing(before, after, _OWN_FIELDS)


def _differing(before: Any, after: Any, names: Sequence[str]) -> list[FieldChange]:
    return [
        FieldChange(name, as_text(getattr(before, name)), as_text(getattr(after, name)))
        for name in names
        if getattr(before, name) != getattr(after, name)
    ]


def as_text(value: Any) -> str:
    """Write the value of a field so that it can be read and compared."""
    if value is None:
        return ""
    if isinstance(value, QuizQuestion):
        return _question_as_text(value)
    if isinstance(value, list):
        long = any(isinstance(item, QuizQuestion) or "\n" in item for item in value)
        return ("\n\n" if long else "\n").join(as_text(item) for item in value)
    return str(value)


def _question_as_text(question: QuizQuestion) -> str:
    choices = [
        f"{'●' if number == question.answer else '○'} {choice.text}\n   {choice.why}"
        for number, choice in enumerate(question.choices)
    ]
    return "\n".join([question.question, *choices])


def _topic_changes(before: Document, after: Document) -> Iterator[TopicChange]:
    old = {topic.id: topic for topic in before.topics}
    new = {topic.id: topic for topic in after.topics}
    displaced = _displaced(list(old), list(new))
    for identifier, topic in new.items():
        was = old.get(identifier)
        fields = _differing(was, topic, _TOPIC_FIELDS) if was else []
        if was is None or fields or identifier in displaced:
            yield TopicChange(identifier, was, topic, fields, identifier in displaced)
    for identifier, topic in old.items():
        if identifier not in new:
            yield TopicChange(identifier, topic, None, [])


def _displaced_subtopics(before: Document, after: Document) -> set[str]:
    """Return the ids that stand in another topic, or elsewhere in the same one."""
    old = {topic.id: [entry.id for entry in topic.subtopics] for topic in before.topics}
    found = {
        identifier
        for identifier, (topic, _) in after.by_id.items()
        if identifier in before.by_id and before.by_id[identifier][0].id != topic.id
    }
    for topic in after.topics:
        found |= _displaced(old.get(topic.id, []), [entry.id for entry in topic.subtopics])
    return found


def _displaced(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Return which of the names that are in both lists left the order of the others."""
    common = set(before) & set(after)
    first = [name for name in before if name in common]
    second = [name for name in after if name in common]
    for block in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks():
        common -= set(second[block.b : block.b + block.size])
    return common


def word_diff(before: str, after: str) -> list[Piece]:
    """Compare two texts word by word."""
    old, new = _tokens(before, after)
    if len(old) + len(new) > MAX_LINES:
        return _joined([Piece(Kind.REMOVED, before), Piece(Kind.ADDED, after)])
    pieces = []
    # In a long text no match begins at a space or a word that is everywhere: it takes for ever.
    matcher = SequenceMatcher(None, old, new, autojunk=True)
    for tag, i, j, k, l in matcher.get_opcodes():  # noqa: E741 - difflib's own names
        if tag == "equal":
            pieces.append(Piece(Kind.SAME, "".join(old[i:j])))
        else:
            pieces.append(Piece(Kind.REMOVED, "".join(old[i:j])))
            pieces.append(Piece(Kind.ADDED, "".join(new[k:l])))
    return _joined(pieces)


def _tokens(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > MAX_WORDS:
        return _LINE.findall(before), _LINE.findall(after)
    return old, new


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Join what belongs together: between two changed words a space is no news."""
    joined: list[Piece] = []
    removed = added = ""
    for number, piece in enumerate(pieces):
        is_space = piece.kind is Kind.SAME and not piece.text.strip(" ")
        if is_space and (removed or added) and number + 1 < len(pieces):
            removed, added = removed + piece.text, added + piece.text
        elif piece.kind is Kind.SAME:
            joined += [*_changed(removed, added), piece]
            removed = added = ""
        elif piece.kind is Kind.REMOVED:
            removed += piece.text
        else:
            added += piece.text
    return [*joined, *_changed(removed, added)]


def _changed(removed: str, added: str) -> list[Piece]:
    pieces = (Piece(Kind.REMOVED, removed), Piece(Kind.ADDED, added))
    return [piece for piece in pieces if piece.text]


def shortened(pieces: list[Piece], context: int = CONTEXT) -> list[Piece]:
    """Leave out what is far from any change, keeping some text on either side."""
    short: list[Piece] = []
    for number, piece in enumerate(pieces):
        head = context if number > 0 else 0
        tail = context if number + 1 < len(pieces) else 0
        if piece.kind is not Kind.SAME or len(piece.text) <= head + tail + context:
            short.append(piece)
            continue
        start, end = _cut_after(piece.text, head), _cut_before(piece.text, tail)
        short += [
            Piece(Kind.SAME, piece.text[:start]),
            Piece(Kind.GAP, piece.text[start:end]),
            Piece(Kind.SAME, piece.text[end:]),
        ]
    return [piece for piece in short if piece.text]


def _cut_after(text: str, length: int) -> int:
    """Return a place behind ``length`` characters at which a word ends."""
    space = text.find(" ", length) if length else 0
    return space if 0 <= space <= length + 40 else length


def _cut_before(text: str, length: int) -> int:
    """Return a place before the last ``length`` characters at which a word begins."""
    end = len(text) - length
    space = text.rfind(" ", 0, end) + 1 if length else end
    return space if end - 40 <= space else end


def subtopic_or_none(document: Document, identifier: str) -> Subtopic | None:
    """Return a subtopic by its id."""
    entry = document.by_id.get(identifier)
    return entry[1] if entry else None
