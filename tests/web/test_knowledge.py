"""Browsing the course: contents, map, a notion, its quiz; without JavaScript and by script."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from flask import Flask

from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.storage.conversations import Message
from pedabot.storage.quizzes import QuizResult
from tests.conftest import Visit, Visitor
from tests.web.pages import check_page, parse, text_of

COURSE = document.loads((Path(__file__).parents[2] / "knowledge.json").read_bytes())
BY_SCRIPT = {"HX-Request": "true"}
POOLING = "/knowledge/cnn/pooling"
QUIZ = COURSE.by_id["pooling"][1].quiz


def titles(html: str) -> list[str]:
    """Return the titles of the notions that a page lists."""
    return ["".join(b.itertext()) for b in parse(html).findall(".//ul[@class='lines']/li/a/b")]


def titles_of(*difficulties: str) -> int:
    return sum(subtopic.difficulty in difficulties for _, subtopic in COURSE.subtopics())


def with_class(page: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in page.iter() if name in (element.get("class") or "").split()]


def answer(
    browser: Visitor, number: int, choice: str | None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Answer a question of the quiz on pooling; returns the status, and the body or address."""
    data = {"question": QUIZ[number].key}
    if choice is not None:
        data["choice"] = choice
    response = browser.post(f"{POOLING}/quiz", data=data, headers=headers)
    return response.status_code, response.headers.get("Location", response.text)


# The table of contents


def test_every_notion_is_in_the_contents_with_the_count_of_each_difficulty(visit: Visit) -> None:
    html = visit("student").get("/knowledge").text
    assert len(titles(html)) == len(COURSE.by_id)
    page = parse(html)
    first = with_class(page, "tally")[0]
    assert text_of(ET.tostring(first, "unicode")) == "débutant 5 intermédiaire 3 avancé 1"
    assert len(first.findall("./span/{http://www.w3.org/2000/svg}svg")) == 3


@pytest.mark.parametrize(
    "difficulties", [("beginner",), ("advanced",), ("beginner", "advanced"), ()]
)
def test_the_filter_is_in_the_address(visit: Visit, difficulties: tuple[str, ...]) -> None:
    response = visit("student").get("/knowledge", query_string={"difficulty": difficulties})
    page = check_page(response.text)
    checked = [box.get("value") for box in page.findall(".//input[@checked]")]
    assert checked == list(difficulties)
    wanted = difficulties or ("beginner", "intermediate", "advanced")
    assert len(titles(response.text)) == titles_of(*wanted)


def test_an_unknown_difficulty_filters_nothing(visit: Visit) -> None:
    html = visit("student").get("/knowledge?difficulty=impossible").text
    assert len(titles(html)) == len(COURSE.by_id)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("quanti", "Quantification"),
        ("QUANTIZATION", "Quantification"),
        ("activ", "Fonctions d’activation"),
        ("comment rendre un modèle plus petit en coupant des connexions", "Élagage (pruning)"),
    ],
)
def test_the_search_finds_as_one_types(visit: Visit, typed: str, first: str) -> None:
    response = visit("student").get("/knowledge", query_string={"q": typed})
    check_page(response.text)
    assert titles(response.text)[0] == first


def test_the_search_keeps_to_the_filter_and_says_when_it_finds_nothing(visit: Visit) -> None:
    browser = visit("student")
    assert "Quantification" not in titles(
        browser.get("/knowledge?q=quanti&difficulty=beginner").text
    )
    nothing = browser.get("/knowledge?q=bonjour").text
    assert "Rien dans le cours ne ressemble à cela" in text_of(nothing)


def test_the_search_needs_no_script_and_the_script_swaps_the_results(visit: Visit) -> None:
    response = visit("student").get("/knowledge?q=&difficulty=beginner", headers=BY_SCRIPT)
    page = check_page(response.text)
    form = next(form for form in page.iter("form") if form.get("role") == "search")
    assert (form.get("method"), form.get("action")) == ("get", "/knowledge")
    assert form.findall(".//button")
    assert page.find(f".//*[@id='{(form.get('hx-select') or '').removeprefix('#')}']") is not None
    assert response.headers["HX-Push-Url"] == "/knowledge?difficulty=beginner"


# The map


def test_the_map_links_every_notion_and_says_the_same_as_a_list(visit: Visit) -> None:
    page = check_page(visit("student").get("/knowledge/map").text)
    nodes = with_class(page, "map-node")
    paths = {f"/knowledge/{topic.id}/{entry.id}" for topic, entry in COURSE.subtopics()}
    assert {node.get("href") for node in nodes} == paths
    for node, (_, entry) in zip(nodes, COURSE.subtopics(), strict=True):
        assert entry.difficulty in (node.get("class") or "")
    listed = page.find(".//details[@id='list']")
    assert listed is not None
    assert {link.get("href") for link in listed.iter("a")} == paths
    words = " ".join("".join(listed.itertext()).split())
    assert "Opération de convolution, Pooling, Fonctions d’activation" in words


# A notion


def test_the_three_explanations_are_all_in_the_page_and_chosen_without_script(
    visit: Visit,
) -> None:
    page = check_page(visit("student").get(POOLING).text)
    texts = [part for part in page.iter("section") if "depth" in (part.get("class") or "").split()]
    assert [part.findtext("h2") for part in texts] == [
        "Plus simple",
        "Le cours",
        "Pour aller plus loin",
    ]
    assert len(page.findall(".//input[@name='depth']")) == 3


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (POOLING, "simpler"),  # the student's level is beginner
        (f"{POOLING}?level=intermediate", "content"),
        (f"{POOLING}?level=advanced", "deeper"),
        (f"{POOLING}?level=nonsense", "content"),
    ],
)
def test_the_explanation_shown_first_is_that_of_the_level(
    visit: Visit, path: str, shown: str
) -> None:
    page = check_page(visit("student").get(path).text)
    chosen = page.findall(".//input[@name='depth'][@checked]")
    assert [field.get("value") for field in chosen] == [shown]


def test_a_notion_shows_what_comes_before_and_what_it_opens(visit: Visit) -> None:
    words = text_of(visit("student").get(POOLING).text)
    assert "À savoir avant : Opération de convolution" in words
    assert "Ce que cette notion ouvre Architecture d'un CNN" in words


def test_formulas_have_their_library_where_they_are_and_nowhere_else(visit: Visit) -> None:
    browser = visit("student")
    assert "katex" in browser.get(POOLING).text
    assert "katex" in browser.get("/chat").text
    assert "katex" not in browser.get("/knowledge").text
    assert "katex" not in browser.get("/knowledge/map").text
    deeper = browser.get("/knowledge/fondamentaux/retropropagation").text
    assert 'class="math block"' in deeper


# The quiz


def test_a_right_answer_is_explained_and_kept(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    status, location = answer(browser, 0, str(QUIZ[0].answer))
    assert status == 303
    assert location == f"{POOLING}#question-{QUIZ[0].key}"
    html = browser.get(POOLING).text
    check_page(html)
    words = text_of(html)
    assert "C'est juste." in words
    assert "Réponses justes : 1 sur 3" in words
    for choice in QUIZ[0].choices:
        assert text_of(choice.why) in words
    with app.app_context():
        kept = db.session.query(QuizResult).one()
        assert (kept.subtopic, kept.chosen, kept.correct) == ("pooling", QUIZ[0].answer, True)


def test_a_wrong_answer_shows_the_right_one_and_may_be_given_again(visit: Visit) -> None:
    browser = visit("student")
    answer(browser, 0, str((QUIZ[0].answer + 1) % 2))
    page = check_page(browser.get(POOLING).text)
    assert len(with_class(page, "wrong")) == 1
    assert "bonne réponse" in text_of(browser.get(POOLING).text)
    again = browser.get(f"{POOLING}?again={QUIZ[0].key}").text
    assert len(parse(again).findall(".//input[@name='choice']")) == sum(
        len(question.choices) for question in QUIZ
    )


@pytest.mark.parametrize("choice", [None, "", "99", "-1", "two", "²"])
def test_an_answer_without_a_choice_is_refused_in_words(
    visit: Visit, app: Flask, choice: str | None
) -> None:
    browser = visit("student")
    for headers in ({}, BY_SCRIPT):
        status, html = answer(browser, 0, choice, headers)
        assert status == 422
        assert "Choisis une réponse" in text_of(html)
    with app.app_context():
        assert db.session.query(QuizResult).count() == 0


def test_a_question_that_is_no_more_is_said_to_have_changed(visit: Visit, app: Flask) -> None:
    browser = visit("student")
    data = {"question": "0123456789abcdef", "choice": "0"}
    response = browser.post(f"{POOLING}/quiz", data=data)
    assert response.status_code == 422
    check_page(response.text)
    assert "Cette question a changé" in text_of(response.text)
    response = browser.post(f"{POOLING}/quiz", data=data, headers=BY_SCRIPT)
    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == "#quiz"
    assert "Cette question a changé" in text_of(response.text)
    with app.app_context():
        assert db.session.query(QuizResult).count() == 0


def test_by_script_the_question_is_answered_in_place_with_the_new_score(visit: Visit) -> None:
    status, html = answer(visit("student"), 1, str(QUIZ[1].answer), BY_SCRIPT)
    assert status == 200
    assert f'id="question-{QUIZ[1].key}"' in html
    assert 'id="quiz-score"' in html
    assert "hx-swap-oob" in html
    assert "<html" not in html


def test_a_quiz_of_a_notion_that_is_not_there_gives_404(visit: Visit) -> None:
    browser = visit("student")
    for path in ("/knowledge/cnn/nothing/quiz", "/knowledge/sequences/pooling/quiz"):
        assert browser.post(path, data={}).status_code == 404


@pytest.mark.parametrize("name", ["student", "teacher", "admin"])
def test_a_notion_whose_quiz_is_right_is_marked_everywhere(visit: Visit, name: str) -> None:
    browser, other = visit(name), visit("classmate")
    for number, question in enumerate(QUIZ):
        answer(browser, number, str(question.answer))
    assert "Notion acquise" in text_of(browser.get(POOLING).text)
    assert "79 notions · 1 acquise" in text_of(browser.get("/knowledge").text)
    assert "Acquises : 1 sur 5" in text_of(browser.get("/knowledge").text)
    mastered = with_class(parse(browser.get("/knowledge/map").text), "mastered")
    assert [node.get("data-notion") for node in mastered] == ["pooling"]
    assert "Pooling, débutant, acquise" in (mastered[0].get("aria-label") or "")
    assert not with_class(parse(other.get("/knowledge/map").text), "mastered")
    answer(browser, 0, str((QUIZ[0].answer + 1) % 2))
    assert not with_class(parse(browser.get("/knowledge/map").text), "mastered")


# From a notion to the tutor


def test_asking_about_a_notion_carries_it_into_the_conversation_and_the_search(
    visit: Visit, app: Flask
) -> None:
    browser = visit("student")
    page = parse(browser.get(POOLING).text)
    assert page.find(".//a[@href='/chat?subtopic=pooling']") is not None
    empty = browser.get("/chat?subtopic=pooling").text
    assert "Ta question portera sur Pooling" in text_of(empty)
    data = {"text": "Tu peux me donner un exemple ?", "level": "beginner", "subtopic": "pooling"}
    path = browser.post("/chat", data=data).location
    assert "À propos de Pooling" in text_of(browser.get(path).text)
    follow_up = {"text": "Et un autre exemple ?", "level": "beginner"}
    browser.post(f"{path}/questions", data=follow_up)
    with app.app_context():
        asked = db.session.query(Message).filter_by(author="student").all()
        answers = db.session.query(Message).filter_by(author="tutor").all()
        assert [message.subtopic for message in asked] == ["pooling", "pooling"]
        assert [message.sources[0]["subtopic"] for message in answers] == ["pooling", "pooling"]


def test_a_conversation_remembers_no_notion_that_the_course_does_not_have(
    visit: Visit, app: Flask
) -> None:
    browser = visit("student")
    data = {"text": "Tu peux m'aider ?", "level": "beginner", "subtopic": "nothing"}
    path = browser.post("/chat", data=data).location
    assert browser.get(path).status_code == 200
    with app.app_context():
        message = db.session.query(Message).filter_by(author="student").one()
        assert message.subtopic is None
        assert message.conversation.subtopic is None
