"""Personal data: readable only with the person's and the installation's key, in its own place; gone when forgotten."""

from uuid import uuid4

import asyncpg
import pytest

from consign.adapters.crypto.sealing import KeyEncryption, SealBroken, seal, unseal
from consign.adapters.postgres.vault import PostgresVault
from tests.support.cluster import Database

KEY = bytes(range(32))


@pytest.fixture
def vault(database: Database) -> PostgresVault:
    return PostgresVault(database.writer_url, database.reader_url, KeyEncryption(KEY))


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


async def test_a_ciphertext_means_nothing_to_others(vault: PostgresVault) -> None:
    ada, bob = str(uuid4()), str(uuid4())
    sealed = await vault.seal("acme", {ada: b"Ada", bob: b"Bob"})
    with pytest.raises(SealBroken):
        await vault.unseal("acme", [(bob, sealed[ada] or "")])
    assert await vault.unseal("other", [(ada, sealed[ada] or "")]) == [None]
    await vault.close()


async def test_the_database_alone_opens_nothing(vault: PostgresVault, database: Database) -> None:
    ada = str(uuid4())
    sealed = await vault.seal("acme", {ada: b"Ada"})
    await vault.close()
    stranger = PostgresVault(database.writer_url, database.reader_url, KeyEncryption(bytes(32)))
    with pytest.raises(SealBroken):
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
