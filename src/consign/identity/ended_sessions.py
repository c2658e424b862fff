"""Sessions and machines that were ended: their tokens count no more, although they have not expired.

Every process asks for them again and again; what it ended itself it knows at once. An access token lives for ten
minutes, and a machine's secret is looked up again within five, so what ended longer ago needs no remembering.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from consign.identity.access_tokens import LIFETIME_S
from consign.identity.machine_store import MachineStore
from consign.identity.store import IdentityStore, IdentityUnavailable

ASKED_EVERY_S = 1.0
_MARGIN_S = 60

_log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EndedSessions:
    """Knows the ids of sessions and machines that ended in the last minutes, in whichever process."""

    def __init__(self, store: IdentityStore, machines: MachineStore, now: Callable[[], datetime] = _utc_now) -> None:
        self._store = store
        self._machines = machines
        self._now = now
        self._ended: frozenset[str] = frozenset()
        self._failing = False

    def has_any(self, endings: Collection[str]) -> bool:
        """Whether one of these was ended."""
        return not self._ended.isdisjoint(endings)

    def add(self, ended: Collection[UUID | str]) -> None:
        """Remember what this process ended: sessions, or machines by their qualified ids."""
        self._ended |= {str(each) for each in ended}

    async def look(self) -> None:
        """Ask for what ended in other processes; raises IdentityUnavailable."""
        since = self._now() - timedelta(seconds=LIFETIME_S + _MARGIN_S)
        before = self._ended
        found = frozenset((*map(str, await self._store.ended_since(since)), *await self._machines.revoked_since(since)))
        self._ended = found | (self._ended - before)  # what was added meanwhile may not be in the answer

    async def run(self) -> None:
        """Go on asking; while the store is away the last answer counts."""
        while True:
            try:
                await self.look()
                self._failing = False
            except IdentityUnavailable as error:
                if not self._failing:
                    _log.warning("ended_sessions_unknown", error=str(error))
                self._failing = True
            await asyncio.sleep(ASKED_EVERY_S)
