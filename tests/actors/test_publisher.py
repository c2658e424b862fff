"""Public events reach integrators in the order of their count, at least once, each recognisable as itself."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from nats.js.errors import NotFoundError

from consign.actors.publisher import Publisher
from consign.actors.runner import Runner
from consign.actors.runner_changes import ChangeFeed
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.nats.public_stream import STREAM, NatsPublicStream
from consign.adapters.postgres.projection_public import PostgresPublicEvents
from consign.adapters.postgres.renewal import resume_publishing
from consign.domain.recorded import StoredEvent, identity_of
from consign.local.servers import LocalServers
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table
from consign.projections.public_events import CounterRow, PublicEventRow
from tests.actors.test_runner import EVERY_SLICE, POLLS
from tests.support.cluster import Database, create_database
from tests.support.eventually import eventually
from tests.support.fan_out import background, jetstream
from tests.support.read_models import ReadModels, read_models
from tests.support.servers import delete_streams
from tests.support.toy_business import Added, ToyBusiness
from tests.support.toy_log import ToyLog


def _reads(_: StoredEvent, __: Added) -> Sequence[tuple[str, Key]]:
    return [("counter", ("all",))]


def _apply(stored: StoredEvent, event: Added, rows: Rows) -> Sequence[Change]:
    """Publish additions of odd amounts only, so that count and position differ."""
    if event.amount % 2 == 0:
        return ()
    counter: CounterRow = rows.get("counter", ("all",)) or CounterRow("all", 0)
    count = counter.public_position + 1
    row = PublicEventRow(
        public_position=count,
        id=f"{stored.event_id}.0",
        type="CounterGrew",
        source="/organizations/acme",
        subject=f"counter/{identity_of(stored.stream)}",
        time=stored.occurred_at,
        dataschema="urn:toy",
        aggregate="counter",
        aggregate_id=identity_of(stored.stream),
        data=f'{{"amount":{event.amount}}}',
        position=stored.position,
    )
    return [Put("events", row), Put("counter", CounterRow("all", count))]


PUBLIC = Projection(
    "public_events",
    1,
    (Table("events", PublicEventRow, ("public_position",)), Table("counter", CounterRow, ("name",))),
    frozenset({"added"}),
    _reads,
    _apply,
)


@pytest.fixture
async def models(database: Database) -> AsyncIterator[ReadModels]:
    async with read_models(database, PUBLIC) as models:
        yield models


@asynccontextmanager
async def publishing(
    models: ReadModels, nats_public_url: str, *, look_interval_s: float = 0.2
) -> AsyncIterator[Publisher]:
    connection = NatsConnection(nats_public_url, name="test")
    feed = ChangeFeed()
    runner = Runner(
        (PUBLIC,),
        store=models.store,
        log=models.store,
        heads=models.store,
        decode=ToyBusiness().decode_event,
        changes=feed,
        served=lambda: EVERY_SLICE,
        limits=POLLS,
    )
    publisher = Publisher(
        events=PostgresPublicEvents(models.pool, PUBLIC),
        stream=NatsPublicStream(connection),
        heads=models.store,
        changes=feed,
        served=lambda: EVERY_SLICE,
        batch=7,
        poll_interval_s=0.05,
        look_interval_s=look_interval_s,
    )
    async with background(connection.run(), runner.run(), publisher.run()):
        yield publisher


async def published(nats_public_url: str) -> list[Any]:
    async with jetstream(nats_public_url) as stream:
        try:
            last = (await stream.stream_info(STREAM)).state.last_seq
        except NotFoundError:
            return []
        found: list[Any] = []
        for sequence in range(1, last + 1):
            with suppress(NotFoundError):
                found.append(await stream.get_msg(STREAM, sequence))
        return found


async def counts(nats_public_url: str) -> list[int]:
    return [int(message.headers["ce-publicposition"]) for message in await published(nats_public_url)]


async def holds(nats_public_url: str, *expected: int) -> None:
    """Wait until the stream holds these counts, in this order."""

    async def so() -> bool:
        return await counts(nats_public_url) == list(expected)

    await eventually(so, within_s=20)


async def holds_all(nats_public_url: str, *expected: int) -> None:
    """Wait until the stream holds these counts, in whatever order and however often."""

    async def so() -> bool:
        return set(await counts(nats_public_url)) == set(expected)

    await eventually(so, within_s=20)


async def published_up_to(models: ReadModels, count: int) -> None:
    async def noted() -> bool:
        return bool(await models.value("SELECT max(public_position) FROM consign.publisher_progress") == count)

    await eventually(noted, within_s=20)


async def test_each_event_is_a_cloud_event_on_its_subject(models: ReadModels, nats_public_url: str) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", 2, 3)
    async with publishing(models, nats_public_url):
        await published_up_to(models, 1)
    (message,) = await published(nats_public_url)
    headers = dict(message.headers)
    time = headers.pop("ce-time")
    assert (message.subject, message.data) == ("consign.v1.acme.counter.apples.CounterGrew", b'{"amount":3}')
    assert datetime.fromisoformat(time) == datetime(2026, 5, 2, 9, 30, 2, 125, tzinfo=UTC)
    assert time.endswith("Z")
    assert headers == {
        "ce-specversion": "1.0",
        "ce-id": f"{log.events[1].event_id}.0",
        "ce-source": "/organizations/acme",
        "ce-type": "CounterGrew",
        "ce-subject": "counter/apples",
        "ce-dataschema": "urn:toy",
        "ce-datacontenttype": "application/json",
        "ce-publicposition": "1",
        "Nats-Msg-Id": f"{log.head.log_id}:acme:1",
    }


async def test_they_come_in_the_order_of_their_count_over_restarts(models: ReadModels, nats_public_url: str) -> None:
    log = await ToyLog.begin(models.log)
    for round_ in range(3):
        await log.add("apples", *range(1, 41))
        async with publishing(models, nats_public_url):
            await published_up_to(models, 20 * (round_ + 1))
    assert await counts(nats_public_url) == list(range(1, 61))


async def test_two_publishers_count_the_same_and_the_stream_keeps_each_once(
    models: ReadModels, nats_public_url: str
) -> None:
    log = await ToyLog.begin(models.log)
    async with publishing(models, nats_public_url), publishing(models, nats_public_url):
        await log.add("apples", *range(1, 101))
        await published_up_to(models, 50)
    assert sorted(await counts(nats_public_url)) == list(range(1, 51))


async def happened_days_ago(models: ReadModels, days: int, *, up_to: int) -> None:
    await models.administer(
        f"UPDATE consign.rm_public_events_v1_events SET time = now() - interval '{days} days' "
        f"WHERE public_position <= {up_to}"
    )


@pytest.fixture
async def own_models(own_servers: LocalServers) -> AsyncIterator[ReadModels]:
    async with read_models(await create_database(own_servers.postgres_url), PUBLIC) as models:
        yield models


@pytest.mark.fault
async def test_with_nats_stopped_and_its_data_deleted_what_is_missing_is_published_again(
    own_servers: LocalServers, own_models: ReadModels
) -> None:
    models = own_models
    log = await ToyLog.begin(models.log)
    async with publishing(models, own_servers.nats_public_url):
        await log.add("apples", *[1] * 20)
        await published_up_to(models, 20)
        await happened_days_ago(models, 29, up_to=20)
        await own_servers.nats.stop()
        await log.add("apples", 1, 1)
        own_servers.nats.wipe_store()
        await own_servers.nats.start()
        await published_up_to(models, 22)
        assert await counts(own_servers.nats_public_url) == list(range(1, 23))


@pytest.mark.fault
async def test_an_organization_in_which_nothing_happens_is_published_again_as_soon_as_there_is_a_stream(
    own_servers: LocalServers, own_models: ReadModels
) -> None:
    log = await ToyLog.begin(own_models.log)
    async with publishing(own_models, own_servers.nats_public_url, look_interval_s=3600):
        await log.add("apples", 1, 1)
        await published_up_to(own_models, 2)
        await happened_days_ago(own_models, 29, up_to=2)
        await own_servers.nats.kill()
        own_servers.nats.wipe_store()
        await own_servers.nats.start()
        await holds(own_servers.nats_public_url, 1, 2)


@pytest.mark.fault
async def test_a_stream_that_lost_its_end_is_completed(own_servers: LocalServers, own_models: ReadModels) -> None:
    log = await ToyLog.begin(own_models.log)
    await log.add("apples", *[1] * 10)
    async with publishing(own_models, own_servers.nats_public_url):
        await published_up_to(own_models, 10)
    await happened_days_ago(own_models, 29, up_to=10)
    async with jetstream(own_servers.nats_public_url) as stream:
        for sequence in (8, 9, 10):
            await stream.delete_msg(STREAM, sequence)
    await own_servers.nats.stop()
    await own_servers.nats.start()
    async with publishing(own_models, own_servers.nats_public_url):
        await holds(own_servers.nats_public_url, *range(1, 11))
        await log.add("apples", 1)
        await holds(own_servers.nats_public_url, *range(1, 12))


async def test_what_was_on_its_way_to_a_stream_that_was_lost_does_not_hide_that_the_next_one_lacks_its_begin(
    models: ReadModels, nats_public_url: str
) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", *[1] * 21)
    async with publishing(models, nats_public_url):
        await published_up_to(models, 21)
    await happened_days_ago(models, 29, up_to=21)
    await delete_streams(nats_public_url)
    await arrives_first(models, nats_public_url, 21)
    async with publishing(models, nats_public_url):
        await holds_all(nats_public_url, *range(1, 22))
    assert (await counts(nats_public_url))[:2] == [21, 1]

    async with publishing(models, nats_public_url) as publisher:
        await log.add("apples", 1)
        await published_up_to(models, 22)
        assert publisher.published_count <= 2, "only what was on its way may come again"


async def arrives_first(models: ReadModels, nats_public_url: str, count: int) -> None:
    """Another process makes the new stream, and a message for the old one arrives in it."""
    connection = NatsConnection(nats_public_url, name="other")
    stream = NatsPublicStream(connection)
    async with background(connection.run()):
        await connection.wait_connected(10.0)
        await stream.opened()
        found = await PostgresPublicEvents(models.pool, PUBLIC).after("acme", count - 1, 1)
        assert found is not None
        await stream.publish("acme", found.log_id, found.rows)


@pytest.mark.fault
async def test_two_publishers_fill_a_wiped_stream_again_between_them(
    own_servers: LocalServers, own_models: ReadModels
) -> None:
    log = await ToyLog.begin(own_models.log)
    url = own_servers.nats_public_url
    async with publishing(own_models, url), publishing(own_models, url):
        await log.add("apples", *[1] * 60)
        await published_up_to(own_models, 60)
        for round_ in range(3):
            await happened_days_ago(own_models, 29, up_to=100)
            await own_servers.nats.kill()
            own_servers.nats.wipe_store()
            await log.add("apples", 1, 1)
            await own_servers.nats.start()
            await holds_all(url, *range(1, 63 + 2 * round_))


async def test_what_is_older_than_the_stream_keeps_is_not_published_again(
    models: ReadModels, nats_public_url: str
) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", *[1] * 10)
    async with publishing(models, nats_public_url):
        await published_up_to(models, 10)
    await happened_days_ago(models, 31, up_to=10)
    await models.administer("UPDATE consign.rm_public_events_v1_events SET time = now() WHERE public_position > 7")
    await delete_streams(nats_public_url)
    async with publishing(models, nats_public_url):
        await holds(nats_public_url, 8, 9, 10)


async def test_on_another_log_it_halts_until_someone_says_where_to_go_on(
    models: ReadModels, nats_public_url: str
) -> None:
    log = await ToyLog.begin(models.log)
    await log.add("apples", 1)
    async with publishing(models, nats_public_url):
        await published_up_to(models, 1)
    await models.administer("UPDATE consign.publisher_progress SET log_id = gen_random_uuid()")
    async with publishing(models, nats_public_url) as publisher:
        await log.add("apples", 1)
        await eventually(lambda: publisher._halted)
        assert await counts(nats_public_url) == [1]
        projector = await asyncpg.connect(models.database.projector_url)
        assert await resume_publishing(projector) == ["acme"]
        await projector.close()
        await published_up_to(models, 2)
    assert await counts(nats_public_url) == [1, 2]
