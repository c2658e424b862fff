"""Another key-encryption key takes the place of the present one: nobody is lost, and the former one opens nothing."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from consign.actors.ports import LogUnavailable
from consign.adapters.crypto.key_ring import KeyMissing, KeyRing, key_id_of
from consign.adapters.crypto.sealing import Digests
from consign.adapters.erasures import ErasureList
from consign.adapters.installation import begin_key_change, finish_key_change, key_encryption_keys
from consign.adapters.postgres.key_encryption import BATCH, Rotation, key_in_use
from consign.adapters.postgres.vault import PostgresVault
from tests.e2e.service_process import environment_of
from tests.support.cluster import Database
from tests.support.eventually import eventually

FORMER, NEW = bytes(range(32)), bytes(range(32, 64))
ADA, BEN, CLEO = (str(uuid4()) for _ in range(3))


def vault_of(database: Database, tmp_path: Path, *keys: bytes) -> PostgresVault:
    ring = KeyRing(lambda: keys)
    return PostgresVault(
        database.writer_url, database.reader_url, ring, Digests(FORMER), ErasureList(tmp_path / "erasures")
    )


async def settled(database: Database, *keys: bytes) -> bytes:
    """Use the database as a process does that was given the keys; return the root secret."""
    writer = await asyncpg.connect(database.writer_url)
    try:
        return (await key_in_use(writer, KeyRing(lambda: keys))).root_secret
    finally:
        await writer.close()


async def rotated(database: Database, *keys: bytes) -> int:
    writer = await asyncpg.connect(database.writer_url)
    try:
        return await Rotation(writer, KeyRing(lambda: keys)).run()
    finally:
        await writer.close()


async def wrapped_by(database: Database, key: bytes) -> int:
    connection = await asyncpg.connect(database.url)
    try:
        count: int = await connection.fetchval(
            "SELECT count(*) FROM consign.subject_keys WHERE substring(wrapped_key FROM 2 FOR 8) = $1", key_id_of(key)
        )
    finally:
        await connection.close()
    return count


async def test_what_was_sealed_before_is_read_under_the_new_key_and_under_the_former_one_nothing_is(
    database: Database, tmp_path: Path
) -> None:
    root = await settled(database, FORMER)
    before = vault_of(database, tmp_path, FORMER)
    sealed = await before.seal("acme", {ADA: b"Ada", BEN: b"Ben"})
    await before.forget("acme", BEN)
    both = vault_of(database, tmp_path, NEW, FORMER)
    cleo = await both.seal("acme", {CLEO: b"Cleo"})
    assert await wrapped_by(database, FORMER) == 2  # the former one is in use until the rotation begins

    assert await rotated(database, NEW, FORMER) == 2

    everybody = [(ADA, sealed[ADA] or ""), (BEN, sealed[BEN] or ""), (CLEO, cleo[CLEO] or "")]
    after = vault_of(database, tmp_path, NEW)
    for vault in (both, after):
        assert await vault.unseal("acme", everybody) == [b"Ada", None, b"Cleo"]
    assert await settled(database, NEW) == root
    with pytest.raises(KeyMissing):
        await settled(database, FORMER)
    with pytest.raises(LogUnavailable, match=key_id_of(NEW).hex()):
        await before.unseal("acme", everybody)
    with pytest.raises(LogUnavailable, match=key_id_of(NEW).hex()):
        await before.seal("acme", {str(uuid4()): b"Dora"})
    assert await rotated(database, NEW) == 0
    for vault in (before, both, after):
        await vault.close()


async def test_a_rotation_that_was_killed_goes_on_when_it_is_begun_again(database: Database, tmp_path: Path) -> None:
    await settled(database, FORMER)
    vault = vault_of(database, tmp_path, NEW, FORMER)
    people = [str(uuid4()) for _ in range(4 * BATCH)]
    sealed = await vault.seal("acme", dict.fromkeys(people, b"somebody"))
    everybody = [(person, sealed[person] or "") for person in people]
    environment = {
        **environment_of(database, "nats://127.0.0.1:1", "nats://127.0.0.1:1"),
        "CONSIGN_KEY_ENCRYPTION_KEY": f"{NEW.hex()},{FORMER.hex()}",
    }
    command = (sys.executable, "-c", "from consign.cli import main; main()", "rotate-key")
    async with held_back(database, max(people)) as holding:
        killed = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment})
        await eventually(lambda: _but_one_batch(database))
        # The last batch is held back by then; of a process that is killed sooner it could still arrive.
        await eventually(lambda: _somebody_waits(holding))
        killed.kill()
        await killed.wait()
        await holding.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        await eventually(lambda: _nobody_waits(holding))
    assert await wrapped_by(database, FORMER) == BATCH
    assert await vault.unseal("acme", everybody) == [b"somebody"] * len(people)
    await vault.forget("acme", people[-1])

    again = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment})
    assert await again.wait() == 0

    assert await wrapped_by(database, NEW) == len(people) - 1
    after = vault_of(database, tmp_path, NEW)
    assert await after.unseal("acme", everybody) == [*[b"somebody"] * (len(people) - 1), None]
    await vault.close()
    await after.close()


async def _but_one_batch(database: Database) -> bool:
    return await wrapped_by(database, NEW) == 3 * BATCH


async def _somebody_waits(connection: asyncpg.Connection) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return bool(await connection.fetchval(waiting))


async def _nobody_waits(connection: asyncpg.Connection) -> bool:
    return not await _somebody_waits(connection)


@asynccontextmanager
async def held_back(database: Database, person: str) -> AsyncIterator[asyncpg.Connection]:
    """Let nobody change the person's key for as long as the context is open."""
    connection = await asyncpg.connect(database.url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM consign.subject_keys WHERE subject_id = $1 FOR UPDATE", UUID(person))
            yield connection
    finally:
        await connection.close()


async def test_a_process_that_runs_on_reads_a_file_of_keys_again_when_it_meets_a_new_one(
    database: Database, tmp_path: Path
) -> None:
    running = KeyRing(lambda: key_encryption_keys(tmp_path, None))
    (former,) = key_encryption_keys(tmp_path, None)
    erasures = ErasureList(tmp_path / "erasures")
    vault = PostgresVault(database.writer_url, database.reader_url, running, Digests(FORMER), erasures)
    await settled(database, former)
    sealed = await vault.seal("acme", {ADA: b"Ada"})

    begin_key_change(tmp_path)
    begin_key_change(tmp_path)  # begun again after it was interrupted: the same one
    new, *rest = key_encryption_keys(tmp_path, None)
    assert rest == [former]
    await rotated(database, *key_encryption_keys(tmp_path, None))
    retired = finish_key_change(tmp_path)

    assert key_encryption_keys(tmp_path, None) == [new]
    assert retired.read_text().split() == [former.hex()]
    assert retired.stat().st_mode & 0o077 == 0
    assert await vault.unseal("acme", [(ADA, sealed[ADA] or "")]) == [b"Ada"]
    assert (await vault.seal("acme", {BEN: b"Ben"}))[BEN] is not None
    assert await wrapped_by(database, new) == 2
    await vault.close()
