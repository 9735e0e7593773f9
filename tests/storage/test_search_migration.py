"""Answers that were there before the search are found by it."""

from __future__ import annotations

import pytest
from flask_migrate import downgrade, upgrade

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.text import stems_of
from pedabot.storage import conversations, fulltext, people
from pedabot.storage.answer_index import IndexedAnswer
from pedabot.storage.conversations import State
from pedabot.storage.people import Role
from pedabot.storage.reading import Wanted


@pytest.mark.usefixtures("context")
def test_older_answers_are_found_after_the_upgrade() -> None:
    teacher = people.add_user("teacher", Role.TEACHER)
    classroom = people.add_class("BTS SIO 2", teacher)
    db.session.commit()
    class_id = classroom.id
    for number in range(1100):
        where = class_id if number % 2 else None
        talk = conversations.start_conversation(teacher, where, f"Question {number}")
        answer = conversations.add_question(talk, f"Question {number}", Difficulty.BEGINNER)
        answer.content, answer.state = "Le gradient.", State.COMPLETE
    conversations.add_question(talk, "gradient", Difficulty.BEGINNER)
    db.session.commit()
    kept = {row.key: row.words for row in db.session.query(IndexedAnswer)}
    assert len(kept) == 550
    db.session.remove()
    downgrade(revision="0021")
    upgrade()
    assert {row.key: row.words for row in db.session.query(IndexedAnswer)} == kept
    found = fulltext.search(class_id, stems_of("gradients"), Wanted(), 600)
    assert len(found) == 550
