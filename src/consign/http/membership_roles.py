"""Which roles accounts hold, asked of the read model of memberships and kept for a moment."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakValueDictionary

from consign.actors.queries import ReadModelMissing, ReadModels, wait_for
from consign.actors.runner_changes import ChangeFeed
from consign.http.reading import WAIT_S, not_yet
from consign.projections.memberships import MEMBERSHIPS, MembershipRow

KEPT_S = 2.0
"""So long at most an account goes on in roles that were taken from it."""
NEWEST_KEPT_S = 0.25
"""So long at most an account that was refused goes on without roles that were given to it."""
KEPT_MAX = 20_000
ASKING_MAX = 64
"""How many requests at once may wait for the newest roles: who is refused costs more than who is let in."""

type _Key = tuple[str, str]


class _Held(NamedTuple):
    roles: Sequence[str]
    until_s: float
    newest_until_s: float
    position: int


class MembershipRoles:
    """Fulfils `Memberships` of `consign.http.admission`."""

    def __init__(self, models: ReadModels, changes: ChangeFeed) -> None:
        self._models = models
        self._changes = changes
        self._kept: dict[_Key, _Held] = {}
        self._locks: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()
        self._asking = asyncio.Semaphore(ASKING_MAX)

    def known(self, organization: str, account: str) -> Sequence[str] | None:
        """Return the roles where they were looked up a moment ago; None: ask `roles`."""
        held = self._fresh((organization, account))
        return None if held is None else held.roles

    async def roles(self, organization: str, account: str) -> Sequence[str]:
        """Return the roles as they were known within the last seconds."""
        key = (organization, account)
        async with self._locks.setdefault(key, asyncio.Lock()):
            held = self._fresh(key) or await self._read(key)
            return held.roles

    async def newest_roles(self, organization: str, account: str, after_position: int) -> Sequence[str]:
        """Return the roles with whatever was committed when somebody last asked for these, and up to the position.

        Raises Refusal with `not_yet` where the read model does not get there in time.
        """
        key = (organization, account)
        async with self._asking, self._locks.setdefault(key, asyncio.Lock()):
            held = self._kept.get(key)
            now_s = asyncio.get_running_loop().time()
            if held is None or held.newest_until_s <= now_s or held.position < after_position:
                held = await self._read_newest(key)
            return held.roles

    async def _read_newest(self, key: _Key) -> _Held:
        organization, _ = key
        head = await self._models.head_position(organization)
        newest_until_s = asyncio.get_running_loop().time() + NEWEST_KEPT_S
        if head is None:
            return self._keep(key, _Held((), newest_until_s, newest_until_s, 0))
        waited = await wait_for(self._models, self._changes, organization, MEMBERSHIPS, head, timeout_s=WAIT_S)
        if waited == "not_yet":
            raise not_yet(MEMBERSHIPS)
        return await self._read(key, newest_until_s)

    async def _read(self, key: _Key, newest_until_s: float = 0.0) -> _Held:
        organization, account = key
        until_s = asyncio.get_running_loop().time() + KEPT_S
        try:
            found = await self._models.get(organization, MEMBERSHIPS, "memberships", (account,))
        except ReadModelMissing:
            return _Held((), 0.0, 0.0, 0)
        row: MembershipRow | None = found.row
        roles: Sequence[str] = () if row is None else row.roles
        return self._keep(key, _Held(roles, until_s, newest_until_s, found.at.position))

    def _fresh(self, key: _Key) -> _Held | None:
        held = self._kept.get(key)
        return held if held is not None and held.until_s > asyncio.get_running_loop().time() else None

    def _keep(self, key: _Key, held: _Held) -> _Held:
        self._kept.pop(key, None)
        if len(self._kept) >= KEPT_MAX:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = held
        return held
