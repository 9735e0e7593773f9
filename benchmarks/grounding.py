"""How often "à vérifier" is right: labelled answers of a model beside their passage.

    python -m benchmarks.grounding

A claim that is found counts when it holds a labelled one or is held by it. ``tuning`` was written
before the rules; ``held_out`` was, too, but looked at only after them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.redaction import Score
from pedabot.answering.grounding import unverified
from pedabot.answering.values import Question
from pedabot.knowledge.document import Difficulty, Subtopic, Topic
from pedabot.knowledge.search import Passage

CASES = Path(__file__).parent.parent / "tests/answering/cases/grounding.jsonl"
PARTS = ("tuning", "held_out")


@dataclass(frozen=True, slots=True)
class Case:
    """An answer to a question, the passage behind it, and what the passage does not say."""

    part: str
    question: str
    passage: str
    answer: str
    unverified: list[str]

    def found(self) -> tuple[str, ...]:
        """Return what the check marks."""
        subtopic = Subtopic(
            id="notion",
            title="Notion",
            difficulty=Difficulty.BEGINNER,
            content=self.passage,
            examples=[],
        )
        topic = Topic(id="chapitre", title="Chapitre", subtopics=[subtopic])
        question = Question(self.question, Difficulty.BEGINNER)
        return unverified(self.answer, [Passage(topic, subtopic, score=1.0)], question)


def cases() -> list[Case]:
    """Read the labelled answers."""
    return [Case(**json.loads(line)) for line in CASES.read_text("utf-8").splitlines()]


def measure(part: str) -> Score:
    """Count what is marked in the answers of a part."""
    score = Score()
    for case in (case for case in cases() if case.part == part):
        found, left = case.found(), list(case.unverified)
        for claim in found:
            match = next((label for label in left if label in claim or claim in label), None)
            if match is None:
                score.wrong += 1
            else:
                left.remove(match)
                score.right += 1
        score.missed += len(left)
        if left or len(found) != len(case.unverified):
            score.faults.append(f"{case.answer!r}: marked {found}, labelled {case.unverified}")
    return score


def report() -> str:
    """Return the figures as a table in markdown, and each fault."""
    lines = ["| answers | claims to verify | precision | recall |", "|---|---|---|---|"]
    faults: list[str] = []
    for part in PARTS:
        score = measure(part)
        lines.append(
            f"| {part} | {score.right + score.missed}"
            f" | {score.precision:.3f} | {score.recall:.3f} |"
        )
        faults += [f"- {part}: {fault}" for fault in score.faults]
    return "\n".join([*lines, "", *faults])


if __name__ == "__main__":
    print(report())
