"""How good the search is, on a file of questions with the subtopics expected for each.

A line of the file is a JSON object: ``id``, ``kind``, ``question``, ``expect`` (ids of subtopics;
empty where the course does not answer), and optionally ``both`` (the question is about all of
them), ``history`` (a list of ``{"role", "content"}``) and ``level``.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Index

RANKED = 10
"""Subtopics kept of each ranking."""
ROOM_FOR_BOTH = 4
"""Of a question about two notions, both should be among the first so many."""


class InvalidCaseError(ValueError):
    """A line of the file is not a case; the message names the line."""


class _Turn(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    role: str
    content: str


class Case(BaseModel):
    """A question with the subtopics that answer it (none: it is out of scope)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    kind: str
    question: str
    expect: list[str]
    both: bool = False
    history: list[_Turn] = Field(default=[])
    level: Difficulty | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What the search answered to a case: subtopic ids, best first."""

    case: Case
    ranking: tuple[str, ...]
    in_scope: bool

    @property
    def rank(self) -> int | None:
        """The place of the first expected subtopic, from 1; None where it is not in the ranking."""
        places = (n for n, found in enumerate(self.ranking, 1) if found in self.case.expect)
        return next(places, None)

    @property
    def hit_at_3(self) -> bool:
        """Whether the answer is near the top (about two notions: both in the first four)."""
        if self.case.both:
            return set(self.case.expect) <= set(self.ranking[:ROOM_FOR_BOTH])
        return self.rank is not None and self.rank <= 3


@dataclass(frozen=True, slots=True)
class Figures:
    """The quality over some in-scope cases, as shares between 0 and 1 (NaN-free: 0 for none)."""

    count: int
    hit_at_1: float
    hit_at_3: float
    mrr: float


def read_cases(text: str) -> list[Case]:
    """Read cases from JSON lines; empty lines are skipped.

    Raises:
        InvalidCaseError: with the number of the first line that is not a case.
    """
    lines = enumerate(text.splitlines(), start=1)
    return [_read_case(line, number) for number, line in lines if line.strip()]


def _read_case(line: str, number: int) -> Case:
    try:
        return Case.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise InvalidCaseError(f"line {number}: not JSON ({error.msg})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "case"
        raise InvalidCaseError(f"line {number}: {place}: {first['msg']}") from error


def run(index: Index, cases: Sequence[Case]) -> list[Result]:
    """Ask the search every question."""
    return [_asked(index, case) for case in cases]


def _asked(index: Index, case: Case) -> Result:
    history = [turn.content for turn in case.history]
    ranking = index.search(case.question, history, limit=RANKED)
    ids = tuple(passage.subtopic.id for passage in ranking.passages)
    return Result(case, ids, ranking.in_scope)


def rankings_as_lines(results: Sequence[Result]) -> str:
    """Write the rankings as JSON lines."""
    rows = [{"id": r.case.id, "ranking": list(r.ranking), "in_scope": r.in_scope} for r in results]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def figures(results: Sequence[Result]) -> Figures:
    """Measure the ranking over the in-scope cases among the results."""
    inside = [r for r in results if r.case.expect]
    ranks = [r.rank for r in inside]
    count = len(inside)
    return Figures(
        count=count,
        hit_at_1=sum(rank == 1 for rank in ranks) / max(count, 1),
        hit_at_3=sum(r.hit_at_3 for r in inside) / max(count, 1),
        mrr=sum(1 / rank for rank in ranks if rank) / max(count, 1),
    )


def recognised_outside(results: Sequence[Result]) -> float | None:
    """Return the share of the out-of-scope cases recognised as such; None without any."""
    outside = [r for r in results if not r.case.expect]
    return sum(not r.in_scope for r in outside) / len(outside) if outside else None


def wrongly_refused(results: Sequence[Result]) -> float | None:
    """Return the share of the in-scope cases taken for out of scope; None without any."""
    inside = [r for r in results if r.case.expect]
    return sum(not r.in_scope for r in inside) / len(inside) if inside else None


def report(results: Sequence[Result]) -> str:
    """Return a table of the figures, over all and by kind, and those of the scope."""
    kinds = sorted({r.case.kind for r in results if r.case.expect})
    rows = [("all", results), *((k, [r for r in results if r.case.kind == k]) for k in kinds)]
    lines = [f"{'kind':<12}{'cases':>6}{'hit@1':>8}{'hit@3':>8}{'MRR':>8}"]
    lines += [_line(name, figures(chosen)) for name, chosen in rows]
    lines.append(f"out of scope, recognised: {_share(recognised_outside(results))}")
    lines.append(f"in scope, wrongly refused: {_share(wrongly_refused(results))}")
    return "\n".join(lines)


def _line(name: str, f: Figures) -> str:
    return f"{name:<12}{f.count:>6}{f.hit_at_1:>8.3f}{f.hit_at_3:>8.3f}{f.mrr:>8.3f}"


def _share(share: float | None) -> str:
    return "no case" if share is None else f"{share:.3f}"


def fold_of(case: Case, count: int) -> int:
    """Return the fold of a case, from 0: always the same for an id, whatever the file's order."""
    return int.from_bytes(sha256(case.id.encode()).digest()[:8]) % count


def folds(results: Sequence[Result], count: int) -> str:
    """Return a table of the figures of each fold, their mean and spread.

    A change that is tuned on some folds is worth keeping if the others confirm it.
    """
    parts = [[r for r in results if fold_of(r.case, count) == n] for n in range(count)]
    kept = [part for part in parts if part]
    lines = [
        f"{'fold':<12}{'cases':>6}{'hit@1':>8}{'hit@3':>8}{'MRR':>8}{'outside':>9}{'refused':>9}"
    ]
    lines += [_fold_line(f"{n}", part) for n, part in enumerate(parts)]
    measured = [figures(part) for part in kept]
    columns = [[getattr(f, name) for f in measured] for name in ("hit_at_1", "hit_at_3", "mrr")]
    for name, summary in (("mean", _mean), ("spread", _spread)):
        lines.append(f"{name:<18}" + "".join(f"{summary(column):>8.3f}" for column in columns))
    return "\n".join(lines)


def _fold_line(name: str, part: Sequence[Result]) -> str:
    outside, refused = _share(recognised_outside(part)), _share(wrongly_refused(part))
    return f"{_line(name, figures(part))}{outside:>9}{refused:>9}"


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0


def _spread(values: Sequence[float]) -> float:
    return statistics.stdev(values) if len(values) > 1 else 0.0
