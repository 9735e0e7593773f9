"""The conversation, without JavaScript and as the script sees it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.storage import conversations
from pedabot.storage.conversations import Conversation, Message, State
from pedabot.storage.feedback import Feedback
from pedabot.storage.predictions import Prediction
from tests.conftest import Visit, Visitor
from tests.web.pages import text_of
from tests.web.test_pages import QUESTION, ask

BY_SCRIPT = {"HX-Request": "true"}


def frames(body: str) -> list[tuple[str, str]]:
    """Split server-sent events into names and data."""
    found = []
    for block in body.strip().split("\n\n"):
        name, *data = block.split("\n")
        lines = [line.removeprefix("data: ") for line in data]
        found.append((name.removeprefix("event: "), "\n".join(lines)))
    return found


def answer_slug(html: str) -> str:
    """Return the slug of the last answer on a page or in a fragment."""
    return str(re.findall(r'id="a-([\w-]+)"', html)[-1])


def waiting_answer(browser: Visitor) -> str:
    """Ask by script in a new conversation; returns the slug of the answer that waits."""
    response = browser.post(
        "/chat", data={"text": QUESTION, "level": "beginner"}, headers=BY_SCRIPT
    )
    assert response.status_code == 204
    return answer_slug(browser.get(response.headers["HX-Redirect"]).text)


def test_without_javascript_the_page_comes_back_with_the_whole_answer(visit: Visit) -> None:
    browser = visit("student")
    words = text_of(browser.get(ask(browser)).text)
    assert QUESTION in words
    for figure in ("float32", "int8", "4 fois", "2 à 4 fois", "1 à 2 %"):
        assert figure in words
    assert "D'après le cours, sans IA" in words


def test_a_follow_up_stays_in_the_conversation(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    path = ask(browser)
    data = {"text": "et un exemple ?", "level": "beginner"}
    assert browser.post(f"{path}/questions", data=data).status_code == 303
    with app.app_context():
        answers = db.session.query(Message).filter_by(author="tutor").order_by(Message.id).all()
        assert [answer.sources[0]["subtopic"] for answer in answers] == ["quantification"] * 2


def test_by_script_the_answer_is_streamed_and_then_stored(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    slug = waiting_answer(browser)
    response = browser.get(f"/messages/{slug}/stream")
    assert response.mimetype == "text/event-stream"
    events = frames(response.text)
    names = [name for name, _data in events]
    assert names[0] == "sources"
    assert names[-2:] == ["whole", "end"]
    assert "blocks" in names
    assert "Quantification" in dict(events)["sources"]
    assert f'id="a-{slug}"' in dict(events)["whole"]
    with app.app_context():
        message = conversations.find_message(slug)
        assert message is not None
        assert message.state is State.COMPLETE
        assert message.engine == "offline"
        row = db.session.query(Prediction).one()
        assert (row.engine, row.outcome) == ("offline", "complete")
        assert row.passages[0] == "quantification"
        assert row.prompt_hash


def test_a_stream_opened_twice_makes_one_answer(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    slug = waiting_answer(browser)
    browser.get(f"/messages/{slug}/stream")
    again = frames(browser.get(f"/messages/{slug}/stream").text)
    assert [name for name, _data in again] == ["whole", "end"]
    with app.app_context():
        assert db.session.query(Prediction).count() == 1


def test_answering_anew_replaces_the_answer_on_the_page(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    path = ask(browser)
    first = answer_slug(browser.get(path).text)
    fragment = browser.post(f"/messages/{first}/anew", headers=BY_SCRIPT)
    second = answer_slug(fragment.text)
    browser.get(f"/messages/{second}/stream")
    page = browser.get(path).text
    assert f'id="a-{second}"' in page
    assert f'id="a-{first}"' not in page
    assert browser.post(f"/messages/{first}/anew", headers=BY_SCRIPT).status_code == 409


def test_a_thumb_and_its_reason_are_kept_and_changed(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    slug = answer_slug(browser.get(ask(browser)).text)
    browser.post(f"/messages/{slug}/feedback", data={"helpful": "1"})
    browser.post(f"/messages/{slug}/feedback", data={"helpful": "0", "reason": "trop long"})
    with app.app_context():
        feedback = db.session.query(Feedback).one()
        assert (feedback.helpful, feedback.reason) == (False, "trop long")


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 2001])
def test_a_question_that_cannot_be_taken_is_explained(visit: Visit, app: Flask, text: str) -> None:
    response = visit("student").post("/chat", data={"text": text, "level": "beginner"})
    assert response.status_code == 422
    assert 'class="notice bad"' in response.text
    with app.app_context():
        assert db.session.query(Message).count() == 0


def test_what_a_student_writes_is_shown_as_text(visit: Visit) -> None:
    browser = visit("student")
    page = browser.get(ask(browser, "<script>alert(1)</script> la quantification ?")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_question_outside_the_course_gets_the_nearest_pages(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    words = text_of(browser.get(ask(browser, "Quelle est la recette des crêpes bretonnes ?")).text)
    assert "ne parle pas de cela" in words
    with app.app_context():
        answer = db.session.query(Message).filter_by(author="tutor").one()
        assert answer.in_scope is False
        assert answer.topic is None


def test_a_page_of_the_course_goes_with_the_question(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    assert "Élagage" in text_of(browser.get("/chat?subtopic=elagage").text)
    data = {"text": "Tu peux m'expliquer ?", "level": "beginner", "subtopic": "elagage"}
    browser.post("/chat", data=data)
    with app.app_context():
        answer = db.session.query(Message).filter_by(author="tutor").one()
        assert answer.sources[0]["subtopic"] == "elagage"


def test_a_conversation_is_renamed_and_deleted_with_all_it_holds(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    path = ask(browser)
    slug = answer_slug(browser.get(path).text)
    browser.post(f"/messages/{slug}/feedback", data={"helpful": "1"})
    assert browser.post(f"{path}/rename", data={"title": "Mes poids"}).status_code == 303
    assert "Mes poids" in browser.get("/chat/history").text
    assert browser.post(f"{path}/delete").status_code == 303
    assert browser.get(path).status_code == 404
    with app.app_context():
        for table in (Conversation, Message, Feedback, Prediction):
            assert db.session.query(table).count() == 0


@pytest.mark.parametrize("name", ["classmate", "outsider", "teacher"])
def test_nobody_else_reaches_a_students_conversation(visit: Visit, name: str) -> None:
    path = ask(student := visit("student"))
    slug = answer_slug(student.get(path).text)
    other = visit(name)
    for address in (path, f"/messages/{slug}", f"/messages/{slug}/stream"):
        assert other.get(address).status_code == 404
    for address in (
        f"{path}/questions",
        f"{path}/rename",
        f"{path}/delete",
        f"/messages/{slug}/stop",
        f"/messages/{slug}/anew",
        f"/messages/{slug}/feedback",
    ):
        assert other.post(address, data={"text": QUESTION, "title": "x"}).status_code == 404


def test_a_page_of_history_follows_the_one_before(visit: Visit) -> None:
    browser = visit("student")
    for number in range(3):
        ask(browser, f"Question {number} sur la quantification ?")
    from_first = re.findall(r'href="(/chat/[\w-]{16})"', browser.get("/chat/history").text)
    second_page = browser.get(f"/chat/history?before={from_first[0].rsplit('/', 1)[1]}").text
    assert from_first[0] not in second_page
    assert from_first[1] in second_page


def test_forged_requests_are_refused(app: Flask, visit: Visit) -> None:
    browser = visit("student")
    path = ask(browser)
    app.config["WTF_CSRF_ENABLED"] = True
    for address in ("/chat", f"{path}/delete", "/sign-out", "/account/password"):
        assert browser.post(address, data={"text": QUESTION}).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).text)
    assert token is not None
    data = {"csrf_token": token[1]}
    headers = {"Referer": "https://localhost/"}
    assert browser.post(f"{path}/delete", data=data, headers=headers).status_code == 303
