"""Personal data under one key a person: the keys lie in Postgres, wrapped by a key that does not."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from itertools import batched
from uuid import UUID

import asyncpg

from consign.actors.ports import LogUnavailable
from consign.adapters.crypto.key_ring import KeyMissing, KeyRing
from consign.adapters.crypto.sealing import Digests, SealBroken, seal, unseal
from consign.adapters.erasures import Erasure, ErasureList
from consign.adapters.postgres.connection_pool import ConnectionPool, LentConnection
from consign.adapters.postgres.key_encryption import owner_of
from consign.adapters.postgres.ownership_connection import BookkeepingConnection
from consign.adapters.postgres.statements import statement

TIMEOUT_S = 5.0
READERS_MAX = 2
ROTATIONS_MAX = 3
"""How often the key-encryption key may change while one new key is made."""
ERASURES_A_STATEMENT = 1000

_READING = {
    "application_name": "consign-vault-reading",
    "search_path": "consign,pg_catalog",
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    "statement_timeout": "5000",
    "idle_in_transaction_session_timeout": "5000",
    "tcp_user_timeout": "5000",
    "jit": "off",
}


class PostgresVault:
    """Seals with the writer's role, which `url` names; unseals with the reader's, under row-level security.

    Every method may raise LogUnavailable. Keys are not cached: a person who was forgotten by another process is
    forgotten here too.
    """

    def __init__(self, url: str, reader_url: str, keys: KeyRing, digests: Digests, erasures: ErasureList) -> None:
        self._postgres = BookkeepingConnection(
            url, name="consign-vault", timeout_s=TIMEOUT_S, unavailable=LogUnavailable
        )
        self._readers = ConnectionPool(reader_url, connections_max=READERS_MAX, timeout_s=TIMEOUT_S, settings=_READING)
        self._ring = keys
        self._digests = digests
        self._erasures = erasures

    async def seal(self, organization_id: str, plain: Mapping[str, bytes]) -> Mapping[str, str | None]:
        """Return each subject's ciphertext, making keys for new subjects; None: the person was forgotten."""
        keys = await self._made_keys(organization_id, plain.keys())
        return {
            subject: None if (key := keys[subject]) is None else seal(key, content, owner_of(organization_id, subject))
            for subject, content in plain.items()
        }

    async def seal_until(
        self, organization_id: str, subject: str, plain: Sequence[bytes], ends_at: datetime
    ) -> Sequence[str] | None:
        """Return ciphertexts under one key that is destroyed at `ends_at`; None: it is destroyed already.

        A key that is there already ends when it was said to first.
        """
        key = (await self._made_keys(organization_id, (subject,), ends_at))[subject]
        owner = owner_of(organization_id, subject)
        return None if key is None else [seal(key, content, owner) for content in plain]

    async def unseal(self, organization_id: str, sealed: Sequence[tuple[str, str]]) -> Sequence[bytes | None]:
        """Return the content of each (subject, ciphertext), None where the person is forgotten; raises SealBroken."""
        keys = await self._keys_of(organization_id, sealed)
        return [
            None if (key := keys.get(subject)) is None else unseal(key, ciphertext, owner_of(organization_id, subject))
            for subject, ciphertext in sealed
        ]

    async def legible(self, organization_id: str, sealed: Sequence[tuple[str, str]]) -> Sequence[bytes]:
        """Return the contents that can be read: not of the forgotten, and nothing that was damaged."""
        keys = await self._keys_of(organization_id, sealed)
        found = []
        for subject, ciphertext in sealed:
            key = keys.get(subject)
            if key is not None:
                with suppress(SealBroken):
                    found.append(unseal(key, ciphertext, owner_of(organization_id, subject)))
        return found

    async def forget(self, organization_id: str, subject: str) -> None:
        """Destroy the person's key; what was sealed under it stays and means nothing.

        It is listed first: a backup that still has the key must not bring the person back.
        """
        erasure = Erasure(organization_id, UUID(subject))
        try:
            await asyncio.to_thread(self._erasures.add, (erasure,))
        except OSError as error:
            raise LogUnavailable(f"the list of erasures cannot be written: {error!r}") from error
        async with self._postgres.use() as connection:
            await destroy_keys(connection, (erasure,))

    async def forget_again(self) -> int:
        """Destroy the keys of all who are listed as forgotten, and return how many a restore had brought back."""
        async with self._postgres.use() as connection:
            return await destroy_keys(connection, self._erasures)

    async def forgotten(self, organization_id: str, subjects: Collection[str]) -> Collection[str]:
        """Return those whose key was destroyed."""
        async with self._reading(organization_id) as connection:
            keys = await self._keys(connection, organization_id, subjects)
        return {subject for subject, key in keys.items() if key is None}

    async def forget_ended(self, now: datetime, limit: int) -> int:
        """Destroy keys whose time is over, `limit` at most, and return how many."""
        async with self._postgres.use() as connection:
            status = await connection.execute(statement("vault", "forget_ended"), now, limit)
        return int(status.rpartition(" ")[2])

    def digest(self, content: bytes) -> bytes:
        """Return a keyed hash."""
        return self._digests.of(content)

    async def close(self) -> None:
        """Close the connections."""
        self._postgres.terminate()
        await self._readers.close()

    async def _keys_of(self, organization_id: str, sealed: Sequence[tuple[str, str]]) -> Mapping[str, bytes | None]:
        async with self._reading(organization_id) as connection:
            return await self._keys(connection, organization_id, {subject for subject, _ in sealed})

    @asynccontextmanager
    async def _reading(self, organization_id: str) -> AsyncIterator[LentConnection]:
        async with self._readers.connection() as connection, connection.transaction(readonly=True):
            await connection.execute("SELECT set_config('consign.organization', $1, true)", organization_id)
            yield connection

    async def _made_keys(
        self, organization_id: str, subjects: Collection[str], ends_at: datetime | None = None
    ) -> Mapping[str, bytes | None]:
        """Return everybody's keys, and make those that there are not."""
        async with self._postgres.use() as connection:
            keys = await self._keys(connection, organization_id, subjects)
            for _ in range(ROTATIONS_MAX):
                if len(keys) == len(subjects):
                    return keys
                await self._add_keys(connection, organization_id, set(subjects) - keys.keys(), ends_at)
                keys = await self._keys(connection, organization_id, subjects)
            if len(keys) < len(subjects):
                raise LogUnavailable("the key-encryption key changes all the time")
            return keys

    async def _add_keys(
        self,
        connection: asyncpg.Connection,
        organization_id: str,
        subjects: Collection[str],
        ends_at: datetime | None,
    ) -> None:
        """Make keys for people who have none; where the key in use changes meanwhile, none is made."""
        in_use = await connection.fetchval(statement("vault", "key_encryption"))
        with _known_keys():
            wrapped = [self._ring.wrapped_new(in_use, owner_of(organization_id, subject)) for subject in subjects]
        added = [UUID(subject) for subject in subjects]
        await connection.execute(statement("vault", "add_keys"), organization_id, added, wrapped, in_use, ends_at)

    async def _keys(
        self, connection: asyncpg.Connection | LentConnection, organization_id: str, subjects: Collection[str]
    ) -> Mapping[str, bytes | None]:
        """Return the keys of those who have one or had one: None, because they were forgotten."""
        rows = await connection.fetch(
            statement("vault", "keys"), organization_id, [UUID(subject) for subject in subjects]
        )
        with _known_keys():
            return {
                str(subject): None
                if wrapped is None
                else self._ring.unwrap(wrapped, owner_of(organization_id, str(subject)))
                for subject, wrapped in rows
            }


@contextmanager
def _known_keys() -> Iterator[None]:
    try:
        yield
    except KeyMissing as error:
        raise LogUnavailable(str(error)) from error


async def destroy_keys(writer: asyncpg.Connection, erasures: Iterable[Erasure]) -> int:
    """Destroy the keys, also of people who have none yet; return how many were still there, or could have been made.

    `writer` is a connection of the writer's role.
    """
    destroyed = 0
    for some in batched(dict.fromkeys(erasures), ERASURES_A_STATEMENT, strict=False):
        organizations, subjects = zip(*some, strict=True)
        status = await writer.execute(statement("vault", "forget"), organizations, subjects)
        destroyed += int(status.rpartition(" ")[2])
    return destroyed
