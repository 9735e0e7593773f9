"""The way of a question, with small engines in place of models and the real course engine last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any

import pytest

from pedabot.answering.events import Answer, Event, Piece, Progress, Restart, Sources, Usage
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.outcomes import AnsweringError, DroppedStreamError, Outcome, ServerError
from pedabot.answering.pipeline import SOURCES_SHOWN, address, answer, html_of
from pedabot.answering.values import Question, Request, Turn
from pedabot.knowledge.document import Difficulty, validate
from pedabot.knowledge.search import Index, Ranking
from tests.conftest import COURSE


def finder(course: dict[str, Any]) -> Callable[[Question], Ranking]:
    """Return the search of a course, by words alone."""
    index = Index(validate(course))
    return lambda question: index.search(question.text, [turn.content for turn in question.history])


find = finder(COURSE)
LEVEL = Difficulty.BEGINNER
INSIDE = Question("Pourquoi la quantification stocke les poids de float32 en int8 ?", LEVEL)
# The guard holds back the last words of an answer that goes on.
MANY_WORDS = ", les poids du réseau tiennent sur moins de bits" * 5
OUTSIDE = Question("Quelle est la recette de la tarte aux pommes ?", LEVEL)


class Talker:
    """Says some pieces, then fails if it is told to; remembers what it was asked."""

    parameters: Mapping[str, object] = {}

    def __init__(self, *pieces: str, failure: AnsweringError | None = None) -> None:
        self.name = "talker"
        self.model = "talker-model"
        self.requests: list[Request] = []
        self._pieces = pieces
        self._failure = failure

    def answer(self, request: Request) -> Iterator[Piece | Usage]:
        self.requests.append(request)
        yield from map(Piece, self._pieces)
        if self._failure is not None:
            raise self._failure
        yield Usage(3, 5)


def ask(
    engine: Talker, question: Question = INSIDE, should_stop: Callable[[], bool] = lambda: False
) -> tuple[list[Event], Answer]:
    """Return the events before the answer, and the answer."""
    *events, last = answer(question, find, [engine, OfflineEngine()], should_stop)
    assert isinstance(last, Answer)
    return events, last


def kinds(events: list[Event]) -> list[type[Event]]:
    """Name the kinds of events in their order, neighbours of one kind once."""
    names: list[type[Event]] = []
    for event in events:
        if names[-1:] != [type(event)]:
            names.append(type(event))
    return names


def test_sources_come_first_then_progress_then_the_answer() -> None:
    events, whole = ask(Talker("Un **noyau**", " glisse [1].\n\n", "Voilà."))
    assert kinds(events) == [Sources, Progress]
    assert whole.text == "Un **noyau** glisse [1].\n\nVoilà."
    assert (whole.engine, whole.in_scope, whole.level) == ("talker", True, LEVEL)
    assert (whole.stopped, whole.degraded) == (False, False)


def test_the_sources_are_those_of_the_answer_the_best_first() -> None:
    events, whole = ask(Talker("Oui."))
    sources = events[0]
    assert isinstance(sources, Sources)
    assert sources.in_scope
    assert sources.passages == whole.passages
    assert whole.passages[0].subtopic.id == "quantification"
    assert len(whole.passages) == SOURCES_SHOWN


def test_the_sources_are_known_before_any_engine_is_asked() -> None:
    engine = Talker("Oui.")
    events = answer(INSIDE, find, [engine])
    assert isinstance(next(events), Sources)
    assert engine.requests == []


def test_progress_is_a_part_of_what_is_said() -> None:
    events, whole = ask(Talker("Bon", "jour."))
    said = "".join(event.text for event in events if isinstance(event, Progress))
    assert said
    assert whole.text.startswith(said)


def test_a_finished_block_comes_as_html_and_the_rest_as_text() -> None:
    events, _ = ask(Talker("**Un** [1] <b>\n\nDeux"))
    link = '<a href="/knowledge/optimisation/quantification" class="reference">1</a>'
    assert events[1:] == [
        Progress("**Un** [1] <b>\n\nDeux", f"<p><strong>Un</strong> {link} &lt;b&gt;</p>\n", "Deux")
    ]


def test_the_answer_is_rendered_with_links_to_its_sources() -> None:
    _, whole = ask(Talker("Moins de **bits** [1]. <script>f()</script>"))
    assert "<strong>bits</strong>" in html_of(whole)
    assert f'href="{address("optimisation", "quantification")}"' in html_of(whole)
    assert "<script" not in html_of(whole)


def test_the_engine_is_asked_with_level_history_and_prompt() -> None:
    engine = Talker("Oui.")
    history = (Turn("user", "Bonjour"), Turn("assistant", "Bonjour !"))
    _, whole = ask(engine, Question(INSIDE.text, LEVEL, history))
    (request,) = engine.requests
    assert request.passages == whole.passages
    assert [turn.role for turn in request.prompt] == ["system", "user", "assistant", "user"]
    assert "On arrondit les nombres" in request.prompt[0].content
    assert whole.attempts[0].prompt_hash == request.prompt_hash


def test_the_log_learns_of_the_attempt() -> None:
    (attempt,) = ask(Talker("Oui."))[1].attempts
    assert (attempt.engine, attempt.model) == ("talker", "talker-model")
    assert (attempt.outcome, attempt.tokens_in, attempt.tokens_out) == (Outcome.COMPLETE, 3, 5)


def test_an_engine_that_fails_in_mid_answer_is_replaced_by_the_course() -> None:
    events, whole = ask(Talker("Je crois", MANY_WORDS, failure=DroppedStreamError("cut")))
    assert kinds(events) == [Sources, Progress, Restart, Progress]
    assert (whole.engine, whole.degraded, whole.stopped) == ("offline", True, False)
    assert "Je crois" not in whole.text
    assert "float32 à int8" in whole.text
    outcomes = [(attempt.engine, attempt.outcome) for attempt in whole.attempts]
    assert outcomes == [("talker", Outcome.DROPPED), ("offline", Outcome.COMPLETE)]


def test_after_a_restart_progress_begins_anew() -> None:
    events, _ = ask(Talker("Je crois", MANY_WORDS, failure=DroppedStreamError("cut")))
    last = events[-1]
    assert isinstance(last, Progress)
    assert "Je crois" not in last.text + last.html + last.tail


def test_an_engine_that_fails_at_once_needs_no_restart() -> None:
    events, whole = ask(Talker(failure=ServerError("HTTP 500")))
    assert kinds(events) == [Sources, Progress]
    assert (whole.engine, whole.degraded) == ("offline", True)


def test_the_failure_of_the_last_engine_is_told() -> None:
    with pytest.raises(ServerError):
        list(answer(INSIDE, find, [Talker(failure=ServerError("HTTP 500"))]))


def test_outside_the_course_only_the_last_engine_is_asked() -> None:
    engine = Talker("Prends six pommes.")
    events, whole = ask(engine, OUTSIDE)
    sources = events[0]
    assert isinstance(sources, Sources)
    assert not sources.in_scope
    assert engine.requests == []
    assert (whole.engine, whole.in_scope, whole.degraded) == ("offline", False, False)
    assert "ne parle pas de cela" in whole.text


def test_stopped_it_keeps_what_was_said() -> None:
    asked = chain([False, False], repeat(True))
    events, whole = ask(Talker("Bonjour", MANY_WORDS, " à tous"), should_stop=lambda: next(asked))
    assert kinds(events) == [Sources, Progress]
    assert whole.text.startswith("Bonjour")
    assert "à tous" not in whole.text
    assert (whole.stopped, whole.degraded) == (True, False)
    assert "Bonjour" in html_of(whole)
    assert [attempt.outcome for attempt in whole.attempts] == [Outcome.STOPPED]


def test_stopped_before_the_first_word_it_says_nothing() -> None:
    events, whole = ask(Talker("Bonjour"), should_stop=lambda: True)
    assert kinds(events) == [Sources]
    assert (whole.text, whole.stopped) == ("", True)


def test_a_comparison_is_told_to_the_engines() -> None:
    engine = Talker("Oui.")
    text = "Quelle différence entre la quantification en int8 et l'élagage des connexions ?"
    ask(engine, Question(text, LEVEL))
    (request,) = engine.requests
    assert request.compared
    assert {passage.subtopic.id for passage in request.passages[:2]} == {
        "quantification",
        "elagage",
    }


@pytest.mark.parametrize("level", Difficulty)
def test_the_course_alone_answers_at_each_level(level: Difficulty) -> None:
    asked = Question("C'est quoi la quantification ?", level)
    (*_, whole) = answer(asked, find, [OfflineEngine()])
    assert isinstance(whole, Answer)
    text = whole.passages[0].subtopic.text_for(level)
    assert text in whole.text
    assert (whole.level, whole.degraded) == (level, False)


def test_a_minimal_course_answers() -> None:
    subtopic = {
        "id": "perceptron",
        "title": "Le perceptron",
        "content": "Un neurone artificiel seul.",
        "examples": [],
        "difficulty": "beginner",
    }
    course = {"topics": [{"id": "bases", "title": "Les bases", "subtopics": [subtopic]}]}
    question = Question("C'est quoi le perceptron ?", LEVEL)
    (*_, whole) = answer(question, finder(course), [OfflineEngine()])
    assert isinstance(whole, Answer)
    assert [passage.subtopic.id for passage in whole.passages] == ["perceptron"]
    assert "Un neurone artificiel seul." in whole.text


@pytest.mark.parametrize("text", ["Bonjour", "merci beaucoup", "que sais-tu faire ?", "???"])
def test_small_talk_is_sent_to_no_model_and_claims_no_source(text: str) -> None:
    engine = Talker("Salut.")
    events, whole = ask(engine, Question(text, LEVEL))
    assert engine.requests == []
    assert (whole.engine, whole.in_scope, whole.passages) == ("offline", True, ())
    assert events[0] == Sources((), in_scope=True)


def test_an_attempt_in_a_guided_class_is_about_the_question_before() -> None:
    history = (Turn("user", INSIDE.text), Turn("assistant", "Que devient un poids ?"))
    engine = Talker("Oui.")
    _, whole = ask(engine, Question("un entier, je pense", LEVEL, history, guided=True))
    assert whole.passages[0].subtopic.id == "quantification"
    assert "mode guidé" in engine.requests[0].prompt[0].content
