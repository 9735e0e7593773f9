"""Two prompts on the same questions, with a real model server."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path

import pytest
from flask import Flask

from pedabot.answering.comparing import Comparer
from pedabot.extensions import db
from pedabot.storage import comparisons, spending
from pedabot.storage.comparisons import ComparedAnswer, Comparison, Progress, Step
from pedabot.storage.conversations import Message
from pedabot.storage.predictions import Prediction
from tests.conftest import Cast, Visit, Visitor, settings_with_model
from tests.mistral_server import Announced, Fault, MistralServer, refuse, stream
from tests.web.pages import check_page, parse, text_of
from tests.web.test_pages import QUESTION, ask
from tests.web.test_prompts import activate, active, editor, give_right, write

__all__ = ["editor"]  # the fixture

KEY = "a-key-that-must-never-be-seen"
OTHER = "À quoi sert l'élagage ?"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings_with_model(
        instance,
        api,
        MISTRAL_API_KEY=KEY,
        PEDABOT_EMBEDDING_MODEL="none",
        PEDABOT_PRICES="mistral-small-latest 1 3 2026-11-01",
    )


def start(browser: Visitor, right: int, **fields: object) -> str:
    """Start a comparison of the file with a version; returns its path."""
    data = {"left": 0, "right": right, "level": "beginner", **fields}
    response = browser.post("/admin/comparisons/new", data=data)
    assert response.status_code == 303, text_of(response.text)
    return response.location


def comparer_of(app: Flask) -> Comparer:
    found = app.extensions["pedabot_comparer"]
    assert isinstance(found, Comparer)
    return found


def step(app: Flask, path: str, times: int = 1) -> None:
    """Do what the worker does, so many times."""
    for _ in range(times):
        with app.app_context():
            comparison = comparisons.find_comparison(path.rsplit("/", 1)[1])
            assert comparison is not None
            comparer_of(app).step(comparison.id)


def state(app: Flask, path: str) -> tuple[Progress, dict[Step, int]]:
    with app.app_context():
        comparison = comparisons.find_comparison(path.rsplit("/", 1)[1])
        assert comparison is not None
        return comparison.state, comparisons.steps([comparison.id])[comparison.id]


def test_both_prompts_answer_and_stand_side_by_side(
    app: Flask, editor: Visitor, api: MistralServer
) -> None:
    number = write(editor)
    usage = {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107}
    api.script(stream("Une **longue** réponse [1]."), stream("<img src=x> Court [1].", usage=usage))
    path = start(editor, number, pasted=f"{QUESTION}\r\n\r\n")
    assert api.requests == []  # the request only enqueues
    assert "Les réponses apparaissent ici" in text_of(editor.get(path).text)
    step(app, path, 3)
    assert state(app, path) == (Progress.FINISHED, {Step.DONE: 2})
    told = [request.body["messages"] for request in api.requests]
    assert told[0][0]["content"].startswith("Tu es PedaBot")
    assert told[1][0]["content"].startswith("Réponds en une phrase.")
    written = [turns[-1]["content"].split("</ecrit-")[0].split("\n", 1)[1] for turns in told]
    assert written == [f"{QUESTION}\n"] * 2
    html = editor.get(path).text
    page = check_page(html)
    names = ["Texte d’origine", f"Version {number}"]
    assert page.findtext(".//h1") == " / ".join(names)
    assert [element.text for element in page.findall(".//section/h3")] == names
    buttons = [element.text for element in page.findall(".//form[@class='votes no-print']/button")]
    assert buttons == [names[0], "Égales", names[1]]
    assert "<strong>longue</strong>" in html
    assert "<img" not in html
    assert 'href="/knowledge/optimisation/quantification" class="reference"' in html
    words = text_of(html)
    assert "12 jetons lus, 34 écrits" in words
    assert "100 jetons lus, 7 écrits" in words
    with app.app_context():
        rows = db.session.query(Prediction).order_by(Prediction.id).all()
        assert [row.prompt_version_id for row in rows] == [None, number]
        assert all(row.message_id is None and row.compared_id for row in rows)
        assert [row.cost for row in rows] == [12 + 3 * 34, 100 + 3 * 7]
    assert "0,000114 €" in words
    assert KEY not in html


def test_the_page_follows_the_run_and_gets_each_answer_once(app: Flask, editor: Visitor) -> None:
    path = start(editor, write(editor), pasted=f"{QUESTION}\n{OTHER}")
    first = editor.get(path).text
    assert 'hx-trigger="every 2s"' in first
    step(app, path, 2)
    update = editor.get(f"{path}/progress?shown=0&last=0").text
    assert "2 réponses sur 4" in text_of(update)
    assert update.count('class="compared') == 1
    follow = parse(f"<!doctype html><title>x</title>{update}").find(".//div[@id='progress']")
    assert follow is not None
    address = follow.get("hx-get") or ""
    assert 'class="compared' not in editor.get(address).text
    step(app, path, 3)
    last = editor.get(address).text
    assert last.count('class="compared') == 1
    assert "hx-trigger" not in last.split("</div>")[0]
    assert editor.get(path).text.count('class="compared') == 2


def test_a_vote_is_kept_changed_and_taken_back(app: Flask, editor: Visitor) -> None:
    path = start(editor, write(editor), pasted=QUESTION)
    step(app, path, 3)
    with app.app_context():
        question = db.session.query(comparisons.ComparedQuestion).one().id
    address = f"{path}/questions/{question}/vote"
    assert editor.post(address, data={"vote": "right"}).status_code == 303
    part = editor.post(address, data={"vote": "left"}, headers={"HX-Request": "true"}).text
    assert 'id="totals" hx-swap-oob="true"' in part
    assert votes(app) == "left"
    editor.post(address, data={"vote": "left"})
    assert votes(app) is None
    assert editor.post(address, data={"vote": "both"}).status_code == 400
    assert editor.post(f"{path}/questions/999/vote", data={"vote": "left"}).status_code == 404


def votes(app: Flask) -> str | None:
    with app.app_context():
        return db.session.query(comparisons.ComparedQuestion).one().vote


def test_questions_come_from_a_file_as_flask_evaluate_reads_it(
    app: Flask, editor: Visitor, api: MistralServer
) -> None:
    lines = [
        {"id": "1", "kind": "direct", "question": QUESTION, "expect": [], "level": "advanced"},
        {
            "id": "2",
            "kind": "follow-up",
            "question": "Et un exemple ?",
            "expect": [],
            "history": [
                {"role": "user", "content": QUESTION},
                {"role": "assistant", "content": "Oui."},
            ],
        },
    ]
    raw = "\n".join(json.dumps(line) for line in lines).encode()
    path = start(editor, write(editor), file=(io.BytesIO(raw), "mes-questions.jsonl"))
    step(app, path, 5)
    assert state(app, path) == (Progress.FINISHED, {Step.DONE: 4})
    assert "L'étudiant a un niveau avancé" in api.requests[0].body["messages"][0]["content"]
    roles = [turn["role"] for turn in api.requests[2].body["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert "mes-questions.jsonl" in text_of(editor.get("/admin/comparisons").text)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Il n'y a pas encore de question"),
        ({"right": 0, "pasted": "Quoi ?"}, "Les deux versions sont la même"),
        ({"pasted": "a\n" * 201}, "Cela fait 201 questions : 200 au plus"),
        ({"pasted": "a" * 2001}, "Une question est vide ou dépasse 2000 caractères"),
        ({"file": b'{"id": "1"}'}, "Le fichier n'a pas la forme attendue : line 1: kind"),
        ({"file": b"\xff\xfe\x00"}, "Le fichier n'est pas un texte en UTF-8"),
        ({"file": b"   \n"}, "aucune ligne"),
        ({"file": b"a" * (256 * 1024 + 1)}, "Le fichier est trop grand : 256 ko au plus"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_the_reason(
    app: Flask, editor: Visitor, fields: dict[str, object], words: str
) -> None:
    data = {"left": 0, "right": write(editor), **fields}
    if isinstance(data.get("file"), bytes):
        data["file"] = (io.BytesIO(fields["file"]), "q.jsonl")  # type: ignore[arg-type]
    response = editor.post("/admin/comparisons/new", data=data)
    assert response.status_code == 422
    check_page(response.text)
    assert words in text_of(response.text)
    with app.app_context():
        assert db.session.query(Comparison).count() == 0


def test_questions_of_a_class_are_for_its_teachers_and_go_with_their_student(
    app: Flask, visit: Visit, cast: Cast, editor: Visitor
) -> None:
    student = visit("student")
    chat = ask(student)
    page = editor.get("/admin/comparisons/new").text
    check_page(page)
    assert QUESTION in text_of(page)
    with app.app_context():
        asked = db.session.query(Message).filter_by(content=QUESTION).one().slug
        give_right("colleague")
        give_right("stranger")
    fields = {"classroom": cast.classroom, "message": asked}
    path = start(editor, write(editor), **fields)
    assert visit("colleague").get(path).status_code == 200
    stranger = visit("stranger")
    for address in (path, f"{path}/progress"):
        assert stranger.get(address).status_code == 404
    for action in ("stop", "resume", "delete", "questions/1/vote"):
        assert stranger.post(f"{path}/{action}").status_code == 404
    assert path not in stranger.get("/admin/comparisons").text
    assert stranger.get(f"/admin/comparisons/new?classroom={cast.classroom}").status_code == 404
    assert visit("admin").get(path).status_code == 404  # reads no class that is not theirs
    assert student.post(f"{chat}/delete").status_code == 303
    with app.app_context():
        assert db.session.query(comparisons.ComparedQuestion).count() == 0
        assert db.session.query(ComparedAnswer).count() == 0


def test_a_question_that_was_not_offered_is_not_taken(
    app: Flask, visit: Visit, cast: Cast, editor: Visitor
) -> None:
    ask(visit("outsider"))
    with app.app_context():
        foreign = db.session.query(Message).filter_by(content=QUESTION).one().slug
    data = {"left": 0, "right": write(editor), "classroom": cast.classroom, "message": foreign}
    assert editor.post("/admin/comparisons/new", data=data).status_code == 422


def test_stopping_ends_the_call_keeps_what_is_done_and_can_be_resumed(
    app: Flask, editor: Visitor, visit: Visit, api: MistralServer
) -> None:
    path = start(editor, write(editor), pasted=f"{QUESTION}\n{OTHER}")
    step(app, path)
    asked = threading.Event()
    api.script(stream("Sans fin ", Announced(asked), Fault.ENDLESS))
    worker = threading.Thread(target=step, args=(app, path))
    worker.start()
    assert asked.wait(30)  # stopped before, it would leave the endless answer to the next call
    assert editor.post(f"{path}/stop").status_code == 303
    worker.join(30)
    assert not worker.is_alive()
    assert state(app, path) == (Progress.STOPPED, {Step.DONE: 1, Step.WAITING: 3})
    step(app, path)  # what is still in the queue does nothing
    assert state(app, path)[1] == {Step.DONE: 1, Step.WAITING: 3}
    assert "arrêté" in text_of(editor.get(path).text)
    assert editor.post(f"{path}/resume").status_code == 303
    step(app, path, 4)
    assert state(app, path) == (Progress.FINISHED, {Step.DONE: 4})


def test_a_failure_of_the_model_is_told_and_can_be_tried_again(
    app: Flask, editor: Visitor, api: MistralServer
) -> None:
    api.script(stream("Bien."), refuse(503))
    path = start(editor, write(editor), pasted=QUESTION)
    step(app, path, 3)
    assert state(app, path) == (Progress.FINISHED, {Step.DONE: 1, Step.FAILED: 1})
    html = editor.get(path).text
    check_page(html)
    assert "Le modèle n'a pas répondu" in text_of(html)
    assert "server_error" in text_of(html)
    assert "float32" not in text_of(html)  # the course's own answer is not what is compared
    editor.post(f"{path}/resume")
    step(app, path, 2)
    assert state(app, path) == (Progress.FINISHED, {Step.DONE: 2})
    assert len(api.requests) == 3


def test_an_answer_that_another_worker_took_back_is_not_stored_twice(
    app: Flask, editor: Visitor
) -> None:
    path = start(editor, write(editor), pasted=QUESTION)
    with app.app_context():
        comparison = db.session.query(Comparison).one()
        first = comparisons.claim_next(comparison.id, "one")
        second = comparisons.claim_next(comparison.id, "two")
        assert first is not None
        assert second is not None
        assert first.id != second.id
        assert comparisons.claim_next(comparison.id, "three") is None
        comparisons.release_claims()
        assert comparisons.claimed_answer(first.id, "one") is None
    step(app, path, 3)
    assert state(app, path) == (Progress.FINISHED, {Step.DONE: 2})


def test_the_better_one_is_activated_from_its_run_and_the_run_deleted(
    app: Flask, editor: Visitor, visit: Visit
) -> None:
    number = write(editor)
    path = start(editor, number, pasted=QUESTION)
    step(app, path, 3)
    assert f"/admin/prompts/versions/{number}/activate" in editor.get(path).text
    assert activate(editor, number, after=0) == 303
    assert active(app) == number
    check_page(visit("admin").get("/admin/predictions").text)
    with app.app_context():
        spent = sum(row.cost or 0 for row in db.session.query(Prediction))
        give_right("stranger")
    assert visit("stranger").post(f"{path}/delete").status_code == 403
    assert editor.post(f"{path}/delete").status_code == 303
    assert editor.get(path).status_code == 404
    with app.app_context():
        assert db.session.query(Prediction).count() == 0
        books = app.extensions["pedabot_ledger"]
        assert spending.spent(books.today())[0] == spent > 0  # the school has paid for it


def test_personal_data_of_a_class_does_not_leave_by_a_comparison(
    app: Flask, visit: Visit, cast: Cast, editor: Visitor, api: MistralServer
) -> None:
    ask(visit("student"), f"{QUESTION} Je suis Classmate, classmate@lycee.example.fr")
    api.script(stream("Voici."))
    with app.app_context():
        asked = db.session.query(Message).filter(Message.content.contains("lycee")).one().slug
    before = len(api.requests)
    path = start(editor, write(editor), classroom=cast.classroom, message=asked)
    step(app, path, 3)
    sent = [request.body["messages"][-1]["content"] for request in api.requests[before:]]
    assert len(sent) == 2
    for text in sent:
        assert QUESTION in text
        assert "lycee" not in text
        assert "classmate" not in text.lower()
