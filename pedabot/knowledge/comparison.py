"""Questions that compare two notions: where to cut them in two."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pedabot.knowledge.text import fold

_CUE = re.compile(
    r"\b(?:differ\w*|dif|diff|distingu\w+|distinction|compar\w+|versus|vs|contre|lequel|laquelle"
    r"|lesquel\w+|plutot|mieux|meme chose|pareil\w*|memes?|identiques?|confon\w+|rapport entre"
    r"|relation|lien entre|nuance|au lieu|par rapport|ou bien|choisir|prefer\w+|commence\w*|which"
    r"|difference|better|same|instead|rather)\b"
)
_JOINT = re.compile(
    r"\s(?:ou bien|ou|or|vs\.?|versus|contre|et|and|plutot qu[e']|au lieu d[e']"
    r"|par rapport (?:a|au|aux)"
    r"|instead of|rather than|avec|than|from|de celui|de celle|/)\s|\s?/\s?"
)
_STRONG_JOINT = re.compile(
    r"\W*(?:ou bien|ou|or|vs\.?|versus|contre|plutot qu|au lieu d|instead|rather)"
)
_STOP = re.compile(r"[.,:;?!()]")
_OPENING = re.compile(r"^.*\b(?:entre|between|compar\w+|distinguer|confondre)\b")
_LONGEST = 400
_MOST_CUTS = 3


def cuts(question: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut a question into the two things that it compares, if it seems to."""
    plain = fold(question)[:_LONGEST]
    cued = _CUE.search(plain) is not None
    found = 0
    for joint in _JOINT.finditer(plain):
        if not cued and not _STRONG_JOINT.match(joint.group()):
            continue
        before = _STOP.split(plain[: joint.start()])[-1]
        after = _STOP.split(plain[joint.end() :])[0]
        yield _OPENING.sub("", before), after
        found += 1
        if found == _MOST_CUTS:
            return
