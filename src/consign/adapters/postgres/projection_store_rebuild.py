"""Fillings of a read model beside each other in Postgres: emptied, compared, swapped, discarded."""
# ruff: noqa: S608 - names come from definitions in code, every value is a parameter

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from msgspec.structs import astuple, replace

from consign.actors.rebuild import HeldSwap, OldSnapshot, RebuildFailed, TableDifference
from consign.actors.runner_ports import Checkpoint
from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
from consign.adapters.postgres.projection_tables import Connection, Layout, layouts, quoted, table_name
from consign.adapters.postgres.statements import statement
from consign.projections.projection import Projection

_PREFETCHED_ROWS = 1000


class PostgresRebuildStore(PostgresProjectionStore):
    """Fulfils `RebuildStore` of `consign.actors.rebuild`."""

    def __init__(self, pool: ProjectorPool) -> None:
        super().__init__(pool)
        self._connections = pool

    async def reset(self, checkpoint: Checkpoint, projection: Projection) -> Checkpoint:
        """Empty this filling of the organization's read model and return its first checkpoint."""
        async with self._connections.connection() as connection, connection.transaction():
            moved = await connection.fetch(
                statement("projection", "reset"),
                *astuple(checkpoint)[:4],
                *(checkpoint.position, checkpoint.log_id, checkpoint.hash),
            )
            if not moved:
                raise RebuildFailed("this filling began to serve in the same moment")
            await _delete_rows(connection, layouts(projection, checkpoint.build), checkpoint.organization_id)
        return checkpoint

    @asynccontextmanager
    async def snapshot(self, old: Checkpoint) -> AsyncIterator[OldSnapshot]:
        """Look at the serving read model as it is now."""
        async with (
            self._connections.connection() as seeing_old,
            self._connections.connection() as seeing_new,
            seeing_old.transaction(isolation="repeatable_read", readonly=True),
        ):
            row = await seeing_old.fetchrow(statement("projection", "checkpoint"), *astuple(old)[:4])
            if row is None:
                raise RebuildFailed("another read model was swapped in meanwhile")
            yield _Snapshot(seeing_old, seeing_new, Checkpoint(*row))

    @asynccontextmanager
    async def hold(self, old: Checkpoint) -> AsyncIterator[HeldSwap]:
        """Keep the serving read model from moving on."""
        async with self._connections.connection() as connection, connection.transaction():
            position = await connection.fetchval(statement("projection", "hold"), *astuple(old)[:4])
            if position is None:
                raise RebuildFailed("another read model was swapped in meanwhile")
            yield _Swap(connection, old, position)

    async def serve(self, new: Checkpoint) -> None:
        """Let a filling serve an organization that had none."""
        async with self._connections.connection() as connection:
            await _serve(connection, new)

    async def discard(self, old: Checkpoint, projection: Projection) -> None:
        """Delete the rows of a filling that serves no more, as far as its tables are known and still there."""
        retired = replace(projection, version=old.version)
        async with self._connections.connection() as connection, connection.transaction():
            names = [table_name(retired, old.build, table.name) for table in retired.tables]
            found = {row[0] for row in await connection.fetch(statement("projection", "columns"), names)}
            existing = [layout for layout in layouts(retired, old.build) if layout.name in found]
            await _delete_rows(connection, existing, old.organization_id)


class _Swap:
    def __init__(self, connection: Connection, old: Checkpoint, position: int) -> None:
        self._connection = connection
        self._old = old
        self.position = position

    async def swap(self, new: Checkpoint) -> None:
        """Let the new filling serve in place of the old one."""
        await self._connection.execute(statement("projection", "retire"), *astuple(self._old)[:4])
        await _serve(self._connection, new)


class _Snapshot:
    def __init__(self, seeing_old: Connection, seeing_new: Connection, old: Checkpoint) -> None:
        self._seeing_old = seeing_old
        self._seeing_new = seeing_new
        self._old = old
        self.position = old.position

    async def compare(self, projection: Projection, new: Checkpoint) -> Sequence[TableDifference]:
        """Compare each table by its keys and the columns that both fillings have."""
        differences: list[TableDifference] = []
        for layout in layouts(projection, new.build):
            name = table_name(replace(projection, version=self._old.version), self._old.build, layout.table.name)
            columns = await self._columns(name)
            shared = [column.name for column in layout.columns if column.name in columns]
            if not columns.issuperset(layout.table.key):
                rows = await self._seeing_new.fetchval(
                    f"SELECT count(*) FROM {layout.qualified} WHERE organization_id = $1", new.organization_id
                )
                differences.append(TableDifference(layout.table.name, only_new=rows))
                continue
            old_rows = _rows(self._seeing_old, layout, name, shared, new.organization_id)
            async with self._seeing_new.transaction():
                new_rows = _rows(self._seeing_new, layout, layout.name, shared, new.organization_id)
                differences.append(await _merged(layout.table.name, old_rows, new_rows))
        return differences

    async def _columns(self, table: str) -> set[str]:
        rows = await self._seeing_old.fetch(statement("projection", "columns"), [table])
        return set(rows[0][1]) if rows else set()


async def _rows(
    connection: Connection, layout: Layout, table: str, columns: Sequence[str], organization_id: str
) -> AsyncIterator[tuple[Any, str]]:
    """Yield key and digest of every row, in the order of the keys."""
    keys = ", ".join(quoted(name) for name in layout.table.key)
    content = ", ".join(quoted(name) for name in columns)
    sql = (
        f"SELECT {keys}, md5(ROW({content})::text) FROM consign.{quoted(table)} "
        f"WHERE organization_id = $1 ORDER BY {keys}"
    )
    async for record in connection.cursor(sql, organization_id, prefetch=_PREFETCHED_ROWS):
        values = tuple(record)
        yield values[:-1], values[-1]


async def _merged(
    table: str, old_rows: AsyncIterator[tuple[Any, str]], new_rows: AsyncIterator[tuple[Any, str]]
) -> TableDifference:
    same = changed = only_old = only_new = 0
    old, new = await anext(old_rows, None), await anext(new_rows, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old[0] < new[0]):
            only_old += 1
            old = await anext(old_rows, None)
        elif old is None or new[0] < old[0]:
            only_new += 1
            new = await anext(new_rows, None)
        else:
            same += old[1] == new[1]
            changed += old[1] != new[1]
            old, new = await anext(old_rows, None), await anext(new_rows, None)
    return TableDifference(table, same, changed, only_old, only_new)


async def _serve(connection: Connection, new: Checkpoint) -> None:
    try:
        rows = await connection.fetch(statement("projection", "serve"), *astuple(new)[:4], new.position)
    except asyncpg.UniqueViolationError as error:
        raise RebuildFailed("another read model began to serve meanwhile") from error
    if not rows:
        raise RebuildFailed("somebody else moved the new read model")


async def _delete_rows(connection: Connection, emptied: Sequence[Layout], organization_id: str) -> None:
    for layout in emptied:
        await connection.execute(f"DELETE FROM {layout.qualified} WHERE organization_id = $1", organization_id)
