"""What a student is told of an answer, what only teachers see, and what nobody may see."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from pedabot.answering.templates import first_prompt
from pedabot.extensions import db
from pedabot.storage.conversations import Message
from tests.conftest import Visit, Visitor, settings
from tests.mistral_server import MistralServer, refuse, stream
from tests.web.pages import check_page, text_of
from tests.web.test_chat import BY_SCRIPT, answer_slug, waiting_answer
from tests.web.test_pages import QUESTION, ask

MODEL = "zorglub-large-2611"
SECRETS = (MODEL, "zorglub", "0.37", "temperature", "Extraits du cours", first_prompt().hash)


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings(
        instance,
        MISTRAL_SERVER_URL=api.url,
        PEDABOT_MODELS=MODEL,
        PEDABOT_TEMPERATURE="0.37",
        PEDABOT_EMBEDDING_MODEL="none",
        PEDABOT_FIRST_TOKEN_TIMEOUT="60",
    )


def everything_a_student_fetches(app: Flask, browser: Visitor, talk: str, slug: str) -> str:
    """Return every page that a student can open by an address, and every stream and fragment."""
    conversation, files = (
        talk.rsplit("/", 1)[1],
        re.findall(r'"(/attachments/[\w-]+)"', browser.get(talk).text),
    )
    known = {
        "chat": conversation,
        "messages": slug,
        "attachments": files[0].rsplit("/", 1)[1] if files else "nothing",
    }
    texts = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        part = rule.rule.split("/")[1]
        values = dict.fromkeys(rule.arguments, known.get(part, "nothing"))
        built = rule.build(values, append_unknown=False)
        assert built is not None
        response = browser.get(built[1])
        texts += [_text_of(response), str(response.headers)]
    texts.append(browser.post(f"/messages/{slug}/feedback", data={"helpful": "1"}).text)
    return "\n".join(texts)


def _text_of(response: TestResponse) -> str:
    """Return what a response says; of an archive, what all its files say."""
    if response.mimetype != "application/zip":
        return response.text
    with ZipFile(io.BytesIO(response.data)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_that_a_student_fetches_names_the_model(
    app: Flask, visit: Visit, api: MistralServer, fails: bool
) -> None:
    api.script(refuse(503) if fails else stream("On passe à int8 [1].", " Voilà."))
    browser = visit("student")
    slug = waiting_answer(browser)
    streamed = browser.get(f"/messages/{slug}/stream").text
    assert api.requests
    with app.app_context():
        message = db.session.query(Message).filter_by(slug=slug).one()
        talk = f"/chat/{message.conversation.slug}"
    seen = streamed + everything_a_student_fetches(app, browser, talk, slug)
    data = {"text": "et un exemple ?", "level": "beginner"}
    api.script(stream("Par exemple 12,97."))
    seen += browser.post(f"{talk}/questions", data=data, headers=BY_SCRIPT).text
    assert "int8" in seen
    for secret in SECRETS:
        assert secret not in seen


def test_a_student_reads_why_these_sources(visit: Visit, api: MistralServer) -> None:
    api.script(stream("On arrondit [1]."), stream("Par exemple 12,97 [1]."))
    browser = visit("student")
    talk = ask(browser, "Pourquoi la quantification des poids ?")
    words = text_of(browser.get(talk).text)
    assert "Pourquoi ces sources ?" in words
    assert "Tes mots « quantification », « poids » s'y trouvent." in words
    assert "parlait déjà" not in words
    browser.post(f"{talk}/questions", data={"text": "et un exemple ?", "level": "beginner"})
    page = browser.get(talk).text
    check_page(page)
    assert "La conversation parlait déjà de cette page." in text_of(page)


def test_a_teacher_reads_all_that_is_behind_an_answer(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(stream("On passe à int8 [1]."), stream("Par exemple 12,97."))
    browser = visit("student")
    data = {
        "text": QUESTION,
        "level": "beginner",
        "files": (io.BytesIO(b"x = quantize(model)\n"), "essai.py"),
    }
    talk = browser.post("/chat", data=data, content_type="multipart/form-data").location
    browser.post(f"{talk}/questions", data={"text": "et un exemple ?", "level": "beginner"})
    page = visit("teacher").get(talk.replace("/chat/", "/admin/conversations/")).text
    check_page(page)
    words = text_of(page)
    for part in (
        "mistral",
        MODEL,
        "temperature = 0.37",
        first_prompt().hash,
        "12 lus, 34 écrits",
        "ms",
    ):
        assert part in words
    assert "x = quantize(model)" in words
    prompts = re.findall(r'"(/admin/answers/[\w-]+/prompt)"', page)
    assert len(prompts) == 2
    for number, address in enumerate(prompts):
        shown = visit("teacher").get(address).text
        check_page(shown)
        assert "identique mot pour mot" in text_of(shown)
        for turn in api.requests[number].body["messages"]:
            sent = re.sub(r"ecrit-\w+", "ecrit-…", " ".join(turn["content"].split()))
            assert sent[:200] in _plain(shown)
        assert visit("student").get(address).status_code == 403
        assert visit("stranger").get(address).status_code == 404


def _plain(page: str) -> str:
    return " ".join("".join(check_page(page).itertext()).split())


def test_personal_data_in_a_file_does_not_leave(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(stream("On écrit à [E-MAIL 1] [1]."))
    browser = visit("student")
    text = b"# auteur : ada.lovelace@lycee.fr\nx = quantize(model)\n"
    data = {"text": QUESTION, "level": "beginner", "files": (io.BytesIO(text), "classmate.py")}
    talk = browser.post("/chat", data=data, content_type="multipart/form-data").location
    sent = api.requests[0].body["messages"][-1]["content"]
    assert "ada.lovelace" not in sent
    assert "classmate" not in sent
    assert "# auteur : [E-MAIL 1]\nx = quantize(model)" in sent
    page = text_of(browser.get(talk).text)
    assert "On écrit à ada.lovelace@lycee.fr" in page
    assert "1 adresse électronique" in page
    prompt = f"/admin/answers/{answer_slug(browser.get(talk).text)}/prompt"
    assert "identique mot pour mot" in text_of(visit("teacher").get(prompt).text)


def test_a_question_with_a_file_is_never_answered_from_memory(
    visit: Visit, api: MistralServer
) -> None:
    api.script(stream("Le premier [1]."), stream("Le second [1]."), stream("Le tiers [1]."))
    for name, files in (("student", b"x = 1\n"), ("classmate", b"x = 2\n"), ("classmate", b"")):
        data: dict[str, object] = {"text": QUESTION, "level": "beginner"}
        if files:
            data["files"] = (io.BytesIO(files), "a.py")
        visit(name).post("/chat", data=data, content_type="multipart/form-data")
    assert len(api.requests) == 3


def test_a_prompt_that_has_changed_is_said_to_be_another(
    app: Flask, visit: Visit, api: MistralServer
) -> None:
    api.script(stream("On passe à int8 [1]."))
    browser = visit("student")
    slug = answer_slug(browser.get(ask(browser)).text)
    address = f"/admin/answers/{slug}/prompt"
    with app.app_context():
        message = db.session.query(Message).filter_by(slug=slug).one()
        message.prompt_digest = "0" * 64
        db.session.commit()
    assert "Ce n'est pas exactement ce qui a été envoyé" in text_of(
        visit("teacher").get(address).text
    )
    with app.app_context():
        message = db.session.query(Message).filter_by(slug=slug).one()
        message.sources = [{**message.sources[0], "subtopic": "a-page-that-is-gone"}]
        db.session.commit()
    assert "ne peut plus être reconstruit" in text_of(visit("teacher").get(address).text)


def test_without_a_model_the_teacher_reads_that_none_was_asked(
    visit: Visit, api: MistralServer
) -> None:
    browser = visit("student")
    slug = answer_slug(browser.get(ask(browser, "Quelle est la recette des crêpes ?")).text)
    assert "Aucun modèle n'a été interrogé" in text_of(
        visit("teacher").get(f"/admin/answers/{slug}/prompt").text
    )
