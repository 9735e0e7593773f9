"""What is taken away: a conversation, a class, data to train a model with."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import conversations, people
from pedabot.storage.conversations import HELP, Message, State
from pedabot.storage.exports import CONVERSATIONS_AT_ONCE, talks_of_class
from pedabot.storage.reviews import Note
from pedabot.teaching import classes, review
from pedabot.teaching.exports import COLUMNS, DANGEROUS, harmless
from tests.conftest import Cast, Visit, Visitor, settings
from tests.web.pages import check_page, text_of
from tests.web.test_pages import ask

FORMULA = '=HYPERLINK("http://x";"clic")'


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    return settings(instance)


def talk(
    slug: str, who: str, *turns: tuple[str, str], state: State = State.COMPLETE
) -> list[Message]:
    """Store a conversation in a class; returns its answers."""
    classroom, user = people.find_class(slug), people.find_user(who)
    assert classroom is not None
    assert user is not None
    started = conversations.start_conversation(user, classroom.id, turns[0][0])
    answers = []
    for question, said in turns:
        answer = conversations.add_question(started, question, Difficulty.BEGINNER)
        db.session.flush()
        answer.content, answer.state, answer.engine = said, state, "mistral"
        answers.append(answer)
    db.session.commit()
    return answers


def judged(answer: Message, correction: str = "") -> None:
    teacher = people.find_user("teacher")
    assert teacher is not None
    if correction:
        review.correct(answer, teacher, correction, expected=[], shared=False)
    else:
        review.approve(answer, teacher)


@pytest.fixture
def reviewed(app: Flask, cast: Cast) -> str:
    """A conversation with a correction and two notes; returns its slug."""
    with app.app_context():
        first, second = talk(
            cast.classroom,
            "student",
            ("C'est quoi int8 ?\n# pas un titre", "Huit *bits*."),
            (FORMULA, "Faux."),
        )
        judged(second, "Ce n'est pas une **question**.")
        teacher = people.find_user("teacher")
        assert teacher is not None
        for text, shown in (("Bravo.", True), ("Pour moi seule.", False)):
            db.session.add(Note(message=first, teacher=teacher, text=text, for_student=shown))
        db.session.commit()
        return first.conversation.slug


@pytest.mark.parametrize(
    ("who", "base"), [("student", "/chat"), ("teacher", "/admin/conversations")]
)
def test_a_conversation_is_taken_as_markdown_and_printed(
    visit: Visit, reviewed: str, who: str, base: str
) -> None:
    browser = visit(who)
    page = browser.get(f"{base}/{reviewed}")
    assert f"{base}/{reviewed}/markdown" in page.text
    file = browser.get(f"{base}/{reviewed}/markdown")
    assert file.headers["Content-Disposition"].endswith('.md"')
    for part in (
        "> # pas un titre",
        "Huit *bits*.",
        "corrigée par teacher",
        "**question**",
        "Bravo.",
    ):
        assert part in file.text
    assert "Faux." not in file.text
    assert "Pour moi seule" not in file.text
    printed = browser.get(f"{base}/{reviewed}/print")
    check_page(printed.text)
    words = text_of(printed.text)
    assert "Huit bits." in words
    assert "corrigée par teacher" in words
    assert "Pour moi seule" not in words


def test_nobody_takes_the_conversation_of_others(visit: Visit, reviewed: str) -> None:
    for name in ("classmate", "outsider", "stranger", "admin"):
        browser = visit(name)
        for form in ("markdown", "print"):
            assert browser.get(f"/chat/{reviewed}/{form}").status_code == 404
            refused = browser.get(f"/admin/conversations/{reviewed}/{form}").status_code
            assert refused == (404 if name in ("stranger", "admin") else 403)


def test_the_files_of_a_class_are_for_its_teachers(visit: Visit, cast: Cast) -> None:
    base = f"/admin/classes/{cast.classroom}"
    check_page(visit("teacher").get(f"{base}/exports").text)
    for file in ("conversations.csv", "conversations.jsonl", "training.jsonl"):
        assert visit("student").get(f"{base}/{file}").status_code == 403
        assert visit("stranger").get(f"{base}/{file}").status_code == 404


def _rows(browser: Visitor, cast: Cast) -> list[dict[str, str]]:
    file = browser.get(f"/admin/classes/{cast.classroom}/conversations.csv")
    assert file.data.startswith(b"\xef\xbb\xbf")
    text = file.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_a_class_is_a_table_that_a_spreadsheet_reads_without_danger(
    visit: Visit, cast: Cast, reviewed: str
) -> None:
    rows = _rows(visit("teacher"), cast)
    assert len(rows[0]) == len(COLUMNS)
    assert [row["texte"] for row in rows] == [
        "C'est quoi int8 ?\n# pas un titre",
        "Huit *bits*.",
        f"'{FORMULA}",
        "Faux.",
    ]
    assert rows[3]["correction"] == "Ce n'est pas une **question**."
    assert rows[3]["relecture"] == "corrected"
    assert {row["étudiant"] for row in rows} == {"student"}
    assert {row["conversation"] for row in rows} <= {reviewed, f"'{reviewed}"}


@pytest.mark.parametrize("beginning", DANGEROUS)
def test_a_cell_that_would_be_a_formula_is_text(beginning: str) -> None:
    assert harmless(f"{beginning}cmd|'/c calc'!A1") == f"'{beginning}cmd|'/c calc'!A1"
    assert harmless(f"a{beginning}b") == f"a{beginning}b"


def test_a_class_is_a_line_of_json_for_each_conversation(
    app: Flask, visit: Visit, cast: Cast, reviewed: str
) -> None:
    with app.app_context():
        talk(cast.other_classroom, "outsider", ("Ailleurs ?", "Oui."))
    file = visit("teacher").get(f"/admin/classes/{cast.classroom}/conversations.jsonl")
    (line,) = file.text.splitlines()
    data = json.loads(line)
    assert (data["conversation"], data["student"]) == (reviewed, "student")
    assert [message["author"] for message in data["messages"]] == ["student", "tutor"] * 2
    assert data["messages"][2]["content"] == FORMULA
    assert data["messages"][3]["correction"] == "Ce n'est pas une **question**."


def test_a_class_of_many_conversations_is_read_in_batches(app: Flask, cast: Cast) -> None:
    with app.app_context():
        for number in range(CONVERSATIONS_AT_ONCE + 1):
            talk(cast.classroom, "student", (f"Question {number} ?", "Oui."))
        classroom = people.find_class(cast.classroom)
        assert classroom is not None
        titles = [messages[0].content for messages in talks_of_class(classroom.id)]
        assert titles == [f"Question {number} ?" for number in range(CONVERSATIONS_AT_ONCE + 1)]
        assert list(talks_of_class(classroom.id, reviewed=True)) == []


def parse_training(text: str) -> list[list[dict[str, Any]]]:
    """Read data as Mistral's documentation asks for it ("Default Instruct"), strictly."""
    samples = []
    for line in text.splitlines():
        data = json.loads(line)
        assert set(data) == {"messages"}
        messages = data["messages"]
        roles = [message["role"] for message in messages]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert roles
        for message in messages:
            assert set(message) - {"weight"} == {"role", "content"}
            assert isinstance(message["content"], str)
            assert message["content"].strip()
            assert message.get("weight", 1) in (0, 1)
            assert "weight" not in message or message["role"] == "assistant"
        assert messages[-1].get("weight", 1) == 1, "nothing to learn after this"
        samples.append(messages)
    return samples


def test_what_teachers_judged_becomes_training_data_without_names(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    with app.app_context():
        classroom, zoubida = people.find_class(cast.classroom), people.find_user("classmate")
        assert classroom is not None
        assert zoubida is not None
        zoubida.username, zoubida.username_key = "Zoubida", "zoubida"
        first, _second, third, _fourth = talk(
            cast.classroom,
            "student",
            ("Je suis Zoubida, zoubida@exemple.fr. int8 ?", "Huit bits, Zoubida."),
            ("Et float16 ?", "Seize."),
            ("Et float32 ?", "Faux."),
            ("Merci", "De rien."),
        )
        judged(first)
        judged(third, "Trente-deux, comme ZOUBIDA l'a dit.")
        (other,) = talk(cast.classroom, "Zoubida", ("Zoubida demande : CNN ?", "Un réseau."))
        judged(other)
        talk(cast.classroom, "student", ("Personne n'a relu ?", "Non."))
        (helped,) = talk(cast.classroom, "student", ("je veux mourir", "3114"))
        helped.engine = HELP
        judged(helped)
        classes.remove_student(classroom, zoubida)  # who left is hidden all the same
        db.session.commit()
    file = visit("teacher").get(f"/admin/classes/{cast.classroom}/training.jsonl")
    one, two = parse_training(file.text)
    assert [message["content"] for message in one] == [
        "Je suis [NOM 1], [E-MAIL 1]. int8 ?",
        "Huit bits, [NOM 1].",
        "Et float16 ?",
        "Seize.",
        "Et float32 ?",
        "Trente-deux, comme [NOM 1] l'a dit.",
    ]
    assert [message.get("weight") for message in one] == [None, None, None, 0, None, None]
    assert two[0]["content"] == "[NOM 1] demande : CNN ?"
    assert "zoubida" not in file.text.lower()


def test_an_answer_that_was_never_made_teaches_nothing(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    with app.app_context():
        (answer,) = talk(cast.classroom, "student", ("int8 ?", "Huit"), state=State.COMPLETE)
        judged(answer)
        answer.state, answer.content = State.FAILED, ""
        db.session.commit()
    assert visit("teacher").get(f"/admin/classes/{cast.classroom}/training.jsonl").text == ""


def test_a_student_finds_the_way_to_both_files(visit: Visit) -> None:
    student = visit("student")
    path = ask(student)
    page = student.get(path).text
    assert f'href="{path}/print"' in page
    assert f'href="{path}/markdown"' in page
