"""How many requests one account, organization or address may send: token buckets, in the memory of each process.

A bucket is one number, the time at which it would be full again (the generic cell rate algorithm): taking a token moves
it by the time that one token takes, and where it would lie further away than a whole bucket, there was no token.
"""

import math
import time
from collections.abc import Callable
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

BUCKETS_MAX = 20_000
_ROUNDING_S = 1e-9


class RateLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """`burst` requests at once, and `per_s` a second for as long as one likes."""

    per_s: Annotated[float, Meta(gt=0, le=1_000_000)]
    burst: Annotated[int, Meta(ge=1, le=1_000_000)]


class RateLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each process counts for itself.

    A hall full of tills is one organization behind one address, so those limits exceed what a process can do at all:
    they are there to be lowered where many share one. An account's exceed what a person or a careful program does.
    """

    commands_per_account: RateLimit = RateLimit(200, 4_000)
    commands_per_organization: RateLimit = RateLimit(10_000, 20_000)
    commands_per_address: RateLimit = RateLimit(10_000, 20_000)
    queries_per_account: RateLimit = RateLimit(200, 4_000)
    queries_per_organization: RateLimit = RateLimit(5_000, 20_000)
    queries_per_address: RateLimit = RateLimit(5_000, 20_000)
    imports_per_account: RateLimit = RateLimit(5, 200)
    imports_per_organization: RateLimit = RateLimit(20, 1_000)
    imports_per_address: RateLimit = RateLimit(20, 1_000)
    sign_ins_per_address: RateLimit = RateLimit(2, 200)
    receipt_links_per_address: RateLimit = RateLimit(5, 500)


class Taken(NamedTuple):
    """What is left after a request: `missing_s` is 0 where it may go on, else how long to wait.

    `left` as the header RateLimit says it, `policy` as RateLimit-Policy does (draft-ietf-httpapi-ratelimit-headers-10):
    a window is the time in which an empty bucket is full again.
    """

    missing_s: float
    policy: bytes
    left: bytes


class Buckets:
    """Buckets of one limit, by key. A full one need not be known, so what was longest not asked for is forgotten."""

    def __init__(
        self,
        name: str,
        limit: RateLimit,
        *,
        buckets_max: int = BUCKETS_MAX,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token_s = 1 / limit.per_s
        self._whole_s = limit.burst * self._token_s
        self._buckets_max = buckets_max
        self._now_s = now_s
        self._full_at_s: dict[str, float] = {}
        self._policy = b'"%b";q=%d;w=%d' % (name.encode(), limit.burst, math.ceil(self._whole_s))
        self._left = b'"%b";r=%%d;t=%%d' % name.encode()

    def __len__(self) -> int:
        return len(self._full_at_s)

    def take(self, key: str) -> Taken:
        """Take a token out of the key's bucket, if there is one."""
        now_s = self._now_s()
        found_s = self._full_at_s.pop(key, now_s)
        full_at_s = max(found_s, now_s) + self._token_s
        missing_s = full_at_s - now_s - self._whole_s
        if missing_s > _ROUNDING_S:
            self._full_at_s[key] = found_s
            return Taken(missing_s, self._policy, self._left % (0, math.ceil(found_s - now_s)))
        self._full_at_s[key] = full_at_s
        if len(self._full_at_s) > self._buckets_max:
            del self._full_at_s[next(iter(self._full_at_s))]
        tokens = (_ROUNDING_S - missing_s) / self._token_s
        return Taken(0.0, self._policy, self._left % (tokens, math.ceil(full_at_s - now_s)))
