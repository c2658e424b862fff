"""Removing what was kept long enough: each kind of thing has its time, and goes in batches.

Every process does so. Each batch is one statement that passes over what another process is removing, so that it makes
no difference how many do.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog

from consign.actors.ports import LogError
from consign.http.problems import Refusal
from consign.identity.ports import MailUnavailable
from consign.identity.store import IdentityUnavailable

EVERY_S = 600.0
AGAIN_S = 30.0
"""So soon what failed is tried again."""
BATCH = 500
BATCHES_MAX = 200
"""Of one kind each time: what is left goes the next time."""

type Purge = Callable[[datetime, int], Awaitable[int]]
"""Removes at most so many things that were over before a moment, and returns how many it removed."""

_log = structlog.get_logger(__name__)


class Kind(NamedTuple):
    """Things that go when they have been over for the time `kept`."""

    kept: timedelta
    purge: Purge


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Retention:
    """Removes things of each kind; `kinds` are known by the names that log lines and figures have."""

    def __init__(
        self, kinds: Mapping[str, Kind], now: Callable[[], datetime] = _utc_now, *, again_s: float = AGAIN_S
    ) -> None:
        self._kinds = kinds
        self._now = now
        self._again_s = again_s
        self._removed = Counter(dict.fromkeys(kinds, 0))
        self._failures = 0

    async def run(self) -> None:
        """Go on removing, from the start of the process."""
        while True:
            failures = self._failures
            await self.sweep()
            await asyncio.sleep(EVERY_S if self._failures == failures else self._again_s)

    async def sweep(self) -> Mapping[str, int]:
        """Remove what is over, of each kind although another one fails, and return how many."""
        removed: dict[str, int] = {}
        for name, kind in self._kinds.items():
            removed[name] = await self._sweep(name, kind)
        if any(removed.values()):
            _log.info("kept_long_enough", **removed)
        return removed

    def counters(self) -> Mapping[str, float]:
        """Tell what was removed since the process started."""
        removed = {f"retention_removed_{name}_total": float(count) for name, count in self._removed.items()}
        return {**removed, "retention_failures_total": float(self._failures)}

    async def _sweep(self, name: str, kind: Kind) -> int:
        removed = 0
        before = self._now() - kind.kept
        try:
            for _ in range(BATCHES_MAX):
                count = await kind.purge(before, BATCH)
                self._removed[name] += count
                removed += count
                if count < BATCH:
                    break
        except (LogError, IdentityUnavailable, MailUnavailable, Refusal, OSError) as error:
            self._failures += 1
            _log.warning("not_removed", kind=name, error=type(error).__name__)
        return removed
