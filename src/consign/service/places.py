"""Where Postgres and NATS are: servers of somebody's, or embedded ones; and the database made ready for this code."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog

from consign.adapters.installation import node_identity
from consign.adapters.nats.accounts_files import write_accounts
from consign.adapters.postgres.addresses import DatabaseAddresses, addresses_of
from consign.adapters.postgres.migrate import RolePasswords, migrate
from consign.adapters.postgres.projection_tables import ensure_tables
from consign.projections.registry import PROJECTIONS
from consign.settings import Settings

_log = structlog.get_logger(__name__)


class AccountsPlace(NamedTuple):
    """Where a NATS server reads the accounts of organizations from, and how it is told to read them again."""

    write: Callable[[Mapping[str, str]], None]
    reload: Callable[[], None]


class Places(NamedTuple):
    """The addresses, and whom to tell once the service listens. Without `accounts` integrators get none."""

    database: DatabaseAddresses
    nats_url: str
    nats_public_url: str | None
    announce: Callable[[str], None]
    accounts: AccountsPlace | None = None


@asynccontextmanager
async def places(settings: Settings) -> AsyncIterator[Places]:
    """Lend the servers that the settings name, or embedded ones for as long as the context is open."""
    passwords = RolePasswords(*settings.role_passwords) if settings.role_passwords is not None else None
    if settings.database_url is not None and settings.nats_url is not None:
        database = addresses_of(settings.database_url, passwords)
        folder = settings.nats_accounts_directory
        accounts = None if folder is None else AccountsPlace(partial(write_accounts, folder), lambda: None)
        yield Places(database, settings.nats_url, settings.nats_public_url, lambda _: None, accounts)
        return
    from consign.local.servers import local_servers  # noqa: PLC0415 - an extra that production does not carry

    async with local_servers(settings.data_directory) as servers:
        database = addresses_of(servers.postgres_url, passwords)
        accounts = AccountsPlace(servers.nats.write_accounts, servers.nats.reload)
        yield Places(database, servers.nats_url, servers.nats_public_url, servers.announce, accounts)


@contextmanager
def node_id(settings: Settings) -> Iterator[UUID]:
    """Lend this process's id as a node: the one it was given, or one of the installation's."""
    if settings.node_id is not None:
        yield settings.node_id
        return
    with node_identity(settings.data_directory) as found:
        yield found


async def prepare(database: DatabaseAddresses) -> None:
    """Migrate, and create the tables of the read models."""
    connection = await asyncpg.connect(database.administrator)
    try:
        applied = await migrate(connection, passwords=database.passwords)
        await ensure_tables(connection, PROJECTIONS)
    finally:
        await connection.close()
    _log.info("database_prepared", migrations_applied=applied)
