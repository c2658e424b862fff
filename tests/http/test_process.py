"""The process around the surface: it starts without NATS, drains on SIGTERM with screens open, and exits 0."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from consign.http.identity.development import DevelopmentIdentity
from consign.local.servers import LocalServers
from tests.e2e.service_process import KEY_ENCRYPTION_KEY
from tests.support.eventually import eventually
from tests.support.shop import Client, Shop, problem

TOKEN_KEY = "a key for tests that is long enough"
START_LIMIT_S = 60.0
END_LIMIT_S = 20.0

pytestmark = pytest.mark.slow


@asynccontextmanager
async def served(
    servers: LocalServers, directory: Path, **settings: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Client]]:
    """Run a service as a process of its own over the given servers."""
    program = (
        "from consign.service import serve; from consign.settings import settings_from;"
        "serve(settings_from(), lambda service: print(service.url, flush=True))"
    )
    given = {
        "DATABASE_URL": servers.postgres_url,
        "NATS_URL": servers.nats_url,
        "DATA_DIRECTORY": str(directory),
        "PORT": "0",
        "TOKEN_KEY": TOKEN_KEY,
        "KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
        **settings,
    }
    environment = {f"CONSIGN_{name}": value for name, value in given.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_LIMIT_S):
            url = (await process.stdout.readline()).decode().strip()
        assert url, "the service ended before it served"
        async with Client(url, DevelopmentIdentity(TOKEN_KEY.encode())) as client:
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(END_LIMIT_S):
        return await process.wait()


@pytest.mark.fault
async def test_a_sale_goes_on_without_nats_and_is_whole_when_it_comes(
    own_servers: LocalServers, tmp_path: Path
) -> None:
    await own_servers.nats.stop()
    async with served(own_servers, tmp_path) as (process, client):
        shop = await Shop.opened(client, items=2)
        paid = await shop.sold(*shop.tags)
        items = await client.get("/items", status="sold", after_position=paid["position"])
        assert len(items.json()["items"]) == 2
        ready = await client.http.get("/ready")
        assert (ready.status_code, ready.json()["parts"]["nats"]) == (200, "degraded: not connected")
        await own_servers.nats.start()

        async def connected() -> bool:
            return bool((await client.http.get("/ready")).json()["parts"]["nats"] == "ok")

        await eventually(connected, within_s=20)
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0


async def test_the_end_does_not_wait_for_open_screens(own_servers: LocalServers, tmp_path: Path) -> None:
    async with served(own_servers, tmp_path) as (process, client):
        await Shop.planned(client)
        headers = {"Authorization": f"Bearer {client.token}"}
        async with client.http.stream("GET", client.path("/live"), headers=headers) as stream:
            lines = stream.aiter_lines()
            assert await anext(lines)
            process.send_signal(signal.SIGINT)
            async for _ in lines:
                pass
        assert await ended(process) == 0


async def test_a_front_process_forwards_what_it_does_not_own(own_servers: LocalServers, tmp_path: Path) -> None:
    async with (
        served(own_servers, tmp_path / "owner", ROLE="owner") as (_, owner),
        served(own_servers, tmp_path / "front", ROLE="front") as (_, client),
    ):
        client.organization, client.token = owner.organization, owner.token
        shop = await Shop.opened(client, items=1)
        paid = await shop.sold(shop.tags[0])
        at_owner = await owner.get(f"/items/{shop.tags[0]}", after_position=paid["position"])
        assert at_owner.json()["status"] == "sold"
        with_own_key = DevelopmentIdentity(b"the key of somebody else entirely, 32+")
        stranger = with_own_key.issue("eve", {client.organization: ("organizer",)})
        problem(await client.get("/items", token=stranger), 401, "unauthenticated")
        assert isinstance(await client.http.get("/health"), httpx.Response)
