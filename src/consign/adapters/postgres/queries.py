"""Queries over read models: the reader's role under row-level security, one snapshot each."""
# ruff: noqa: S608 - names come from definitions in code, every value is a parameter

import base64
import binascii
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import asyncpg
import msgspec
from msgspec.structs import replace

from consign.actors.ports import LogError
from consign.actors.queries import (
    PAGE_ROWS_MAX,
    Collected,
    Found,
    Group,
    Groups,
    Page,
    QueryRefused,
    ReadAt,
    ReadModelMissing,
    ReadModelStopped,
    Selection,
    Standing,
    Summing,
)
from consign.actors.runner_ports import Status
from consign.adapters.postgres.connection_pool import ConnectionPool
from consign.adapters.postgres.failures import CONNECTION_LOST, NOT_DONE_TRY_AGAIN
from consign.adapters.postgres.projection_tables import Column, Connection, Layout, layouts, quoted
from consign.adapters.postgres.statements import statement
from consign.projections.projection import Key, Projection

COMMAND_TIMEOUT_S = 10.0
CURSOR_CHARACTERS_MAX = 2000
FILTER_VALUES_MAX = 500

SESSION_SETTINGS = {
    "application_name": "consign-queries",
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    "statement_timeout": "10000",
    "idle_in_transaction_session_timeout": "15000",
    "tcp_user_timeout": "10000",
    "jit": "off",
}

_ORGANIZATION = re.compile(r"[a-z0-9-]{2,40}")


class PostgresReadModels:
    """Fulfils `consign.actors.queries.ReadModels`; `url` names the reader's role."""

    def __init__(self, url: str, *, connections_max: int = 8) -> None:
        self._pool = ConnectionPool(
            url,
            connections_max=connections_max,
            timeout_s=COMMAND_TIMEOUT_S,
            settings=SESSION_SETTINGS,
            unavailable=(*CONNECTION_LOST, *NOT_DONE_TRY_AGAIN),
        )

    async def close(self) -> None:
        """Close the connections, whatever they are doing."""
        await self._pool.close()

    async def get(self, organization_id: str, projection: Projection, table: str, key: Key) -> Found:
        """Return the row with this key."""
        async with self._snapshot(organization_id) as connection:
            shown = await _serving(connection, organization_id, projection, table)
            layout = shown.layout
            matches = " AND ".join(
                f"{quoted(column.name)} = ${index}" for index, column in enumerate(layout.key_columns, 2)
            )
            arguments = [column.stored(value) for column, value in zip(layout.key_columns, key, strict=True)]
            sql = f"SELECT {_columns(layout)} FROM {layout.qualified} WHERE organization_id = $1 AND {matches}"
            rows = await _rows(connection, shown, sql, organization_id, *arguments)
        return Found(rows[0] if rows else None, shown.at)

    async def select(self, organization_id: str, projection: Projection, table: str, selection: Selection) -> Page:
        """Return a page of rows; raises QueryRefused."""
        if not 1 <= selection.limit <= PAGE_ROWS_MAX:
            raise QueryRefused(f"a page holds 1 to {PAGE_ROWS_MAX} rows")
        async with self._snapshot(organization_id) as connection:
            shown = await _serving(connection, organization_id, projection, table)
            query = _Query(shown.layout, selection, organization_id)
            rows = await _rows(connection, shown, query.sql, *query.arguments)
        more = len(rows) > selection.limit
        rows = rows[: selection.limit]
        return Page(rows, shown.at, query.cursor_after(rows[-1]) if more else None)

    async def collect(
        self, organization_id: str, projection: Projection, where: Mapping[str, Mapping[str, Any]], limit: int
    ) -> Collected:
        """Return the rows of several tables in one snapshot; raises QueryRefused above `limit` rows of a table."""
        rows: dict[str, Sequence[Any]] = {}
        async with self._snapshot(organization_id) as connection:
            at: ReadAt | None = None
            for table, matching in where.items():
                shown = await _serving(connection, organization_id, projection, table)
                at = shown.at
                query = _Query(shown.layout, Selection(matching, limit=limit), organization_id)
                rows[table] = await _rows(connection, shown, query.sql, *query.arguments)
                if len(rows[table]) > limit:
                    raise QueryRefused(f"{table} holds more than {limit} rows")
        assert at is not None
        return Collected(rows, at)

    async def summed(self, organization_id: str, projection: Projection, table: str, summing: Summing) -> Groups:
        """Return sums over groups of rows; raises QueryRefused above its limit of groups."""
        async with self._snapshot(organization_id) as connection:
            shown = await _serving(connection, organization_id, projection, table)
            query = _Sums(shown.layout, summing, organization_id)
            records = await _records(connection, shown, query.sql, *query.arguments)
        if len(records) > summing.limit:
            raise QueryRefused(f"there are more than {summing.limit} groups")
        width = len(summing.by)
        return Groups([Group(tuple(each)[:width], tuple(each)[width:]) for each in records], shown.at)

    async def standing(self, organization_id: str, projection: Projection) -> Standing:
        """Return where the read model stands."""
        async with self._snapshot(organization_id) as connection:
            row = await connection.fetchrow(statement("projection", "standing"), organization_id, projection.name)
        if row is None:
            raise ReadModelMissing(projection.name)
        position, log_id, version, *others = row
        return Standing(ReadAt(position, log_id, version), *others)

    async def head_position(self, organization_id: str) -> int | None:
        """Return where the organization's log ends; None where no log was begun."""
        if not _ORGANIZATION.fullmatch(organization_id):
            return None
        async with self._snapshot(organization_id) as connection:
            position: int | None = await connection.fetchval(statement("projection", "head_position"), organization_id)
        return position

    @asynccontextmanager
    async def _snapshot(self, organization_id: str) -> AsyncIterator[Connection]:
        """Lend a connection inside one read-only snapshot that sees this organization's rows only."""
        if not _ORGANIZATION.fullmatch(organization_id):
            raise ReadModelMissing(organization_id)
        begin = (
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
            f"SELECT set_config('consign.organization', '{organization_id}', true)"
        )
        async with self._pool.connection() as connection:
            await connection.execute(begin)
            try:
                yield connection
            except LogError:
                # Nobody gets a connection that still is in this organization's transaction.
                await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")


class _Conditions:
    """What rows must be, as SQL; values become parameters."""

    def __init__(self, layout: Layout, organization_id: str) -> None:
        self._layout = layout
        self.arguments: list[Any] = [organization_id]

    def parameter(self, value: Any) -> str:
        """Return what stands for the value."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def equal(self, where: Mapping[str, Any]) -> list[str]:
        """Return the conditions that fields equal these values."""
        return [self._equals(_column(self._layout, field), value) for field, value in where.items()]

    def compared(self, comparison: str, bounds: Mapping[str, Any]) -> list[str]:
        """Return the conditions that fields compare so with these values."""
        return [
            f"{quoted(_column(self._layout, field).name)} {comparison} {self.parameter(bound)}"
            for field, bound in bounds.items()
        ]

    def _equals(self, column: Column, value: Any) -> str:
        name = quoted(column.name)
        if value is None:
            return f"{name} IS NULL"
        if isinstance(value, tuple):
            if len(value) > FILTER_VALUES_MAX:
                raise QueryRefused(f"{column.name} may be one of {FILTER_VALUES_MAX} values at most")
            return f"{name} = ANY({self.parameter([column.stored(each) for each in value])}::{column.sql_type}[])"
        return f"{name} = {self.parameter(column.stored(value))}"


class _Sums:
    """Sums as SQL."""

    def __init__(self, layout: Layout, summing: Summing, organization_id: str) -> None:
        conditions = _Conditions(layout, organization_id)
        self.arguments = conditions.arguments
        rows = ["organization_id = $1", *conditions.equal(summing.where), *conditions.compared("<=", summing.up_to)]
        by = [quoted(_column(layout, field).name) for field in summing.by]
        sums = []
        for each in summing.sums:
            only = conditions.equal(each.where)
            among = f" FILTER (WHERE {' AND '.join(only)})" if only else ""
            sums.append(f"coalesce(sum({quoted(_column(layout, each.field).name)}){among}, 0)::bigint")
        grouped = f" GROUP BY {', '.join(by)}" if by else ""
        order = f" ORDER BY {', '.join(by)}" if by else ""
        names = [f"sum_{index}" for index in range(len(sums))]
        named = ", ".join((*by, *(f"{each} AS {name}" for each, name in zip(sums, names, strict=True))))
        self.sql = (
            f"SELECT * FROM (SELECT {named} FROM {layout.qualified} WHERE {' AND '.join(rows)}{grouped}) AS groups "
            f"WHERE {' OR '.join(f'{name} <> 0' for name in names)}{order} "
            f"LIMIT {conditions.parameter(summing.limit + 1)}"
        )


class _Query:
    """A selection as SQL."""

    def __init__(self, layout: Layout, selection: Selection, organization_id: str) -> None:
        self._order = _order(layout, selection)
        self._conditions = _Conditions(layout, organization_id)
        self.arguments = self._conditions.arguments
        conditions = [
            "organization_id = $1",
            *self._conditions.equal(selection.where),
            *self._conditions.compared(">", selection.above),
            *self._conditions.compared("<=", selection.up_to),
        ]
        if selection.cursor is not None:
            conditions.append(self._after(_decoded(selection.cursor, self._order)))
        order = ", ".join(f"{quoted(column.name)}{' DESC' if descends else ''}" for column, descends in self._order)
        self.sql = (
            f"SELECT {_columns(layout)} FROM {layout.qualified} WHERE {' AND '.join(conditions)} "
            f"ORDER BY {order} LIMIT {self._conditions.parameter(selection.limit + 1)}"
        )

    def cursor_after(self, row: msgspec.Struct) -> str:
        """Return the cursor that continues after this row."""
        values = [getattr(row, column.name) for column, _ in self._order]
        payload = msgspec.msgpack.encode((_signature(self._order), values))
        return base64.urlsafe_b64encode(payload).decode().rstrip("=")

    def _after(self, values: Sequence[Any]) -> str:
        """Compare with the last row of the page before: as one row where all fields ascend, or all descend."""
        names = [quoted(column.name) for column, _ in self._order]
        parameters = [self._conditions.parameter(value) for value in values]
        directions = [descends for _, descends in self._order]
        if len(set(directions)) == 1:
            return f"({', '.join(names)}) {'<' if directions[0] else '>'} ({', '.join(parameters)})"
        alternatives = []
        for index, descends in enumerate(directions):
            equal = [f"{names[earlier]} = {parameters[earlier]}" for earlier in range(index)]
            comparison = f"{names[index]} {'<' if descends else '>'} {parameters[index]}"
            alternatives.append(f"({' AND '.join([*equal, comparison])})")
        return f"({' OR '.join(alternatives)})"


class _Shown(NamedTuple):
    """What serves a table: up to where it is true, how its rows are stored, and whether it moves on."""

    at: ReadAt
    layout: Layout
    status: Status


async def _serving(connection: Connection, organization_id: str, projection: Projection, table: str) -> _Shown:
    row = await connection.fetchrow(statement("projection", "serving"), organization_id, projection.name)
    if row is None:
        raise ReadModelMissing(projection.name)
    position, log_id, version, build, status = row
    serving = projection if version == projection.version else replace(projection, version=version)
    for layout in layouts(serving, build):
        if layout.table.name == table:
            return _Shown(ReadAt(position, log_id, version), layout, status)
    raise KeyError(table)


async def _rows(connection: Connection, shown: _Shown, sql: str, *arguments: Any) -> list[Any]:
    records = await _records(connection, shown, sql, *arguments)
    return [shown.layout.row(tuple(record)) for record in records]


async def _records(connection: Connection, shown: _Shown, sql: str, *arguments: Any) -> list[asyncpg.Record]:
    try:
        return await connection.fetch(sql, *arguments)
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        if shown.status not in ("running", "building"):
            raise ReadModelStopped(f"{shown.layout.name} is {shown.status}") from error
        # An older version serves until the newer one is built, and not every question fits its tables.
        raise ReadModelMissing(f"{shown.layout.name} is being rebuilt") from error
    except (asyncpg.DataError, ValueError, TypeError) as error:
        raise QueryRefused(str(error)) from error


def _columns(layout: Layout) -> str:
    return ", ".join(quoted(column.name) for column in layout.columns)


def _column(layout: Layout, field: str) -> Column:
    try:
        return layout.column(field)
    except KeyError:
        raise QueryRefused(f"there is no field {field}") from None


def _order(layout: Layout, selection: Selection) -> list[tuple[Column, bool]]:
    order: list[tuple[Column, bool]] = []
    for sort in selection.sort:
        column = _column(layout, sort.field)
        if column.nullable or column.encode is not None:
            raise QueryRefused(f"rows cannot be sorted by {sort.field}")
        order.append((column, sort.descending))
    named = {column.name for column, _ in order}
    descends = order[-1][1] if order else False
    order.extend((column, descends) for column in layout.key_columns if column.name not in named)
    return order


def _signature(order: Sequence[tuple[Column, bool]]) -> str:
    return ",".join(f"{'-' if descends else ''}{column.name}" for column, descends in order)


def _decoded(cursor: str, order: Sequence[tuple[Column, bool]]) -> Sequence[Any]:
    if len(cursor) > CURSOR_CHARACTERS_MAX:
        raise QueryRefused("the cursor is too long")
    try:
        payload = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        signature, values = msgspec.msgpack.decode(payload, type=tuple[str, list[Any]])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise QueryRefused("the cursor is not one of ours") from error
    if signature != _signature(order) or len(values) != len(order):
        raise QueryRefused("the cursor belongs to another order")
    return values
