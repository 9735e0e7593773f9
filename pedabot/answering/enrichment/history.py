"""The turns before: the newest whole, a summary of the older ones, within a number of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from pedabot.answering.enrichment import units
from pedabot.answering.tokens import estimate_tokens
from pedabot.answering.values import Turn

TURN_COST = 4
"""Tokens with which a message is framed, beside its text."""

NEWEST_SHARE = 0.75
"""Share of the tokens for turns told in full, where older ones want a summary."""

LINE_TOKENS = 60
"""Longest line of the summary."""

Exchange = tuple[Turn, ...]


def fit_history(turns: Sequence[Turn], tokens: int) -> tuple[str, tuple[Turn, ...]]:
    """Return a summary of the older turns, and the newest ones as they are, oldest first.

    The summary is made of what is stored, without a model: for each question its first sentence,
    the pages of the course on which its answer stands, and the answer's first sentence. The same
    turns give the same summary.
    """
    exchanges = _exchanges(turns)
    total = sum(map(_cost, exchanges))
    kept = _newest(exchanges, tokens if total <= tokens else int(tokens * NEWEST_SHARE))
    told = tuple(turn for exchange in kept for turn in exchange)
    left = tokens - sum(map(_cost, kept))
    return _summary(exchanges[: len(exchanges) - len(kept)], left), told


def _exchanges(turns: Sequence[Turn]) -> list[Exchange]:
    """Group turns by question; an answer whose question is not there is left out."""
    found: list[Exchange] = []
    for turn in turns:
        if turn.role == "user":
            found.append((turn,))
        elif found:
            found[-1] = (*found[-1], turn)
    return found


def _cost(exchange: Exchange) -> int:
    return sum(estimate_tokens(turn.content) + TURN_COST for turn in exchange)


def _newest(exchanges: Sequence[Exchange], tokens: int) -> list[Exchange]:
    """Return the newest exchanges that fit whole; the very last is shortened rather than lost."""
    kept: list[Exchange] = []
    for exchange in reversed(exchanges):
        cost = _cost(exchange)
        if cost > tokens:
            break
        kept.insert(0, exchange)
        tokens -= cost
    if not kept and exchanges:
        shortened = _shortened(exchanges[-1], tokens)
        return [shortened] if shortened else []
    return kept


def _shortened(exchange: Exchange, tokens: int) -> Exchange:
    """Cut the question to a third of the tokens, the answers to what is left, by whole units."""
    question, *answers = exchange
    asked = units.cut_middle(question.content, tokens // 3 - TURN_COST)
    left = (tokens - estimate_tokens(asked) - TURN_COST) // max(1, len(answers)) - TURN_COST
    said = [Turn(turn.role, units.cut(turn.content, left)) for turn in answers]
    if not asked or not all(turn.content for turn in said):
        return ()
    return (Turn("user", asked), *said)


def _summary(older: Sequence[Exchange], tokens: int) -> str:
    """Return a line for each exchange, the newest lines first to be kept, oldest first to read."""
    lines: list[str] = []
    for exchange in reversed(older):
        line = _line(exchange)
        tokens -= estimate_tokens(line) + 1
        if tokens < 0:
            break
        lines.insert(0, line)
    return "\n".join(lines)


def _line(exchange: Exchange) -> str:
    question, *answers = exchange
    pages = ", ".join(dict.fromkeys(page for turn in answers for page in turn.sources))
    said = next((_first_sentence(turn.content) for turn in answers), "")
    parts = [f"- Question : {_first_sentence(question.content)}"]
    parts += [f"Pages : {pages}."] if pages else []
    parts += [f"Réponse : {said}"] if said else []
    return " ".join(islice(parts, 3))


def _first_sentence(text: str) -> str:
    """Return the first sentence, its end left out where it is very long."""
    first = next((unit.text for unit in units.units(text)), "")
    line = " ".join(first.split())
    return units.cut_middle(line, LINE_TOKENS).replace("\n", " ")
