"""Personal data: readable only with the person's and the installation's key, in its own place; gone when forgotten."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from consign.actors.ports import LogUnavailable
from consign.adapters.crypto.key_ring import KeyRing
from consign.adapters.crypto.sealing import Digests, SealBroken, seal, unseal
from consign.adapters.erasures import ErasureList
from consign.adapters.postgres.key_encryption import key_in_use
from consign.adapters.postgres.vault import PostgresVault
from tests.support.cluster import Database

KEY = bytes(range(32))
DIGESTS = Digests(KEY)
NOON = datetime(2026, 9, 26, 12, tzinfo=UTC)


def ring(*keys: bytes) -> KeyRing:
    return KeyRing(lambda: keys)


@pytest.fixture(autouse=True)
async def _in_use(database: Database) -> None:
    """Use the database with the key, as the first process does."""
    writer = await asyncpg.connect(database.writer_url)
    await key_in_use(writer, ring(KEY))
    await writer.close()


@pytest.fixture
def vault(database: Database, tmp_path: Path) -> PostgresVault:
    return PostgresVault(
        database.writer_url, database.reader_url, ring(KEY), DIGESTS, ErasureList(tmp_path / "erasures")
    )


async def test_what_was_sealed_is_opened_again_for_each_person(vault: PostgresVault) -> None:
    ada, bob = str(uuid4()), str(uuid4())
    sealed = await vault.seal("acme", {ada: b"Ada", bob: b"Bob"})
    again = await vault.seal("acme", {ada: b"Ada"})
    assert sealed[ada] != again[ada]
    opened = await vault.unseal("acme", [(bob, sealed[bob] or ""), (ada, again[ada] or ""), (ada, sealed[ada] or "")])
    assert opened == [b"Bob", b"Ada", b"Ada"]
    await vault.close()


async def test_a_forgotten_person_stays_forgotten_and_the_others_stay(vault: PostgresVault) -> None:
    ada, bob = str(uuid4()), str(uuid4())
    sealed = await vault.seal("acme", {ada: b"Ada", bob: b"Bob"})
    await vault.forget("acme", ada)
    await vault.forget("acme", ada)
    assert await vault.unseal("acme", [(ada, sealed[ada] or ""), (bob, sealed[bob] or "")]) == [None, b"Bob"]
    assert (await vault.seal("acme", {ada: b"Ada again"}))[ada] is None
    await vault.close()


async def test_what_is_kept_for_a_time_is_read_until_then_and_some_of_it_goes_at_once(vault: PostgresVault) -> None:
    day, later, ada = str(uuid4()), str(uuid4()), str(uuid4())
    kept = {
        day: await vault.seal_until("acme", day, [b"torn", b"torn again"], NOON),
        later: await vault.seal_until("acme", later, [b"late"], NOON + timedelta(days=1)),
        ada: list((await vault.seal("acme", {ada: b"Ada"})).values()),
    }
    sealed = [(subject, each or "") for subject, found in kept.items() for each in found or ()]
    assert await vault.forget_ended(NOON - timedelta(seconds=1), 10) == 0
    assert await vault.unseal("acme", sealed) == [b"torn", b"torn again", b"late", b"Ada"]
    assert [await vault.forget_ended(NOON, 10) for _ in range(2)] == [1, 0]
    assert await vault.unseal("acme", sealed) == [None, None, b"late", b"Ada"]
    assert await vault.seal_until("acme", day, [b"more"], NOON + timedelta(days=9)) is None
    assert await vault.forget_ended(NOON + timedelta(days=9), 0) == 0
    await vault.close()


async def test_who_was_forgotten_before_a_key_was_made_gets_none(vault: PostgresVault) -> None:
    ada = str(uuid4())
    await vault.forget("acme", ada)
    assert await vault.seal("acme", {ada: b"Ada"}) == {ada: None}
    await vault.close()


async def test_nobody_is_forgotten_whom_no_list_remembers(database: Database, tmp_path: Path) -> None:
    (tmp_path / "no directory").write_text("")
    erasures = ErasureList(tmp_path / "no directory" / "erasures")
    vault = PostgresVault(database.writer_url, database.reader_url, ring(KEY), DIGESTS, erasures)
    ada = str(uuid4())
    sealed = await vault.seal("acme", {ada: b"Ada"})
    with pytest.raises(LogUnavailable):
        await vault.forget("acme", ada)
    assert await vault.unseal("acme", [(ada, sealed[ada] or "")]) == [b"Ada"]
    await vault.close()


async def test_a_ciphertext_means_nothing_to_others(vault: PostgresVault) -> None:
    ada, bob = str(uuid4()), str(uuid4())
    sealed = await vault.seal("acme", {ada: b"Ada", bob: b"Bob"})
    with pytest.raises(SealBroken):
        await vault.unseal("acme", [(bob, sealed[ada] or "")])
    assert await vault.unseal("other", [(ada, sealed[ada] or "")]) == [None]
    await vault.close()


async def test_the_database_alone_opens_nothing(vault: PostgresVault, database: Database, tmp_path: Path) -> None:
    ada = str(uuid4())
    sealed = await vault.seal("acme", {ada: b"Ada"})
    await vault.close()
    stranger = PostgresVault(
        database.writer_url, database.reader_url, ring(bytes(32)), DIGESTS, ErasureList(tmp_path / "other")
    )
    with pytest.raises(LogUnavailable):
        await stranger.unseal("acme", [(ada, sealed[ada] or "")])
    await stranger.close()
    connection = await asyncpg.connect(database.url)
    wrapped = await connection.fetchval("SELECT wrapped_key FROM consign.subject_keys")
    await connection.close()
    assert len(wrapped) > 32
    with pytest.raises(SealBroken):
        unseal(wrapped[:32], sealed[ada] or "", f"acme/{ada}")


@pytest.mark.parametrize(
    "broken",
    ["", "no base64!", "AAAA", seal(KEY, b"Ada", "acme/bob")],
    ids=["empty", "no base64", "too short", "of somebody else"],
)
def test_what_is_broken_or_somebody_elses_is_refused(broken: str) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, broken, "acme/ada")
