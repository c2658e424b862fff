"""Which key-encryption key is in use, the root secret that it wraps, and how another one takes its place."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import asyncpg

from consign.adapters.crypto.key_ring import KeyRing
from consign.adapters.postgres.statements import statement

BATCH = 500
_ROOT = "root"
_FIRST = ("", UUID(int=0))

type Writer = asyncpg.Connection[asyncpg.Record]
"""A connection of the writer's role."""


class InUse(NamedTuple):
    """`root_secret` stays what it is when keys are replaced: digests and derived keys hang on it."""

    key_id: bytes
    root_secret: bytes


async def key_in_use(writer: Writer, ring: KeyRing) -> InUse:
    """Return what this database is used with, settled by the first process that asks; raises KeyMissing, SealBroken."""
    found = await writer.fetchrow(statement("vault", "key_encryption"))
    if found is None:
        wrapped = ring.wrapped_new(ring.newest, _ROOT)
        await writer.execute(statement("vault", "begin_key_encryption"), ring.newest, wrapped)
        found = await writer.fetchrow(statement("vault", "key_encryption"))
        assert found is not None
    return InUse(found["key_id"], ring.unwrap(found["wrapped_root"], _ROOT))


class Rotation:
    """Puts the newest key of the ring to use, and wraps by it what others wrapped. Killed, it goes on when begun again.

    From the first moment on new keys are wrapped by it alone; processes that were given both read either.
    """

    def __init__(self, writer: Writer, ring: KeyRing) -> None:
        self._writer = writer
        self._ring = ring

    async def run(self) -> int:
        """Return how many keys were wrapped again; raises KeyMissing where the ring lacks one that is still needed."""
        newest = self._ring.newest
        before = await key_in_use(self._writer, self._ring)
        if before.key_id != newest:
            root = self._ring.wrap(newest, before.root_secret, _ROOT)
            await self._writer.execute(statement("vault", "change_key_in_use"), before.key_id, newest, root)
        total = 0
        after = _FIRST
        while rows := await self._writer.fetch(statement("vault", "wrapped_otherwise"), *after, newest, BATCH):
            wrapped = [tuple(each) for each in zip(*self._wrapped(rows), strict=True)]
            await self._writer.execute(statement("vault", "wrap_again"), *wrapped)
            total += len(rows)
            after = (rows[-1]["organization_id"], rows[-1]["subject_id"])
        return total

    def _wrapped(self, rows: list[asyncpg.Record]) -> Iterator[tuple[str, UUID, bytes, bytes]]:
        for organization_id, subject, before in rows:
            owner = owner_of(organization_id, str(subject))
            key = self._ring.unwrap(before, owner)
            yield organization_id, subject, before, self._ring.wrap(self._ring.newest, key, owner)


def owner_of(organization_id: str, subject: str) -> str:
    """Return for whom a person's key and data are sealed: nobody else can pass them off as theirs."""
    return f"{organization_id}/{subject}"
