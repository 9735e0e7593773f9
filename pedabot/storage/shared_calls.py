"""The calls under way and the queue before them, in Redis; ``calls.py`` has the words for it.

A call is a number below zero here, so that none is taken for a row of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from pedabot.storage import calls
from pedabot.storage.shared import SharedMemory

NUMBERS, QUEUE, UNDER_WAY, ALIVE = (
    f"pedabot:calls:{name}" for name in ("numbers", "queue", "under-way", "alive")
)
"""The last number; "number process" by number; those with a slot; processes by end of lease."""

# One script is one step for Redis: no other process sees a slot half given.
_ADVANCE = """
local queue, under_way, alive = KEYS[1], KEYS[2], KEYS[3]
local process, slots, now = ARGV[1], tonumber(ARGV[2]), ARGV[3]
redis.call('ZREMRANGEBYSCORE', alive, '-inf', now)
local places, place = {}, 0
local free = slots - redis.call('ZCARD', under_way)
for _, call in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
  local number, owner = string.match(call, '^(%d+) (.+)$')
  if not redis.call('ZSCORE', alive, owner) then
    redis.call('ZREM', queue, call)
    free = free + redis.call('ZREM', under_way, call)
  end
end
for _, call in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
  local number, owner = string.match(call, '^(%d+) (.+)$')
  local going = redis.call('ZSCORE', under_way, call) ~= false
  if not going and free > 0 then
    free = free - 1
    going = redis.call('ZADD', under_way, number, call) == 1
  end
  if not going then place = place + 1 end
  if owner == process then
    table.insert(places, tonumber(number))
    table.insert(places, going and 0 or place)
  end
end
return places
"""


class SharedCalls:
    """The calls of all machines; where Redis is gone, those that the database counts."""

    def __init__(self, memory: SharedMemory) -> None:
        self._memory = memory
        self._advance = memory.client.register_script(_ADVANCE)

    def enter(self, process: str, slots: int, now: datetime, lease: timedelta) -> int | None:
        """Take a free slot at once: here all stand in the queue first, which costs little."""
        return self._memory.either(lambda: None, lambda: calls.enter(process, slots, now, lease))

    def join(self, process: str, now: datetime, lease: timedelta) -> int:
        """Stand at the end of the queue; return the number of the call."""

        def here() -> int:
            number = int(cast(int, self._memory.client.incr(NUMBERS)))
            with self._memory.client.pipeline() as both:
                both.zadd(ALIVE, {process: (now + lease).timestamp()})
                both.zadd(QUEUE, {f"{number} {process}": number})
                both.execute()
            return -number

        return self._memory.either(here, lambda: calls.join(process, now, lease))

    def renew(self, process: str, now: datetime, lease: timedelta) -> None:
        """Renew the leases of a process."""

        def here() -> None:
            self._memory.client.zadd(ALIVE, {process: (now + lease).timestamp()}, xx=True)

        self._memory.either(here, lambda: calls.renew(process, now, lease))

    def advance(self, process: str, slots: int, now: datetime) -> Mapping[int, int]:
        """Give free slots to the first in the queue; return the place of each call of the process.

        Place 0 is a call that may go on, 1 is the next one.
        """

        def here() -> Mapping[int, int]:
            arguments: list[str | float] = [process, slots, now.timestamp()]
            found = self._advance(keys=[QUEUE, UNDER_WAY, ALIVE], args=arguments)
            numbers = iter(cast("list[int]", found))
            return {-number: place for number, place in zip(numbers, numbers, strict=True)}

        return self._memory.either(here, lambda: calls.advance(process, slots, now))

    def leave(self, call_id: int) -> None:
        """Leave the queue, or free the slot."""

        def here() -> None:
            with self._memory.client.pipeline() as both:
                both.zremrangebyscore(QUEUE, -call_id, -call_id)
                both.zremrangebyscore(UNDER_WAY, -call_id, -call_id)
                both.execute()

        if call_id > 0:  # it stood in the queue of the database, while Redis was gone
            calls.leave(call_id)
        else:
            self._memory.either(here, lambda: None)

    def counts(self, now: datetime) -> tuple[int, int]:
        """Return how many calls are under way, and how many wait."""

        def here() -> tuple[int, int]:
            with self._memory.client.pipeline() as all_three:
                all_three.zrangebyscore(ALIVE, f"({now.timestamp()}", "+inf")
                all_three.zrange(UNDER_WAY, 0, -1)
                all_three.zrange(QUEUE, 0, -1)
                alive, *lists = all_three.execute()
            under_way, every = (
                sum(call.partition(" ")[2] in alive for call in calls) for calls in lists
            )
            return under_way, every - under_way

        return self._memory.either(here, lambda: calls.counts(now))
