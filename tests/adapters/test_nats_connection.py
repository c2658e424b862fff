"""The connection to NATS: up in the background, back after an outage, in nobody's way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from nats.aio.client import Client

from consign.adapters.nats.connection import NatsConnection, NatsDown
from consign.local.servers import LocalServers
from tests.support.eventually import eventually


@asynccontextmanager
async def running(connection: NatsConnection) -> AsyncIterator[NatsConnection]:
    task = asyncio.create_task(connection.run())
    try:
        yield connection
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_connects_in_the_background_and_tells_who_asked(nats_url: str) -> None:
    told: list[Client] = []

    async def tell(client: Client) -> None:
        told.append(client)

    connection = NatsConnection(nats_url, name="test")
    connection.on_connected(tell)
    with pytest.raises(NatsDown):
        connection.client()
    async with running(connection):
        await connection.wait_connected(5)
        await eventually(lambda: told == [connection.client()])


async def test_starting_does_not_wait_for_a_server_that_is_not_there() -> None:
    async with running(NatsConnection("nats://user:secret@127.0.0.1:1", name="test")) as connection:
        with pytest.raises(NatsDown):
            await connection.wait_connected(0.3)


@pytest.mark.fault
async def test_after_an_outage_it_is_connected_again_and_tells_once_more(own_servers: LocalServers) -> None:
    told: list[Client] = []

    async def tell(client: Client) -> None:
        told.append(client)

    connection = NatsConnection(own_servers.nats_url, name="test")
    connection.on_connected(tell)
    async with running(connection):
        await connection.wait_connected(5)
        await eventually(lambda: len(told) == 1)
        await own_servers.nats.stop()
        await eventually(lambda: not connection.is_connected)
        await own_servers.nats.start()
        await eventually(lambda: len(told) == 2)
        assert connection.is_connected


async def test_a_client_that_is_closed_for_good_is_replaced(nats_url: str) -> None:
    async with running(NatsConnection(nats_url, name="test")) as connection:
        await connection.wait_connected(5)
        first = connection.client()
        await first.close()
        await eventually(lambda: connection.is_connected and connection.client() is not first)


async def test_who_gives_up_waiting_for_a_flush_does_not_end_the_reading(nats_url: str) -> None:
    async with running(NatsConnection(nats_url, name="test")) as connection:
        await connection.wait_connected(5)
        client = connection.client()
        inbox = client.new_inbox()
        heard = await client.subscribe(inbox)
        flushing = asyncio.create_task(client.flush())
        await asyncio.sleep(0)
        flushing.cancel()
        await asyncio.gather(flushing, return_exceptions=True)
        await client.flush()
        await client.publish(inbox, b"still there")
        assert (await heard.next_msg(5)).data == b"still there"
