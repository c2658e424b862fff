"""A Postgres cluster for tests: one migrated template, and a copy of it for each test."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from consign.adapters.postgres.migrate import RolePasswords, migrate

PASSWORDS = RolePasswords(
    "owner-password", "writer-password", "projector-password", "reader-password", "identity-password"
)


@dataclass(frozen=True)
class Database:
    """One migrated database and how each role reaches it; `url` is the administrator's."""

    url: str

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.removeprefix("/")

    @property
    def owner_url(self) -> str:
        return as_user(self.url, "consign_owner", PASSWORDS.owner)

    @property
    def writer_url(self) -> str:
        return as_user(self.url, "consign_writer", PASSWORDS.writer)

    @property
    def projector_url(self) -> str:
        return as_user(self.url, "consign_projector", PASSWORDS.projector)

    @property
    def reader_url(self) -> str:
        return as_user(self.url, "consign_reader", PASSWORDS.reader)

    @property
    def identity_url(self) -> str:
        return as_user(self.url, "consign_identity", PASSWORDS.identity)


def as_user(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{address}"))


def in_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def create_database(administrator_url: str, *, template: str | None = None) -> Database:
    """Create a database of a random name: a copy of `template`, or empty and then migrated."""
    name = f"consign_{secrets.token_hex(6)}"
    administrator = await asyncpg.connect(administrator_url)
    try:
        await administrator.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    finally:
        await administrator.close()
    database = Database(in_database(administrator_url, name))
    if template is None:
        connection = await asyncpg.connect(database.url)
        try:
            await migrate(connection, passwords=PASSWORDS)
        finally:
            await connection.close()
    return database


async def drop_database(administrator_url: str, database: Database) -> None:
    administrator = await asyncpg.connect(administrator_url)
    try:
        await administrator.execute(f"DROP DATABASE {database.name} WITH (FORCE)")
    finally:
        await administrator.close()


class Cluster:
    """The template is made on first use. Everything is synchronous outside, so that plain tests can use it too."""

    def __init__(self, administrator_url: str, runner: "asyncio.Runner") -> None:
        self.administrator_url = administrator_url
        self._runner = runner
        self._template: Database | None = None

    @contextmanager
    def database(self) -> Iterator[Database]:
        if self._template is None:
            self._template = self._runner.run(create_database(self.administrator_url))
        database = self._runner.run(create_database(self.administrator_url, template=self._template.name))
        yield database
        self._runner.run(drop_database(self.administrator_url, database))

    @contextmanager
    def empty_database(self) -> Iterator[Database]:
        """Lend a database without any migration."""
        database = self._runner.run(create_database(self.administrator_url, template="template0"))
        yield database
        self._runner.run(drop_database(self.administrator_url, database))

    def close(self) -> None:
        if self._template is not None:
            self._runner.run(drop_database(self.administrator_url, self._template))
