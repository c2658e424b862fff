"""Migrations: in order, once, by whoever comes first."""

import asyncio
import sys

import asyncpg
import pytest

from consign.adapters.postgres.migrate import (
    DatabaseNewerError,
    Migration,
    MigrationChangedError,
    MigrationError,
    MigrationOutOfOrderError,
    known_migrations,
    migrate,
)
from tests.support.cluster import PASSWORDS, Database

FIRST = Migration(1, "0001_first", "CREATE TABLE first (id integer)")
SECOND = Migration(2, "0002_second", "CREATE TABLE second (id integer); INSERT INTO second VALUES (1)")
BROKEN = Migration(3, "0003_broken", "CREATE TABLE third (id integer); SELECT nonsense")


async def _connect(database: Database) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(database.url)


async def test_what_is_missing_is_applied_once(empty_database: Database) -> None:
    connection = await _connect(empty_database)
    assert await migrate(connection, passwords=None, migrations=[FIRST]) == 1
    assert await migrate(connection, passwords=None, migrations=[FIRST, SECOND]) == 1
    assert await migrate(connection, passwords=None, migrations=[FIRST, SECOND]) == 0
    assert await connection.fetchval("SELECT count(*) FROM second") == 1
    await connection.close()


async def test_a_failing_migration_leaves_nothing_of_itself_behind(empty_database: Database) -> None:
    connection = await _connect(empty_database)
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(connection, passwords=None, migrations=[FIRST, SECOND, BROKEN])
    assert await connection.fetchval("SELECT to_regclass('third')") is None
    assert await connection.fetchval("SELECT max(number) FROM consign_migrations") == 2
    await connection.close()


async def test_an_applied_migration_that_was_changed_is_refused(empty_database: Database) -> None:
    connection = await _connect(empty_database)
    await migrate(connection, passwords=None, migrations=[FIRST])
    with pytest.raises(MigrationChangedError, match="0001_first"):
        await migrate(connection, passwords=None, migrations=[FIRST._replace(sql="CREATE TABLE other ()")])
    await connection.close()


async def test_a_database_newer_than_the_code_is_refused(empty_database: Database) -> None:
    connection = await _connect(empty_database)
    await migrate(connection, passwords=None, migrations=[FIRST, SECOND])
    with pytest.raises(DatabaseNewerError, match="0002_second"):
        await migrate(connection, passwords=None, migrations=[FIRST])
    await connection.close()


async def test_a_migration_that_comes_too_late_is_refused(empty_database: Database) -> None:
    connection = await _connect(empty_database)
    await migrate(connection, passwords=None, migrations=[SECOND])
    with pytest.raises(MigrationOutOfOrderError, match="0001_first"):
        await migrate(connection, passwords=None, migrations=[FIRST, SECOND])
    await connection.close()


def test_every_migration_has_a_number_of_its_own() -> None:
    numbers = [migration.number for migration in known_migrations()]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1


def test_a_misnamed_migration_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("migrations")
    (folder / "1_short.sql").write_text("SELECT 1")
    with pytest.raises(MigrationError, match="1_short"):
        known_migrations(folder)


async def test_the_roles_log_in_with_their_passwords(every_database: Database) -> None:
    urls = {
        "consign_owner": every_database.owner_url,
        "consign_writer": every_database.writer_url,
        "consign_projector": every_database.projector_url,
        "consign_reader": every_database.reader_url,
        "consign_identity": every_database.identity_url,
    }
    for role, url in urls.items():
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT current_user") == role
        await connection.close()


MIGRATE_FROM_OUTSIDE = """
import asyncio, sys, asyncpg
from consign.adapters.postgres.migrate import RolePasswords, migrate

async def main() -> None:
    connection = await asyncpg.connect(sys.argv[1])
    sys.stdin.readline()
    print(await migrate(connection, passwords=RolePasswords(*sys.argv[2:])))
    await connection.close()

asyncio.run(main())
"""


async def _migrating_process(url: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", MIGRATE_FROM_OUTSIDE, url, *PASSWORDS, stdin=pipe, stdout=pipe
    )


async def test_several_processes_at_once_apply_each_migration_once(empty_database: Database) -> None:
    processes = [await _migrating_process(empty_database.url) for _ in range(3)]
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum(int(output) for output, _ in answers) == len(known_migrations())


async def test_databases_of_one_cluster_migrate_at_once(empty_database: Database, database: Database) -> None:
    processes = [await _migrating_process(url) for url in (empty_database.url, database.url, database.url)]
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [int(output) for output, _ in answers] == [len(known_migrations()), 0, 0]
