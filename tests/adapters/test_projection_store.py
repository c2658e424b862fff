"""Read model tables hold exactly what a fold in memory holds, however the events are cut into steps."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.actors.ports import LogUnavailable
from consign.actors.runner_lane import Lane
from consign.actors.runner_organization import first_checkpoint, read_batch
from consign.actors.runner_ports import Checkpoint, ProjectionStore, RowRefused, Step, TablesUnavailable
from consign.adapters.memory.log import MemoryLog
from consign.adapters.memory.projection_store import MemoryProjectionStore
from consign.adapters.postgres.projection_statements import TableWrite, step_statement
from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
from consign.adapters.postgres.projection_tables import layouts, table_name
from consign.projections.projection import Key, Table
from consign.projections.registry import PROJECTIONS
from tests.support.cluster import Database
from tests.support.read_models import ReadModels, folded, read_models
from tests.support.toy_business import ToyBusiness
from tests.support.toy_log import ToyLog
from tests.support.toy_projection import COUNTERS, CounterRow

commands = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["apples", "pears", "plums", "figs"]), st.integers(-3, 3)), min_size=1, max_size=5
    ),
    min_size=1,
    max_size=12,
)


async def fold_in_steps(store: ProjectionStore, log: ToyLog, steps: list[int], cached_rows_max: int) -> None:
    """Take the log in steps of these sizes, beginning anew from the stored checkpoint each time a size is zero."""
    begin = first_checkpoint(log.head.organization_id, COUNTERS, log.head.log_id)
    lane = Lane(COUNTERS, await store.begin(begin), store, cached_rows_max=cached_rows_max)
    turn = 0
    while lane.checkpoint.position < log.head.position:
        size = steps[turn % len(steps)]
        turn += 1
        if not size:
            lane = Lane(COUNTERS, await store.begin(begin), store, cached_rows_max=cached_rows_max)
            continue
        batch = await read_batch(log.log, ToyBusiness().decode_event, lane.checkpoint, size)
        assert batch is not None
        assert not isinstance(batch, str)
        plan = await lane.plan(batch)
        assert plan.step is not None
        assert await store.step(log.head.organization_id, [plan.step]) == {"counters"}
        lane.stepped(plan.step)


@given(commands, st.lists(st.integers(0, 9), min_size=1, max_size=5).filter(any), st.integers(0, 6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
def test_tables_equal_the_fold_for_any_events_and_any_steps(
    database: Database, commands: list[list[tuple[str, int]]], steps: list[int], cached_rows_max: int
) -> None:
    asyncio.run(check(database, commands, steps, cached_rows_max))


async def check(
    database: Database, commands: list[list[tuple[str, int]]], steps: list[int], cached_rows_max: int
) -> None:
    in_memory = await ToyLog.begin(MemoryLog())
    await in_memory.commit(*commands)
    memory = MemoryProjectionStore()
    await fold_in_steps(memory, in_memory, steps, cached_rows_max)
    assert memory.tables("acme", COUNTERS) == folded(in_memory.events)
    organization = f"acme-{uuid4().hex[:12]}"
    async with read_models(database) as models:
        log = await ToyLog.begin(models.log, organization)
        await log.commit(*commands)
        await fold_in_steps(models.store, log, steps, cached_rows_max)
        assert await models.tables(organization=organization) == folded(log.events)


@pytest.fixture
async def models(database: Database) -> AsyncIterator[ReadModels]:
    async with read_models(database) as models:
        yield models


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> ProjectionStore:
    if request.param == "memory":
        return MemoryProjectionStore()
    models: ReadModels = request.getfixturevalue("models")
    return models.store


BEGIN = first_checkpoint("acme", COUNTERS, UUID(int=1))
ROW = CounterRow("apples", 3, True, datetime(2026, 5, 2, 9, tzinfo=UTC), (1, 2))


def step_to(position: int, *, before: Checkpoint = BEGIN, row: CounterRow | None = ROW) -> Step:
    after = replace(before, position=position, hash=bytes([position]) * 32)
    return Step(COUNTERS, before, after, {"counters": {("apples",): row}})


async def test_rows_and_checkpoint_are_written_together_and_once(store: ProjectionStore) -> None:
    assert await store.begin(BEGIN) == BEGIN
    assert await store.step("acme", [step_to(5)]) == {"counters"}
    assert await store.begin(BEGIN) == step_to(5).after
    late = step_to(7, row=replace(ROW, total=100))
    assert await store.step("acme", [late]) == frozenset()
    wanted = [("counters", ("apples",)), ("counters", ("pears",)), ("size", ("all",))]
    assert await store.fetch(BEGIN, COUNTERS, wanted) == {("counters", ("apples",)): ROW}


async def test_a_row_is_replaced_and_removed(store: ProjectionStore) -> None:
    await store.begin(BEGIN)
    first = step_to(1)
    second = step_to(2, before=first.after, row=replace(ROW, note="n", total=-1))
    third = step_to(3, before=second.after, row=None)
    for step, expected in ((first, ROW), (second, replace(ROW, note="n", total=-1)), (third, None)):
        assert await store.step("acme", [step]) == {"counters"}
        found = await store.fetch(BEGIN, COUNTERS, [("counters", ("apples",))])
        assert found.get(("counters", ("apples",))) == expected


async def test_a_halted_projection_does_not_move(store: ProjectionStore) -> None:
    await store.begin(BEGIN)
    halted = replace(BEGIN, status="stopped", failed_position=1, failed_event_id=UUID(int=2), error="poison")
    assert await store.halt(BEGIN, halted)
    assert await store.checkpoints("acme") == [halted]
    assert await store.step("acme", [step_to(5)]) == frozenset()
    assert not await store.halt(step_to(5).after, halted)


async def test_a_row_that_cannot_be_stored_is_refused_and_nothing_is_written(models: ReadModels) -> None:
    await models.store.begin(BEGIN)
    for bad in (replace(ROW, total=2**63), replace(ROW, note="\x00"), replace(ROW, note="\ud800")):
        with pytest.raises(RowRefused):
            await models.store.step("acme", [step_to(5, row=bad)])
    assert await models.store.checkpoints("acme") == [BEGIN]


async def test_a_database_that_cannot_be_reached_is_unavailable() -> None:
    store = PostgresProjectionStore(ProjectorPool("postgresql://consign_projector:secret@127.0.0.1:1/consign"))
    with pytest.raises(LogUnavailable):
        await store.checkpoints("acme")


class _Everything(Struct, frozen=True):
    name: str
    kind: Literal["large", "small"]
    size: Annotated[int, Meta(ge=-(2**63))]
    flag: bool
    at: datetime
    maybe: str | None
    maybe_size: int | None
    tags: tuple[str, ...]
    more: dict[str, int] | None = None
    identity: UUID = UUID(int=9)


async def test_every_kind_of_field_is_stored_and_comes_back(database: Database) -> None:
    everything = Table("everything", _Everything, ("name", "kind"), (("at",), ("maybe", "size")))
    projection = replace(COUNTERS, tables=(everything,))
    (layout,) = layouts(projection, 0)
    assert [(column.sql_type, column.nullable) for column in layout.columns] == [
        ("text", False),
        ("text", False),
        ("bigint", False),
        ("boolean", False),
        ("timestamptz", False),
        ("text", True),
        ("bigint", True),
        ("text", False),
        ("text", True),
        ("text", False),
    ]
    rows = [
        _Everything("a", "large", 1, True, ROW.changed_at, None, None, (), None),
        _Everything("a", "small", -(2**63), False, ROW.changed_at, 'x"\\ü\n😀', 2, ('b"', "c"), {"d": 1}, UUID(int=5)),
    ]
    async with read_models(database, projection) as models:
        await models.store.begin(BEGIN)
        after = replace(BEGIN, position=1)
        changes: dict[str, dict[Key, Struct | None]] = {"everything": {layout.key_of(row): row for row in rows}}
        assert await models.store.step("acme", [Step(projection, BEGIN, after, changes)]) == {"counters"}
        found = await models.store.fetch(BEGIN, projection, [("everything", layout.key_of(row)) for row in rows])
    assert list(found.values()) == rows


def test_a_name_longer_than_postgres_keeps_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        table_name(COUNTERS, 0, "t" * 60)


async def test_a_failing_projection_is_well_again_with_its_next_step(store: ProjectionStore) -> None:
    await store.begin(BEGIN)
    failing = replace(BEGIN, status="failing", error="its table is gone")
    assert await store.halt(BEGIN, failing)
    assert await store.checkpoints("acme") == [failing]
    mended = replace(step_to(5), before=failing)
    assert await store.step("acme", [mended]) == {"counters"}
    assert await store.checkpoints("acme") == [mended.after]


async def test_what_one_table_lacks_is_said_of_that_projection_alone(models: ReadModels) -> None:
    await models.store.begin(BEGIN)
    await models.administer("DROP TABLE consign.rm_counters_v1_counters")
    with pytest.raises(TablesUnavailable, match="UndefinedTableError"):
        await models.store.step("acme", [step_to(5)])
    with pytest.raises(TablesUnavailable):
        await models.store.fetch(BEGIN, COUNTERS, [("counters", ("apples",))])


async def test_a_step_over_every_table_is_prepared_once(database: Database) -> None:
    async with read_models(database, *PROJECTIONS) as models:
        writes = tuple(
            TableWrite(projection.name, layout, puts=True, removes=False)
            for projection in PROJECTIONS
            for layout in layouts(projection, 0)
        )
        sql = step_statement(writes)
        async with models.pool.connection() as connection:
            for _ in range(2):
                await connection.fetch(sql, "acme", *([[]] * 8), *(["[]"] * len(writes)))
            prepared = await connection.fetch(
                "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement = $1", sql
            )
        assert [row[0] for row in prepared] == [2]
