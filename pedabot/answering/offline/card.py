"""An answer as a good index card: the units that bear on the question, in an order to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from pedabot.answering.offline import examples
from pedabot.answering.offline.asked import Asked
from pedabot.answering.offline.markdown import referenced, without_bullet
from pedabot.answering.offline.selection import Candidate, Field, Weighing, alike
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.followup import Wish
from pedabot.knowledge.intent import Intent
from pedabot.knowledge.search import Passage
from pedabot.knowledge.text import fold, stem
from pedabot.knowledge.units import Kind, words_of
from pedabot.knowledge.words import STOP

WORDS = 165
"""About how many words the quoted part of a card has at most."""

ENOUGH_WORDS = 90
"""Where the question asks for one thing, no unit is added beyond these."""

FEW_WORDS = 45
NEAR_BEST = 0.62
LESS_NEAR = 0.4
"""Least share of the best score that a unit needs to stand beside it; less while words are few."""

RELEVANT = 0.25
"""Least relevance (or fit) of a unit that answers; below it the notion is explained instead."""

FITTING = 0.5

LEANING_RELEVANT = 0.5
"""The same for a unit that says little without the one before it."""

NO_OTHER_EXAMPLE = "Tu as déjà vu tout ce que le cours montre là-dessus. En bref :"
WHICH_WORD = "Dis-moi quel mot te bloque, et on repart de là."

_EXPLAINED = (Intent.DEFINITION, Intent.HOW)
GENERAL = {
    Difficulty.BEGINNER: (*_EXPLAINED, Intent.PURPOSE),
    Difficulty.INTERMEDIATE: _EXPLAINED,
    Difficulty.ADVANCED: _EXPLAINED,
}
"""Kinds of question that the explanation itself answers, if they name no more than the notion."""
_SEQUENCE = re.compile(
    r"etapes?|trajet|dans l'ordre|gestes|en (?:trois|quatre|cinq) |recette|deux temps"
)


def write(asked: Asked, passages: Sequence[Passage]) -> str:
    """Return the markdown of an answer; ``passages`` has at least one, the first is the main."""
    weighing = Weighing(asked, passages[0], 1)
    parts = _body(asked, weighing, passages)
    return "\n\n".join([*parts, *_next_step(passages)])


def _body(asked: Asked, weighing: Weighing, passages: Sequence[Passage]) -> list[str]:
    if asked.wants(Intent.SUMMARY):
        return _summary(passages[0])
    if asked.wants(Intent.CODE, Intent.EXAMPLE):
        shown = examples.show(asked, weighing, passages)
        if shown or asked.follows:
            return shown or [NO_OTHER_EXAMPLE, *_summary(passages[0])]
    fresh = [c for c in weighing.candidates if not asked.is_said(c.unit.text)]
    pointed = _pointed(weighing, asked, fresh)
    chosen = pointed or _explanation(fresh)
    # What is left of an explanation that was not understood is no explanation.
    if not chosen or (asked.wish is Wish.SIMPLER and _length(chosen) < FEW_WORDS):
        return _nothing_new(asked, weighing, passages)
    return list(_laid_out(_with_definition(asked, weighing, fresh, chosen, pointed, passages)))


def _pointed(weighing: Weighing, asked: Asked, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the units that answer a question that asks for something; none if none does."""
    ranked = sorted((c for c in candidates if _answers(c, weighing, asked)), key=lambda c: -c.score)
    chosen: list[Candidate] = []
    for candidate in ranked:
        length = _length(chosen)
        share = LESS_NEAR if length < FEW_WORDS else NEAR_BEST
        if candidate.score < share * ranked[0].score or length > ENOUGH_WORDS:
            break
        if length + candidate.length <= WORDS and not _repeats(candidate, chosen):
            chosen.append(candidate)
    completed = _completed(asked, chosen, candidates)
    return completed if _length(completed) >= FEW_WORDS else _filled(completed, candidates)


def _filled(chosen: list[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
    """Add to a few words the section that is most of the kind asked for, the first of equals."""
    if not chosen:
        return []
    texts = [c.unit.text for c in chosen]
    others = [
        c
        for c in candidates
        if c.field in (Field.LEVEL, Field.CONTENT) and c not in chosen and not c.unit.leans
    ]
    best = max((c for c in others if not alike(c.unit.text, texts)), key=_fitness, default=None)
    if best is None:
        return chosen
    section = [c for c in others if _same_section(c, best)] if best.unit.section else [best]
    return [*chosen, *(c for c in section if not alike(c.unit.text, texts))]


def _fitness(candidate: Candidate) -> float:
    return candidate.fit + candidate.relevance


def _repeats(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    """Tell whether a unit says again what was chosen; items of one list never do."""
    if candidate.field is Field.POINT:  # a summing up: all of them together may have said it
        return alike(candidate.unit.text, [" ".join(c.unit.text for c in chosen)])
    others = [c.unit.text for c in chosen if not _same_section(c, candidate)]
    return alike(candidate.unit.text, others)


def _answers(candidate: Candidate, weighing: Weighing, asked: Asked) -> bool:
    if candidate.unit.text.startswith("$"):
        return False  # it explains a formula before it
    if weighing.is_specific:
        least = LEANING_RELEVANT if candidate.unit.leans else RELEVANT
        return candidate.relevance >= least
    general = not asked.intents or asked.intents[0] in GENERAL[asked.level]
    return not general and candidate.fit >= FITTING


def _completed(
    asked: Asked, chosen: list[Candidate], candidates: Sequence[Candidate]
) -> list[Candidate]:
    """Add what a unit leans on, the other steps of a sequence, the rest of a list asked for."""
    found = list(chosen)
    for one in chosen:
        if one.unit.leans:
            found += [c for c in candidates if _is_before(c, one)]
        if one.unit.kind is Kind.ITEM and _is_whole(asked, one):
            section = [c for c in candidates if _same_section(c, one)]
            found += section if _length(section) <= WORDS else []
    return list(dict.fromkeys(found))


def _is_whole(asked: Asked, item: Candidate) -> bool:
    """Tell whether the section of an item is to be told whole."""
    listed = asked.wants(Intent.LIST) and item.fit >= FITTING
    return bool(item.unit.section) and (
        listed or _SEQUENCE.search(fold(item.unit.section)) is not None
    )


def _is_before(candidate: Candidate, other: Candidate) -> bool:
    return (candidate.number, candidate.field, candidate.order) == (
        other.number,
        other.field,
        other.order - 1,
    )


def _same_section(candidate: Candidate, other: Candidate) -> bool:
    return (candidate.number, candidate.field, candidate.unit.section) == (
        other.number,
        other.field,
        other.unit.section,
    )


def _explanation(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the beginning of the explanation at the level asked, by whole sections."""
    own = [c for c in candidates if c.number == 1 and c.field is Field.LEVEL]
    summary = [c for c in candidates if c.number == 1 and c.field is Field.SUMMARY]
    chosen: list[Candidate] = []
    room = WORDS - _length(summary)
    for _, section in groupby(own, key=lambda c: c.unit.section or str(c.order)):
        part = [c for c in section if not alike(c.unit.text, [s.unit.text for s in summary])]
        if chosen and _length(chosen) + _length(part) > room:
            break
        chosen += part
    return chosen


def _with_definition(
    asked: Asked,
    weighing: Weighing,
    candidates: Sequence[Candidate],
    chosen: list[Candidate],
    pointed: list[Candidate],
    passages: Sequence[Passage],
) -> list[Candidate]:
    """Put the definition first where it is asked for and not said by what follows."""
    introduced = not pointed or asked.wants(Intent.DEFINITION) or not weighing.is_specific
    if asked.follows or not introduced or _defines(chosen[0], passages[0]):
        return chosen
    summary = [c for c in candidates if c.number == 1 and c.field is Field.SUMMARY]
    texts = [c.unit.text for c in summary]
    return [*summary, *(c for c in chosen if c not in summary and not alike(c.unit.text, texts))]


def _defines(candidate: Candidate, main: Passage) -> bool:
    """Tell whether a unit says what the notion is: the summary, or what opens with its name."""
    opening = {stem(word) for word in words_of(candidate.unit.text)[:5]}
    names = {stem(word) for word in words_of(main.subtopic.title) if word not in STOP}
    simple = candidate.field is Field.LEVEL and candidate.unit.kind is Kind.PROSE
    return candidate.field is Field.SUMMARY or (
        simple and candidate.order <= 1 and bool(opening & names)
    )


def _length(chosen: Iterable[Candidate]) -> int:
    return sum(candidate.length for candidate in chosen)


def _laid_out(chosen: Sequence[Candidate]) -> Iterable[str]:
    """Yield the blocks: what stands in one section together, the best section first."""
    places = [(c.number, c.field, c.unit.section or c.unit.paragraph) for c in chosen]
    rank = {place: n for n, place in reversed(list(enumerate(places)))}
    # What says what the notion is comes before what is said of it.
    rank = {place: -1 if place[1] is Field.SUMMARY else n for place, n in rank.items()}
    ordered = sorted(
        chosen, key=lambda c: (rank[c.number, c.field, c.unit.section or c.unit.paragraph], c.order)
    )
    for _, group in groupby(ordered, key=lambda c: (c.number, c.field, c.unit.section)):
        yield from _section(list(group))


def _section(group: list[Candidate]) -> Iterable[str]:
    first = group[0]
    if first.field is Field.POINT and len(group) > 1:
        yield f"**À retenir** [{first.number}]"
        yield "\n".join(f"- {c.unit.text}" for c in group)
        return
    items = [c for c in group if c.unit.kind is Kind.ITEM]
    if len(items) > 1:
        heading = first.unit.section or first.unit.label
        if first.unit.section:
            yield f"**{heading}** [{first.number}]"
            yield from _runs(group)
        else:
            yield from _runs(group, first.number)
        return
    for candidate in group:
        unit = candidate.unit
        if unit.kind is Kind.TABLE and unit.section:
            yield f"**{unit.section}** [{candidate.number}]"
            yield unit.text
        else:
            text = without_bullet(unit.text) if unit.kind is Kind.ITEM else unit.text
            yield referenced(text, candidate.number)


def _runs(group: Sequence[Candidate], number: int | None = None) -> Iterable[str]:
    """Yield items that follow each other as one list, everything else as it is."""
    for is_item, run in groupby(group, key=lambda c: c.unit.kind is Kind.ITEM):
        texts = [c.unit.text for c in run]
        if is_item:
            if number is not None:
                texts[-1] = referenced(texts[-1], number)
            yield "\n".join(texts)
        else:
            yield from (referenced(text, number) if number is not None else text for text in texts)


def _summary(main: Passage) -> list[str]:
    subtopic = main.subtopic
    if not subtopic.key_points:
        return [referenced(subtopic.summary or subtopic.content, 1)]
    points = "\n".join(f"- {point}" for point in subtopic.key_points)
    return [f"**{subtopic.title} : l'essentiel** [1]", points]


def _nothing_new(asked: Asked, weighing: Weighing, passages: Sequence[Passage]) -> list[str]:
    """Where all was said at this level: another way in, by an example, or by the key points."""
    shown = examples.show(asked, weighing, passages) or _summary(passages[0])
    return [*shown, WHICH_WORD] if asked.wish is Wish.SIMPLER else shown


def _next_step(passages: Sequence[Passage]) -> list[str]:
    """Propose one thing to do next: the quiz of the page, and the notion beside it."""
    main, others = passages[0].subtopic, passages[1:]
    near = {*main.related, *main.prerequisites}
    beside = [
        f"{passage.subtopic.title} [{number}]"
        for number, passage in enumerate(others, start=2)
        if passage.subtopic.id in near or main.id in passage.subtopic.related
    ]
    steps = ["vérifie-toi avec le quiz de la page [1]"] if main.quiz else []
    steps += [f"continue avec {beside[0]}"] if beside else []
    return (
        [f"**Et ensuite ?** {' ou '.join(steps)[:1].upper()}{' ou '.join(steps)[1:]}."]
        if steps
        else []
    )
