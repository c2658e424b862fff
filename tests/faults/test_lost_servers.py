"""Postgres and NATS go away under the service and come back: tills see a pause at most, and the copies are mended."""

import pytest

from consign.adapters.nats.commit_stream import STREAM
from consign.local.servers import LocalServers
from consign.projections.registry import projection_named
from tests.e2e.proof import check_published, connected
from tests.e2e.selling import ACME, items_for, selling
from tests.e2e.service_process import private_site
from tests.e2e.stored import read_model, read_stored
from tests.faults.owners import owner_of
from tests.support.cluster import create_database
from tests.support.eventually import eventually
from tests.support.servers import private_servers

pytestmark = pytest.mark.fault

TIMES = [1, pytest.param(12, marks=pytest.mark.proof)]
VISIBLE_LIMIT_S = 5.0


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("way", ["fast", "immediate", "kill"])
async def test_postgres_is_stopped_and_started_under_the_service(
    own_servers: LocalServers, way: str, times: int
) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        service = await running.started()
        pid = service.pid
        async with selling(running, items=items_for(times)) as load:
            for _ in range(times):
                await load.grow(40)
                if way == "kill":
                    await own_servers.postgres.kill()
                else:
                    await own_servers.postgres.stop(way)  # type: ignore[arg-type] # the parameters are the literals
                await load.feel()
                await own_servers.postgres.start()
                await load.grow(40)
        assert service.pid == pid, "the process itself lived through it"


@pytest.mark.parametrize("times", TIMES)
async def test_with_nats_stopped_tills_sell_on_and_read_models_follow(own_servers: LocalServers, times: int) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        await running.started()
        async with selling(running, items=items_for(times)) as load:
            for _ in range(times):
                await load.grow(40)
                await own_servers.nats.kill()
                retries = load.answers.retries
                await load.grow(60)
                assert load.answers.retries == retries, "nobody at a till noticed"
                position = (await read_stored(database, ACME)).head.position

                async def is_visible(position: int = position) -> bool:
                    shown = await read_model(database, ACME, projection_named("receipts"))
                    return shown is not None and shown.checkpoint >= position

                await eventually(is_visible, within_s=VISIBLE_LIMIT_S)
                await own_servers.nats.start()
                await load.grow(40)


async def test_with_nats_stopped_only_what_must_be_forwarded_waits(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        await running.started()
        await running.started()
        async with selling(running) as load:
            await load.grow(40)
            await own_servers.nats.stop()
            await load.feel("forwarding_unavailable")
            await load.grow(40)
            assert await owner_of(running, ACME) is not None
            await own_servers.nats.start()
            await load.grow(40)


async def test_a_wiped_nats_is_filled_again_from_the_log(own_servers: LocalServers) -> None:
    database = await create_database(own_servers.postgres_url)
    async with private_site(own_servers, database) as running:
        await running.started()
        async with selling(running) as load:
            await load.grow(40)
            await own_servers.nats.stop()
            own_servers.nats.wipe_store()
            await own_servers.nats.start()
            await load.grow(40)
        await check_published(running, ACME)


async def test_with_the_store_of_nats_full_tills_sell_on_and_the_copy_is_mended_later() -> None:
    async with private_servers(nats_store_bytes=8 * 1024**2) as servers:
        database = await create_database(servers.postgres_url)
        async with connected(servers.nats_url) as connection:
            jetstream = connection.client().jetstream()
            await jetstream.add_stream(name="FILL", subjects=["fill"])
            for _ in range(7):
                await jetstream.publish("fill", b"x" * 1024**2)
            async with private_site(servers, database) as running:
                await running.started()
                async with selling(running) as load:
                    await load.grow(60)
                    await jetstream.delete_stream("FILL")
                    await load.grow(40)
            assert (await jetstream.stream_info(STREAM)).state.messages > 0
