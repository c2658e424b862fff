"""Everything that makes up one organization, read in one snapshot and written in one transaction, row by row.

Read models, snapshots and the copy in JetStream follow from it and are not brought along. The connections are of the
writer's role, and the statements name the organization themselves.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct
from msgspec.structs import astuple

from consign.actors.ownership import slice_of
from consign.actors.ports import Head, LogError, UnknownOrganization
from consign.adapters.postgres.statements import statement
from consign.domain.recorded import StoredEvent

ROWS_AT_ONCE = 500

type Connection = asyncpg.Connection[asyncpg.Record]


class EventLine(Struct, frozen=True, tag="event"):
    """An event as it is stored, its hash included."""

    event: StoredEvent


class CommandLine(Struct, frozen=True, tag="command"):
    """An accepted command and its answer, so that a repetition gets the same one elsewhere."""

    command_id: UUID
    account_id: str
    request_hash: bytes
    position: int
    answer: bytes
    recorded_at: datetime


class TimerLine(Struct, frozen=True, tag="timer"):
    """A timer that has not fired."""

    timer_id: UUID
    due_at: datetime
    command: bytes


class KeyLine(Struct, frozen=True, tag="key"):
    """A person's key, wrapped by whoever may read it; None: the person is forgotten. At `ends_at` it goes by itself."""

    subject_id: UUID
    wrapped_key: bytes | None
    erased_at: datetime | None
    ends_at: datetime | None


type Line = EventLine | CommandLine | TimerLine | KeyLine


class Counts(Struct, frozen=True):
    """How many of each there are; events are as many as the head's position."""

    commands: int
    timers: int
    keys: int


class OrganizationExists(LogError):
    """There is an organization of this name already."""


class ArchivedOrganization:
    """One organization as it was in one moment."""

    def __init__(self, connection: Connection, head: Head, counts: Counts) -> None:
        self._connection = connection
        self.head = head
        self.counts = counts

    async def lines(self) -> AsyncIterator[Line]:
        """Yield events in order, then commands, timers and keys."""
        kinds: Sequence[tuple[str, Callable[..., Line]]] = (
            ("events", lambda *row: EventLine(StoredEvent(*row))),
            ("commands", CommandLine),
            ("timers", TimerLine),
            ("keys", KeyLine),
        )
        for name, line in kinds:
            cursor = self._connection.cursor(
                statement("archive", name), self.head.organization_id, prefetch=ROWS_AT_ONCE
            )
            async for row in cursor:
                yield line(*row)


@asynccontextmanager
async def archived(writer: Connection, organization_id: str) -> AsyncIterator[ArchivedOrganization]:
    """Lend an organization in one snapshot; raises UnknownOrganization."""
    async with writer.transaction(isolation="repeatable_read", readonly=True):
        row = await writer.fetchrow(statement("log", "head"), organization_id)
        if row is None:
            raise UnknownOrganization(f"there is no organization {organization_id}")
        counts = await writer.fetchrow(statement("archive", "counts"), organization_id)
        assert counts is not None
        yield ArchivedOrganization(writer, Head(*row), Counts(*counts))


class OrganizationWriter:
    """Writes lines of one organization; they count once the transaction that `beginning` opened is over."""

    def __init__(self, connection: Connection, organization_id: str, log_id: UUID) -> None:
        self._connection = connection
        self._organization_id = organization_id
        self.log_id = log_id
        self._rows: dict[str, list[tuple[Any, ...]]] = {}

    async def add(self, line: Line) -> None:
        """Take a line; some are kept to be written together."""
        match line:
            case EventLine(event):
                await self._keep("events", astuple(event))
            case CommandLine():
                await self._keep("commands", (self._organization_id, *astuple(line)))
            case TimerLine():
                await self._keep("timers", (self._organization_id, *astuple(line)))
            case KeyLine():
                await self._keep("subject_keys", (self._organization_id, *astuple(line)))

    async def flush(self) -> None:
        """Write what is kept."""
        for table in _COLUMNS:
            await self._write(table)

    async def _keep(self, table: str, row: tuple[Any, ...]) -> None:
        rows = self._rows.setdefault(table, [])
        rows.append(row)
        if len(rows) >= ROWS_AT_ONCE:
            await self._write(table)

    async def _write(self, table: str) -> None:
        rows = self._rows.pop(table, [])
        copy: Callable[..., Awaitable[str]] = self._connection.copy_records_to_table
        if rows:
            await copy(table, schema_name="consign", columns=_COLUMNS[table], records=rows)


_COLUMNS: Mapping[str, Sequence[str]] = {
    "events": StoredEvent.__struct_fields__,
    "commands": ("organization_id", *CommandLine.__struct_fields__),
    "timers": ("organization_id", *TimerLine.__struct_fields__),
    "subject_keys": ("organization_id", *KeyLine.__struct_fields__),
}


@asynccontextmanager
async def beginning(writer: Connection, head: Head) -> AsyncIterator[OrganizationWriter]:
    """Write an organization whole or, when the block raises, not at all; raises OrganizationExists.

    The log begins under a new identity: nobody takes it for the one that it comes from.
    """
    async with writer.transaction():
        await writer.fetch(statement("archive", "hold_key"))
        log_id = await writer.fetchval(
            statement("archive", "begin"),
            *(head.organization_id, slice_of(head.organization_id), head.position, head.hash, head.min_format),
            head.recorded_at,
        )
        if log_id is None:
            raise OrganizationExists(f"there is an organization {head.organization_id} already")
        written = OrganizationWriter(writer, head.organization_id, log_id)
        yield written
        await written.flush()
