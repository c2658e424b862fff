"""What Postgres holds of an organization, read as the administrator, past every part of the service."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from msgspec import Struct

from consign.actors.ports import Head
from consign.adapters.postgres.projection_tables import layouts
from consign.domain.business import CONSIGN
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, Projection
from tests.support.cluster import Database

_EVENT_COLUMNS = ", ".join(StoredEvent.__struct_fields__)


class Recorded(NamedTuple):
    """The stored answer of an accepted command."""

    position: int
    answer: bytes


class Stored(NamedTuple):
    """One organization's log, all of it."""

    head: Head
    events: list[StoredEvent]
    commands: dict[tuple[UUID, str], Recorded]


async def read_stored(database: Database, organization: str) -> Stored:
    connection = await asyncpg.connect(database.url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            head = await connection.fetchrow(
                "SELECT organization_id, log_id, epoch, position, hash, recorded_at "
                "FROM consign.heads WHERE organization_id = $1",
                organization,
            )
            assert head is not None, f"{organization} has no log"
            events = await connection.fetch(
                f"SELECT {_EVENT_COLUMNS} FROM consign.events WHERE organization_id = $1 ORDER BY position",
                organization,
            )
            commands = await connection.fetch(
                "SELECT command_id, account_id, position, answer FROM consign.commands WHERE organization_id = $1",
                organization,
            )
    finally:
        await connection.close()
    return Stored(
        Head(*head),
        [StoredEvent(*event) for event in events],
        {(row["command_id"], row["account_id"]): Recorded(row["position"], row["answer"]) for row in commands},
    )


def decoded(stored: Stored) -> Iterable[tuple[StoredEvent, Any]]:
    for event in stored.events:
        yield event, CONSIGN.decode_event(event)


class ReadModel(NamedTuple):
    """What serves queries for one projection."""

    status: str
    checkpoint: int
    log_id: UUID
    tables: dict[str, dict[Key, Struct]]


async def read_model(database: Database, organization: str, projection: Projection) -> ReadModel | None:
    """Return the serving build of the read model with all its rows, in one snapshot; None: nobody has begun it."""
    connection = await asyncpg.connect(database.url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            standing = await connection.fetchrow(
                "SELECT status, checkpoint, log_id, build FROM consign.projection "
                "WHERE organization_id = $1 AND name = $2 AND version = $3 AND serving",
                *(organization, projection.name, projection.version),
            )
            if standing is None:
                return None
            tables: dict[str, dict[Key, Struct]] = {}
            for layout in layouts(projection, standing["build"]):
                columns = ", ".join(f'"{column.name}"' for column in layout.columns)
                records = await connection.fetch(
                    f"SELECT {columns} FROM {layout.qualified} WHERE organization_id = $1", organization
                )
                rows = [layout.row(tuple(record)) for record in records]
                tables[layout.table.name] = {layout.key_of(row): row for row in rows}
    finally:
        await connection.close()
    return ReadModel(standing["status"], standing["checkpoint"], standing["log_id"], tables)


async def administer(database: Database, sql: str, *arguments: Any) -> list[asyncpg.Record]:
    """Run a statement that no role of the service may."""
    connection = await asyncpg.connect(database.url)
    try:
        return list(await connection.fetch(sql, *arguments))
    finally:
        await connection.close()
