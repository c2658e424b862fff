"""`consign serve` as people start it, stop it, kill it and start it twice."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from consign.client import Client, RequestRefused, new_id
from tests.support.command_line import consign, data_directory, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def directory() -> Iterator[Path]:
    with data_directory() as directory:
        yield directory


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_empty_directory_is_served_with_a_sale_to_scan_and_a_signal_ends_it_well(
    directory: Path, stop: signal.Signals
) -> None:
    with serving(directory) as service:
        assert httpx.get(f"{service.said('ready')}/ready").json()["status"] == "ok"
        assert len(service.tags) == 3
        assert service.ended_by(stop) == 0


async def test_a_printed_tag_can_be_sold_with_the_printed_token(directory: Path) -> None:
    with serving(directory) as service:
        session, basket = new_id(), new_id()
        async with Client(service.said("ready"), service.said("token"), service.said("organization")) as till:
            sale = service.said("sale")
            await till.command(f"/sessions/{session}/open", {"sale": sale, "till": "K1", "float_minor": 5000})
            scanned = await till.command(f"/sessions/{session}/baskets/{basket}/scan", {"tag": service.tags[0]})
            tenders = [{"kind": "cash", "amount_minor": scanned["total_minor"]}]
            paid = await till.command(f"/sessions/{session}/baskets/{basket}/pay", {"tenders": tenders})
            assert paid["receipt"] == "K1-1"
            totals = await till.get(f"/sales/{sale}/commission")
            assert totals["gross_minor"] == scanned["total_minor"]
            with pytest.raises(RequestRefused, match="already_sold"):
                await till.command(f"/sessions/{session}/baskets/{new_id()}/scan", {"tag": service.tags[0]})


def test_a_second_start_over_the_same_directory_says_how_to_reach_the_first(directory: Path) -> None:
    with serving(directory) as service:
        second = consign("serve", "--demo", "--data-directory", directory)
        assert second.returncode == 0
        assert "is served already" in second.stderr
        assert service.said("ready") in second.stdout
        assert service.tags == [tag for tag in service.tags if tag in second.stdout]


def test_after_a_kill_the_next_start_has_everything_that_was_sold(directory: Path) -> None:
    with serving(directory) as service:
        service.process.kill()
        service.process.wait(timeout=30)
    with serving(directory) as again:
        assert again.tags == service.tags
        assert again.ended_by(signal.SIGTERM) == 0
    verified = consign("verify", "--no-copy", "--data-directory", directory)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_front_makes_no_demo_sale(directory: Path) -> None:
    refused = consign("serve", "--demo", "--role", "front", "--data-directory", directory)
    assert refused.returncode == 2
    assert "--role front" in refused.stderr


def test_a_port_that_is_taken_is_told_in_a_sentence(directory: Path) -> None:
    with serving(directory) as service, data_directory() as another:
        port = service.said("ready").rpartition(":")[2]
        refused = consign("serve", "--quiet", "--port", port, "--data-directory", another)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert "in use" in refused.stderr
