"""A database with toy read models, and what its tables hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from msgspec import Struct

from consign.adapters.postgres.log import PostgresLog
from consign.adapters.postgres.projection_store import PostgresProjectionStore, ProjectorPool
from consign.adapters.postgres.projection_tables import ensure_tables, layouts
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, MemoryRows, Projection
from tests.support.cluster import Database
from tests.support.toy_business import ToyBusiness
from tests.support.toy_log import give_slices_to_the_owner
from tests.support.toy_projection import COUNTERS


class ReadModels:
    def __init__(self, database: Database, log: PostgresLog, pool: ProjectorPool) -> None:
        self.database = database
        self.log = log
        self.pool = pool
        self.store = PostgresProjectionStore(pool)

    async def tables(
        self, projection: Projection = COUNTERS, *, organization: str = "acme", build: int = 0
    ) -> dict[str, dict[Key, Struct]]:
        """Return everything that the organization's read model holds."""
        found: dict[str, dict[Key, Struct]] = {}
        connection = await asyncpg.connect(self.database.url)
        try:
            for layout in layouts(projection, build):
                columns = ", ".join(f'"{column.name}"' for column in layout.columns)
                records = await connection.fetch(
                    f"SELECT {columns} FROM {layout.qualified} WHERE organization_id = $1", organization
                )
                rows = [layout.row(tuple(record)) for record in records]
                found[layout.table.name] = {layout.key_of(row): row for row in rows}
        finally:
            await connection.close()
        return found

    async def position(self, name: str = "counters", *, organization: str = "acme") -> int:
        return int((await self.serving(name, organization=organization))["checkpoint"])

    async def serving(self, name: str = "counters", *, organization: str = "acme") -> Any:
        connection = await asyncpg.connect(self.database.url)
        row = await connection.fetchrow(
            "SELECT * FROM consign.projection WHERE organization_id = $1 AND name = $2 AND serving", organization, name
        )
        await connection.close()
        return row or {"checkpoint": -1, "status": "none"}

    async def administer(self, sql: str) -> None:
        """Change something that no role of the service may."""
        connection = await asyncpg.connect(self.database.url)
        await connection.execute(sql)
        await connection.close()

    async def value(self, sql: str) -> Any:
        """Return the one value that the administrator's query yields."""
        connection = await asyncpg.connect(self.database.url)
        found = await connection.fetchval(sql)
        await connection.close()
        return found

    async def end_connections(self, role: str) -> None:
        """Break the connections that a role has to this database."""
        await self.administer(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE usename = '{role}' AND datname = current_database()"
        )


@asynccontextmanager
async def read_models(database: Database, *projections: Projection) -> AsyncIterator[ReadModels]:
    await give_slices_to_the_owner(database)
    connection = await asyncpg.connect(database.owner_url)
    await ensure_tables(connection, projections or (COUNTERS,))
    await connection.close()
    log, pool = PostgresLog(database.writer_url), ProjectorPool(database.projector_url)
    try:
        yield ReadModels(database, log, pool)
    finally:
        await log.close()
        await pool.close()


def folded(events: list[StoredEvent], projection: Projection = COUNTERS) -> dict[str, dict[Key, Any]]:
    """Return the read model that a plain fold of the events gives."""
    rows = MemoryRows(projection)
    for event in events:
        rows.fold(event, ToyBusiness().decode_event(event))
    return rows.tables
