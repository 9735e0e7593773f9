"""The way of a question: this screen reads like the diagram.

question -> personal data out -> what the course says -> prompt -> engines in order
(watched by the guard) -> personal data back in -> what no passage says -> cleaned answer
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pedabot.answering import enrichment, fallback, fencing, grounding, guard
from pedabot.answering.events import (
    OFFLINE,
    Answer,
    Attempt,
    Engine,
    Event,
    Progress,
    Queued,
    Restart,
    Sources,
)
from pedabot.answering.outcomes import Outcome
from pedabot.answering.privacy.masking import Mask, Restorer
from pedabot.answering.rendering import BlockStream, render
from pedabot.answering.usage import settled
from pedabot.answering.values import DEFAULT_WINDOW, Hidden, Question, Request, Window, never
from pedabot.knowledge import smalltalk
from pedabot.knowledge.attempts import lesson_subject
from pedabot.knowledge.search import Passage, Ranking

SOURCES_SHOWN = 3
NOTHING_ASKED = Ranking((), in_scope=True)


def answer(
    question: Question,
    find: Callable[[Question], Ranking],
    engines: Sequence[Engine],
    should_stop: Callable[[], bool] = never,
    gates: fallback.Gates = fallback.no_gates,
    window: Window = DEFAULT_WINDOW,
) -> Iterator[Event]:
    """Answer a question with the passages that ``find`` gives; the last engine cannot fail.

    Yields ``Sources``, then ``Queued`` where the question must wait, ``Progress`` (and ``Restart``
    where an engine failed), then ``Answer``. What is outside the course, and small talk, is never
    sent to a model: only the last engine is asked. ``gates`` gives what stands before an engine.
    """
    mask = Mask(question.names, question.hidden)
    question, hidden = without_personal_data(question, mask)
    request = _prepare(question, find, should_stop, window, mask)
    if question.attachments:
        hidden = mask.marks_in(request.prompt[-1].content)
    chain = guard.guarded(engines) if request.needs_model else engines[-1:]
    yield Sources(request.passages, request.in_scope, hidden if len(chain) > 1 else ())
    writer = _Writer(request.passages, mask)
    attempts: list[Attempt] = []
    for step in fallback.attempts(chain, request, gates):
        if isinstance(step, Attempt):
            attempts.append(settled(step, request.prompt, writer.text))
        elif isinstance(step, Queued):
            yield step
        elif isinstance(step, Restart):
            writer = _Writer(request.passages, mask)
            yield step
        else:
            yield from writer.write(step.text)
    writer.finish()
    yield _whole(request, writer.text, attempts, hidden)


def without_personal_data(question: Question, mask: Mask) -> tuple[Question, tuple[Hidden, ...]]:
    """Return the question as it may leave the school, and what was hidden in its own text.

    Files are masked once they are cut for the prompt: they are long, and the rest does not leave.
    """
    history = tuple(replace(turn, content=mask.hide(turn.content)[0]) for turn in question.history)
    text, hidden = mask.hide(question.text)
    return replace(question, text=text, history=history), hidden


def _prepare(
    question: Question,
    find: Callable[[Question], Ranking],
    should_stop: Callable[[], bool],
    window: Window,
    mask: Mask,
) -> Request:
    """Build the prompt on what the search finds; small talk is not looked for."""
    talk = smalltalk.recognise(question.text)
    ranking = NOTHING_ASKED if talk else find(_searched(question))
    canary = fencing.new_word()
    passages = _sources(ranking)
    turns, prompt = enrichment.build_prompt(question, passages, window, mask.masked)
    return Request(
        question=question,
        passages=passages,
        in_scope=ranking.in_scope,
        compared=ranking.compared,
        prompt=fencing.fence(turns, canary),
        prompt_digest=enrichment.prompt_digest(turns),
        canary=canary,
        prompt_hash=prompt.hash,
        prompt_version=prompt.version,
        small_talk=talk,
        should_stop=should_stop,
        noticed=ranking.noticed if ranking.in_scope else (),
    )


def _sources(ranking: Ranking) -> tuple[Passage, ...]:
    """Return the best passages, then the pages of what was noticed in files.

    Errors come before all where the question leans on its files ("pourquoi ça plante ?").
    """
    best = ranking.passages[:SOURCES_SHOWN]
    noticed = ranking.noticed if ranking.in_scope else ()
    leans = any(passage.reason.followed for passage in best)
    errors = [notice.passage for notice in noticed if leans and notice.is_error]
    ordered = [*errors, *best, *(notice.passage for notice in noticed)]
    first: dict[str, Passage] = {}
    for passage in ordered:
        first.setdefault(passage.subtopic.id, passage)
    return tuple(first.values())


def _searched(question: Question) -> Question:
    """In a guided talk an attempt names no subject: what was asked before it is looked for."""
    if not question.guided:
        return question
    subject = lesson_subject(question.text, question.said_by("user"), question.said_by("assistant"))
    return question if subject == question.text else replace(question, text=subject, history=())


def _whole(
    request: Request, text: str, attempts: list[Attempt], hidden: tuple[Hidden, ...]
) -> Answer:
    last = attempts[-1]
    degraded = last.engine != attempts[0].engine  # another model of the chain is as good
    quoted = last.engine == OFFLINE  # the course itself
    doubts = () if quoted else grounding.unverified(text, request.passages, request.question)
    return Answer(
        text=text,
        engine=last.engine,
        in_scope=request.in_scope,
        level=request.question.level,
        passages=request.passages,
        attempts=tuple(attempts),
        hidden=hidden,
        unverified=doubts,
        stopped=last.outcome is Outcome.STOPPED,
        degraded=degraded,
        reason=attempts[-2].outcome if degraded else None,
        prompt_digest=request.prompt_digest,
    )


def html_of(answer: Answer) -> str:
    """Return an answer as safe HTML, made anew each time: pages make theirs from what is stored."""
    return render(answer.text, _addresses(answer.passages), answer.unverified, links=False)


def address(topic: str, subtopic: str) -> str:
    """Return the path of a subtopic's page."""
    return f"/knowledge/{topic}/{subtopic}"


def _addresses(passages: Sequence[Passage]) -> list[str]:
    return [address(passage.topic.id, passage.subtopic.id) for passage in passages]


class _Writer:
    """Puts values back, and makes progress on the page of each piece."""

    def __init__(self, passages: Sequence[Passage], mask: Mask) -> None:
        self._restorer = Restorer(mask)
        self._blocks = BlockStream(_addresses(passages))
        self._said: list[str] = []

    @property
    def text(self) -> str:
        """All that was said so far, with the values of its marks."""
        return "".join(self._said)

    def finish(self) -> None:
        """Say what was held back as the possible beginning of a mark."""
        self._said.append(self._restorer.flush())

    def write(self, piece: str) -> Iterator[Progress]:
        """Add a piece; yield the progress if there is something to show."""
        if text := self._restorer.feed(piece):
            self._said.append(text)
            html, tail = self._blocks.feed(text)
            yield Progress(text, html, tail)
