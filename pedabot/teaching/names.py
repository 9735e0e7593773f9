"""What a name on this server may look like."""

from __future__ import annotations

import re

SHORTEST_NAME = 2
LONGEST_NAME = 32
NAME_PATTERN = r"^[\w .'’-]+$"


def is_good_name(name: str) -> bool:
    """Tell whether an account may bear the name."""
    return SHORTEST_NAME <= len(name) <= LONGEST_NAME and bool(re.match(NAME_PATTERN, name))
