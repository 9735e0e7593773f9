"""What the factory built for this application and the views use."""

from __future__ import annotations

from typing import cast

from flask import current_app

from pedabot.answering.course import CourseCache, RunningCourse
from pedabot.answering.delivery import Delivery
from pedabot.answering.ledger import Ledger


def delivery() -> Delivery:
    """Return the maker of answers."""
    return cast(Delivery, current_app.extensions["pedabot_delivery"])


def ledger() -> Ledger:
    """Return the books."""
    return cast(Ledger, current_app.extensions["pedabot_ledger"])


def course_cache() -> CourseCache:
    """Return the holder of the running course."""
    return cast(CourseCache, current_app.extensions["pedabot_course"])


def running_course() -> RunningCourse:
    """Return the running course."""
    return course_cache().current()


def known_subtopic(subtopic: str | None) -> str | None:
    """Return the id of a notion if the course has it: another version may have dropped it."""
    return subtopic if subtopic in running_course().document.by_id else None
