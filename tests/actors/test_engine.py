"""Host and journal together: what is answered is durable, what is durable was decided once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.actors.chain import GENESIS, event_hash
from consign.actors.host import HostLimits
from consign.actors.ports import Accepted, Log, Refused, Unavailable
from consign.adapters.memory.log import MemoryLog
from consign.adapters.postgres.log import PostgresLog
from consign.adapters.postgres.timers import PostgresTimerStore
from consign.domain.recorded import StoredEvent
from tests.adapters.test_log_contract import give_every_slice_to_the_owner
from tests.support.cluster import Database
from tests.support.engine import Engine, engine
from tests.support.faulty_log import Fault, FaultyLog
from tests.support.toy_business import Add, AddLater, AddPoison, Move, ToyBusiness, counter_stream


@pytest.fixture(params=["memory", "postgres"])
def where(request: pytest.FixtureRequest) -> Database | None:
    return None if request.param == "memory" else cast("Database", request.getfixturevalue("database"))


@pytest.fixture
async def log(where: Database | None) -> AsyncIterator[Log]:
    if where is None:
        yield MemoryLog()
        return
    await give_every_slice_to_the_owner(where)
    postgres = PostgresLog(where.writer_url)
    yield postgres
    await postgres.close()


async def all_events(log: Log, organization: str = "acme") -> list[StoredEvent]:
    return list(await log.read(organization, 0, 100_000))


def assert_gapless_and_chained(events: list[StoredEvent]) -> None:
    previous, versions = GENESIS, dict[str, int]()
    for position, event in enumerate(events, 1):
        assert event.position == position
        versions[event.stream] = versions.get(event.stream, 0) + 1
        assert event.version == versions[event.stream]
        previous = event_hash(previous, event)
        assert event.hash == previous
    recorded = [event.recorded_at for event in events]
    assert recorded == sorted(set(recorded))


async def test_an_accepted_command_is_durable_when_it_is_answered(log: Log) -> None:
    async with engine(log) as running:
        await running.adopt("acme")
        reply = await running.submit("acme", Add("a", 5))

        assert reply == Accepted(1, b'{"total":5}')
        assert [event.data for event in await all_events(log)] == [b'{"type":"added","amount":5,"total":5}']


async def test_a_command_over_two_actors_is_one_append_that_ends_together(log: Log) -> None:
    async with engine(log) as running:
        await running.adopt("acme")
        await running.submit("acme", Add("a", 5))
        await running.submit("acme", Move("a", "b", 2))

        events = await all_events(log)
        assert [(event.stream, event.commit_position) for event in events[1:]] == [
            (counter_stream("a"), 3),
            (counter_stream("b"), 3),
        ]
        assert_gapless_and_chained(events)


async def test_many_at_once_are_decided_one_after_another_in_few_batches(log: Log) -> None:
    async with engine(log) as running:
        await running.adopt("acme")
        replies = await asyncio.gather(*(running.submit("acme", Add("a", 1)) for _ in range(300)))

        assert sorted(reply.answer for reply in replies if isinstance(reply, Accepted)) == sorted(
            b'{"total":%d}' % total for total in range(1, 301)
        )
        assert running.journal.batches < 100
        assert_gapless_and_chained(await all_events(log))


async def test_a_retry_is_told_the_first_answer_again(log: Log) -> None:
    key = uuid4()
    async with engine(log) as running:
        await running.adopt("acme")
        first = await running.submit("acme", Add("a", 5), key=key)
        await running.submit("acme", Add("a", 5))
        again = await running.submit("acme", Add("a", 5), key=key)

        assert isinstance(first, Accepted)
        assert again == Accepted(first.position, first.answer, repeated=True)
        assert len(await all_events(log)) == 2


async def test_retries_in_flight_are_decided_once(log: Log) -> None:
    key = uuid4()
    async with engine(log) as running:
        await running.adopt("acme")
        replies = await asyncio.gather(*(running.submit("acme", Add("a", 5), key=key) for _ in range(20)))

        assert {reply.answer for reply in replies if isinstance(reply, Accepted)} == {b'{"total":5}'}
        assert sum(reply.repeated for reply in replies if isinstance(reply, Accepted)) == 19
        assert len(await all_events(log)) == 1


async def test_a_key_used_for_another_request_is_refused(log: Log) -> None:
    key = uuid4()
    async with engine(log) as running:
        await running.adopt("acme")
        await running.submit("acme", Add("a", 5), key=key)
        reply = await running.submit("acme", Add("a", 6), key=key)

        assert isinstance(reply, Refused)
        assert reply.reason == "idempotency_key_reused"


async def test_a_refusal_is_not_kept_and_a_retry_is_decided_afresh(log: Log) -> None:
    key = uuid4()
    async with engine(log) as running:
        await running.adopt("acme")
        first = await running.submit("acme", Move("a", "b", 1), key=key)
        await running.submit("acme", Add("a", 1))
        second = await running.submit("acme", Move("a", "b", 1), key=key)

        assert isinstance(first, Refused)
        assert isinstance(second, Accepted)


async def test_a_no_op_is_accepted_and_remembered(log: Log) -> None:
    key = uuid4()
    async with engine(log) as running:
        await running.adopt("acme")
        await running.submit("acme", Add("a", 3))
        assert await running.submit("acme", Add("a", 0), key=key) == Accepted(1, b'{"total":3}')
        assert await running.submit("acme", Add("a", 0), key=key) == Accepted(1, b'{"total":3}', repeated=True)


async def test_one_organizations_bad_row_harms_nobody_else(log: Log) -> None:
    async with engine(log) as running:
        await running.adopt("acme")
        await running.adopt("bell")
        bad, good = await asyncio.gather(running.submit("acme", AddPoison("a")), running.submit("bell", Add("a", 1)))
        if isinstance(log, MemoryLog):
            assert isinstance(bad, Accepted)
            return
        assert isinstance(bad, Unavailable)
        assert good == Accepted(1, b'{"total":1}')
        assert running.hosts["acme"].lost.is_set()
        await running.adopt("acme")
        assert await running.submit("acme", Add("a", 1)) == Accepted(1, b'{"total":1}')


async def test_no_answer_of_any_kind_is_given_before_what_it_saw_is_durable() -> None:
    log = FaultyLog(MemoryLog())
    repeat = uuid4()
    async with engine(log) as running:
        await running.adopt("acme")
        await running.submit("acme", Add("b", 9), key=repeat)
        log.open.clear()
        log.waiting.clear()
        accepted = asyncio.create_task(running.submit("acme", Add("a", 5)))
        await log.waiting.wait()
        others = [
            asyncio.create_task(running.submit("acme", Move("a", "b", 6))),
            asyncio.create_task(running.submit("acme", Add("a", 0))),
            asyncio.create_task(running.submit("acme", Add("b", 9), key=repeat)),
        ]
        done, _ = await asyncio.wait([accepted, *others], timeout=0.05)
        assert not done

        log.open.set()
        assert isinstance(await accepted, Accepted)
        replies = [await other for other in others]
        assert [type(reply) for reply in replies] == [Refused, Accepted, Accepted]


async def test_a_deposed_owner_tells_nothing_it_believed() -> None:
    log = FaultyLog(MemoryLog())
    async with engine(log) as running:
        await running.adopt("acme")
        await running.submit("acme", Add("a", 5))
        log.faults.append(Fault.FENCED)
        replies = await asyncio.gather(running.submit("acme", Move("a", "b", 9)), running.submit("acme", Add("a", 1)))

        assert [type(reply) for reply in replies] == [Unavailable, Unavailable]
        assert running.hosts["acme"].lost.is_set()
        assert len(await all_events(log)) == 1


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.LATE, Fault.UNAVAILABLE])
async def test_a_lost_commit_takes_effect_once(fault: Fault) -> None:
    log = FaultyLog(MemoryLog())
    async with engine(log) as running:
        await running.adopt("acme")
        await running.submit("acme", Add("a", 1))
        log.faults.append(fault)

        assert await running.submit("acme", Add("a", 5)) == Accepted(2, b'{"total":6}')
        assert await running.submit("acme", Add("a", 1)) == Accepted(3, b'{"total":7}')
        assert_gapless_and_chained(await all_events(log))


async def test_a_lost_no_op_is_recorded_once() -> None:
    log, key = FaultyLog(MemoryLog()), uuid4()
    async with engine(log) as running:
        await running.adopt("acme")
        log.faults.append(Fault.LOST_AFTER)
        assert await running.submit("acme", Add("a", 0), key=key) == Accepted(0, b'{"total":0}')
        assert await running.submit("acme", Add("a", 0), key=key) == Accepted(0, b'{"total":0}', repeated=True)


async def test_a_full_mailbox_says_when_to_come_back() -> None:
    log = FaultyLog(MemoryLog())
    limits = HostLimits(mailbox_max=3, turn_commands_max=1, undurable_entries_max=1)
    async with engine(log, limits=limits) as running:
        await running.adopt("acme")
        log.open.clear()
        asked = [asyncio.create_task(running.submit("acme", Add("a", 1))) for _ in range(10)]
        done, waiting = await asyncio.wait(asked, timeout=0.1)
        refused = [task.result() for task in done]
        assert {reply.reason for reply in refused if isinstance(reply, Unavailable)} == {"mailbox_full"}
        assert all(isinstance(reply, Unavailable) for reply in refused)
        log.open.set()
        assert all(isinstance(reply, Accepted) for reply in await asyncio.gather(*waiting))


async def test_draining_answers_everything_taken_and_nothing_more(log: Log) -> None:
    async with engine(log) as running:
        host = await running.adopt("acme")
        asked = [asyncio.create_task(running.submit("acme", Add("a", 1))) for _ in range(50)]
        await asyncio.sleep(0)
        await host.drain()

        assert all(isinstance(reply, Accepted) for reply in await asyncio.gather(*asked))
        assert isinstance(await running.submit("acme", Add("a", 1)), Unavailable)


async def test_an_actor_wakes_from_snapshot_and_tail_as_it_fell_asleep(log: Log) -> None:
    async with engine(log, limits=HostLimits(snapshot_after_events=10, actor_idle_s=-1.0)) as running:
        host = await running.adopt("acme")
        for _ in range(25):
            await running.submit("acme", Add("a", 1))
        await host.rest()
        assert await log.load_snapshot("acme", counter_stream("a"), 1, host.head.log_id) is not None
        assert not host._states

        assert await running.submit("acme", Add("a", 1)) == Accepted(26, b'{"total":26}')
        assert_gapless_and_chained(await all_events(log))


async def test_timers_are_stored_with_the_command_that_sets_them(database: Database) -> None:
    timer_id = uuid4()
    due_at = datetime(2020, 1, 1, tzinfo=UTC)
    await give_every_slice_to_the_owner(database)
    log, timers = PostgresLog(database.writer_url), PostgresTimerStore(database.writer_url)
    async with engine(log) as running:
        await running.adopt("acme")
        await running.submit("acme", AddLater("a", 4, timer_id, due_at))
        (timer,) = (await timers.due([0], [], 10)).rows
        command = ToyBusiness().decode_command(timer.command)
        fired = await running.submit("acme", command, key=timer_id, account="timer")

        assert fired == Accepted(1, b'{"total":4}')
        assert (await timers.due([0], [], 10)).rows == []
    await timers.close()
    await log.close()


async def test_a_defect_in_the_business_surfaces_where_it_was_asked_and_harms_nobody() -> None:
    class Defective(ToyBusiness):
        def evolve(self, stream: str, state: int, event: object) -> int:
            if getattr(event, "amount", 0) == 13:
                raise ZeroDivisionError
            return super().evolve(stream, state, event)  # type: ignore[arg-type]  # the toy knows one event

    async with engine(MemoryLog(), business=Defective()) as running:
        await running.adopt("acme")
        with pytest.raises(ZeroDivisionError):
            await running.submit("acme", Add("a", 13))
        assert await running.submit("acme", Add("a", 1)) == Accepted(1, b'{"total":1}')


@given(
    faults=st.lists(st.sampled_from(list(Fault)), max_size=12),
    script=st.lists(
        st.tuples(st.sampled_from(["acme", "bell"]), st.sampled_from("ab"), st.integers(-3, 5), st.integers(0, 6)),
        max_size=40,
    ),
)
def test_whatever_is_lost_on_the_way_every_acknowledged_command_is_in_the_log_once(
    faults: list[Fault], script: list[tuple[str, str, int, int]]
) -> None:
    asyncio.run(search_for_a_lost_or_doubled_command(faults, script))


async def search_for_a_lost_or_doubled_command(faults: list[Fault], script: list[tuple[str, str, int, int]]) -> None:
    log = FaultyLog(MemoryLog())
    log.faults.extend(faults)
    async with engine(log) as running:
        acknowledged = dict[tuple[str, int], Accepted]()
        keys = [uuid4() for _ in script]

        async def ask(index: int) -> None:
            organization, counter, amount, pause = script[index]
            for _ in range(pause):
                await asyncio.sleep(0)
            while True:
                host = running.hosts.get(organization)
                if host is None or host.lost.is_set():
                    await running.adopt(organization)
                command = Add(counter, amount) if amount >= 0 else Move(counter, "z", -amount)
                reply = await running.submit(organization, command, key=keys[index])
                if not isinstance(reply, Unavailable):
                    break
                await asyncio.sleep(0)
            if isinstance(reply, Accepted):
                acknowledged[organization, index] = reply

        await asyncio.gather(*(ask(index) for index in range(len(script))))
        for organization in ("acme", "bell"):
            await check_organization(running, organization, acknowledged, keys)


async def check_organization(
    running: Engine, organization: str, acknowledged: dict[tuple[str, int], Accepted], keys: Sequence[object]
) -> None:
    events = await all_events(running.log, organization)
    assert_gapless_and_chained(events)
    of_command: dict[object, int] = {}
    for event in events:
        of_command[event.command_id] = of_command.get(event.command_id, 0) + 1
    assert all(count <= 2 for count in of_command.values())
    for (owner, index), reply in acknowledged.items():
        if owner == organization and keys[index] in of_command:
            assert max(e.position for e in events if e.command_id == keys[index]) == reply.position
    ours = {keys[index] for owner, index in acknowledged if owner == organization}
    assert set(of_command) <= ours, "an event of a command that nobody was told of"
    totals: dict[str, int] = {}
    for event in events:
        decoded = ToyBusiness().decode_event(event)
        totals[event.stream] = totals.get(event.stream, 0) + decoded.amount
        assert totals[event.stream] == decoded.total >= 0
    published = [event for committed in running.committed for event in committed.events]
    assert [event for event in published if event.organization_id == organization] == events
