"""`consign serve` as people start it, stop it, kill it and start it twice."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import nats.errors
import nats.js.errors
import pytest
from nats.aio.client import Client as Nats

from consign.cli.place import opened
from consign.client import Client, RequestRefused, new_id
from consign.local.state import read_state
from tests.support.command_line import Serving, consign, data_directory, serving
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def directory() -> Iterator[Path]:
    with data_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """A data directory that several tests serve one after another."""
    with data_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def service(shared: Path) -> Iterator[Serving]:
    """A service that sold the first of its printed tags."""
    with serving(shared) as service:
        asyncio.run(sell_a_printed_tag(service))
        yield service


async def sell_a_printed_tag(service: Serving) -> None:
    session, basket = new_id(), new_id()
    async with Client(service.said("ready"), service.said("token"), service.said("organization")) as till:
        sale = service.said("sale")
        await till.command(f"/sessions/{session}/open", {"sale": sale, "till": "K1", "float_minor": 5000})
        scanned = await till.command(f"/sessions/{session}/baskets/{basket}/scan", {"tag": service.tags[0]})
        tenders = [{"kind": "cash", "amount_minor": scanned["total_minor"]}]
        paid = await till.command(f"/sessions/{session}/baskets/{basket}/pay", {"tenders": tenders})
        assert paid["receipt"] == "K1-1"
        with pytest.raises(RequestRefused, match="already_sold"):
            await till.command(f"/sessions/{session}/baskets/{new_id()}/scan", {"tag": service.tags[0]})


def test_an_empty_directory_is_served_with_a_sale_to_scan_and_a_signal_ends_it_well(directory: Path) -> None:
    with serving(directory) as service:
        assert httpx.get(f"{service.said('ready')}/ready").json()["status"] == "ok"
        assert len(service.tags) == 3
        assert service.ended_by(signal.SIGINT) == 0


def test_a_printed_tag_can_be_sold_once_with_the_printed_token(service: Serving, shared: Path) -> None:
    sold = consign("events", "--type", "ReceiptIssued", "--data-directory", shared)
    assert len(sold.stdout.splitlines()) == 1, sold.stdout


def test_a_second_start_over_the_same_directory_says_how_to_reach_the_first(service: Serving, shared: Path) -> None:
    second = consign("serve", "--demo", "--data-directory", shared)
    assert second.returncode == 0
    assert "is served already" in second.stderr
    assert service.said("ready") in second.stdout
    assert service.tags[1] in second.stdout
    assert service.tags[0] not in second.stdout, "a tag that was sold cannot be scanned any more"


def test_an_integrators_credentials_count_at_the_embedded_server(service: Serving, shared: Path) -> None:
    given = consign("integrator", "shop", "--data-directory", shared)
    assert given.returncode == 0, given.stderr
    user, password = (line.split()[1] for line in given.stdout.splitlines()[:2])
    state = read_state(shared)
    assert state is not None
    server = urlsplit(state.nats_url).netloc.rpartition("@")[2]

    async def is_served() -> bool:
        client = Nats()
        try:
            await client.connect(server, user=user, password=password, allow_reconnect=False, connect_timeout=2)
            await client.jetstream(prefix="consign.api").consumer_info("CONSIGN_PUBLIC", user, timeout=1)
        except (nats.errors.Error, nats.js.errors.Error, OSError):
            return False
        finally:
            await client.close()
        return True

    asyncio.run(eventually(is_served, within_s=60))


def test_after_a_kill_the_next_start_has_everything_that_was_sold_and_tampering_is_found(directory: Path) -> None:
    with serving(directory) as service:
        asyncio.run(sell_a_printed_tag(service))
        service.process.kill()
    with serving(directory) as again:
        assert again.tags[:2] == service.tags[1:]
        assert again.ended_by(signal.SIGTERM) == 0
    verified = consign("verify", "--data-directory", directory)
    assert verified.returncode == 0, verified.stdout + verified.stderr

    asyncio.run(tamper(directory))
    verified = consign("verify", "--no-copy", "--data-directory", directory, "-o", "demo")
    assert verified.returncode == 1
    assert "the first bad position is 10:" in verified.stdout


async def tamper(directory: Path) -> None:
    async with opened(directory) as place:
        connection = await asyncpg.connect(place.database.administrator)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("UPDATE consign.events SET account_id = 'mallory' WHERE position = 10")
        await connection.close()


def test_a_front_makes_no_demo_sale(directory: Path) -> None:
    refused = consign("serve", "--demo", "--role", "front", "--data-directory", directory)
    assert refused.returncode == 2
    assert "--role front" in refused.stderr


def test_a_port_that_is_taken_is_told_in_a_sentence(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = consign("serve", "--quiet", "--port", port, "--data-directory", directory)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert "in use" in refused.stderr
