"""The stream holds what the log holds, whatever happens to NATS, and nobody waits for it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from nats.js import JetStreamContext
from nats.js.errors import APIError

from consign.actors.audit import AuditReport
from consign.actors.ownership import slice_of
from consign.actors.ports import Committed
from consign.actors.relay import Relay, SentRange, StreamUnavailable
from consign.actors.relay_message import (
    EVENT_BYTES_MAX,
    CommitMessage,
    decode_commit,
    encode_commit,
    encode_committed,
    range_of,
)
from consign.actors.runner_changes import Change, ChangeFeed
from consign.actors.sweep import advanced
from consign.adapters.memory.log import MemoryLog
from consign.adapters.nats.commit_stream import STREAM, commit_subject
from consign.adapters.nats.commit_stream_feed import NatsCommitFeed
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.nats.live_changes import LiveChanges
from consign.local.servers import LocalServers
from tests.actors.test_runner import NEVER_POLLS, POLLS, reaches, running
from tests.support.cluster import Database, create_database
from tests.support.eventually import eventually
from tests.support.fan_out import EVERY_SLICE, FanOut, background, copied, fan_out, jetstream, positions
from tests.support.read_models import ReadModels, folded, read_models
from tests.support.servers import private_servers
from tests.support.toy_log import ToyLog

ORGANIZATION = "acme"
BY_HAND_S = 3600.0
"""The pause of a sweep that the test calls itself: on its own it would send again what is merely slow to be stored."""


@pytest.fixture
async def models(database: Database) -> AsyncIterator[ReadModels]:
    async with read_models(database) as models:
        yield models


async def holds(nats_url: str, *expected: int) -> None:
    async def complete() -> bool:
        return set(positions(await copied(nats_url))) == set(expected)

    await eventually(complete, within_s=20.0)


async def relayed(models: ReadModels, position: int) -> None:
    """Wait until the sweep has noted that the stream holds the log up to `position`."""

    async def noted() -> bool:
        return bool(position == await models.value("SELECT max(position) FROM consign.relay_progress"))

    await eventually(noted, within_s=20.0)


async def store(fan: FanOut, *commits: Committed) -> None:
    """Relay the commits, a message each, and have the sweep note that the stream holds them."""
    await eventually(lambda: fan.stream._ready)
    before = fan.relay.figures.acknowledged
    for committed in commits:
        fan.relay.offer([committed])
    await eventually(lambda: fan.relay.figures.acknowledged == before + len(commits))
    await fan.sweep.sweep()
    assert fan.relay.figures.mended == 0


async def test_each_commit_becomes_one_message_with_the_stored_bytes(models: ReadModels, nats_url: str) -> None:
    log = await ToyLog.begin(models.log)
    async with fan_out(models, nats_url, sweep_interval_s=BY_HAND_S) as fan:
        first = await log.commit([("apples", 1)], [("pears", 2), ("plums", 3)])
        second = await log.commit([("apples", 4)])
        await store(fan, first, second)
        await relayed(models, 4)
    messages = await copied(nats_url)
    assert [(each.first, each.last, each.previous_hash) for each in messages] == [
        (1, 3, first.previous_hash),
        (4, 4, first.head.hash),
    ]
    assert [event for each in messages for event in each.events or ()] == log.events
    assert {each.log_id for each in messages} == {log.head.log_id}


async def test_what_was_never_offered_is_found_by_the_sweep(models: ReadModels, nats_url: str) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", *range(1, 30))
    async with fan_out(models, nats_url) as fan:
        await relayed(models, 29)
        assert fan.relay.figures.mended > 0
    assert positions(await copied(nats_url)) == list(range(1, 30))


async def test_two_relays_at_once_lose_nothing_and_readers_apply_nothing_twice(
    models: ReadModels, nats_url: str
) -> None:
    log = await ToyLog.begin(models.log)
    async with (
        fan_out(models, nats_url) as one,
        fan_out(models, nats_url) as other,
        running(models, limits=NEVER_POLLS) as runner,
    ):
        feed = one.feed(runner.receive)
        async with background(feed.run()):
            await eventually(lambda: feed.following and other.stream._ready)
            for number in range(40):
                (committed,) = await log.add("apples", number + 1)
                one.relay.offer([committed])
                if number % 3:
                    other.relay.offer([committed])
            await relayed(models, 40)
            await reaches(models, 40)
    assert set(positions(await copied(nats_url))) == set(range(1, 41))
    assert await models.tables() == folded(log.events)


async def test_a_reader_in_another_process_follows_the_stream(models: ReadModels, nats_url: str) -> None:
    log = await ToyLog.begin(models.log)
    async with fan_out(models, nats_url) as fan, running(models, limits=NEVER_POLLS) as runner:
        feed = fan.feed(runner.receive)
        async with background(feed.run()):
            await eventually(lambda: feed.following)
            for committed in await log.add("apples", 1, 2, 3):
                fan.relay.offer([committed])
            await reaches(models, 3)
    assert await models.tables() == folded(log.events)


async def test_what_the_journal_handed_over_is_not_decoded_again(models: ReadModels, nats_url: str) -> None:
    log = await ToyLog.begin(models.log)
    received: list[CommitMessage] = []
    async with (
        fan_out(models, nats_url, sweep_interval_s=BY_HAND_S) as fan,
        running(models, limits=NEVER_POLLS) as runner,
    ):
        feed = NatsCommitFeed(fan.connection, receive=received.append, wanted=lambda: EVERY_SLICE, holds=runner.holds)
        async with background(feed.run()):
            await eventually(lambda: feed.following and fan.stream._ready)
            for committed in await log.add("apples", 1, 2, 3):
                runner.offer([committed])
                fan.relay.offer([committed])
            (elsewhere,) = await log.add("apples", 4)
            fan.relay.offer([elsewhere])
            await eventually(lambda: received)
    assert [(each.first, each.last) for each in received] == [(4, 4)]


async def test_a_process_hears_of_its_own_slices_only_and_of_new_ones_once_they_are_its(
    models: ReadModels, nats_url: str
) -> None:
    logs = {name: await ToyLog.begin(models.log, name) for name in ("acme", "other")}
    mine = slice_of("acme")
    assert mine != slice_of("other")
    wanted = frozenset(number for number in range(256) if (number - mine) % 2 == 0) - {slice_of("other")}
    received: list[str] = []
    async with fan_out(models, nats_url) as fan:
        feed = NatsCommitFeed(
            fan.connection, receive=lambda message: received.append(message.organization_id), wanted=lambda: wanted
        )

        async def heard_of(organization: str) -> bool:
            for log in logs.values():
                fan.relay.offer([await log.commit([("apples", 1)])])
            return organization in received

        async with background(feed.run()):
            await eventually(lambda: heard_of("acme"))
            assert "other" not in received
            wanted = EVERY_SLICE
            await eventually(lambda: heard_of("other"))


@pytest.mark.parametrize("message_id", ["", "a:b", "a:b:c", "a:b:1-", "a:b:1-x"])
def test_an_id_of_another_kind_names_no_range(message_id: str) -> None:
    assert range_of(message_id) is None
    assert range_of("log:acme:3-14") == range_of("log:acme:3-14:again") == ("log", "acme", 14)


async def test_a_commit_too_large_for_a_message_is_sent_as_its_range() -> None:
    log = await ToyLog.begin(MemoryLog())
    committed = await log.commit([("apples", 1)], [("pears", 1)])
    large = [replace(event, data=b'"' + b"x" * (EVENT_BYTES_MAX // 2) + b'"') for event in committed.events]
    message = decode_commit(encode_commit(log.head.log_id, committed.previous_hash, large).payload)
    assert (message.first, message.last, message.events) == (1, 2, None)
    assert decode_commit(encode_committed(committed).payload).events == committed.events


class _Away:
    """A broker that cannot be reached."""

    def on_acknowledged(self, acknowledged: object) -> None: ...

    async def send(self, message: object, *, again: bool = False) -> None:
        raise StreamUnavailable

    async def ensure(self) -> None:
        raise StreamUnavailable


async def test_a_full_queue_or_an_absent_broker_drops_and_never_blocks() -> None:
    log = await ToyLog.begin(MemoryLog())
    (committed,) = await log.add("apples", 1)
    relay = Relay(_Away(), queued_max=10)
    relay.offer([committed] * 25)
    assert relay.figures.dropped == 15
    async with background(relay.run()):
        await eventually(lambda: relay.figures.dropped == 25)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 6))), st.integers(0, 20))
async def test_progress_never_passes_a_gap(ranges: list[tuple[int, int]], start: int) -> None:
    sent = [SentRange("acme", UUID(int=0), first, first + length) for first, length in ranges]
    covered = {position for each in sent for position in range(each.first, each.last + 1)}
    expected = start
    while expected + 1 in covered:
        expected += 1
    position, behind_a_gap = advanced(start, sent)
    assert position == expected
    assert all(each.first > expected + 1 for each in behind_a_gap)


# Faults of the broker.


@pytest.fixture
async def own_models(own_servers: LocalServers) -> AsyncIterator[ReadModels]:
    async with read_models(await create_database(own_servers.postgres_url)) as models:
        yield models


async def show_a_commit(models: ReadModels, fan: FanOut, log: ToyLog, runner: object) -> Committed:
    (committed,) = await log.add("apples", 1)
    fan.relay.offer([committed])
    await reaches(models, committed.head.position)
    return committed


@pytest.mark.fault
async def test_with_nats_stopped_read_models_go_on_and_the_stream_catches_up(
    own_servers: LocalServers, own_models: ReadModels
) -> None:
    models, nats_url = own_models, own_servers.nats_url
    log = await ToyLog.begin(models.log)
    async with fan_out(models, nats_url) as fan, running(models, limits=POLLS) as runner:
        feed = fan.feed(runner.receive)
        async with background(feed.run()):
            await show_a_commit(models, fan, log, runner)
            await relayed(models, 1)
            await own_servers.nats.stop()
            for _ in range(5):
                await show_a_commit(models, fan, log, runner)
            await own_servers.nats.start()
            await relayed(models, 6)
            await eventually(lambda: feed.following)
            await show_a_commit(models, fan, log, runner)
            await relayed(models, 7)
    await holds(nats_url, *range(1, 8))
    assert await models.tables() == folded(log.events)


@pytest.mark.fault
async def test_with_its_data_deleted_the_stream_is_made_and_filled_again(
    own_servers: LocalServers, own_models: ReadModels
) -> None:
    models, nats_url = own_models, own_servers.nats_url
    log = await ToyLog.begin(models.log)
    async with fan_out(models, nats_url) as fan:
        fan.stream.on_lost(fan.audit.hurry)
        await log.add("apples", *range(1, 51))
        await relayed(models, 50)
        await own_servers.nats.kill()
        own_servers.nats.wipe_store()
        await own_servers.nats.start()
        async with background(fan.audit.run()):
            await holds(nats_url, *range(1, 51))
            (committed,) = await log.add("apples", 1)
            fan.relay.offer([committed])
            await holds(nats_url, *range(1, 52))
        assert fan.audit.total.missing >= 50
        assert fan.audit.total.repaired >= 50


@pytest.mark.fault
async def test_with_its_store_full_nothing_stops_and_the_stream_recovers() -> None:
    async with (
        private_servers(nats_store_bytes=24 * 1024 * 1024) as servers,
        read_models(await create_database(servers.postgres_url)) as models,
        fan_out(models, servers.nats_url) as fan,
        running(models, limits=POLLS) as runner,
    ):
        log = await ToyLog.begin(models.log)
        await show_a_commit(models, fan, log, runner)
        await relayed(models, 1)
        async with jetstream(servers.nats_url) as stream:
            await stream.add_stream(name="FILLER", subjects=["filler"])
            await _fill(stream)
            for _ in range(3):
                await show_a_commit(models, fan, log, runner)
            await eventually(lambda: fan.stream._full)
            assert await models.value("SELECT max(position) FROM consign.relay_progress") == 1
            await stream.delete_stream("FILLER")
        await relayed(models, 4)
        await holds(servers.nats_url, *range(1, 5))
        assert await models.tables() == folded(log.events)


async def _fill(stream: JetStreamContext) -> None:
    for size in (1024 * 1024, 16 * 1024, 64):
        for _ in range(2000):
            try:
                await stream.publish("filler", bytes(size))
            except APIError:
                break
        else:
            raise AssertionError("the store does not fill")


# The audit.


async def test_an_equal_copy_is_reported_as_such(models: ReadModels, nats_url: str) -> None:
    log = await ToyLog.begin(models.log)
    async with fan_out(models, nats_url, sweep_interval_s=BY_HAND_S) as fan:
        await store(fan, *await log.add("apples", *range(1, 21)))
        assert await fan.audit.audit_all() == AuditReport(checked=20)


async def test_lost_and_altered_messages_are_reported_and_sent_again(models: ReadModels, nats_url: str) -> None:
    log = await ToyLog.begin(models.log)
    async with fan_out(models, nats_url, sweep_interval_s=BY_HAND_S) as fan:
        await store(fan, *await log.add("apples", *range(1, 11)))
        messages = await copied(nats_url)
        assert [each.first for each in messages] == list(range(1, 11))
        async with jetstream(nats_url) as stream:
            for sequence in (1, 4, 5, 10):
                await stream.delete_msg(STREAM, sequence)
            await stream.delete_msg(STREAM, 7)
            await stream.publish(commit_subject(ORGANIZATION), _altered(messages[6]))
            await stream.publish(commit_subject(ORGANIZATION), b"no message of ours")
            foreign = encode_commit(uuid4(), bytes(32), log.events[:1])
            await stream.publish(commit_subject(ORGANIZATION), foreign.payload)
        report = await fan.audit.audit_all()
        assert report == AuditReport(checked=6, missing=5, damaged=1, repaired=5, messages_deleted=3)
        await holds(nats_url, *range(1, 11))
        assert await fan.audit.audit_all() == AuditReport(checked=10)
    assert sorted((event.position, event.hash) for each in await copied(nats_url) for event in each.events or ()) == [
        (event.position, event.hash) for event in log.events
    ]


@pytest.mark.parametrize("lost", [(1, 2), (4,), (10,), tuple(range(1, 11))], ids=["first", "middle", "last", "all"])
async def test_a_loss_is_noticed_without_an_audit(models: ReadModels, nats_url: str, lost: tuple[int, ...]) -> None:
    log = await ToyLog.begin(models.log)
    async with fan_out(models, nats_url, sweep_interval_s=BY_HAND_S) as fan:
        await store(fan, *await log.add("apples", *range(1, 11)))
        fan.stream._look_interval_s = fan.stream._look_at_s = 0.0
        noticed: list[bool] = []
        fan.stream.on_lost(lambda: noticed.append(True))
        await fan.stream.ensure()
        await fan.stream.ensure()
        assert not noticed
        async with jetstream(nats_url) as stream:
            for sequence in lost:
                await stream.delete_msg(STREAM, sequence)
        await fan.stream.ensure()
        await fan.stream.ensure()
        assert noticed == [True]
        await fan.audit.audit_all()
        await holds(nats_url, *range(1, 11))


def _altered(message: CommitMessage) -> bytes:
    assert message.events is not None
    event = replace(message.events[0], data=b'{"amount":1000000,"total":1000000}')
    return encode_commit(message.log_id, message.previous_hash, [event]).payload


async def test_changes_made_elsewhere_reach_the_subscribers_here(nats_url: str) -> None:
    feeds = ChangeFeed(), ChangeFeed()
    connections = [NatsConnection(nats_url, name=str(number)) for number in range(2)]
    live = [LiveChanges(connection, feed) for connection, feed in zip(connections, feeds, strict=True)]
    change = Change(ORGANIZATION, "counters", uuid4(), 7)
    async with background(*(each.run() for each in connections), *(each.run() for each in live)):
        for connection, each in zip(connections, live, strict=True):
            await connection.wait_connected(5)
            await eventually(lambda each=each: each._client)  # type: ignore[misc]
        with feeds[0].subscribe(ORGANIZATION) as here, feeds[1].subscribe(ORGANIZATION) as there:
            async with asyncio.timeout(5):
                arrived: list[Change] = []
                while not arrived:
                    feeds[0].publish(change)
                    arrived = await there.changes(0.2)
            assert arrived == [change]
            assert await here.changes(0.0) == [change]
