"""The search beside three classical engines, on the same course and questions, in one run.

    python -m benchmarks.search QUESTIONS.jsonl [knowledge.json] [--copies 100]

For each engine: quality by kind of question, milliseconds of a question (median, 95th percentile),
seconds of processor to build, and megabytes held. Last comes PedaBot on the course many times over,
half of whose longer words differ from copy to copy.

The others index the same texts (all of a subtopic's words, sample questions included) with French
stemming where they have it. They know no scope, so quality is compared on in-scope questions only.
Needs Linux and requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import gc
import re
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import bm25s
import numpy as np
import Stemmer
import tantivy

from pedabot.knowledge import document, evaluation
from pedabot.knowledge.document import Document, Subtopic, Topic
from pedabot.knowledge.evaluation import Case, Result
from pedabot.knowledge.search import Index
from pedabot.knowledge.text import raw_words

COPIES = 100
ROUNDS = 3
MARK = "\ue000"
LINKS = frozenset({"prerequisites", "related"})
MARKED_WORDS = re.compile(r"\b[^\W\d_]{5,}\b")


class Engine(Protocol):
    """What is measured: a document in, then ids of subtopics for a question."""

    def __init__(self, course: Document) -> None: ...

    def rank(self, case: Case) -> tuple[list[str], bool]:
        """Return the ids of the best subtopics, and whether the question is in scope."""


class PedaBot:
    """Ours: with the turns before, and the scope."""

    def __init__(self, course: Document) -> None:
        self._index = Index(course)

    def rank(self, case: Case) -> tuple[list[str], bool]:
        ranking = self._index.search(case.question, [turn.content for turn in case.history])
        return [passage.subtopic.id for passage in ranking.passages], ranking.in_scope


class PlainBM25:
    """bm25s on folded words with Snowball's French stems."""

    def __init__(self, course: Document) -> None:
        self._stemmer = Stemmer.Stemmer("french")
        self._ids = [subtopic.id for _, subtopic in course.subtopics()]
        self._engine = bm25s.BM25()
        texts = [self._stems(_text(topic, subtopic)) for topic, subtopic in course.subtopics()]
        self._engine.index(texts, show_progress=False)

    def _stems(self, text: str) -> list[str]:
        stems: list[str] = self._stemmer.stemWords(raw_words(text))
        return stems

    def rank(self, case: Case) -> tuple[list[str], bool]:
        stems = self._stems(_asked(case)) or [""]
        order = np.argsort(-self._engine.get_scores(stems), kind="stable")[: evaluation.RANKED]
        return [self._ids[row] for row in order], True


class FTS5:
    """SQLite's full text search, accents removed (it has no French stemming)."""

    def __init__(self, course: Document) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, body, "
            'tokenize = "unicode61 remove_diacritics 2")'
        )
        rows = [(subtopic.id, _text(topic, subtopic)) for topic, subtopic in course.subtopics()]
        self._database.executemany("INSERT INTO texts VALUES (?, ?)", rows)

    def rank(self, case: Case) -> tuple[list[str], bool]:
        query = " OR ".join(f'"{word}"' for word in dict.fromkeys(raw_words(_asked(case)))) or '""'
        rows = self._database.execute(
            "SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT ?",
            (query, evaluation.RANKED),
        )
        return [row[0] for row in rows], True


class Tantivy:
    """Tantivy with its French stemmer."""

    def __init__(self, course: Document) -> None:
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("id", stored=True)
        schema.add_text_field("body", tokenizer_name="fr_stem")
        self._index = tantivy.Index(schema.build())
        writer = self._index.writer(heap_size=50_000_000, num_threads=1)
        for topic, subtopic in course.subtopics():
            writer.add_document(tantivy.Document(id=subtopic.id, body=_text(topic, subtopic)))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def rank(self, case: Case) -> tuple[list[str], bool]:
        words = " ".join(re.findall(r"\w+", _asked(case).lower()))
        query = self._index.parse_query(words, ["body"])
        hits = self._searcher.search(query, evaluation.RANKED).hits
        return [self._searcher.doc(address)["id"][0] for _, address in hits], True


ENGINES: dict[str, Callable[[Document], Engine]] = {
    "PedaBot": PedaBot,
    "BM25": PlainBM25,
    "FTS5": FTS5,
    "Tantivy": Tantivy,
}


def _asked(case: Case) -> str:
    """Return what the others are asked: the turn before is their only means for a follow-up."""
    return " ".join([*(turn.content for turn in case.history[-2:]), case.question])


def _text(topic: Topic, subtopic: Subtopic) -> str:
    return "\n".join([topic.title, *_strings(subtopic.model_dump(exclude={"id", "difficulty"}))])


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def copies(course: Document, count: int) -> Document:
    """Return the course many times over: the first as it is, the others with words of their own."""
    data = course.model_dump(mode="json", exclude_defaults=True)
    marked = _marked(data["topics"])
    topics = [topic for n in range(1, count) for topic in _copied(marked, n)]
    return document.validate({"topics": data["topics"] + topics})


def _marked(value: Any) -> Any:
    """Put a mark after half of the longer words, where each copy writes letters of its own."""
    if isinstance(value, str):
        return MARKED_WORDS.sub(lambda m: m[0] + MARK if len(m[0]) % 2 else m[0], value)
    if isinstance(value, list):
        return [_marked(part) for part in value]
    if isinstance(value, dict):
        return {k: v if k in {"id", "difficulty"} else _marked(v) for k, v in value.items()}
    return value


def _copied(value: Any, number: int) -> Any:
    letters = "".join(chr(97 + int(digit)) for digit in f"{number:02}")
    if isinstance(value, str):
        return value.replace(MARK, letters)
    if isinstance(value, list):
        return [_copied(part, number) for part in value]
    if isinstance(value, dict):
        copy = {key: _copied(part, number) for key, part in value.items() if key not in LINKS}
        return copy | ({"id": f"{copy['id'][:55]}-{number}"} if "id" in copy else {})
    return value


@dataclass(frozen=True)
class Measured:
    """One engine on one course: what it answers, and what that costs."""

    name: str
    results: list[Result]
    times: list[float]
    build: float
    memory: float

    @property
    def costs(self) -> str:
        """The line of the engine in the table."""
        p95 = statistics.quantiles(self.times, n=20)[-1]
        median = statistics.median(self.times)
        return f"{self.name:<16}{median:>10.2f}{p95:>10.2f}{self.build:>10.2f}{self.memory:>10.1f}"


def measured(name: str, course: Document, cases: Sequence[Case]) -> Measured:
    """Measure an engine (``PedaBot x 100`` is PedaBot) in a process of its own.

    Of the costs the least is kept, as others share the processor: for the building, of three times
    (of one on a large course).
    """
    make = ENGINES[name.split()[0]]
    before = _resident()
    engine, seconds = _built(make, course)
    gc.collect()
    memory = _resident() - before
    if " " not in name:
        seconds = min(seconds, *(_built(make, course)[1] for _ in range(2)))
    times = timed(engine, cases)
    return Measured(name, results_of(engine, cases), times, seconds, memory)


def _built(make: Callable[[Document], Engine], course: Document) -> tuple[Engine, float]:
    start = time.process_time()
    engine = make(course)
    return engine, time.process_time() - start


def _resident() -> float:
    """Return the megabytes of memory that the process holds (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def timed(engine: Engine, cases: Sequence[Case]) -> list[float]:
    """Return the milliseconds of each question: the best of some rounds."""
    return [min(_once(engine, case) for _ in range(ROUNDS)) for case in cases]


def _once(engine: Engine, case: Case) -> float:
    start = time.perf_counter()
    engine.rank(case)
    return 1000 * (time.perf_counter() - start)


def results_of(engine: Engine, cases: Sequence[Case]) -> list[Result]:
    """Return what the engine answers to each question."""
    answers = [(case, *engine.rank(case)) for case in cases]
    return [Result(case, tuple(ranking), inside) for case, ranking, inside in answers]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("questions", type=Path)
    parser.add_argument("course", type=Path, nargs="?", default=Path("knowledge.json"))
    parser.add_argument("--copies", type=int, default=COPIES, help="size of the large course")
    arguments = parser.parse_args()
    cases = evaluation.read_cases(arguments.questions.read_text(encoding="utf-8"))
    course = document.loads(arguments.course.read_bytes())
    table = [f"{'engine':<16}{'median ms':>10}{'p95 ms':>10}{'build s':>10}{'MB':>10}"]
    for name in (*ENGINES, f"PedaBot x {arguments.copies}"):
        if " " in name:
            course = copies(course, arguments.copies)
        # A forked process has the course already, and takes its memory away with it.
        with ProcessPoolExecutor(1, get_context("fork")) as process:
            engine = process.submit(measured, name, course, cases).result()
        quality = evaluation.report(engine.results)
        print(f"== {name}\n{quality}\n{table[0]}\n{engine.costs}\n", flush=True)
        table.append(engine.costs)
    print("\n".join(table))


if __name__ == "__main__":
    main()
