"""A class in guided mode: the tutor leads by questions and hints, and gives no solution away.

The stage that was reached stands in the tutor's last answer, as its heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pedabot.answering.offline import examples
from pedabot.answering.offline.asked import Asked, read
from pedabot.answering.offline.markdown import referenced
from pedabot.answering.offline.selection import Field, Weighing, alike, telling_stems
from pedabot.answering.values import Question
from pedabot.knowledge.attempts import asks_for_help, is_attempt, lesson_subject
from pedabot.knowledge.document import QuizQuestion, Subtopic
from pedabot.knowledge.intent import Intent
from pedabot.knowledge.search import Passage
from pedabot.knowledge.text import fold
from pedabot.knowledge.units import Kind

COVERED = 0.4
"""Share of a key point's telling words (without the notion's name) that an attempt that says it has
at least."""

FEWEST_WORDS = 2
"""Words of an attempt, numbers apart, below which it says too little to be compared."""

_LETTER = re.compile(r"^\W*(?:(?:je dirais|c'est|reponse|la|le|choix|option)\s+)*([a-f])\W*$")


class Stage(StrEnum):
    """How far the hints are; the value is the heading of the answer."""

    QUESTION = "À toi de chercher"
    HINT = "Un indice"
    STRONGER = "Un indice plus fort"
    EXAMPLE = "Un cas semblable"


_NEXT = {
    Stage.QUESTION: Stage.HINT,
    Stage.HINT: Stage.STRONGER,
    Stage.STRONGER: Stage.EXAMPLE,
    Stage.EXAMPLE: Stage.EXAMPLE,
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """Where tutor and student are: the notion, what was asked, what the tutor said before."""

    asked: Asked
    passages: Sequence[Passage]
    said: str
    text: str

    @property
    def subtopic(self) -> Subtopic:
        """The notion that is worked on."""
        return self.passages[0].subtopic

    @property
    def weighing(self) -> Weighing:
        """Its units, weighed by the student's question."""
        return Weighing(self.asked, self.passages[0], 1)


def write(question: Question, passages: Sequence[Passage]) -> str:
    """Return the tutor's next move."""
    subject = lesson_subject(question.text, question.said_by("user"), question.said_by("assistant"))
    asked = read(replace(question, text=subject))
    answers = question.said_by("assistant")
    last = answers[-1] if answers else ""
    lesson = Lesson(asked, passages, "\n".join(answers), question.text)
    stage = next((stage for stage in Stage if f"**{stage.value}**" in last), None)
    if stage is None:
        return _opening(lesson)
    if asks_for_help(question.text):
        return _hint(lesson, _NEXT[stage])
    return _reaction(lesson) if is_attempt(question.text) else _opening(lesson)


def _opening(lesson: Lesson) -> str:
    """What the words mean may be told; the rest is asked."""
    parts = ["Cherchons ensemble, un pas après l'autre."]
    if lesson.asked.wants(Intent.DEFINITION) and lesson.subtopic.summary:
        parts = [referenced(lesson.subtopic.summary, 1)]
    return "\n\n".join([*parts, *_question(lesson)])


def _question(lesson: Lesson) -> list[str]:
    """Ask a question of the course's quiz, the nearest to what is wanted and not yet asked."""
    fresh = [quiz for quiz in lesson.subtopic.quiz if quiz.question not in lesson.said]
    closing = "Réponds avec tes mots ou par une lettre. Si tu bloques, demande « un indice »."
    if not fresh:
        title = lesson.subtopic.title
        open_ = f"Avec tes mots, en deux phrases : {title}, à quoi cela sert-il, et comment ?"
        return [f"**{Stage.QUESTION.value}** [1]", open_, closing.replace(" ou par une lettre", "")]
    weighing = lesson.weighing
    quiz = max(fresh, key=lambda one: weighing.coverage(one.question))
    return [f"**{Stage.QUESTION.value}** [1]", quiz.question, _choices(quiz), closing]


def _choices(quiz: QuizQuestion) -> str:
    return "\n".join(
        f"- {letter}. {choice.text}" for letter, choice in zip("ABCDEF", quiz.choices, strict=False)
    )


def _posed(lesson: Lesson) -> QuizQuestion | None:
    """Return the quiz question that was asked last."""
    posed = [quiz for quiz in lesson.subtopic.quiz if quiz.question in lesson.said]
    return max(posed, key=lambda quiz: lesson.said.rindex(quiz.question), default=None)


def _hint(lesson: Lesson, stage: Stage) -> str:
    quiz = _posed(lesson)
    wanted = re.search(r"\b(?:reponse|solution)\b", fold(lesson.text))
    parts = ["Je ne te donne pas la solution, mais voici de quoi t'en approcher."] if wanted else []
    if stage is Stage.EXAMPLE:
        shown = examples.show(_following(lesson.asked), lesson.weighing, lesson.passages)
        body = shown or ["Relis la page [1], puis propose une réponse, même incomplète."]
    elif stage is Stage.STRONGER and quiz is not None:
        body = [_ruled_out(quiz)]
    else:
        body = [_clue(lesson, quiz)]
    closing = f"À toi : {quiz.question}" if quiz else "À toi : que répondrais-tu maintenant ?"
    return "\n\n".join([*parts, f"**{stage.value}**", *body, closing])


def _following(asked: Asked) -> Asked:
    """Return the question as a follow-up: the definition and earlier examples are left out."""
    return replace(asked, follows=True)


def _ruled_out(quiz: QuizQuestion) -> str:
    wrong = [choice for number, choice in enumerate(quiz.choices) if number != quiz.answer]
    return referenced(f"Ce n'est pas « {wrong[0].text} ». {wrong[0].why}", 1)


def _clue(lesson: Lesson, quiz: QuizQuestion | None) -> str:
    """Return a sentence of the course that bears on the question, and does not answer it."""
    avoided = [quiz.choices[quiz.answer].text, quiz.choices[quiz.answer].why] if quiz else []
    weighing = lesson.weighing

    def worth(text: str) -> float:
        stems = telling_stems(quiz.question) if quiz else telling_stems(lesson.asked.text)
        return len(stems & telling_stems(text)) / (len(stems) or 1) + weighing.coverage(text) / 4

    clues = [
        c.unit.text
        for c in weighing.candidates
        if c.field in (Field.LEVEL, Field.CONTENT)
        and c.unit.kind is Kind.PROSE
        and not c.unit.leans
        and c.unit.text not in lesson.said
        and not any(_gives_away(answer, c.unit.text) for answer in avoided)
    ]
    best = max(clues, key=worth, default=lesson.subtopic.summary or lesson.subtopic.title)
    return referenced(best, 1)


def _gives_away(answer: str, text: str) -> bool:
    return alike(answer, [text])


def _reaction(lesson: Lesson) -> str:
    """Judge a choice by the quiz, and free words by the key points of the course."""
    quiz = _posed(lesson)
    chosen = _chosen(quiz, lesson.text) if quiz is not None else None
    if quiz is not None and chosen is not None:
        why = referenced(quiz.choices[chosen].why, 1)
        if chosen == quiz.answer:
            return "\n\n".join([f"Oui, c'est cela. {why}", *_question(lesson)])
        again = f"{quiz.question} Essaie encore, ou demande « un indice »."
        return f"Pas encore. {why}\n\n**{Stage.QUESTION.value}**\n\n{again}"
    return _compared(lesson, quiz)


def _chosen(quiz: QuizQuestion, text: str) -> int | None:
    """Return the choice that an attempt means: by its letter, or by its words."""
    letter = _LETTER.match(fold(text))
    if letter and "abcdef".index(letter[1]) < len(quiz.choices):
        return "abcdef".index(letter[1])
    stems = telling_stems(text)
    choices = [telling_stems(choice.text) for choice in quiz.choices]
    shares = [len(stems & own) / (len(own) or 1) for own in choices]
    best = max(range(len(shares)), key=shares.__getitem__)
    rivals = sorted(shares)[-2:]
    return best if shares[best] >= 0.6 and rivals[0] < rivals[1] else None


def _compared(lesson: Lesson, quiz: QuizQuestion | None) -> str:
    """Tell which key points an attempt has, and lead to the first that it lacks."""
    own = telling_stems(lesson.text)
    if sum(not stem.isdigit() for stem in own) < FEWEST_WORDS:
        return _asked_for_more(quiz)
    points = lesson.subtopic.key_points
    names = telling_stems(lesson.subtopic.title)
    had = [point for point in points if _has(own, telling_stems(point) - names)]
    missing = [point for point in points if point not in had]
    parts = ["Je compare tes mots à ceux du cours, sans juger ton raisonnement."]
    if had:
        parts += ["**Ce que tu as déjà** [1]", "\n".join(f"- {point}" for point in had)]
    if not missing:
        return "\n\n".join([*parts, "Tu as l'essentiel. On continue ?", *_question(lesson)])
    left = (
        "Tu n'as pas encore retrouvé un point du cours."
        if len(missing) == 1
        else f"Il te reste {len(missing)} points du cours à retrouver."
    )
    topic = ", ".join(_keywords(missing[0], own))
    lead = f"{left} Pense à ceci : {topic}. Qu'en dirais-tu ?"
    return "\n\n".join([*parts, f"**{Stage.QUESTION.value}**", lead])


def _asked_for_more(quiz: QuizQuestion | None) -> str:
    """A number or a word alone shows no way: it can be compared with nothing."""
    again = f" La question : {quiz.question}" if quiz else ""
    return (
        f"**{Stage.QUESTION.value}**\n\nDis-moi comment tu y arrives : écris ton calcul ou ton"
        f" raisonnement en une phrase, et je le compare au cours.{again}"
    )


def _has(own: frozenset[str], point: frozenset[str]) -> bool:
    return bool(point) and len(own & point) >= COVERED * len(point)


def _keywords(point: str, own: frozenset[str]) -> list[str]:
    """Return up to two words of a key point that the attempt lacks, the longest: they hint."""
    words = re.findall(r"[^\W\d_]{5,}(?:-[^\W\d_]+)*", point)
    fresh = [word for word in words if not telling_stems(word) <= own]
    return sorted(dict.fromkeys(fresh), key=len, reverse=True)[:2] or words[:1]
