"""A teacher's correction for a question: looked for before memory and models."""

from __future__ import annotations

from pedabot.answering.memory import may_be_shared, normalised
from pedabot.answering.storing import Asked
from pedabot.knowledge.likeness import gist, same_question
from pedabot.storage import reviews
from pedabot.storage.reviews import Known


def find(asked: Asked) -> int | None:
    """Return the id of the corrected answer to the same question in the class, or None.

    The newest with the very same words comes before the newest with nearly the same. Whoever asks
    for another answer, or goes on in a conversation, is answered by the tutor.
    """
    if asked.class_id is None or asked.again or not may_be_shared(asked.question):
        return None
    known = reviews.corrected_questions(asked.class_id)
    return _same_words(asked, known) or _nearly(asked, known)


def _same_words(asked: Asked, known: list[Known]) -> int | None:
    words = normalised(asked.question.text)
    same = (k for k in known if normalised(k.question) == words)
    return next((k.message_id for k in same if _about_the_same(asked, k)), None)


def _about_the_same(asked: Asked, known: Known) -> bool:
    """A question without telling words ("Un exemple ?") means the page from which it is asked."""
    return bool(gist(known.question).words) or asked.question.subtopic == known.subtopic


def _nearly(asked: Asked, known: list[Known]) -> int | None:
    wanted = gist(asked.question.text)
    return next((k.message_id for k in known if same_question(wanted, gist(k.question))), None)
