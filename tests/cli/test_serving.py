"""`consign serve` as people start it, stop it, kill it and start it twice."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from consign.cli.place import opened
from tests.support.command_line import consign, data_directory, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def directory() -> Iterator[Path]:
    with data_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def survived() -> Iterator[Path]:
    """A data directory whose process was killed; the next one found everything and was ended in order."""
    with data_directory() as directory:
        with serving(directory) as service:
            service.process.kill()
            service.process.wait(timeout=30)
        with serving(directory) as again:
            assert again.tags == service.tags
            assert again.ended_by(signal.SIGTERM) == 0
        yield directory


def test_an_empty_directory_is_served_once_and_ctrl_c_ends_it_well(directory: Path) -> None:
    with serving(directory) as service:
        assert httpx.get(f"{service.said('ready')}/ready").json()["status"] == "ok"
        assert len(service.tags) == 3
        second = consign("serve", "--demo", "--data-directory", directory)
        assert second.returncode == 0
        assert "is served already" in second.stderr
        assert service.said("ready") in second.stdout
        assert service.tags == [tag for tag in service.tags if tag in second.stdout]
        assert service.ended_by(signal.SIGINT) == 0


def test_after_a_kill_everything_still_agrees(survived: Path) -> None:
    verified = consign("verify", "--data-directory", survived)
    assert verified.returncode == 0, verified.stdout + verified.stderr


async def test_verify_ends_with_one_when_the_log_was_tampered_with(survived: Path) -> None:
    async with opened(survived) as place:
        connection = await asyncpg.connect(place.database.administrator)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("UPDATE consign.events SET account_id = 'mallory' WHERE position = 10")
        await connection.close()
    verified = consign("verify", "--no-copy", "--data-directory", survived, "-o", "demo")
    assert verified.returncode == 1
    assert "the hash at position 10 does not follow" in verified.stdout


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
