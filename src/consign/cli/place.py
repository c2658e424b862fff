"""Where a command works: servers that already run over the data directory, own ones, or real ones by address."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from consign.cli.exits import ENVIRONMENT, Failure
from consign.settings import Settings, settings_from

if TYPE_CHECKING:
    from consign.adapters.postgres.addresses import DatabaseAddresses
    from consign.local.state import ServersState

STARTING_LIMIT_S = 30.0
_PAUSE_S = 0.05


class Place(NamedTuple):
    """Addresses of the servers that a command reads from or writes to; `is_served`: other processes work on them."""

    database: "DatabaseAddresses"
    nats_url: str
    nats_public_url: str | None
    is_served: bool


class ServiceAddress(NamedTuple):
    """A running service, and the key that its development tokens are signed with."""

    url: str
    token_key: bytes


@asynccontextmanager
async def opened(data_directory: Path) -> AsyncIterator[Place]:
    """Lend the servers; those over a data directory are joined, or started for as long as this lasts.

    Ends with `Failure` where there is no such data directory: a command that looks at data does not make any.
    """
    from consign.adapters.postgres.addresses import addresses_of
    from consign.adapters.postgres.migrate import RolePasswords
    from consign.http.log_lines import configure_log_lines

    configure_log_lines("error")
    settings = settings_from(data_directory=data_directory)
    passwords = RolePasswords(*settings.role_passwords) if settings.role_passwords is not None else None
    if settings.database_url is not None and settings.nats_url is not None:
        database = addresses_of(settings.database_url, passwords)
        yield Place(database, settings.nats_url, settings.nats_public_url, is_served=True)
        return
    if not await asyncio.to_thread(data_directory.is_dir):
        raise Failure(f"there is no data directory {data_directory}; `consign serve --demo` makes one", ENVIRONMENT)
    async with AsyncExitStack() as stack:
        state = await _joined(settings)
        if state is not None:
            database = addresses_of(state.postgres_url, passwords)
            yield Place(database, state.nats_url, state.nats_public_url, is_served=True)
            return
        from consign.local.servers import local_servers

        servers = await stack.enter_async_context(local_servers(data_directory))
        database = addresses_of(servers.postgres_url, passwords)
        yield Place(database, servers.nats_url, servers.nats_public_url, is_served=False)


@asynccontextmanager
async def service(data_directory: Path) -> AsyncIterator[ServiceAddress]:
    """Lend the service of the data directory: the running one, or one started for as long as this lasts.

    Ends with `Failure` where servers are named by address: their service has an address too.
    """
    settings = settings_from(data_directory=data_directory)
    if not settings.is_embedded:
        raise Failure("CONSIGN_DATABASE_URL is set: name the running service with --url", ENVIRONMENT)
    state = await _joined(settings)
    if state is not None:
        state = await _listening(settings, state)
        assert state.service_url is not None
        yield ServiceAddress(state.service_url, token_key(settings))
        return
    async with own_service(settings_from(data_directory=data_directory, port=0, log_level="error")) as address:
        yield address


@asynccontextmanager
async def own_service(settings: Settings) -> AsyncIterator[ServiceAddress]:
    """Run a service in this process for as long as this lasts."""
    from consign.http.log_lines import configure_log_lines
    from consign.service import running_service

    configure_log_lines(settings.log_level)
    async with running_service(settings) as running:
        yield ServiceAddress(running.url, token_key(settings))


def token_key(settings: Settings) -> bytes:
    """Return the key of development tokens: the given one, or the data directory's."""
    from consign.adapters.installation import secret_key

    if settings.token_key is not None:
        return settings.token_key.encode()
    return secret_key(settings.data_directory, "token")


def mint(key: bytes, account: str, organization: str, roles: Sequence[str]) -> str:
    """Return a development token for an account with roles in one organization."""
    from consign.http.identity.development import DevelopmentIdentity

    return DevelopmentIdentity(key).issue(account, {organization: roles})


async def _joined(settings: Settings) -> "ServersState | None":
    """Return how to reach the servers that another process runs over the data directory; None: nobody does."""
    from consign.local.servers import is_served
    from consign.local.state import read_state

    deadline_s = asyncio.get_running_loop().time() + STARTING_LIMIT_S
    while is_served(settings.data_directory):
        state = read_state(settings.data_directory)
        if state is not None:
            return state
        if asyncio.get_running_loop().time() > deadline_s:
            raise Failure(f"another process has been starting over {settings.data_directory} for long", ENVIRONMENT)
        await asyncio.sleep(_PAUSE_S)
    return None


async def _listening(settings: Settings, state: "ServersState") -> "ServersState":
    """Return the state once the service there listens."""
    from consign.local.state import read_state

    deadline_s = asyncio.get_running_loop().time() + STARTING_LIMIT_S
    while state.service_url is None:
        if asyncio.get_running_loop().time() > deadline_s:
            raise Failure(
                f"process {state.pid} runs the servers over {settings.data_directory}, but no service", ENVIRONMENT
            )
        await asyncio.sleep(_PAUSE_S)
        state = read_state(settings.data_directory) or state
    return state
