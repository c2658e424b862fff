"""Queries: pages, filters, orders, one snapshot, and only one's own organization."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from consign.actors.ports import LogUnavailable
from consign.actors.queries import (
    Page,
    QueryRefused,
    ReadModelMissing,
    ReadModelStopped,
    Selection,
    Sort,
    Sum,
    Summing,
    wait_for,
)
from consign.actors.runner_changes import Change, ChangeFeed
from consign.adapters.postgres.queries import PostgresReadModels
from consign.projections.projection import Projection
from tests.actors.test_runner import POLLS, reaches, running
from tests.support.cluster import Database
from tests.support.read_models import ReadModels, read_models
from tests.support.toy_log import ToyLog
from tests.support.toy_projection import COUNTERS, CounterRow, SizeRow, counters

pytestmark = pytest.mark.asyncio
TOTALS = {"apples": 5, "figs": 5, "kiwis": 1, "limes": 9, "pears": 5, "plums": 2}


@pytest.fixture
async def models(database: Database) -> AsyncIterator[ReadModels]:
    async with read_models(database) as models:
        for organization in ("acme", "other"):
            log = await ToyLog.begin(models.log, organization)
            await log.commit(list(TOTALS.items()))
        async with running(models, limits=POLLS):
            await reaches(models, 6)
            await reaches(models, 6, organization="other")
        yield models


@pytest.fixture
async def queries(models: ReadModels) -> AsyncIterator[PostgresReadModels]:
    queries = PostgresReadModels(models.database.reader_url)
    yield queries
    await queries.close()


async def names(queries: PostgresReadModels, selection: Selection) -> list[str]:
    """Return the counters of every page, in order."""
    found: list[str] = []
    while True:
        page: Page = await queries.select("acme", COUNTERS, "counters", selection)
        found.extend(row.counter for row in page.rows)
        if page.next_cursor is None:
            return found
        selection = Selection(selection.where, selection.above, selection.sort, selection.limit, page.next_cursor)


async def test_a_row_is_found_by_its_key_with_the_position_it_is_true_at(queries: PostgresReadModels) -> None:
    found = await queries.get("acme", COUNTERS, "counters", ("limes",))
    assert isinstance(found.row, CounterRow)
    assert (found.row.total, found.row.last_amounts, found.row.note, found.at.position) == (9, (9,), None, 6)
    assert (await queries.get("acme", COUNTERS, "counters", ("melons",))).row is None
    assert (await queries.get("acme", COUNTERS, "size", ("all",))).row == SizeRow("all", 6)


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
async def test_pages_follow_each_other_without_gap_or_repetition(queries: PostgresReadModels, limit: int) -> None:
    by_total = (Sort("total", descending=True), Sort("counter"))
    assert await names(queries, Selection(limit=limit)) == sorted(TOTALS)
    assert await names(queries, Selection(limit=limit, sort=(Sort("counter", descending=True),))) == sorted(
        TOTALS, reverse=True
    )
    assert await names(queries, Selection(limit=limit, sort=by_total)) == sorted(
        TOTALS, key=lambda name: (-TOTALS[name], name)
    )
    assert await names(queries, Selection(limit=limit, sort=(Sort("total"),))) == sorted(
        TOTALS, key=lambda name: (TOTALS[name], name)
    )


async def test_rows_are_filtered_by_equality_and_lower_bound(queries: PostgresReadModels) -> None:
    assert await names(queries, Selection(where={"total": 5})) == ["apples", "figs", "pears"]
    assert await names(queries, Selection(where={"counter": ("plums", "figs", "none")})) == ["figs", "plums"]
    assert await names(queries, Selection(where={"note": None, "total": 1})) == ["kiwis"]
    assert await names(queries, Selection(above={"total": 4}, limit=2)) == ["apples", "figs", "limes", "pears"]


async def test_rows_are_bounded_above_too(queries: PostgresReadModels) -> None:
    assert await names(queries, Selection(above={"total": 1}, up_to={"total": 5})) == [
        "apples",
        "figs",
        "pears",
        "plums",
    ]


async def test_rows_are_summed_by_group_and_groups_of_nothing_are_left_out(queries: PostgresReadModels) -> None:
    fruit = Sum("total", {"counter": ("apples", "plums")})
    by_total = Summing(("total",), (Sum("total"), fruit), up_to={"total": 5})
    found = await queries.summed("acme", COUNTERS, "counters", by_total)
    assert [(group.key, group.sums) for group in found.groups] == [((1,), (1, 0)), ((2,), (2, 2)), ((5,), (15, 5))]
    whole = await queries.summed("acme", COUNTERS, "counters", Summing((), (fruit,)))
    assert ([(group.key, group.sums) for group in whole.groups], whole.at.position) == ([((), (7,))], 6)
    nothing = Summing((), (Sum("total"),), where={"counter": "melons"})
    assert (await queries.summed("acme", COUNTERS, "counters", nothing)).groups == []
    for refused in (
        Summing(("colour",), (Sum("total"),)),
        Summing((), (Sum("colour"),)),
        Summing(("counter",), (Sum("total"),), limit=5),
        Summing((), (Sum("total"),), where={"total": "five"}),
    ):
        with pytest.raises(QueryRefused):
            await queries.summed("acme", COUNTERS, "counters", refused)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(where={"colour": "red"}),
        Selection(sort=(Sort("colour"),)),
        Selection(sort=(Sort("note"),)),
        Selection(sort=(Sort("last_amounts"),)),
        Selection(limit=0),
        Selection(limit=501),
        Selection(cursor="!"),
        Selection(cursor="x" * 2001),
        Selection(cursor="kqFhkaFi"),
        Selection(where={"total": "five"}),
        Selection(where={"counter": "a\x00b"}),
        Selection(where={"total": 2**70}),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(queries: PostgresReadModels, selection: Selection) -> None:
    with pytest.raises(QueryRefused):
        await queries.select("acme", COUNTERS, "counters", selection)
    assert len(await names(queries, Selection())) == 6


async def test_a_cursor_of_another_order_is_refused(queries: PostgresReadModels) -> None:
    page = await queries.select("acme", COUNTERS, "counters", Selection(limit=2))
    with pytest.raises(QueryRefused):
        await queries.select("acme", COUNTERS, "counters", Selection(sort=(Sort("total"),), cursor=page.next_cursor))


async def test_an_organization_without_the_read_model_has_none(queries: PostgresReadModels) -> None:
    for organization in ("nobody", "x'; --", "UPPER"):
        with pytest.raises(ReadModelMissing):
            await queries.get(organization, COUNTERS, "counters", ("apples",))


async def test_a_version_that_is_not_built_yet_is_answered_by_the_older_one(
    models: ReadModels, queries: PostgresReadModels
) -> None:
    found = await queries.get("acme", counters(version=2), "counters", ("limes",))
    assert (found.row.total if found.row else None, found.at.version) == (9, 1)


async def test_the_database_itself_keeps_organizations_apart(models: ReadModels) -> None:
    reader = await asyncpg.connect(models.database.reader_url)
    tables = ["projection", "rm_counters_v1_counters", "rm_counters_v1_additions", "rm_counters_v1_size"]
    for table in tables:
        assert await reader.fetchval(f"SELECT count(*) FROM consign.{table}") == 0
        async with reader.transaction():
            await reader.execute("SELECT set_config('consign.organization', 'acme', true)")
            seen = await reader.fetch(f"SELECT DISTINCT organization_id FROM consign.{table}")
            assert [row[0] for row in seen] == ["acme"]
        assert await reader.fetchval(f"SELECT count(*) FROM consign.{table}") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(f"DELETE FROM consign.{table}")
    await reader.close()


async def test_a_snapshot_shows_rows_and_position_of_one_moment(
    models: ReadModels, queries: PostgresReadModels
) -> None:
    log = await ToyLog.begin(models.log, "busy")
    async with running(models) as runner:
        writing = asyncio.create_task(_write(log, runner.offer, 150))
        while not writing.done():
            try:
                found = await queries.get("busy", COUNTERS, "counters", ("apples",))
            except ReadModelMissing:
                continue
            assert found.at.position == (found.row.total if found.row else 0)
        await writing


async def _write(log: ToyLog, offer: object, times: int) -> None:
    assert callable(offer)
    for _ in range(times):
        offer([await log.commit([("apples", 1)])])


async def waited(
    queries: PostgresReadModels, position: int, *, timeout_s: float = 5.0, projection: Projection = COUNTERS
) -> str:
    return await wait_for(queries, ChangeFeed(), "acme", projection, position, timeout_s=timeout_s)


async def test_a_reader_waits_for_its_own_write(models: ReadModels, queries: PostgresReadModels) -> None:
    assert await waited(queries, 6) == "reached"
    log = await ToyLog.begin(models.log)
    waiting = asyncio.create_task(waited(queries, 7))
    await log.commit([("figs", 1)])
    async with running(models, limits=POLLS):
        assert await waiting in ("reached", "beyond_the_head")
        assert await waited(queries, 7) == "reached"


async def test_a_reader_is_told_not_yet_when_its_time_is_over(models: ReadModels, queries: PostgresReadModels) -> None:
    log = await ToyLog.begin(models.log)
    await log.commit([("figs", 1)])
    assert await waited(queries, 7, timeout_s=0.1) == "not_yet"


async def test_a_reader_does_not_wait_for_what_cannot_come(models: ReadModels, queries: PostgresReadModels) -> None:
    assert await waited(queries, 7) == "beyond_the_head"
    changes = ChangeFeed()
    assert await wait_for(queries, changes, "acme", COUNTERS, 1, timeout_s=5, log_id=uuid4()) == "other_log"
    log = await ToyLog.begin(models.log)
    await log.commit([("poison", 1)])
    await models.administer("UPDATE consign.projection SET status = 'stopped', error = 'poison'")
    assert await waited(queries, 7) == "halted"
    assert await waited(queries, 6) == "reached"


async def test_a_read_model_that_fails_says_so_instead_of_not_yet(
    models: ReadModels, queries: PostgresReadModels
) -> None:
    await models.administer("ALTER TABLE consign.rm_counters_v1_counters RENAME TO elsewhere")
    with pytest.raises(ReadModelMissing):
        await queries.select("acme", COUNTERS, "counters", Selection())
    await models.administer("UPDATE consign.projection SET status = 'failing', error = 'its table is gone'")
    with pytest.raises(ReadModelStopped):
        await queries.select("acme", COUNTERS, "counters", Selection())
    log = await ToyLog.begin(models.log)
    await log.commit([("apples", 1)])
    assert await waited(queries, 7) == "halted"


async def test_a_step_in_this_process_wakes_the_reader() -> None:
    feed = ChangeFeed()
    with feed.subscribe("acme") as subscription:
        waiting = asyncio.create_task(subscription.changes(5))
        await asyncio.sleep(0)
        log_id = uuid4()
        for position in (1, 2, 3):
            feed.publish(Change("acme", "counters", log_id, position))
        assert await waiting == [Change("acme", "counters", log_id, 3)]


async def test_a_database_that_is_away_is_said_to_be() -> None:
    queries = PostgresReadModels("postgresql://consign_reader:secret@127.0.0.1:1/consign")
    with pytest.raises(LogUnavailable):
        await queries.standing("acme", COUNTERS)
