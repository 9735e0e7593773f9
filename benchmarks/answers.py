"""The offline tutor on a file of questions: does it answer from the right page, how fast, how long.

    python -m benchmarks.answers QUESTIONS.jsonl [knowledge.json]

First the offline tutor, for each kind of question: the share answered from an expected subtopic (of
comparisons: from both; of questions outside the course: declined); the median and the 95th
percentile of the time from the question to the whole answer, its blocks as HTML on the way, in
milliseconds by the clock and of the processor; the median length in words, code left out. A
question without a level is asked at the intermediate one. The least time of three rounds is kept,
as others share the processor.

Then, unless ``--tutor`` asks for the tutor alone, the tables of ``failures`` (what each failure of
the API shows, takes and costs), ``redaction``, ``grounding`` and ``attacks``. The exit status is 1
where the 95th percentile of all questions exceeds 40 ms by the clock.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import attacks, failures, grounding, redaction
from pedabot.answering import pipeline
from pedabot.answering.events import Answer
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.values import Question, Turn
from pedabot.knowledge import document, evaluation
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.evaluation import Case
from pedabot.knowledge.search import Index, Ranking

ROUNDS = 3
LIMIT_MS = 40.0
HEAD = (
    f"{'kind':<14}{'questions':>10}{'right':>8}{'median ms':>11}{'p95 ms':>9}"
    f"{'cpu median':>12}{'cpu p95':>9}{'words':>8}"
)
_CODE = re.compile(r"```.*?```", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question; times are in milliseconds, the least of some rounds."""

    kind: str
    right: bool
    clock: float
    processor: float
    words: int


class Tutor:
    """The offline tutor over one course."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._engines = [OfflineEngine()]

    def _find(self, question: Question) -> Ranking:
        turns = [turn.content for turn in question.history]
        return self._index.search(question.text, turns, subtopic=question.subtopic)

    def ask(self, case: Case) -> tuple[Answer, float, float]:
        """Return the answer, and its milliseconds by the clock and of the processor."""
        history = tuple(
            Turn("user" if turn.role == "user" else "assistant", turn.content)
            for turn in case.history
        )
        question = Question(case.question, case.level or Difficulty.INTERMEDIATE, history)
        clock, processor = time.perf_counter(), time.process_time()
        *_, last = pipeline.answer(question, self._find, self._engines)
        if not isinstance(last, Answer):
            raise TypeError("an answer ends every question")
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        return last, 1000 * clock, 1000 * processor


def is_right(case: Case, answer: Answer) -> bool:
    """Tell whether an answer quotes an expected page, or declines what no page answers."""
    if not case.expect:
        return not answer.in_scope
    quoted = [passage.subtopic.id for passage in answer.passages]
    if case.both:
        return answer.in_scope and set(case.expect) <= set(quoted[:2])
    return answer.in_scope and quoted[0] in case.expect


def outcomes(tutor: Tutor, cases: Sequence[Case]) -> list[Outcome]:
    """Ask every question some times."""
    return [_outcome(tutor, case) for case in cases]


def _outcome(tutor: Tutor, case: Case) -> Outcome:
    asked = [tutor.ask(case) for _ in range(ROUNDS)]
    answer = asked[0][0]
    words = len(_WORD.findall(_CODE.sub("", answer.text)))
    clock = min(one[1] for one in asked)
    processor = min(one[2] for one in asked)
    return Outcome(case.kind, is_right(case, answer), clock, processor, words)


def table(found: Sequence[Outcome]) -> str:
    """Return a line for each kind, and one for all."""
    kinds: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in found:
        kinds[outcome.kind].append(outcome)
    return "\n".join([HEAD, *(_line(kind, of) for kind, of in kinds.items()), _line("all", found)])


def _line(kind: str, found: Sequence[Outcome]) -> str:
    right = sum(outcome.right for outcome in found) / len(found)
    clock = [outcome.clock for outcome in found]
    processor = [outcome.processor for outcome in found]
    words = statistics.median(outcome.words for outcome in found)
    return (
        f"{kind:<14}{len(found):>10}{right:>8.0%}{statistics.median(clock):>11.1f}{p95(clock):>9.1f}"
        f"{statistics.median(processor):>12.1f}{p95(processor):>9.1f}{words:>8.0f}"
    )


def p95(times: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("questions", type=Path)
    parser.add_argument("course", type=Path, nargs="?", default=Path("knowledge.json"))
    parser.add_argument("--tutor", action="store_true", help="the offline tutor alone")
    arguments = parser.parse_args()
    cases = evaluation.read_cases(arguments.questions.read_text(encoding="utf-8"))
    tutor = Tutor(Index(document.loads(arguments.course.read_bytes())))
    found = outcomes(tutor, cases)
    print(table(found))
    if not arguments.tutor:
        _print_the_others()
    sys.exit(p95([outcome.clock for outcome in found]) > LIMIT_MS)


def _print_the_others() -> None:
    print("\n## Failures of the API\n")
    print(failures.report(failures.measure()))
    print("\n## Personal data hidden\n")
    print(redaction.report())
    print("\n## Claims marked as unverified\n")
    print(grounding.report())
    print("\n## Attacks\n")
    print(attacks.report(list(attacks.run())))


if __name__ == "__main__":
    main()
