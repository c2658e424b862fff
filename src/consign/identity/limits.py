"""How often somebody may try, and when a refusal is told. Everything is bounded, and each process counts for itself."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import NamedTuple

from consign.identity.ports import SignInFailed

BUCKETS_MAX = 20_000
REFUSED_AFTER_S = 0.25
"""A refusal is told so long after it was asked for: longer than anything takes that only a known account needs."""
DELAY_MAX_S = 900.0


class TooManyTries(Exception):
    """Somebody tried too often; `retry_after_s` says when the next try counts."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many tries")
        self.retry_after_s = retry_after_s


class Buckets:
    """A bucket for each key that holds `capacity` tries, and gets one back every `refill_s` seconds.

    Of too many keys the one that was used longest ago is forgotten.
    """

    def __init__(self, capacity: int, refill_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._refill_s = refill_s
        self._now_s = now_s
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def check(self, key: Hashable) -> None:
        """Raise TooManyTries where nothing is left; takes nothing."""
        left = self._left(key)
        if left < 1:
            raise TooManyTries((1 - left) * self._refill_s)

    def take(self, key: Hashable) -> None:
        """Take a try; raises TooManyTries where none is left."""
        self.check(key)
        self._buckets[key] = (self._left(key) - 1, self._now_s())
        self._buckets.move_to_end(key)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)

    def _left(self, key: Hashable) -> float:
        left, at_s = self._buckets.get(key, (float(self._capacity), 0.0))
        return min(float(self._capacity), left + (self._now_s() - at_s) / self._refill_s)


class _Tried(NamedTuple):
    times: int
    again_at_s: float


class GrowingDelays:
    """After some free tries each next one has to wait twice as long, a quarter of an hour at most; success forgets all.

    A try counts when it begins: a hundred at once are not one. Of too many keys the one that was tried longest ago is
    forgotten.
    """

    def __init__(self, free_tries: int, now_s: Callable[[], float] = time.monotonic) -> None:
        self._free_tries = free_tries
        self._now_s = now_s
        self._tried: OrderedDict[Hashable, _Tried] = OrderedDict()

    def begin(self, key: Hashable) -> None:
        """Count a try; raises TooManyTries where it comes too early, and then it does not count."""
        now_s = self._now_s()
        times, again_at_s = self._tried.get(key, _Tried(0, now_s))
        if now_s < again_at_s:
            raise TooManyTries(again_at_s - now_s)
        if now_s - again_at_s > 2 * DELAY_MAX_S:
            times = 0
        surplus = min(times + 1 - self._free_tries, 10)
        delay_s = 0.0 if surplus < 0 else min(2.0**surplus, DELAY_MAX_S)
        self._tried[key] = _Tried(times + 1, now_s + delay_s)
        self._tried.move_to_end(key)
        if len(self._tried) > BUCKETS_MAX:
            self._tried.popitem(last=False)

    def succeeded(self, key: Hashable) -> None:
        """Forget what was tried."""
        self._tried.pop(key, None)


@asynccontextmanager
async def evenly() -> AsyncIterator[None]:
    """Tell a SignInFailed no earlier than after REFUSED_AFTER_S, so that its time says nothing of why."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    try:
        yield
    except SignInFailed:
        await asyncio.sleep(began_s + REFUSED_AFTER_S - loop.time())
        raise
