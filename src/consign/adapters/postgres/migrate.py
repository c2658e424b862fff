"""Numbered migrations, applied in order at start, safely by several processes at once."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

import asyncpg

from consign.adapters.postgres.statements import statement

MINIMUM_POSTGRES = 15

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_ROLE_CLASH_TRIES = 50
_ROLE_CLASH_PAUSE_S = 0.02


type Connection = "asyncpg.Connection[asyncpg.Record]"
type Step[Argument, Result] = Callable[[Connection, Argument], Awaitable[Result]]


class RolePasswords(NamedTuple):
    """What each database role logs in with."""

    owner: str
    writer: str
    projector: str
    reader: str
    identity: str


class Migration(NamedTuple):
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.sql.encode()).digest()


class MigrationError(Exception):
    """The database cannot be brought to what this code needs."""


class MigrationChangedError(MigrationError):
    """A migration that this database already has was changed afterwards."""

    def __init__(self, name: str) -> None:
        super().__init__(f"migration {name} was changed after it was applied: undo the change and add a new migration")


class DatabaseNewerError(MigrationError):
    """The database has a migration that this code does not know."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the database has migration {name}, which this version does not know: run a newer version")


class MigrationOutOfOrderError(MigrationError):
    """A new migration has a lower number than one that was applied."""

    def __init__(self, name: str, latest: int) -> None:
        super().__init__(f"migration {name} comes after {latest:04} was applied: give it a higher number")


class PostgresTooOldError(MigrationError):
    """The server is older than the oldest one that consign is tested on."""

    def __init__(self, major: int) -> None:
        super().__init__(f"the server is Postgres {major}, but consign needs Postgres {MINIMUM_POSTGRES} or later")


def known_migrations(folder: Traversable | None = None) -> tuple[Migration, ...]:
    """Read the migrations of this code, in order; raises MigrationError for a misnamed file or a number used twice."""
    folder = folder or resources.files("consign.adapters.postgres") / "sql" / "migrations"
    found: dict[int, Migration] = {}
    for file in folder.iterdir():
        if not file.name.endswith(".sql"):
            continue
        match = _FILE_NAME.fullmatch(file.name)
        number = int(match[1]) if match else 0
        if match is None or number in found:
            raise MigrationError(f"{file.name} is not named NNNN_name.sql with a number of its own")
        found[number] = Migration(number, file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
    return tuple(found[number] for number in sorted(found))


async def migrate(
    connection: Connection,
    *,
    passwords: RolePasswords | None,
    migrations: Sequence[Migration] | None = None,
) -> int:
    """Apply what is missing and return how many were applied.

    `connection` needs the right to create roles. With `passwords` the five roles may log in with them afterwards.
    Roles belong to the whole cluster: databases that share one must be given the same passwords.
    Raises a MigrationError when code and database do not fit; the failing migration's own transaction is undone.
    """
    major = connection.get_server_version().major
    if major < MINIMUM_POSTGRES:
        raise PostgresTooOldError(major)
    migrations = known_migrations() if migrations is None else migrations
    applied = 0
    while await _retried(_apply_next, connection, migrations):
        applied += 1
    if passwords is not None:
        await _retried(_let_roles_log_in, connection, passwords)
    return applied


async def _retried[Argument, Result](
    step: Step[Argument, Result], connection: Connection, argument: Argument
) -> Result:
    """Run `step` again when another database of the cluster changed the same role in the same moment.

    The lock that keeps migrations apart belongs to one database, roles to all of them.
    """
    for _ in range(_ROLE_CLASH_TRIES):
        try:
            return await step(connection, argument)
        except asyncpg.InternalServerError as error:
            if "tuple concurrently updated" not in str(error):
                raise
        await asyncio.sleep(_ROLE_CLASH_PAUSE_S)
    return await step(connection, argument)


async def _apply_next(connection: Connection, migrations: Sequence[Migration]) -> bool:
    """Apply the first missing migration in a transaction of its own; say whether there was one."""
    async with connection.transaction():
        await connection.execute(statement("migrate", "lock"))
        await connection.execute(statement("migrate", "create_record"))
        applied = await connection.fetch(statement("migrate", "applied"))
        pending = _pending(migrations, applied)
        if not pending:
            return False
        migration = pending[0]
        await connection.execute(migration.sql)
        await connection.execute(statement("migrate", "record"), migration.number, migration.name, migration.sha256)
        return True


def _pending(migrations: Sequence[Migration], applied: Sequence[asyncpg.Record]) -> list[Migration]:
    known = {migration.number: migration for migration in migrations}
    for record in applied:
        migration = known.pop(record["number"], None)
        if migration is None:
            raise DatabaseNewerError(record["name"])
        if migration.sha256 != record["sha256"]:
            raise MigrationChangedError(migration.name)
    pending = [known[number] for number in sorted(known)]
    latest = applied[-1]["number"] if applied else 0
    if pending and pending[0].number < latest:
        raise MigrationOutOfOrderError(pending[0].name, latest)
    return pending


async def _let_roles_log_in(connection: Connection, passwords: RolePasswords) -> None:
    async with connection.transaction():
        await connection.execute(statement("migrate", "lock"))
        for role, password in passwords._asdict().items():
            await connection.execute(
                await connection.fetchval(statement("migrate", "login"), f"consign_{role}", password)
            )
