"""What every log must do, run over the one in memory and the one in Postgres (every version that this machine has)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from msgspec.structs import replace

from consign.actors.chain import GENESIS, event_hash
from consign.actors.ports import (
    FORMAT,
    AppendRefused,
    CommandKey,
    CommandRecord,
    FormatTooNew,
    Head,
    Log,
    OrganizationAppend,
    Snapshot,
    TimerRow,
    UnknownOrganization,
)
from consign.adapters.memory.log import MemoryLog
from consign.adapters.postgres.log import SESSION_SETTINGS, PostgresLog
from consign.adapters.postgres.statements import statement
from consign.adapters.postgres.timers import PostgresTimerStore
from consign.domain.recorded import StoredEvent
from tests.conftest import OTHER_POSTGRES
from tests.support.cluster import Cluster, Database
from tests.support.engine import NODE

OWNER = NODE
AT = datetime(2026, 5, 2, 9, 30, 0, 125, tzinfo=UTC)


@pytest.fixture(params=["memory", "embedded", *OTHER_POSTGRES])
def where(cluster_named: Callable[[str], Cluster], request: pytest.FixtureRequest) -> Iterator[Database | None]:
    if request.param == "memory":
        yield None
        return
    with cluster_named(request.param).database() as database:
        yield database


@pytest.fixture
async def log(where: Database | None) -> AsyncIterator[Log]:
    if where is None:
        yield MemoryLog()
        return
    await give_every_slice_to_the_owner(where)
    postgres = PostgresLog(where.writer_url)
    yield postgres
    await postgres.close()


async def give_every_slice_to_the_owner(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("UPDATE consign.slices SET owner = $1, epoch = 1", OWNER)
    await connection.close()


def events_after(head: Head, count: int, *, stream: str = "counter-a", first_version: int = 1) -> list[StoredEvent]:
    events: list[StoredEvent] = []
    previous = head.hash
    for index in range(count):
        position = head.position + 1 + index
        event = StoredEvent(
            head.organization_id, position, stream, first_version + index, "added", 1, uuid4(), head.position + count,
            uuid4(), uuid4(), uuid4(), "till-1", "cashier", None, "device-1", AT, AT + timedelta(microseconds=position),
            "{}", b'{"type":"added"}', b"",
        )  # fmt: skip
        previous = event_hash(previous, event)
        events.append(replace(event, hash=previous))
    return events


def record_at(head: Head, position: int) -> CommandRecord:
    return CommandRecord(CommandKey(uuid4(), head.organization_id, "till-1"), b"request", position, b'{"total":1}')


async def adopted(log: Log, organization: str = "acme") -> Head:
    await log.found(organization, 5, uuid4())
    head = await log.adopt(organization, 5, OWNER, 1)
    assert head is not None
    return head


def share(head: Head, events: list[StoredEvent], *records: CommandRecord) -> OrganizationAppend:
    return OrganizationAppend(head.organization_id, head.epoch, head.position, events, records)


@pytest.mark.parametrize("count", [1, 40, 41, 300])
async def test_what_was_appended_is_read_back_the_same(log: Log, count: int) -> None:
    head = await adopted(log)
    events = events_after(head, count)
    record = record_at(head, count)

    assert await log.append([share(head, events, record)]) == {"acme"}

    assert list(await log.read("acme", 0, 1000)) == events
    assert list(await log.read("acme", count - 1, 10)) == events[-1:]
    assert list(await log.read_stream("acme", "counter-a", count - 1, 10)) == events[-1:]
    assert await log.find_commands([record.key]) == {record.key: record}
    after = await log.head("acme")
    assert after == replace(head, position=count, hash=events[-1].hash, recorded_at=events[-1].recorded_at)


async def test_all_who_look_commands_up_at_once_are_told_of_their_own(log: Log) -> None:
    records = []
    for organization in ("acme", "bell", "cask"):
        head = await adopted(log, organization)
        records.append(record_at(head, 0))
        await log.append([share(head, [], records[-1])])
    unknown = CommandKey(uuid4(), "acme", "till-1")

    found = await asyncio.gather(*(log.find_commands([record.key, unknown]) for record in records))

    assert found == [{record.key: record} for record in records]


async def test_whoever_gives_up_a_look_up_takes_nobody_else_along(log: Log) -> None:
    head = await adopted(log)
    record = record_at(head, 0)
    await log.append([share(head, [], record)])
    askers = [asyncio.create_task(log.find_commands([record.key])) for _ in range(4)]
    await asyncio.sleep(0)
    for given_up in (askers[0], askers[2]):
        given_up.cancel()

    told = await asyncio.gather(*askers, return_exceptions=True)

    assert (told[1], told[3]) == ({record.key: record}, {record.key: record})


async def test_a_log_begins_empty_and_only_once(log: Log) -> None:
    first = await adopted(log)
    again = await adopted(log)

    assert first.position == 0
    assert first.hash == GENESIS
    assert again.log_id == first.log_id
    assert again.epoch == first.epoch + 1


async def test_an_organization_without_a_log_cannot_be_adopted(log: Log) -> None:
    with pytest.raises(UnknownOrganization):
        await log.adopt("nobody", 5, OWNER, 1)


async def test_a_deposed_writer_writes_nothing_and_others_in_its_batch_are_not_harmed(log: Log) -> None:
    deposed = await adopted(log, "acme")
    await adopted(log, "acme")
    other = await adopted(log, "bell")

    for count in (1, 60):
        current = await log.head("bell")
        assert current is not None
        batch = [
            share(deposed, events_after(deposed, count), record_at(deposed, 1)),
            share(current, events_after(current, count, first_version=current.position + 1)),
        ]
        assert await log.append(batch) == {"bell"}

    assert await log.read("acme", 0, 10) == []
    bell = await log.head("bell")
    assert bell is not None
    assert bell.position == 61
    assert bell.epoch == other.epoch


async def test_the_gate_holds_only_for_the_owner_at_its_position(log: Log) -> None:
    head = await adopted(log)
    assert await log.append([share(head, [])]) == {"acme"}

    await log.append([share(head, events_after(head, 1))])
    assert await log.append([share(head, [])]) == frozenset()


async def test_raising_the_own_epoch_fences_the_append_in_flight(log: Log) -> None:
    head = await adopted(log)
    raised = await log.raise_epoch(head)
    assert raised is not None

    assert await log.append([share(head, events_after(head, 1))]) == frozenset()
    assert await log.append([share(raised, events_after(raised, 1))]) == {"acme"}
    assert await log.raise_epoch(head) is None


async def test_a_command_recorded_twice_is_refused_whole(log: Log) -> None:
    head = await adopted(log)
    record = record_at(head, 1)
    await log.append([share(head, events_after(head, 1), record)])
    current = await log.head("acme")
    assert current is not None

    with pytest.raises(AppendRefused):
        await log.append([share(current, events_after(current, 1, first_version=2), record)])
    assert await log.head("acme") == current


async def test_a_version_taken_is_refused(log: Log) -> None:
    head = await adopted(log)
    await log.append([share(head, events_after(head, 1))])
    current = await log.head("acme")
    assert current is not None

    with pytest.raises(AppendRefused):
        await log.append([share(current, events_after(current, 1, first_version=1))])


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("wrong", [{"version": 2**63}, {"meta": "\ud800"}])
async def test_what_the_driver_cannot_write_down_is_refused_and_the_log_goes_on(
    every_database: Database, count: int, wrong: dict[str, Any]
) -> None:
    await give_every_slice_to_the_owner(every_database)
    log = PostgresLog(every_database.writer_url)
    head = await adopted(log)
    events = events_after(head, count)

    with pytest.raises(AppendRefused):
        await log.append([share(head, [*events[:-1], replace(events[-1], **wrong)])])

    assert await log.append([share(head, events)]) == {"acme"}
    await log.close()


async def test_a_no_op_is_recorded_without_moving_the_head(log: Log) -> None:
    head = await adopted(log)
    record = record_at(head, 0)

    assert await log.append([share(head, [], record)]) == {"acme"}
    assert await log.head("acme") == head
    assert await log.find_commands([record.key]) == {record.key: record}


async def test_the_same_command_id_of_another_account_is_another_command(log: Log) -> None:
    head = await adopted(log)
    record = record_at(head, 1)
    await log.append([share(head, events_after(head, 1), record)])

    assert await log.find_commands([record.key._replace(account_id="till-2")]) == {}
    assert await log.find_commands([record.key._replace(organization_id="bell")]) == {}


async def test_a_timer_is_due_in_its_time_and_gone_once_fired(every_database: Database) -> None:
    await give_every_slice_to_the_owner(every_database)
    log, timers = PostgresLog(every_database.writer_url), PostgresTimerStore(every_database.writer_url)
    head = await adopted(log)
    due = TimerRow("acme", uuid4(), AT, b"{}")
    later = TimerRow("acme", uuid4(), datetime.now(UTC) + timedelta(hours=1), b"{}")
    await log.append([replace(share(head, []), timers=[due, later], records=[record_at(head, 0)])])

    found = await timers.due([5], [], 10)
    assert found.rows == [due]
    assert found.next_in_s is not None
    assert (await timers.due([6], [], 10)).rows == (await timers.due([5], ["acme"], 10)).rows == []

    await log.append([replace(share(head, []), fired=[due.timer_id])])
    assert (await timers.due([5], [], 10)).rows == []
    await timers.close()
    await log.close()


async def test_a_snapshot_counts_only_for_its_log_its_fold_and_its_hash(log: Log) -> None:
    head = await adopted(log)
    events = events_after(head, 3)
    await log.append([share(head, events)])
    good = Snapshot("acme", "counter-a", 1, head.log_id, 3, 3, events[2].hash, b"3")
    await log.save_snapshot(good)

    assert await log.load_snapshot("acme", "counter-a", 1, head.log_id) == good
    assert await log.load_snapshot("acme", "counter-a", 2, head.log_id) is None
    assert await log.load_snapshot("acme", "counter-a", 1, uuid4()) is None
    await log.save_snapshot(replace(good, fold_version=3, hash=b"\0" * 32))
    assert await log.load_snapshot("acme", "counter-a", 3, head.log_id) is None


async def test_an_older_snapshot_does_not_replace_a_newer_one(log: Log) -> None:
    head = await adopted(log)
    events = events_after(head, 3)
    await log.append([share(head, events)])
    newer = Snapshot("acme", "counter-a", 1, head.log_id, 3, 3, events[2].hash, b"3")
    await log.save_snapshot(newer)
    await log.save_snapshot(replace(newer, position=2, version=2, hash=events[1].hash, state=b"2"))

    assert await log.load_snapshot("acme", "counter-a", 1, head.log_id) == newer


async def test_a_log_of_newer_code_is_left_to_newer_code(database: Database) -> None:
    await give_every_slice_to_the_owner(database)
    log = PostgresLog(database.writer_url)
    await adopted(log)
    owner = await asyncpg.connect(database.url)
    await owner.execute("UPDATE consign.heads SET min_format = $1", FORMAT + 1)
    await owner.close()

    with pytest.raises(FormatTooNew, match="acme needs storage format"):
        await log.adopt("acme", 5, OWNER, 1)
    await log.close()


CHANGES = [
    "UPDATE consign.events SET type = 'x'",
    "DELETE FROM consign.events",
    "TRUNCATE consign.events",
    "UPDATE consign.commands SET position = 0",
    "DELETE FROM consign.commands",
    "TRUNCATE consign.commands",
    "DELETE FROM consign.heads",
    "TRUNCATE consign.heads",
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["url", "owner_url", "writer_url", "projector_url", "reader_url"])
async def test_nobody_changes_the_log(database: Database, who: str, change: str) -> None:
    connection = await asyncpg.connect(getattr(database, who))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(change)
    await connection.close()


async def test_a_reader_sees_one_organization_and_without_one_nothing(database: Database) -> None:
    await give_every_slice_to_the_owner(database)
    log = PostgresLog(database.writer_url)
    for organization in ("acme", "bell"):
        head = await adopted(log, organization)
        await log.append([share(head, events_after(head, 2))])
    await log.close()

    reader = await asyncpg.connect(database.reader_url)
    seen = "SELECT DISTINCT organization_id FROM consign.events"
    assert await reader.fetch(seen) == []
    async with reader.transaction():
        await reader.execute("SELECT set_config('consign.organization', 'acme', true)")
        assert [row[0] for row in await reader.fetch(seen)] == ["acme"]
        assert [row[0] for row in await reader.fetch("SELECT organization_id FROM consign.heads")] == ["acme"]
    assert await reader.fetch(seen) == []
    await reader.close()


async def test_looking_a_command_up_uses_the_index_on_stale_statistics(database: Database) -> None:
    """The plan is made while the table is empty and must stay good when it has grown."""
    await give_every_slice_to_the_owner(database)
    connection = await asyncpg.connect(database.writer_url, server_settings=SESSION_SETTINGS)
    plan = await connection.fetch(
        "EXPLAIN " + statement("log", "find_commands"), [uuid4()] * 50, ["acme"] * 50, ["till-1"] * 50
    )
    text = "\n".join(row[0] for row in plan)
    assert "commands_pkey" in text
    assert "Seq Scan" not in text
    await connection.close()


async def test_an_append_waits_for_nobody_but_its_own_heads(database: Database) -> None:
    """A takeover in progress of one organization does not block another organization's append."""
    await give_every_slice_to_the_owner(database)
    log = PostgresLog(database.writer_url)
    acme, bell = await adopted(log, "acme"), await adopted(log, "bell")
    blocker = await asyncpg.connect(database.writer_url)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("UPDATE consign.heads SET epoch = epoch + 1 WHERE organization_id = 'acme'")

    assert await log.append([share(bell, events_after(bell, 1))]) == {"bell"}
    waiting = asyncio.create_task(log.append([share(acme, events_after(acme, 1))]))
    await transaction.commit()
    assert await waiting == frozenset()
    await blocker.close()
    await log.close()


def test_the_hash_of_an_event_is_stable(golden_event: Callable[[], StoredEvent]) -> None:
    assert event_hash(GENESIS, golden_event()).hex() == GOLDEN
    assert event_hash(b"\1" * 32, golden_event()).hex() != GOLDEN


@pytest.fixture
def golden_event() -> Callable[[], StoredEvent]:
    return lambda: StoredEvent(
        "acme", 1, "counter-ä", 1, "added", 1, UUID(int=1), 2, UUID(int=2), UUID(int=3), UUID(int=4), "till-1",
        "cashier", None, "", AT, AT, "{}", b'{"type":"added"}', b"",
    )  # fmt: skip


GOLDEN = "e534e58062cda516518d0225e6239ea601f9d98e608c7de8d9d9d1e597b8c2d0"
