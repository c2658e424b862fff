"""What was kept long enough goes: each kind after its own time, in batches, whatever becomes of the others."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from consign.actors.ports import LogUnavailable
from consign.adapters.crypto.key_ring import KeyRing
from consign.adapters.crypto.sealing import Digests
from consign.adapters.erasures import ErasureList
from consign.adapters.memory.identity_store import MemoryIdentityStore
from consign.adapters.postgres.key_encryption import key_in_use
from consign.adapters.postgres.vault import PostgresVault
from consign.http.ports import Vault
from consign.http.quarantine import Quarantine
from consign.identity.store import Link
from consign.projections.conflicts import QuarantinedBytesRow
from consign.service.retention import BATCH, BATCHES_MAX, Kind, Retention
from tests.support.cluster import Database
from tests.support.eventually import eventually

KEY = bytes(range(32))
NOON = datetime(2026, 9, 26, 12, tzinfo=UTC)


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
async def vault(database: Database, tmp_path: Path) -> PostgresVault:
    ring = KeyRing(lambda: (KEY,))
    writer = await asyncpg.connect(database.writer_url)
    await key_in_use(writer, ring)
    await writer.close()
    erasures = ErasureList(tmp_path / "erasures")
    return PostgresVault(database.writer_url, database.reader_url, ring, Digests(KEY), erasures)


async def test_uploads_that_could_not_be_read_are_read_for_their_days_and_not_a_day_longer(
    vault: PostgresVault,
) -> None:
    clock = Clock()
    as_port: Vault = vault
    quarantine = Quarantine(as_port, kept_days=90, now=clock)
    retention = Retention({"quarantine_keys": Kind(timedelta(), vault.forget_ended)}, now=clock)
    kept = await quarantine.kept("acme", "", [b"torn", b"", bytes(range(256)) * 2_000])
    rows = [QuarantinedBytesRow(each.quarantine, "sale", each.key, each.data) for each in kept]
    clock.at = NOON + timedelta(days=90)
    assert await retention.sweep() == {"quarantine_keys": 0}
    assert [await quarantine.opened("acme", row) for row in rows] == [b"torn", b"", bytes(range(256)) * 2_000]
    clock.at += timedelta(days=1)
    with capture_logs() as lines:
        assert [await retention.sweep() for _ in range(2)] == [{"quarantine_keys": 1}, {"quarantine_keys": 0}]
    assert [(line["event"], line["quarantine_keys"]) for line in lines] == [("kept_long_enough", 1)]
    assert [await quarantine.opened("acme", row) for row in rows] == [None] * 3
    assert retention.counters()["retention_removed_quarantine_keys_total"] == 1
    await vault.close()


async def test_each_kind_goes_after_its_own_time_though_another_fails() -> None:
    async def away(_: datetime, __: int) -> int:
        raise LogUnavailable("away")

    clock, store = Clock(), MemoryIdentityStore()
    for name in (b"1", b"2"):
        await store.keep_link(Link(uuid4(), name * 32, name, name * 32, name, NOON, 5))
    retention = Retention(
        {"keys": Kind(timedelta(), away), "sign_ins": Kind(timedelta(days=7), store.purge)}, now=clock
    )
    clock.at = NOON + timedelta(days=7)
    assert await retention.sweep() == {"keys": 0, "sign_ins": 0}
    clock.at += timedelta(seconds=1)
    assert await retention.sweep() == {"keys": 0, "sign_ins": 2}
    assert retention.counters() == {
        "retention_removed_keys_total": 0,
        "retention_removed_sign_ins_total": 2,
        "retention_failures_total": 2,
    }


async def test_what_failed_is_tried_again_before_long() -> None:
    tries: list[int] = []

    async def away_at_first(_: datetime, __: int) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise LogUnavailable("away")
        return 0

    running = asyncio.create_task(Retention({"keys": Kind(timedelta(), away_at_first)}, again_s=0.001).run())
    await eventually(lambda: len(tries) == 2)
    running.cancel()
    await asyncio.wait([running])


async def test_however_much_there_is_it_goes_in_batches_and_ends() -> None:
    asked: list[int] = []

    async def endless(_: datetime, limit: int) -> int:
        asked.append(limit)
        return limit

    await Retention({"more": Kind(timedelta(), endless)}, now=Clock()).sweep()
    assert asked == [BATCH] * BATCHES_MAX
