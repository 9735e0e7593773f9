"""What a teacher does with an answer: approve it, correct it, take that back, write a note."""

from __future__ import annotations

from collections.abc import Collection

from pedabot.extensions import db
from pedabot.storage import answer_index, reviews
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Message
from pedabot.storage.people import User
from pedabot.storage.reviews import Review, Verdict


class NothingToReviewError(Exception):
    """The answer is still being written, or there is none."""


def approve(answer: Message, teacher: User) -> None:
    """Say that an answer is right. Commits."""
    _decide(answer, teacher, Verdict.APPROVED)
    _follow(answer)
    db.session.commit()


def correct(
    answer: Message, teacher: User, text: str, *, expected: Collection[str], shared: bool
) -> None:
    """Put a teacher's text in the place of an answer, now and for those who were given it. Commits.

    ``expected`` are ids of the notions that should have been found; ``shared`` tells whether the
    question can be understood without others before it. The student has it to read anew.
    """
    review = _decide(answer, teacher, Verdict.CORRECTED)
    review.correction = text
    review.expected = list(expected)
    review.shared = shared
    _follow(answer)
    db.session.commit()


def withdraw(answer: Message) -> None:
    """Take the verdict back: the tutor's answer returns, others get it no more. Commits."""
    if answer.review is None:
        return
    db.session.delete(answer.review)
    answer.review = None
    _follow(answer)
    db.session.commit()


def _follow(answer: Message) -> None:
    """Bring those who were given the answer, and the search, what is true of it now."""
    reviews.update_repeats(answer)
    answer_index.keep_words((Message.id == answer.id) | (Message.repeats == answer.slug))


def _decide(answer: Message, teacher: User, verdict: Verdict) -> Review:
    if answer.unfinished:
        raise NothingToReviewError
    review = answer.review or Review(message=answer)
    review.teacher, review.verdict = teacher, verdict
    review.correction, review.expected, review.shared = "", [], False
    review.seen_at, review.updated_at = None, utc_now()
    db.session.add(review)
    return review
