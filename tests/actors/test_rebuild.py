"""A read model is built anew beside the one that serves, compared at one position, and swapped in one moment."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from consign.actors.queries import Selection
from consign.actors.rebuild import Rebuilder, RebuildFailed, TableDifference, new_build
from consign.actors.runner import Runner
from consign.actors.runner_changes import ChangeFeed
from consign.actors.runner_organization import first_checkpoint
from consign.actors.runner_ports import Checkpoint
from consign.adapters.postgres.projection_store_rebuild import PostgresRebuildStore
from consign.adapters.postgres.projection_tables import TableMismatch, drop_unused_tables, ensure_tables
from consign.adapters.postgres.queries import PostgresReadModels
from consign.domain.recorded import StoredEvent, identity_of
from consign.projections.projection import Change, Projection, Put, Rows, Table
from tests.actors.test_runner import EVERY_SLICE, POLLS, reaches, running
from tests.support.cluster import Database
from tests.support.eventually import eventually
from tests.support.fan_out import background
from tests.support.read_models import ReadModels, folded, read_models
from tests.support.toy_business import Added, ToyBusiness
from tests.support.toy_log import ToyLog
from tests.support.toy_projection import COUNTERS, CounterRow, SizeRow, counters


def _doubled(stored: StoredEvent, event: Added, rows: Rows) -> Sequence[Change]:
    """Version 2 shows counters twice as large."""
    changes: list[Change] = []
    for change in COUNTERS.apply(stored, event, rows):
        match change:
            case Put("counters", CounterRow() as row):
                changes.append(Put("counters", replace(row, total=2 * event.total)))
            case _:
                changes.append(change)
    return changes


DOUBLED = counters(version=2, apply=_doubled)


@pytest.fixture
async def models(database: Database) -> AsyncIterator[ReadModels]:
    async with read_models(database) as models:
        yield models


@pytest.fixture
async def log(models: ReadModels) -> ToyLog:
    """A log whose read model is up to date."""
    log = await ToyLog.begin(models.log)
    for number in range(30):
        await log.commit([(f"counter{number % 7}", number + 1)], [("pears", 1), ("plums", 2)])
    async with running(models, limits=POLLS):
        await reaches(models, 90)
    return log


def rebuilder(models: ReadModels) -> Rebuilder:
    store = PostgresRebuildStore(models.pool)
    return Rebuilder(store=store, log=store, decode=ToyBusiness().decode_event)


async def make_tables(models: ReadModels, *projections: Projection, build: int = 0) -> None:
    connection = await asyncpg.connect(models.database.owner_url)
    await ensure_tables(connection, projections, builds=(build,))
    await connection.close()


async def test_the_same_version_rebuilt_is_equal_and_serves(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, COUNTERS, build=1)
    seen: list[tuple[int, int]] = []
    report = await rebuilder(models).rebuild("acme", COUNTERS, progress=lambda *at: seen.append(at))
    assert (report.position, report.events, report.compared_at) == (90, 90, 90)
    assert all(difference.is_equal for difference in report.differences)
    assert [difference.same for difference in report.differences] == [9, 90, 1]
    assert seen == [(90, 90)]
    row = await models.serving()
    assert (row["build"], row["status"], row["checkpoint"]) == (1, "running", 90)
    assert await models.tables(build=1) == folded(log.events)
    assert await models.tables(build=0) == {"counters": {}, "additions": {}, "size": {}}


async def test_a_new_version_is_compared_and_swapped_in(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, DOUBLED)
    report = await rebuilder(models).rebuild("acme", DOUBLED)
    assert report.differences == [
        TableDifference("counters", changed=9),
        TableDifference("additions", same=90),
        TableDifference("size", same=1),
    ]
    queries = PostgresReadModels(models.database.reader_url)
    found = await queries.get("acme", DOUBLED, "counters", ("pears",))
    await queries.close()
    assert (found.row.total if found.row else 0, found.at.version, found.at.position) == (60, 2, 90)
    assert await models.tables(DOUBLED) == folded(log.events, DOUBLED)


async def test_differing_lost_and_surplus_rows_are_counted(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, COUNTERS, build=1)
    await models.administer(
        "DELETE FROM consign.rm_counters_v1_counters WHERE counter = 'pears'; "
        "UPDATE consign.rm_counters_v1_counters SET total = 0 WHERE counter = 'plums'; "
        "INSERT INTO consign.rm_counters_v1_size VALUES ('acme', 'none', 0)"
    )
    report = await rebuilder(models).rebuild("acme", COUNTERS)
    assert report.differences == [
        TableDifference("counters", same=7, changed=1, only_new=1),
        TableDifference("additions", same=90),
        TableDifference("size", same=1, only_old=1),
    ]
    assert await models.tables(build=1) == folded(log.events)


async def test_a_rebuild_may_go_back_and_forth_between_fillings(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, COUNTERS, build=1)
    for _ in range(3):
        await rebuilder(models).rebuild("acme", COUNTERS)
    assert (await models.serving())["build"] == 1
    assert await models.value("SELECT count(*) FROM consign.projection") == 1
    assert await models.tables(build=1) == folded(log.events)


async def test_while_it_is_rebuilt_the_read_model_moves_on_and_nothing_is_lost(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, COUNTERS, build=1)
    queries = PostgresReadModels(models.database.reader_url)
    async with running(models, limits=POLLS) as runner:

        async def write() -> None:
            for number in range(200):
                runner.offer([await log.commit([(f"counter{number % 7}", 1)])])

        async def look() -> None:
            position = 0
            while position < 290:
                page = await queries.select("acme", COUNTERS, "counters", Selection())
                assert page.at.position >= position
                assert len(page.rows) == 9
                position = page.at.position
                if writing.done():
                    await reaches(models, log.head.position)

        writing = asyncio.create_task(write())
        looking = asyncio.create_task(look())
        first = await rebuilder(models).rebuild("acme", COUNTERS)
        second = await rebuilder(models).rebuild("acme", COUNTERS)
        await writing
        await reaches(models, 290)
        await looking
    await queries.close()
    assert all(difference.is_equal for report in (first, second) for difference in report.differences)
    assert await models.tables(build=0) == folded(log.events)


async def test_a_stopped_read_model_is_mended_by_a_rebuild(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", 1)
    await log.add("poison", 1)
    await log.add("apples", 1)
    async with running(models, limits=POLLS):
        await eventually_status(models, "stopped")
    mended = counters(version=2, apply=_tolerant)
    await make_tables(models, mended)
    report = await rebuilder(models).rebuild("acme", mended)
    assert (report.compared_at, report.position) == (1, 3)
    assert (await models.serving())["status"] == "running"
    assert await models.tables(mended) == folded(log.events, mended)


def _tolerant(stored: StoredEvent, event: Added, rows: Rows) -> Sequence[Change]:
    return () if identity_of(stored.stream) == "poison" else COUNTERS.apply(stored, event, rows)


async def eventually_status(models: ReadModels, status: str) -> None:
    async def so() -> bool:
        return bool((await models.serving())["status"] == status)

    await eventually(so)


async def test_what_cannot_be_built_leaves_the_old_one_serving(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, DOUBLED)
    await log.add("poison", 1)
    with pytest.raises(RebuildFailed, match="event 91: ValueError: this counter cannot be shown"):
        await rebuilder(models).rebuild("acme", DOUBLED)
    row = await models.serving()
    assert (row["version"], row["checkpoint"]) == (1, 90)


async def test_after_a_restore_a_rebuild_follows_the_new_log(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, COUNTERS, build=1)
    await models.administer("UPDATE consign.heads SET log_id = gen_random_uuid()")
    async with running(models, limits=POLLS):
        await eventually_status(models, "forked")
        report = await rebuilder(models).rebuild("acme", COUNTERS)
        assert report.compared_at is None
        await log.add("pears", 5)
        await reaches(models, 91)
    assert await models.tables(build=1) == folded(log.events)


async def test_the_runner_has_a_newer_version_built_and_goes_on_with_it(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, DOUBLED)
    runner = Runner(
        (DOUBLED,),
        store=models.store,
        log=models.store,
        heads=models.store,
        decode=ToyBusiness().decode_event,
        changes=ChangeFeed(),
        served=lambda: EVERY_SLICE,
        upgrade=rebuilder(models).upgrade,
        limits=POLLS,
    )
    async with background(runner.run()):

        async def swapped() -> bool:
            return bool((await models.serving()).get("version") == 2)

        await eventually(swapped)
        await log.add("pears", 5)
        await reaches(models, 91)
    assert await models.tables(DOUBLED) == folded(log.events, DOUBLED)


async def test_an_organization_without_the_read_model_gets_one(models: ReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await log.commit([("apples", 1), ("pears", 2)])
    report = await rebuilder(models).rebuild("acme", COUNTERS)
    assert (report.compared_at, report.differences, report.position) == (None, (), 2)
    assert await models.tables() == folded(log.events)


async def test_an_older_version_goes_once_nobody_uses_it(models: ReadModels, log: ToyLog) -> None:
    await make_tables(models, DOUBLED)
    connection = await asyncpg.connect(models.database.owner_url)
    assert await drop_unused_tables(connection, (DOUBLED,)) == []
    assert await models.tables() == folded(log.events)
    await rebuilder(models).rebuild("acme", DOUBLED)
    assert await drop_unused_tables(connection, (COUNTERS,)) == []
    reading = await asyncpg.connect(models.database.url)
    async with reading.transaction():
        await reading.fetch("SELECT FROM consign.rm_counters_v1_size")
        assert sorted(await drop_unused_tables(connection, (DOUBLED,))) == [
            "rm_counters_v1_additions",
            "rm_counters_v1_counters",
        ]
    await reading.close()
    assert await drop_unused_tables(connection, (DOUBLED,)) == ["rm_counters_v1_size"]
    assert await models.tables(DOUBLED) == folded(log.events, DOUBLED)
    await connection.close()


async def test_tables_are_made_by_several_processes_at_once_and_checked(database: Database) -> None:
    connections = [await asyncpg.connect(database.owner_url) for _ in range(4)]
    await asyncio.gather(*(ensure_tables(connection, (COUNTERS, DOUBLED)) for connection in connections))
    changed = replace(COUNTERS, tables=(Table("counters", SizeRow, ("name",)),))
    with pytest.raises(TableMismatch):
        await ensure_tables(connections[0], (changed,))
    for connection in connections:
        await connection.close()


def test_a_new_version_is_built_beside_and_the_same_version_in_its_other_filling() -> None:
    serving = replace(_checkpoint(), build=1)
    assert new_build(None, COUNTERS) == 0
    assert new_build(_checkpoint(), COUNTERS) == 1
    assert new_build(serving, COUNTERS) == 0
    assert new_build(serving, DOUBLED) == 0


def _checkpoint() -> Checkpoint:
    return first_checkpoint("acme", COUNTERS, UUID(int=1))
