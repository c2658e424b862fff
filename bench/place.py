"""Where a benchmark runs: servers of its own with the settings that `make run` uses, and fresh databases in them."""

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from msgspec import Struct

from bench.engine import take_slices
from consign.adapters.postgres.migrate import RolePasswords, migrate
from consign.local.servers import LocalServers, local_servers

PASSWORDS = RolePasswords(
    "owner-password", "writer-password", "projector-password", "reader-password", "identity-password"
)


class Database(Struct, frozen=True):
    """A database by the roles that reach it."""

    administrator_url: str
    writer_url: str
    projector_url: str


@contextmanager
def directory() -> Iterator[Path]:
    """Lend a directory that the servers' own user can reach."""
    path = Path(tempfile.mkdtemp(prefix="consign-bench-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@asynccontextmanager
async def servers() -> AsyncIterator[LocalServers]:
    """Run Postgres and NATS with full durability over a fresh directory."""
    with directory() as path:
        async with local_servers(path) as running:
            yield running


async def empty_database(administrator_url: str) -> str:
    """Create a database of a random name and return its administrator's address."""
    name = f"bench_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(administrator_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return urlunsplit(urlsplit(administrator_url)._replace(path=f"/{name}"))


async def database(administrator_url: str) -> Database:
    """Create and migrate a database."""
    url = await empty_database(administrator_url)
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection, passwords=PASSWORDS)
    finally:
        await connection.close()
    await take_slices(url)
    return database_of(url)


def database_of(administrator_url: str) -> Database:
    """Name the addresses of a database whose roles have the benchmark's passwords."""
    writer = _as_user(administrator_url, "consign_writer", PASSWORDS.writer)
    return Database(administrator_url, writer, _as_user(administrator_url, "consign_projector", PASSWORDS.projector))


def _as_user(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"))
