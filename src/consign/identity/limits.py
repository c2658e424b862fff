"""How often somebody may try: token buckets, bounded in number. Those of another process are others."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

BUCKETS_MAX = 20_000


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
