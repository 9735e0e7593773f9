"""All that is personal in a text, without overlaps."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from pedabot.answering.privacy.contacts import find_contacts
from pedabot.answering.privacy.credentials import find_credentials
from pedabot.answering.privacy.identifiers import find_identifiers
from pedabot.answering.privacy.names import find_names
from pedabot.answering.privacy.spans import Span


@lru_cache(maxsize=2048)  # each question brings the turns before it along again
def find(text: str, names: tuple[str, ...] = ()) -> tuple[Span, ...]:
    """Return the personal parts of a text in their order.

    Where two overlap, the one that was looked for first stays: an address with a password holds
    what looks like an e-mail address, an IBAN holds what looks like a card.
    """
    return _apart(
        chain(
            find_credentials(text),
            find_identifiers(text),
            find_contacts(text),
            find_names(text, names),
        ),
        len(text),
    )


def _apart(spans: Iterable[Span], length: int) -> tuple[Span, ...]:
    taken, kept = bytearray(length), list[Span]()
    for span in spans:
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
            kept.append(span)
    return tuple(sorted(kept))
