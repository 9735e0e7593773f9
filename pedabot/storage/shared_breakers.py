"""What all machines know of each model's failures, in Redis; ``breakers.py`` has its words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pedabot.storage import breakers
from pedabot.storage.breakers import Change, Standing
from pedabot.storage.shared import SharedMemory

if TYPE_CHECKING:
    from redis.client import Pipeline

KEY = "pedabot:breakers"
"""A hash: the standing of each model that has failed, as JSON."""


class SharedBreakers:
    """The breakers of all machines; where Redis is gone, those of the database."""

    def __init__(self, memory: SharedMemory) -> None:
        self._memory = memory

    def standings(self) -> Mapping[str, Standing]:
        """Return what is known of all models that have ever failed."""

        def here() -> Mapping[str, Standing]:
            known: Any = self._memory.client.hgetall(KEY)
            return {model: _standing(text) for model, text in known.items()}

        return self._memory.either(here, breakers.standings)

    def change(self, model: str, changed: Change) -> None:
        """Change what is known of a model; begun anew where another process was quicker."""

        def change_read(pipe: Pipeline) -> None:
            text: Any = pipe.hget(KEY, model)
            standing = changed(Standing() if text is None else _standing(text))
            pipe.multi()
            pipe.hset(KEY, model, _text(standing))

        self._memory.either(
            lambda: self._memory.client.transaction(change_read, KEY),
            lambda: breakers.change(model, changed),
        )

    def forget_all(self) -> None:
        """Forget all failures, those that the database knows too."""
        self._memory.either(lambda: self._memory.client.delete(KEY), lambda: None)
        breakers.forget_all()


def _text(standing: Standing) -> str:
    return json.dumps(asdict(standing), default=datetime.isoformat)


def _standing(text: str) -> Standing:
    values = json.loads(text)
    for name in ("open_until", "probe_until", "failed_at"):
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    return Standing(**values)
