"""Durable commands in this process against raw COPY of the same rows, at the same concurrency as batch size."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg

from bench.engine import engine
from bench.workload import Notes, command_row, event_row, issued, request
from consign.actors.host import OrganizationHost
from consign.actors.ports import Accepted
from consign.adapters.postgres.log import SESSION_SETTINGS, new_event_id
from consign.domain.recorded import StoredEvent

_EVENT_COLUMNS = StoredEvent.__struct_fields__
_COMMAND_COLUMNS = ("command_id", "organization_id", "account_id", "request_hash", "position", "answer")
_BARE_COLUMNS = ("id", "stream", "version", "data")
_MOVE_HEAD = """UPDATE consign.heads SET position = $2, hash = $3
                WHERE organization_id = $1 AND position = $4 RETURNING position"""
_NEW_HEAD = """INSERT INTO consign.heads (organization_id, slice, log_id, epoch, position, hash)
               VALUES ($1, 0, $2, 0, 0, $3)"""
_BARE_TABLE = """CREATE TABLE IF NOT EXISTS public.bare (
                   id uuid PRIMARY KEY, stream text NOT NULL, version bigint NOT NULL, data bytea NOT NULL)"""


class Commands:
    """A closed loop of clients, each sending its next command when the last one is answered."""

    def __init__(self, host: OrganizationHost, clients: int) -> None:
        self._host = host
        self._clients = clients
        self._number = 0

    async def run(self, commands: int) -> float:
        """Return commands per second; validation of the request is part of the work."""
        organization = self._host.organization_id
        bodies = [request(number) for number in range(self._number, self._number + commands)]
        self._number += commands

        async def client() -> None:
            while bodies:
                reply = await self._host.submit(issued(organization, bodies.pop()))
                assert isinstance(reply, Accepted), reply

        started = time.perf_counter()
        async with asyncio.TaskGroup() as clients:
            for _ in range(self._clients):
                clients.create_task(client())
        return commands / (time.perf_counter() - started)


class RawCopy:
    """What the database takes at best: rows that were made beforehand, by binary COPY, a transaction a batch."""

    def __init__(self, connection: asyncpg.Connection, batch: int) -> None:
        self._connection = connection
        self._organization = f"raw-{batch}"
        self._batch = batch
        self._position = 0

    async def begin(self) -> None:
        """Create the head and the bare table that the rows belong to."""
        await self._connection.execute(_NEW_HEAD, self._organization, uuid4(), bytes(32))
        await self._connection.execute(_BARE_TABLE)

    async def same_tables(self, events: int) -> float:
        """Return events per second into the tables of the log: events, command records and the head."""
        batches = []
        for first in range(self._position + 1, self._position + events + 1, self._batch):
            rows = [event_row(self._organization, first + offset) for offset in range(self._batch)]
            batches.append((rows, [command_row(self._organization, event) for event in rows]))
        connection = self._connection
        started = time.perf_counter()
        for rows, records in batches:
            async with connection.transaction():
                last, expected = rows[-1], self._position
                moved = await connection.fetchval(_MOVE_HEAD, self._organization, last[1], last[-1], expected)
                assert moved == last[1]
                await _copy(connection, "consign", "events", _EVENT_COLUMNS, rows)
                await _copy(connection, "consign", "commands", _COMMAND_COLUMNS, records)
            self._position = last[1]
        return len(batches) * self._batch / (time.perf_counter() - started)

    async def bare_table(self, events: int) -> float:
        """Return events per second into a table with a primary key and no other index."""
        rows = [event_row(self._organization, number + 1) for number in range(events)]
        bare = [(new_event_id(), event[2], event[3], event[-2]) for event in rows]
        started = time.perf_counter()
        for first in range(0, events, self._batch):
            await _copy(self._connection, "public", "bare", _BARE_COLUMNS, bare[first : first + self._batch])
        return events / (time.perf_counter() - started)


async def _copy(
    connection: asyncpg.Connection, schema: str, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    copy: Callable[..., Any] = connection.copy_records_to_table
    await copy(table, schema_name=schema, columns=columns, records=rows)


@asynccontextmanager
async def commands_and_copy(
    administrator_url: str, writer_url: str, batch: int
) -> AsyncIterator[tuple[Commands, RawCopy]]:
    """Lend both contestants over one database."""
    connection = await asyncpg.connect(administrator_url, server_settings=SESSION_SETTINGS)
    try:
        raw = RawCopy(connection, batch)
        await raw.begin()
        async with engine(writer_url, f"engine-{batch}", Notes()) as host:
            yield Commands(host, batch), raw
    finally:
        await connection.close()
