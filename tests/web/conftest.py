"""A course that may be edited, and the browsers of two who may edit it."""

from __future__ import annotations

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.storage import courses, people
from tests.conftest import COURSE, Cast, Visit, Visitor


@pytest.fixture
def editors(app: Flask, cast: Cast) -> None:
    """The small course is active (version 1); the teacher and the colleague may edit it."""
    with app.app_context():
        version = courses.add_version(document.dumps(document.validate(COURSE)), "first")
        courses.activate(version)
        for name in ("teacher", "colleague"):
            user = people.find_user(name)
            assert user is not None
            user.edits_course = True
        db.session.commit()


@pytest.fixture
def teacher(visit: Visit, editors: None) -> Visitor:
    return visit("teacher")


@pytest.fixture
def colleague(visit: Visit, editors: None) -> Visitor:
    return visit("colleague")
