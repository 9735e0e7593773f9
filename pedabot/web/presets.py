"""Questions to click, taken from the course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pedabot.answering.course import RunningCourse
from pedabot.knowledge.document import Difficulty, Subtopic

PRESETS = 6
PRESETS_ON_ONE = 4


@dataclass(frozen=True, slots=True)
class Preset:
    """A real question of the course, with the page that answers it."""

    text: str
    subtopic: str
    difficulty: Difficulty


def presets(course: RunningCourse, level: Difficulty) -> list[Preset]:
    """Return six questions of different topics, other ones each day, nearest to the level first."""
    day = datetime.now(UTC).toordinal()
    chosen: list[Preset] = []
    for offset in range(len(course.document.topics)):
        topic = course.document.topics[(day + offset) % len(course.document.topics)]
        # The first question of a notion is the one that asks for it most plainly.
        asked = [
            Preset(questions[0], subtopic.id, subtopic.difficulty)
            for subtopic in topic.subtopics
            if (questions := _well_written(subtopic))
        ]
        if suited := [preset for preset in asked if preset.difficulty is level] or asked:
            chosen.append(suited[day % len(suited)])
    return chosen[:PRESETS]


def presets_about(entry: Subtopic) -> list[Preset]:
    """Return questions on one notion."""
    questions = _well_written(entry)[:PRESETS_ON_ONE]
    return [Preset(text, entry.id, entry.difficulty) for text in questions]


def _well_written(subtopic: Subtopic) -> list[str]:
    """Leave out the questions as typed in a hurry: they help the search, and set no example."""
    return [text for text in subtopic.questions if text[0].isupper() and text.endswith("?")]
