"""What the factory built for this application and the views use."""

from __future__ import annotations

from typing import cast

from flask import current_app

from pedabot.answering.budget import NO_CLASS, Budgets, Standing, purse_of
from pedabot.answering.chains import Chains
from pedabot.answering.comparing import Comparer
from pedabot.answering.course import CourseCache, RunningCourse
from pedabot.answering.delivery import Delivery
from pedabot.answering.ledger import Ledger
from pedabot.answering.prompt_cache import PromptCache
from pedabot.answering.retrieval import Retrieval
from pedabot.storage.people import Classroom


def delivery() -> Delivery:
    """Return the maker of answers."""
    return cast(Delivery, current_app.extensions["pedabot_delivery"])


def chains() -> Chains:
    """Return the maker of chains: engines, breakers, queue."""
    return cast(Chains, current_app.extensions["pedabot_chains"])


def budgets() -> Budgets:
    """Return what may still be spent."""
    return cast(Budgets, current_app.extensions["pedabot_budgets"])


def standings_of(classroom: Classroom | None) -> list[Standing]:
    """Return how far the budgets of a class, and those of the school, are used."""
    return budgets().standings(NO_CLASS if classroom is None else purse_of(classroom))


def ledger() -> Ledger:
    """Return the books."""
    return cast(Ledger, current_app.extensions["pedabot_ledger"])


def retrieval() -> Retrieval:
    """Return what finds passages of the running course."""
    return cast(Retrieval, current_app.extensions["pedabot_retrieval"])


def course_cache() -> CourseCache:
    """Return the holder of the running course."""
    return cast(CourseCache, current_app.extensions["pedabot_course"])


def prompt_cache() -> PromptCache:
    """Return the holder of the running prompt."""
    return cast(PromptCache, current_app.extensions["pedabot_prompts"])


def comparer() -> Comparer:
    """Return what puts questions to two prompts."""
    return cast(Comparer, current_app.extensions["pedabot_comparer"])


def running_course() -> RunningCourse:
    """Return the running course."""
    return course_cache().current()


def known_subtopic(subtopic: str | None) -> str | None:
    """Return the id of a notion if the course has it: another version may have dropped it."""
    return subtopic if subtopic in running_course().document.by_id else None


def school_models() -> list[str]:
    """Return the names of the models that the school offers, in the order in which it asks them."""
    chains = cast(Chains, current_app.extensions["pedabot_chains"])
    return [model.name for model in chains.engines.models]
