"""The log in Postgres: one connection that appends, a small pool that reads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from asyncpg.pgproto import pgproto
from msgspec.structs import astuple
from uuid_utils import uuid7

from consign.actors.chain import GENESIS
from consign.actors.ports import (
    FORMAT,
    AppendRefused,
    CommandKey,
    CommandRecord,
    FormatTooNew,
    Head,
    LogUnavailable,
    OrganizationAppend,
    OutcomeUnknown,
    Snapshot,
    UnknownOrganization,
)
from consign.adapters.postgres.command_finder import CommandFinder
from consign.adapters.postgres.connection_pool import ConnectionPool
from consign.adapters.postgres.failures import CONNECTION_LOST, NOT_DONE_TRY_AGAIN
from consign.adapters.postgres.statements import statement
from consign.domain.recorded import StoredEvent, StreamName

COPY_ABOVE_EVENTS = 150
"""Batches up to this size are one statement; above it COPY's speed pays for its round trips (measured)."""

COMMAND_TIMEOUT_S = 10.0

SESSION_SETTINGS = {
    "application_name": "consign-log",
    "search_path": "consign,pg_catalog",
    "timezone": "UTC",
    "statement_timeout": "8000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "10000",
    "tcp_user_timeout": "10000",
    # The statements here are index look-ups by key: no statistics, however stale, may talk the planner out of it.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}

_EVENT_COLUMNS = StoredEvent.__struct_fields__
_COMMAND_COLUMNS = ("command_id", "organization_id", "account_id", "request_hash", "position", "answer")


def new_event_id() -> UUID:
    """Return a UUIDv7 in the form the driver encodes without parsing."""
    return pgproto.UUID(uuid7().bytes)


class PostgresLog:
    """The event store over asyncpg; fulfils `consign.actors.ports.Log`.

    `url` names the writer's role. The appending connection is opened on first use and again after it was lost.
    """

    def __init__(self, url: str, *, readers_max: int = 6) -> None:
        self._url = url
        self._readers = ConnectionPool(
            url, connections_max=readers_max, timeout_s=COMMAND_TIMEOUT_S, settings=SESSION_SETTINGS
        )
        self._appender: asyncpg.Connection | None = None
        self._finder = CommandFinder(self._connect, COMMAND_TIMEOUT_S)

    async def close(self) -> None:
        """Close every connection; an append in flight is given up, its outcome left to the next owner."""
        self._forget_appender()
        self._finder.close()
        await self._readers.close()

    async def append(self, batch: Sequence[OrganizationAppend]) -> frozenset[str]:
        """Write the batch in one transaction; see the port for what is returned and raised."""
        connection = await self._appending()
        try:
            if not any(share.events or share.records or share.fired for share in batch):
                return await _gate(connection, batch)
            return await _write(connection, batch)
        except NOT_DONE_TRY_AGAIN as error:
            raise LogUnavailable(str(error)) from error
        except CONNECTION_LOST as error:
            self._forget_appender()
            raise OutcomeUnknown(str(error)) from error
        except asyncpg.PostgresError as error:
            raise AppendRefused(str(error)) from error
        except (asyncpg.DataError, ValueError, TypeError, UnicodeError, OverflowError) as error:
            self._forget_appender()
            raise AppendRefused(str(error)) from error
        except asyncio.CancelledError:
            self._forget_appender()
            raise

    async def find_commands(self, keys: Sequence[CommandKey]) -> Mapping[CommandKey, CommandRecord]:
        """Return the records of those commands that were accepted before."""
        return await self._finder.find(keys)

    async def head(self, organization_id: str) -> Head | None:
        """Return the head, or None where the organization has no log yet."""
        async with self._readers.connection() as connection:
            row = await connection.fetchrow(statement("log", "head"), organization_id)
        return None if row is None else Head(*row)

    async def found(self, organization_id: str, slice_number: int, log_id: UUID) -> None:
        """Begin an organization's log; one that is there already stays as it is."""
        async with self._readers.connection() as connection:
            await connection.execute(statement("log", "found"), organization_id, slice_number, log_id, GENESIS)

    async def adopt(self, organization_id: str, slice_number: int, owner: UUID, slice_epoch: int) -> Head | None:
        """Fence every other writer and return the head; raises UnknownOrganization and FormatTooNew."""
        async with self._readers.connection() as connection, connection.transaction():
            if not await connection.fetch(statement("log", "hold_slice"), slice_number, owner, slice_epoch):
                return None
            await connection.execute(statement("log", "raise_head"), organization_id)
            row = await connection.fetchrow(statement("log", "head"), organization_id)
        if row is None:
            raise UnknownOrganization(organization_id)
        head = Head(*row)
        if head.min_format > FORMAT:
            raise FormatTooNew(f"{organization_id} needs storage format {head.min_format}; this code knows {FORMAT}")
        return head

    async def raise_epoch(self, head: Head) -> Head | None:
        """Fence this writer's own append in flight; None: somebody else has taken the log over."""
        async with self._readers.connection() as connection:
            if not await connection.fetch(statement("log", "raise_own_head"), head.organization_id, head.epoch):
                return None
            row = await connection.fetchrow(statement("log", "head"), head.organization_id)
        assert row is not None
        raised = Head(*row)
        return raised if raised.epoch == head.epoch + 1 else None

    async def read(self, organization_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events with position > after, in order."""
        async with self._readers.connection() as connection:
            rows = await connection.fetch(statement("log", "read"), organization_id, after, limit)
        return [StoredEvent(*row) for row in rows]

    async def read_stream(
        self, organization_id: str, stream: StreamName, after_version: int, limit: int
    ) -> Sequence[StoredEvent]:
        """Return up to `limit` events of one stream with version > after_version, in order."""
        async with self._readers.connection() as connection:
            rows = await connection.fetch(
                statement("log", "read_stream"), organization_id, stream, after_version, limit
            )
        return [StoredEvent(*row) for row in rows]

    async def load_snapshot(
        self, organization_id: str, stream: StreamName, fold_version: int, log_id: UUID
    ) -> Snapshot | None:
        """Return a snapshot whose log_id and hash still match the log, or None."""
        async with self._readers.connection() as connection:
            row = await connection.fetchrow(
                statement("log", "load_snapshot"), organization_id, stream, fold_version, log_id
            )
        return None if row is None else Snapshot(*row)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep the snapshot in place of an older one."""
        async with self._readers.connection() as connection:
            await connection.execute(statement("log", "save_snapshot"), *astuple(snapshot))

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            self._url, server_settings=SESSION_SETTINGS, timeout=COMMAND_TIMEOUT_S, command_timeout=COMMAND_TIMEOUT_S
        )

    async def _appending(self) -> asyncpg.Connection:
        if self._appender is None or self._appender.is_closed():
            try:
                self._appender = await self._connect()
            except (asyncpg.PostgresError, *CONNECTION_LOST) as error:
                raise LogUnavailable(str(error)) from error
        return self._appender

    def _forget_appender(self) -> None:
        if self._appender is not None:
            self._appender.terminate()
            self._appender = None


async def _gate(connection: asyncpg.Connection, batch: Sequence[OrganizationAppend]) -> frozenset[str]:
    rows = await connection.fetch(statement("log", "gate"), *_fences(batch))
    return frozenset(row[0] for row in rows)


async def _write(connection: asyncpg.Connection, batch: Sequence[OrganizationAppend]) -> frozenset[str]:
    events = [event for share in batch for event in share.events]
    records = [record for share in batch for record in share.records]
    timers = [timer for share in batch for timer in share.timers]
    fired = [(share.organization_id, timer_id) for share in batch for timer_id in share.fired]
    if timers or fired:
        async with connection.transaction():
            held = await _write_log(connection, batch, events, records)
            if timers:
                await connection.execute(statement("log", "set_timers"), *_columns(map(astuple, timers), 4), list(held))
            if fired:
                await connection.execute(statement("log", "clear_timers"), *_columns(fired, 2), list(held))
            return held
    if len(events) > COPY_ABOVE_EVENTS:
        async with connection.transaction():
            return await _write_log(connection, batch, events, records)
    return await _write_log(connection, batch, events, records)


async def _write_log(
    connection: asyncpg.Connection,
    batch: Sequence[OrganizationAppend],
    events: list[StoredEvent],
    records: list[CommandRecord],
) -> frozenset[str]:
    if len(events) <= COPY_ABOVE_EVENTS:
        rows = await connection.fetch(
            statement("log", "append_rows"),
            *_moves(batch),
            [astuple(event) for event in events],
            [_command_row(record) for record in records],
        )
        return frozenset(row[0] for row in rows)
    rows = await connection.fetch(statement("log", "fence"), *_moves(batch))
    held = frozenset(row[0] for row in rows)
    await _copy(connection, "events", _EVENT_COLUMNS, map(astuple, _of(events, held, _event_owner)))
    await _copy(connection, "commands", _COMMAND_COLUMNS, map(_command_row, _of(records, held, _record_owner)))
    return held


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    copy: Callable[..., Awaitable[str]] = connection.copy_records_to_table
    await copy(table, schema_name="consign", columns=columns, records=rows)


def _of[Row](rows: list[Row], held: frozenset[str], owner: Callable[[Row], str]) -> list[Row]:
    return [row for row in rows if owner(row) in held]


def _event_owner(event: StoredEvent) -> str:
    return event.organization_id


def _record_owner(record: CommandRecord) -> str:
    return record.key.organization_id


def _command_row(record: CommandRecord) -> tuple[Any, ...]:
    return (*record.key, record.request_hash, record.position, record.answer)


def _fences(batch: Sequence[OrganizationAppend]) -> tuple[list[str], list[int], list[int]]:
    return (
        [share.organization_id for share in batch],
        [share.epoch for share in batch],
        [share.expected for share in batch],
    )


def _moves(batch: Sequence[OrganizationAppend]) -> tuple[list[Any], ...]:
    lasts = [share.events[-1] if share.events else None for share in batch]
    return (
        *_fences(batch),
        [share.expected if last is None else last.position for share, last in zip(batch, lasts, strict=True)],
        [None if last is None else last.hash for last in lasts],
        [None if last is None else last.recorded_at for last in lasts],
    )


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]
