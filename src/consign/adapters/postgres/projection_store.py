"""Read models in Postgres, as the runner writes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from consign.actors.ports import Head, LogUnavailable
from consign.actors.runner_ports import Checkpoint, LogPosition, RowId, RowRefused, Step, TablesUnavailable
from consign.adapters.postgres.connection_pool import ConnectionPool
from consign.adapters.postgres.failures import CONNECTION_LOST
from consign.adapters.postgres.projection_statements import TableWrite, fetch_statement, step_statement
from consign.adapters.postgres.projection_tables import Connection, Layout, layouts
from consign.adapters.postgres.statements import statement
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, Projection

COMMAND_TIMEOUT_S = 30.0
STATEMENTS_CACHED_MAX = 100
"""Of steps over many tables: the database holds some 1.5 MB for each on each connection (measured)."""

SESSION_SETTINGS = {
    "application_name": "consign-projector",
    "timezone": "UTC",
    # A crash may take back the last steps, rows and checkpoint together; the runner repeats them from the log.
    "synchronous_commit": "off",
    # Rows are only ever looked up by key: a plan made while a table was empty must not outlive that.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "statement_timeout": "30000",
    "lock_timeout": "10000",
    "idle_in_transaction_session_timeout": "60000",
    "tcp_user_timeout": "10000",
}

# What concerns every table alike; anything else that Postgres says of a statement may be about this projection alone.
_DATABASE_AWAY = (
    *CONNECTION_LOST,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.CannotConnectNowError,
)
_REFUSED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    TypeError,
)


class ProjectorPool(ConnectionPool):
    """Connections of the projector's role.

    Whatever fails there is LogUnavailable, for it may pass: a server that restarts, a full disk, tables that another
    process still makes.
    """

    def __init__(self, url: str, *, connections_max: int = 6) -> None:
        super().__init__(
            url,
            connections_max=connections_max,
            timeout_s=COMMAND_TIMEOUT_S,
            settings=SESSION_SETTINGS,
            statements_cached_max=STATEMENTS_CACHED_MAX,
        )


class PostgresProjectionStore:
    """Fulfils `ProjectionStore`, `LogReader` and `Heads` of `consign.actors.runner_ports` as the projector's role."""

    def __init__(self, pool: ProjectorPool) -> None:
        self._pool = pool

    async def head(self, organization_id: str) -> Head | None:
        """Return the head, or None where the organization has no log yet."""
        async with self._pool.connection() as connection:
            row = await connection.fetchrow(statement("log", "head"), organization_id)
        return None if row is None else Head(*row)

    async def read(self, organization_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events with position > after, in order."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(statement("log", "read"), organization_id, after, limit)
        return [StoredEvent(*row) for row in rows]

    async def positions(self, slices: frozenset[int]) -> Sequence[LogPosition]:
        """Return where the log of every organization of these slices ends."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(statement("projection", "positions"), list(slices))
        return [LogPosition(*row) for row in rows]

    async def checkpoints(self, organization_id: str) -> Sequence[Checkpoint]:
        """Return every checkpoint of the organization."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(statement("projection", "checkpoints"), organization_id)
        return [Checkpoint(*row) for row in rows]

    async def begin(self, checkpoint: Checkpoint) -> Checkpoint:
        """Create the checkpoint, or return the one that is there already."""
        async with self._pool.connection() as connection:
            await connection.execute(statement("projection", "begin"), *astuple(checkpoint)[:9])
            row = await connection.fetchrow(statement("projection", "checkpoint"), *astuple(checkpoint)[:4])
        if row is None:
            raise LogUnavailable(f"another build of {checkpoint.name} began to serve in the same moment")
        return Checkpoint(*row)

    async def fetch(self, checkpoint: Checkpoint, projection: Projection, rows: Sequence[RowId]) -> Mapping[RowId, Any]:
        """Return those of the rows that exist."""
        wanted: dict[str, list[Key]] = {}
        for table, key in rows:
            wanted.setdefault(table, []).append(key)
        found: dict[RowId, Any] = {}
        async with self._pool.connection() as connection:
            for layout in layouts(projection, checkpoint.build):
                keys = wanted.get(layout.table.name)
                if not keys:
                    continue
                records = await _checked(
                    connection, fetch_statement(layout), checkpoint.organization_id, *_key_arrays(layout, keys)
                )
                for record in records:
                    row = layout.row(tuple(record))
                    found[layout.table.name, layout.key_of(row)] = row
        return found

    async def step(self, organization_id: str, steps: Sequence[Step]) -> frozenset[str]:
        """Write the steps in one statement; see the port for what is returned and raised."""
        writes: list[TableWrite] = []
        written: list[Any] = []
        for step in steps:
            for layout in layouts(step.projection, step.after.build):
                changes = step.changes.get(layout.table.name)
                if not changes:
                    continue
                puts = [row for row in changes.values() if row is not None]
                removed = [key for key, row in changes.items() if row is None]
                writes.append(TableWrite(step.projection.name, layout, bool(puts), bool(removed)))
                if puts:
                    written.append(_json_rows(puts))
                if removed:
                    written.extend(_key_arrays(layout, removed))
        async with self._pool.connection() as connection:
            moved = await _checked(connection, step_statement(tuple(writes)), organization_id, *_moves(steps), *written)
        return frozenset(row[0] for row in moved)

    async def halt(self, before: Checkpoint, halted: Checkpoint) -> bool:
        """Mark the projection as standing still, unless its checkpoint moved meanwhile."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                statement("projection", "halt"),
                *(before.organization_id, before.name, before.version, before.build, before.position, before.log_id),
                *(halted.status, halted.failed_position, halted.failed_event_id, halted.error),
            )
        return bool(rows)


async def _checked(connection: Connection, sql: str, *arguments: Any) -> list[asyncpg.Record]:
    try:
        return await connection.fetch(sql, *arguments)
    except _REFUSED as error:
        raise RowRefused(f"{type(error).__name__}: {error}") from error
    except _DATABASE_AWAY:
        raise
    except asyncpg.PostgresError as error:
        raise TablesUnavailable(f"{type(error).__name__}: {error}") from error


def _json_rows(rows: Sequence[Struct]) -> str:
    try:
        return msgspec.json.encode(rows).decode()
    except (ValueError, TypeError) as error:
        raise RowRefused(f"{type(error).__name__}: {error}") from error


def _key_arrays(layout: Layout, keys: Iterable[Key]) -> list[Sequence[Any]]:
    columns = layout.key_columns
    return [
        [column.stored(value) for value in values]
        for column, values in zip(columns, zip(*keys, strict=True), strict=True)
    ]


def _moves(steps: Sequence[Step]) -> Iterable[list[Any]]:
    values: tuple[Callable[[Step], Any], ...] = (
        lambda step: step.before.name,
        lambda step: step.before.version,
        lambda step: step.before.build,
        lambda step: step.before.log_id,
        lambda step: step.before.position,
        lambda step: step.before.hash,
        lambda step: step.after.position,
        lambda step: step.after.hash,
    )
    return [[value(step) for step in steps] for value in values]
