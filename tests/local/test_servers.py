"""The embedded servers: alone on their directory, gone with their service, back after any fault."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import nats
import nats.errors
import psutil
import pytest

from consign.local.errors import DataDirectoryInUseError, OtherPostgresVersionError
from consign.local.servers import LocalServers, local_servers
from consign.local.state import ServersState, read_state
from tests.support.eventually import eventually
from tests.support.servers import FAST, servers_directory


@pytest.fixture
def directory() -> Iterator[Path]:
    with servers_directory() as directory:
        yield directory


async def _ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def _tell(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _foreground(directory: Path) -> tuple[asyncio.subprocess.Process, ServersState]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "consign.local", "--data", str(directory), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).startswith(b"CONSIGN_DATABASE_URL=")
    state = read_state(directory)
    assert state is not None
    return process, state


async def test_commits_are_flushed_before_they_are_answered(servers: LocalServers) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await _ask(servers.postgres_url, f"SHOW {setting}") == "on"


async def test_a_wrong_password_is_refused(servers: LocalServers) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{servers.postgres.port}/postgres")


async def test_integrators_cannot_reach_the_internal_account(servers: LocalServers) -> None:
    internal, public = await nats.connect(servers.nats_url), await nats.connect(servers.nats_public_url)
    heard = await public.subscribe(">")
    await public.flush()
    await internal.publish("consigncmd.1.1", b"a command")
    await internal.flush()
    await public.publish("consign.v1.o.sale.s.SaleOpened", b"an event")
    message = await heard.next_msg(timeout=5)
    assert message.subject == "consign.v1.o.sale.s.SaleOpened"
    await internal.close()
    await public.close()


@pytest.mark.fault
async def test_what_was_committed_survives_the_death_of_postgres(own_servers: LocalServers) -> None:
    await _tell(own_servers.postgres_url, "CREATE TABLE kept AS SELECT 7 AS number")
    address = own_servers.postgres_url
    await own_servers.postgres.kill()
    await own_servers.postgres.start()
    assert own_servers.postgres_url == address
    assert await _ask(address, "SELECT number FROM kept") == 7


@pytest.mark.fault
@pytest.mark.parametrize("mode", ["smart", "fast", "immediate"])
async def test_postgres_stops_in_every_mode_and_comes_back(own_servers: LocalServers, mode: str) -> None:
    pid = own_servers.postgres.pid
    await own_servers.postgres.stop(mode)  # type: ignore[arg-type] # the parameters are the literals
    assert _ended(pid)
    await own_servers.postgres.start()
    assert await _ask(own_servers.postgres_url, "SELECT 1") == 1


@pytest.mark.fault
async def test_a_wiped_nats_comes_back_empty(own_servers: LocalServers) -> None:
    client = await nats.connect(own_servers.nats_url)
    await client.jetstream().add_stream(name="S", subjects=["s"])
    await client.jetstream().publish("s", b"m")
    await client.close()
    await own_servers.nats.stop()
    own_servers.nats.wipe_store()
    await own_servers.nats.start()
    client = await nats.connect(own_servers.nats_url)
    assert await client.jetstream().streams_info() == []
    await client.close()


async def test_a_directory_in_use_says_how_to_join(directory: Path) -> None:
    async with local_servers(directory, **FAST) as first:
        with pytest.raises(DataDirectoryInUseError) as refusal:
            async with local_servers(directory):
                pass
        state = refusal.value.state
        assert state is not None
        assert (state.pid, state.postgres_url, state.nats_url) == (os.getpid(), first.postgres_url, first.nats_url)
        assert (directory / "servers.json").stat().st_mode & 0o777 == 0o600
    assert read_state(directory) is None


async def test_a_second_start_keeps_data_passwords_and_ports(directory: Path) -> None:
    async with local_servers(directory, **FAST) as servers:
        address = servers.postgres_url
        await _tell(address, "CREATE TABLE kept AS SELECT 7 AS number")
    async with local_servers(directory, **FAST):
        assert await _ask(address, "SELECT number FROM kept") == 7


async def test_data_of_another_major_version_is_refused(directory: Path) -> None:
    (directory / "postgres").mkdir()
    (directory / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(OtherPostgresVersionError, match="Postgres 12"):
        async with local_servers(directory):
            pass


def _ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.fault
async def test_servers_end_with_a_killed_service_and_the_next_starts_at_once(directory: Path) -> None:
    service, state = await _foreground(directory)
    service.kill()
    await service.wait()
    async with local_servers(directory, **FAST) as servers:
        assert await _ask(servers.postgres_url, "SELECT 1") == 1
        await eventually(lambda: _ended(state.postgres_pid) and _ended(state.nats_pid))


async def test_sigterm_ends_service_and_servers_with_success(directory: Path) -> None:
    service, state = await _foreground(directory)
    service.send_signal(signal.SIGTERM)
    assert await service.wait() == 0
    assert _ended(state.postgres_pid)
    assert _ended(state.nats_pid)


async def test_a_stranger_with_the_number_of_a_dead_postmaster_is_left_alone(directory: Path) -> None:
    async with local_servers(directory, **FAST):
        pid_file = (directory / "postgres" / "postmaster.pid").read_text()
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    stale = [str(stranger.pid), *pid_file.splitlines()[1:]]
    (directory / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    async with local_servers(directory, **FAST) as servers:
        assert await _ask(servers.postgres_url, "SELECT 1") == 1
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to a user that may not reach the directory")
async def test_a_directory_closed_to_the_servers_user_puts_their_files_elsewhere() -> None:
    with tempfile.TemporaryDirectory() as closed:
        data = Path(closed) / "data"
        async with local_servers(data, **FAST) as servers:
            assert await _ask(servers.postgres_url, "SELECT 1") == 1
        home = Path((data / "elsewhere").read_text().strip())
        assert (home / "postgres" / "PG_VERSION").exists()
        shutil.rmtree(home)


async def test_without_a_death_signal_a_watchdog_ends_the_server() -> None:
    launcher = Path(__file__).parents[2] / "src" / "consign" / "local" / "launcher.py"
    reading_end, writing_end = os.pipe()
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(launcher), "--parent", str(os.getpid()), f"--signal={signal.SIGTERM}"),
        *("--watchdog", str(reading_end), "--", "/bin/sleep", "60"),
        pass_fds=[reading_end],
    )
    os.close(reading_end)
    await eventually(lambda: psutil.Process(server.pid).name() == "sleep")
    os.close(writing_end)
    assert await asyncio.wait_for(server.wait(), 10) == -signal.SIGTERM
