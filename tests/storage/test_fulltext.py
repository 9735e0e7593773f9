"""Search over a class: what is found, in which order, by whom, and what is left of it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.text import stems_of
from pedabot.storage import conversations, erasure, fulltext, interrupted, people
from pedabot.storage.answer_index import MOST_TIMES, IndexedAnswer
from pedabot.storage.conversations import Message, State
from pedabot.storage.people import Classroom, Role, User
from pedabot.storage.reading import Wanted
from pedabot.teaching import review
from tests.databases import only_sqlite

pytestmark = pytest.mark.usefixtures("context")
START = datetime(2026, 9, 1, tzinfo=UTC)


class School:
    """A teacher with a class, and questions that are answered at given days."""

    def __init__(self) -> None:
        self.teacher = people.add_user("teacher", Role.TEACHER)
        self.classroom = people.add_class("BTS SIO 2", self.teacher)
        self.student = people.add_user("student", Role.STUDENT)
        db.session.commit()

    def say(
        self,
        asked: str,
        said: str = "Réponse.",
        *,
        day: int = 0,
        student: User | None = None,
        classroom: Classroom | None = None,
    ) -> Message:
        """Ask and answer, as an answer is stored."""
        classroom = classroom or self.classroom
        talk = conversations.start_conversation(student or self.student, classroom.id, asked)
        answer = conversations.add_question(talk, asked, Difficulty.BEGINNER)
        answer.created_at = START + timedelta(days=day)
        db.session.commit()
        answer.content, answer.state = said, State.COMPLETE
        db.session.commit()
        return answer

    def find(
        self, words: str, limit: int = 30, after: Message | None = None, **more: object
    ) -> list[str]:
        """Return the questions that a search finds, in its order."""
        by_date = bool(more.pop("by_date", False))
        wanted = Wanted(**more)  # type: ignore[arg-type]
        found = fulltext.search(
            self.classroom.id, stems_of(words), wanted, limit, after, by_date=by_date
        )
        return [answer.question.content for answer in found if answer.question]


@pytest.fixture
def school(context: None) -> School:
    return School()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("quantification", True),
        ("QUANTIFIER", True),
        ("modele", True),
        ("les modèles", True),
        ("quantification convolution", False),
        ("arrondit", True),
        ("int8", True),
        ("quanti", False),
    ],
)
def test_words_are_found_in_question_and_answer(school: School, words: str, found: bool) -> None:
    school.say("C koi quantifier un modèle ?", "On **arrondit** les poids en `int8`.")
    assert bool(school.find(words)) is found


def test_languages_with_signs_are_words(school: School) -> None:
    school.say("En C++ ?")
    school.say("En C# ?")
    school.say("En C ?")
    assert school.find("C++") == ["En C++ ?"]
    assert school.find("c#") == ["En C# ?"]


def test_a_search_sees_its_class_only(school: School) -> None:
    others = [people.add_class(f"Autre {n}", school.teacher) for n in range(12)]
    db.session.commit()
    for other in others:
        school.say(f"quantification 8bits {other.name}", classroom=other)
    assert school.find("quantification") == []
    # No stem can be taken for that of a class whose number begins alike.
    assert {len(str(other.id)) for other in others} == {1, 2}
    for other in others:
        rows = fulltext.search(other.id, stems_of("8bits"), Wanted(), 30)
        assert [row.question.content for row in rows if row.question] == [
            f"quantification 8bits {other.name}"
        ]


def test_by_date_the_newest_comes_first_whatever_was_stored_first(school: School) -> None:
    for day in (3, 1, 2):
        school.say(f"gradient {day}", day=day)
    assert school.find("gradient", by_date=True) == ["gradient 3", "gradient 2", "gradient 1"]


def test_by_relevance_what_is_all_about_it_comes_first(school: School) -> None:
    long = "Il y a bien des choses à dire des réseaux, des couches et des poids. " * 5
    school.say("le gradient", "Le gradient, toujours le gradient.", day=1)
    school.say("les réseaux", long + "Et du gradient.", day=2)
    assert school.find("gradient") == ["le gradient", "les réseaux"]


@pytest.mark.parametrize("by_date", [True, False])
def test_pages_hold_everything_once(school: School, by_date: bool) -> None:
    chance = random.Random(2)
    told = [school.say(f"gradient {n}", "gradient " * chance.randrange(4), day=n) for n in range(9)]
    by_question = {message.question.content: message for message in told if message.question}
    everything = school.find("gradient", by_date=by_date)
    seen: list[str] = []
    while page := school.find(
        "gradient", 4, by_question[seen[-1]] if seen else None, by_date=by_date
    ):
        seen += page
    assert seen == everything
    assert len(set(seen)) == 9


def test_a_search_is_narrowed_by_filters(school: School) -> None:
    classmate = people.add_user("classmate", Role.STUDENT)
    school.say("gradient un", day=1)
    school.say("gradient deux", day=2, student=classmate)
    out = school.say("gradient trois", day=3)
    out.in_scope = False
    db.session.commit()
    assert school.find("gradient", student=classmate.slug) == ["gradient deux"]
    assert school.find("gradient", student="nobody") == []
    assert school.find("gradient", in_scope=False) == ["gradient trois"]
    assert school.find("gradient", to_review=True) == ["gradient trois"]
    assert school.find("gradient", since=START + timedelta(days=2), by_date=True) == [
        "gradient trois",
        "gradient deux",
    ]
    assert school.find("gradient", until=START + timedelta(days=2)) == ["gradient un"]
    assert school.find("gradient", topic="cnn") == []


def test_what_is_found_is_what_the_student_reads(school: School) -> None:
    answer = school.say("Une question ?", "Une erreur du tuteur.")
    review.correct(answer, school.teacher, "La rétropropagation.", expected=[], shared=False)
    assert school.find("retropropagation") == ["Une question ?"]
    assert school.find("tuteur") == []
    review.withdraw(answer)
    assert school.find("retropropagation") == []
    assert school.find("tuteur") == ["Une question ?"]


def test_those_who_were_given_a_correction_are_found_by_it(school: School) -> None:
    first = school.say("Une question ?", "erreur")
    again = school.say("La même question ?", "erreur")
    again.repeats, again.engine = first.slug, conversations.VERIFIED
    db.session.commit()
    review.correct(first, school.teacher, "La rétropropagation.", expected=[], shared=True)
    assert set(school.find("retropropagation")) == {"Une question ?", "La même question ?"}


def test_an_answer_that_was_replaced_is_not_found(school: School) -> None:
    answer = school.say("Une question ?", "gradient")
    again = conversations.add_answer_anew(answer)
    db.session.commit()
    assert school.find("gradient") == []
    again.content, again.state = "convolution", State.COMPLETE
    db.session.commit()
    assert school.find("convolution") == ["Une question ?"]


def test_a_question_without_an_answer_is_found(school: School) -> None:
    talk = conversations.start_conversation(school.student, school.classroom.id, "x")
    conversations.add_question(talk, "le gradient ?", Difficulty.BEGINNER)
    db.session.commit()
    assert school.find("gradient") == []
    interrupted.mark_interrupted()
    assert school.find("gradient") == ["le gradient ?"]


def test_a_word_said_very_often_is_kept_as_often_as_counts(school: School) -> None:
    school.say("gradient " * 2000)
    row = db.session.query(IndexedAnswer).one()
    assert len(row.words) == MOST_TIMES + 2  # the student, and the one word of the answer
    assert len(school.find("gradient")) == 1


def test_a_deleted_conversation_is_found_no_more(school: School) -> None:
    answer = school.say("le gradient")
    conversations.delete_conversation(answer.conversation)
    assert school.find("gradient") == []
    assert db.session.query(IndexedAnswer).count() == 0


@only_sqlite
@pytest.mark.parametrize("whole_account", [True, False])
def test_no_byte_of_an_erased_word_is_left_in_the_index(
    school: School, instance: Path, whole_account: bool
) -> None:
    """FTS5 keeps the words of deleted rows until it merges its lists."""
    classmate = people.add_user("classmate", Role.STUDENT)
    gone = school.say("xylophonique", "wagnerienne", student=classmate)
    school.say("trombonesque")
    db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    assert b"xylophon" in _bytes_of(instance)
    if whole_account:
        erasure.erase(classmate)
    else:
        conversations.delete_conversation(gone.conversation)
        erasure.overwrite_deleted()
    db.session.remove()
    left = _bytes_of(instance)
    assert b"xylophon" not in left
    assert b"wagner" not in left
    assert b"trombon" in left


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.db*")))
