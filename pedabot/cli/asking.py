"""Asking in the terminal, and measuring the search."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask import current_app

from pedabot.answering import pipeline
from pedabot.answering.events import Answer
from pedabot.answering.values import Question
from pedabot.cli.common import EXISTING_FILE, NEW_FILE, course_cache, with_database
from pedabot.knowledge import evaluation
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Passage


@click.command()
@click.argument("question")
@click.option("--level", type=click.Choice([d.value for d in Difficulty]), default="beginner")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of text.")
@with_database
def ask(question: str, level: str, as_json: bool) -> None:
    """Answer QUESTION in the terminal; nothing is stored."""
    asked = Question(text=question, level=Difficulty(level))
    answer = None
    asked = replace(asked, prompt=current_app.extensions["pedabot_prompts"].current())
    find = current_app.extensions["pedabot_retrieval"].find
    with current_app.extensions["pedabot_chains"].open() as chain:
        for event in pipeline.answer(asked, find, chain.engines, gates=chain.gates):
            answer = event if isinstance(event, Answer) else None
    if answer is None:
        raise click.ClickException("the question got no answer")
    if as_json:
        click.echo(json.dumps(_as_data(answer), ensure_ascii=False, indent=2))
        return
    click.echo(answer.text)
    for number, passage in enumerate(answer.passages, start=1):
        click.echo(f"[{number}] {passage.topic.id}/{passage.subtopic.id}: {passage.subtopic.title}")


def _as_data(answer: Answer) -> dict[str, Any]:
    return {
        "answer": answer.text,
        "html": pipeline.html_of(answer),
        "sources": [_source(passage) for passage in answer.passages],
        "engine": answer.engine,
        "in_scope": answer.in_scope,
        "level": answer.level.value,
    }


def _source(passage: Passage) -> dict[str, Any]:
    return {
        "topic": passage.topic.id,
        "subtopic": passage.subtopic.id,
        "title": passage.subtopic.title,
        "score": round(passage.score, 3),
    }


@click.command()
@click.argument("questions", type=EXISTING_FILE)
@click.option("--rankings", type=NEW_FILE, help="Write each question's ranking here (JSON lines).")
@click.option("--folds", type=click.IntRange(min=2), help="Show the spread over so many parts.")
@with_database
def evaluate(questions: Path, rankings: Path | None, folds: int | None) -> None:
    """Measure the search on QUESTIONS (JSON lines with id, kind, question, expect)."""
    try:
        cases = evaluation.read_cases(questions.read_text(encoding="utf-8"))
    except evaluation.InvalidCaseError as error:
        raise click.ClickException(f"{questions}: {error}") from error
    results = evaluation.run(course_cache().current().index, cases)
    if rankings is not None:
        rankings.write_text(evaluation.rankings_as_lines(results), encoding="utf-8")
    click.echo(evaluation.report(results))
    if folds is not None:
        click.echo(evaluation.folds(results, folds))
