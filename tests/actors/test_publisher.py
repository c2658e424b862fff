"""Public events reach integrators in the order of their count, at least once, each recognisable as itself."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from nats.js.errors import NotFoundError

from consign.actors.publisher import Publisher
from consign.actors.runner import Runner
from consign.actors.runner_changes import ChangeFeed
from consign.adapters.nats.connection import NatsConnection
from consign.adapters.nats.public_stream import STREAM, NatsPublicStream
from consign.adapters.postgres.projection_public import PostgresPublicEvents
from consign.domain.recorded import StoredEvent, identity_of
from consign.local.servers import LocalServers
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table
from consign.projections.public_events import CounterRow, PublicEventRow
from tests.actors.test_runner import EVERY_SLICE, POLLS
from tests.support.cluster import Database, create_database
from tests.support.eventually import eventually
from tests.support.fan_out import background, jetstream
from tests.support.read_models import ReadModels, read_models
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
async def publishing(models: ReadModels, nats_public_url: str) -> AsyncIterator[Publisher]:
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
        look_interval_s=0.2,
    )
    async with background(connection.run(), runner.run(), publisher.run()):
        yield publisher


async def published(nats_public_url: str) -> list[Any]:
    async with jetstream(nats_public_url) as stream:
        try:
            count = (await stream.stream_info(STREAM)).state.last_seq
        except NotFoundError:
            return []
        return [await stream.get_msg(STREAM, sequence) for sequence in range(1, count + 1)]


async def counts(nats_public_url: str) -> list[int]:
    return [int(message.headers["ce-publicposition"]) for message in await published(nats_public_url)]


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


@pytest.mark.fault
async def test_with_nats_stopped_and_its_data_deleted_it_goes_on_behind_its_checkpoint(
    own_servers: LocalServers,
) -> None:
    database = await create_database(own_servers.postgres_url)
    async with (
        read_models(database, PUBLIC) as models,
        publishing(models, own_servers.nats_public_url),
    ):
        log = await ToyLog.begin(models.log)
        await log.add("apples", 1, 1)
        await published_up_to(models, 2)
        await own_servers.nats.stop()
        await log.add("apples", 1, 1)
        own_servers.nats.wipe_store()
        await own_servers.nats.start()
        await published_up_to(models, 4)
        assert await counts(own_servers.nats_public_url) == [3, 4]


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
        await publisher.resume("acme", log.head.log_id, 1)
        await published_up_to(models, 2)
    assert await counts(nats_public_url) == [1, 2]
