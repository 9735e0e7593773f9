"""Search by meaning: real SDK, real HTTP server, real database; and what happens without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from pedabot.answering.engines import make_embedder
from pedabot.answering.mistral.embedding import BATCH
from pedabot.answering.outcomes import AnsweringError, GarbledAnswerError
from pedabot.answering.semantics import Semantics
from pedabot.answering.values import Question
from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty, validate
from pedabot.storage.embeddings import Embedding
from tests.conftest import COURSE, settings
from tests.mistral_server import MistralServer, refuse

DOCUMENT = validate(COURSE)
SUBTOPICS = 3
PUZZLE = "Comment mincir un réseau ?"


@pytest.fixture
def environ(instance: Path, api: MistralServer) -> dict[str, str]:
    return settings(instance, MISTRAL_API_KEY="a key", MISTRAL_SERVER_URL=api.url)


@pytest.fixture
def semantics(app: Flask) -> Iterator[Semantics]:
    """As the factory makes it, but without what other tests have fetched."""
    embedder = make_embedder(app.config)
    assert embedder is not None
    with app.app_context():
        yield Semantics(embedder)
    embedder.close()


def test_a_question_is_near_to_what_means_the_same(
    api: MistralServer, semantics: Semantics
) -> None:
    api.embed = lambda text: [1.0, 0.1] if "lagage" in text or "mincir" in text else [0.1, 1.0]
    likeness = semantics.likeness(DOCUMENT, [PUZZLE, "Autre chose"])
    assert likeness is not None
    assert likeness.shape == (2, SUBTOPICS)
    assert np.argmax(likeness[0]) == 1
    assert likeness[0, 1] == pytest.approx(1.0, abs=1e-5)


def test_the_course_is_embedded_once_for_all_processes(
    api: MistralServer, app: Flask, semantics: Semantics
) -> None:
    semantics.likeness(DOCUMENT, ["un"])
    semantics.likeness(DOCUMENT, ["deux"])
    assert [len(texts) for texts in api.embedded] == [SUBTOPICS, 1, 1]
    other = make_embedder(app.config)
    assert other is not None
    Semantics(other).likeness(DOCUMENT, ["trois"])
    other.close()
    assert [len(texts) for texts in api.embedded[3:]] == [1]
    assert db.session.query(Embedding).count() == SUBTOPICS


def test_a_new_version_embeds_only_what_changed(api: MistralServer, semantics: Semantics) -> None:
    semantics.likeness(DOCUMENT, ["un"])
    changed = DOCUMENT.model_dump(mode="json")
    changed["topics"][0]["subtopics"][1]["content"] = "Un autre texte."
    semantics.likeness(validate(changed), ["un"])
    assert [len(texts) for texts in api.embedded] == [SUBTOPICS, 1, 1, 1]
    assert "Un autre texte." in api.embedded[2][0]


def test_many_texts_go_in_batches(api: MistralServer, app: Flask) -> None:
    embedder = make_embedder(app.config)
    assert embedder is not None
    vectors = embedder.embed([f"texte {n}" for n in range(BATCH + 1)])
    embedder.close()
    assert [len(texts) for texts in api.embedded] == [BATCH, 1]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(BATCH + 1), abs=1e-5)


def test_vectors_that_are_none_are_refused(api: MistralServer, app: Flask) -> None:
    embedder = make_embedder(app.config)
    assert embedder is not None
    api.embed = lambda text: []
    with pytest.raises(GarbledAnswerError):
        embedder.embed(["texte"])
    api.embedding_refusal = refuse(401)
    with pytest.raises(AnsweringError, match="401"):
        embedder.embed(["texte"])
    embedder.close()


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_failure_leaves_the_words_alone_and_the_model_in_peace(
    api: MistralServer, app: Flask, status: int
) -> None:
    api.embedding_refusal = refuse(status)
    find = app.extensions["pedabot_retrieval"].find
    with app.app_context():
        question = Question("C'est quoi la quantification ?", Difficulty.BEGINNER)
        first = find(question)
        api.embedding_refusal = None
        again = find(question)
    assert first.passages[0].subtopic.id == again.passages[0].subtopic.id == "quantification"
    assert api.embedded == []


def test_without_a_key_nothing_is_asked(instance: Path, app: Flask) -> None:
    config = {**app.config, "MISTRAL_API_KEY": "", "MISTRAL_SERVER_URL": ""}
    assert make_embedder(config) is None
    assert make_embedder({**app.config, "PEDABOT_EMBEDDING_MODEL": "none"}) is None
    assert Semantics(None).likeness(DOCUMENT, ["un"]) is None


def test_meaning_finds_what_no_word_tells(api: MistralServer, app: Flask) -> None:
    near = {PUZZLE, "Élagage (pruning)"}  # the second line of a page is its title
    api.embed = lambda text: [1.0, 0.1] if near & set(text.splitlines()[:2]) else [0.1, 1.0]
    with app.app_context():
        ranking = app.extensions["pedabot_retrieval"].find(Question(PUZZLE, Difficulty.BEGINNER))
    assert ranking.passages[0].subtopic.id == "elagage"
