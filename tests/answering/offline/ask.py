"""Asking the offline tutor about the real course, by the real search."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pedabot.answering.events import Answer
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.pipeline import answer
from pedabot.answering.values import Question, Turn
from pedabot.knowledge import document
from pedabot.knowledge.document import Difficulty, Document, Subtopic
from pedabot.knowledge.search import Index

BEGINNER, INTERMEDIATE, ADVANCED = Difficulty
_CODE = re.compile(r"```.*?```", re.DOTALL)
_WORD = re.compile(r"\w+")


@cache
def course() -> Document:
    """Return the course of the repository."""
    return document.loads(Path("knowledge.json").read_bytes())


@cache
def _index() -> Index:
    return Index(course())


def ask(
    text: str,
    level: Difficulty = INTERMEDIATE,
    *,
    history: tuple[Turn, ...] = (),
    guided: bool = False,
) -> Answer:
    """Return the answer to a question asked after some turns."""
    question = Question(text, level, history, guided=guided)
    *_, last = answer(
        question,
        lambda q: _index().search(q.text, [t.content for t in q.history]),
        [OfflineEngine()],
    )
    assert isinstance(last, Answer)
    return last


def talk(*texts: str, level: Difficulty = INTERMEDIATE, guided: bool = False) -> list[Answer]:
    """Ask one thing after another in a conversation; return all answers."""
    history: tuple[Turn, ...] = ()
    answers = []
    for text in texts:
        answers.append(ask(text, level, history=history, guided=guided))
        history += (Turn("user", text), Turn("assistant", answers[-1].text))
    return answers


def subtopic(name: str) -> Subtopic:
    """Return a notion of the course."""
    return course().by_id[name][1]


def length(text: str) -> int:
    """Count the words outside code."""
    return len(_WORD.findall(_CODE.sub("", text)))


def spaced(text: str) -> str:
    """Return a text with plain spaces in place of those of French typography."""
    return re.sub(r"[\u00a0\u202f]", " ", text)
