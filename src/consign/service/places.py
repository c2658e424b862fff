"""Where Postgres and NATS are: servers of somebody's, or embedded ones; and the database made ready for this code."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import structlog

from consign.adapters.nats.accounts_files import write_accounts
from consign.adapters.postgres.addresses import DatabaseAddresses, addresses_of
from consign.adapters.postgres.migrate import RolePasswords, migrate
from consign.adapters.postgres.projection_tables import ensure_tables
from consign.projections.registry import PROJECTIONS
from consign.settings import Settings

if TYPE_CHECKING:
    from consign.local.servers import LocalServers

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


def places(settings: Settings, embedded: "LocalServers | None") -> Places:
    """Return the addresses of the embedded servers, or else of those that the settings name."""
    passwords = RolePasswords(*settings.role_passwords) if settings.role_passwords is not None else None
    if embedded is not None:
        database = addresses_of(embedded.postgres_url, passwords)
        accounts = AccountsPlace(embedded.nats.write_accounts, embedded.nats.reload)
        return Places(database, embedded.nats_url, embedded.nats_public_url, embedded.announce, accounts)
    assert settings.database_url is not None, "settings_from admits both addresses or neither"
    assert settings.nats_url is not None, "settings_from admits both addresses or neither"
    database = addresses_of(settings.database_url, passwords)
    folder = settings.nats_accounts_directory
    shared = None if folder is None else AccountsPlace(partial(write_accounts, folder), lambda: None)
    return Places(database, settings.nats_url, settings.nats_public_url, lambda _: None, shared)


async def prepare(database: DatabaseAddresses) -> None:
    """Migrate, and create the tables of the read models."""
    connection = await asyncpg.connect(database.administrator)
    try:
        applied = await migrate(connection, passwords=database.passwords)
        await ensure_tables(connection, PROJECTIONS)
    finally:
        await connection.close()
    _log.info("database_prepared", migrations_applied=applied)
