"""What keys for programs may rely on: the same promises in memory and in Postgres."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from consign.adapters.memory.key_store import MemoryKeyStore
from consign.adapters.postgres.identity_store import PostgresIdentityStore
from consign.adapters.postgres.key_store import PostgresKeyStore
from consign.adapters.postgres.machine_store import PostgresMachineStore
from consign.identity.key_store import ApiKey, KeyStore
from tests.support.cluster import Database

NOW = datetime(2026, 9, 26, 8, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=4), NOW + timedelta(minutes=20)
ID = "01900000-0000-7000-8000-0000000000c1"
OURS, THEIRS = ApiKey("alpe", ID, frozenset(("catalogue", "public-events")), LATER), ApiKey("other", ID)
FIRST, SECOND, THIRD = (sha256(each).digest() for each in (b"first", b"second", b"third"))


@pytest.fixture
async def store(identity_url: str | None) -> AsyncIterator[KeyStore]:
    if identity_url is None:
        yield MemoryKeyStore()
        return
    postgres = PostgresIdentityStore(identity_url)
    yield PostgresKeyStore(postgres.connections)
    await postgres.close()


async def test_a_key_is_known_by_its_secret_until_it_expires(store: KeyStore) -> None:
    assert await store.keep_key(OURS, FIRST)
    assert await store.key_of_secret(FIRST, SOON) == OURS
    assert await store.key_of_secret(SECOND, SOON) is None
    assert await store.key_of_secret(FIRST, LATER) is None


async def test_a_secret_is_replaced_as_long_as_nobody_used_it(store: KeyStore) -> None:
    assert await store.keep_key(OURS, FIRST)
    assert await store.keep_key(OURS, SECOND)
    assert await store.key_of_secret(FIRST, NOW) is None
    await store.use_key(OURS, NOW)
    assert not await store.keep_key(OURS, THIRD)
    assert await store.key_of_secret(SECOND, NOW) == OURS


async def test_when_a_key_was_used_is_kept_to_some_minutes(store: KeyStore) -> None:
    await store.keep_key(OURS, FIRST)
    assert await store.used("alpe", [ID]) == {}
    for at in (NOW, SOON):
        await store.use_key(OURS, at)
    assert await store.used("alpe", [ID]) == {ID: NOW}
    await store.use_key(OURS, LATER)
    assert await store.used("alpe", [ID]) == {ID: LATER}
    assert await store.used("other", [ID]) == {}


async def test_a_revoked_key_stays_so_and_is_no_other_organizations(store: KeyStore) -> None:
    await store.keep_key(OURS, FIRST)
    await store.keep_key(THEIRS, SECOND)
    await store.revoke_key("other", ID, NOW)
    assert await store.key_of_secret(SECOND, NOW) is None
    assert not await store.keep_key(THEIRS, THIRD)
    assert await store.key_of_secret(FIRST, NOW) == OURS


async def test_revoked_keys_are_told_of_beside_devices(database: Database) -> None:
    postgres = PostgresIdentityStore(database.identity_url)
    try:
        await PostgresKeyStore(postgres.connections).revoke_key("alpe", ID, SOON)
        machines = PostgresMachineStore(postgres.connections)
        assert list(await machines.revoked_since(SOON)) == [OURS.qualified]
        assert list(await machines.revoked_since(LATER)) == []
    finally:
        await postgres.close()
