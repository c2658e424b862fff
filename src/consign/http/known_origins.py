"""Which origins organizations name, asked of the read model and kept for a moment."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple
from weakref import WeakValueDictionary

from consign.actors.queries import ReadModelMissing, ReadModels
from consign.projections.web import EVERY_ORIGIN, WEB, OriginsRow

KEPT_S = 2.0
KEPT_MAX = 20_000


class _Kept(NamedTuple):
    origins: Collection[str]
    until_s: float


class KnownOrigins:
    """Fulfils `Origins` of `consign.http.cross_origin`; an organization that is not there names none."""

    def __init__(self, models: ReadModels) -> None:
        self._models = models
        self._kept: dict[str, _Kept] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, organization: str) -> Collection[str]:
        """Return the origins whose pages may ask for the organization."""
        kept = self._fresh(organization)
        if kept is None:
            async with self._locks.setdefault(organization, asyncio.Lock()):
                kept = self._fresh(organization) or await self._read(organization)
        return kept.origins

    async def _read(self, organization: str) -> _Kept:
        until_s = asyncio.get_running_loop().time() + KEPT_S
        row: OriginsRow | None = None
        with suppress(ReadModelMissing):
            row = (await self._models.get(organization, WEB, "origins", (EVERY_ORIGIN,))).row
        self._kept.pop(organization, None)
        if len(self._kept) >= KEPT_MAX:
            self._kept.pop(next(iter(self._kept)))
        self._kept[organization] = kept = _Kept(() if row is None else row.origins, until_s)
        return kept

    def _fresh(self, organization: str) -> _Kept | None:
        kept = self._kept.get(organization)
        return kept if kept is not None and kept.until_s > asyncio.get_running_loop().time() else None
