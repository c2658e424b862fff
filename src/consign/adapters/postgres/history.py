"""The log as an auditor reads it: the reader's role, one organization at a time by row-level security."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from consign.actors.deeds import Deed, DeedFilter
from consign.actors.ports import Head
from consign.adapters.postgres.connection_pool import ConnectionPool, LentConnection
from consign.adapters.postgres.statements import statement
from consign.domain.recorded import StoredEvent, StreamName

TIMEOUT_S = 15.0

_SETTINGS = {
    "application_name": "consign-history",
    "search_path": "consign,pg_catalog",
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    "statement_timeout": "12000",
    "idle_in_transaction_session_timeout": "15000",
    "tcp_user_timeout": "10000",
    "jit": "off",
}


class PostgresHistory:
    """Reads pages of events; `url` names the reader's role. Every method may raise LogUnavailable."""

    def __init__(self, url: str, *, connections_max: int = 3) -> None:
        self._pool = ConnectionPool(url, connections_max=connections_max, timeout_s=TIMEOUT_S, settings=_SETTINGS)

    async def head(self, organization_id: str) -> Head | None:
        """Return where the log ends; None: there is none."""
        async with self._of(organization_id) as connection:
            row = await connection.fetchrow(statement("log", "head"), organization_id)
        return None if row is None else Head(*row)

    async def read(self, organization_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to `limit` events with position > after, in order."""
        async with self._of(organization_id) as connection:
            rows = await connection.fetch(statement("log", "read"), organization_id, after, limit)
        return [StoredEvent(*row) for row in rows]

    async def read_stream(
        self, organization_id: str, stream: StreamName, after_version: int, limit: int
    ) -> Sequence[StoredEvent]:
        """Return up to `limit` events of one stream with version > after_version, in order."""
        async with self._of(organization_id) as connection:
            rows = await connection.fetch(
                statement("log", "read_stream"), organization_id, stream, after_version, limit
            )
        return [StoredEvent(*row) for row in rows]

    async def read_about(
        self, organization_id: str, stream: StreamName, about: str, after_version: int, limit: int
    ) -> Sequence[StoredEvent]:
        """Return the same of those events only in which the text `about` stands by itself; it needs no escapes."""
        text = f'"{about}"'.encode()
        async with self._of(organization_id) as connection:
            rows = await connection.fetch(
                statement("log", "read_about"), organization_id, stream, after_version, limit, text
            )
        return [StoredEvent(*row) for row in rows]

    async def position_before(self, organization_id: str, at: datetime) -> int:
        """Return the position of the last event that was recorded before the instant; 0: there is none."""
        async with self._of(organization_id) as connection:
            position = await connection.fetchval(statement("log", "position_before"), organization_id, at)
        return position or 0

    async def deeds(
        self, organization_id: str, wanted: DeedFilter, between: tuple[int, int], limit: int, *, newest_first: bool
    ) -> Sequence[Deed]:
        """Return up to `limit` deeds behind the first position and up to the second one, in the order of the log.

        `newest_first`: from the end of it, in the opposite order.
        """
        filters = (getattr(wanted, name) for name in DeedFilter.__struct_fields__)
        text = statement("log", "deeds_newest" if newest_first else "deeds")
        async with self._of(organization_id) as connection:
            rows = await connection.fetch(text, organization_id, *between, limit, *filters)
        return [Deed(*row) for row in rows]

    async def close(self) -> None:
        """Close the connections, whatever they are doing."""
        await self._pool.close()

    @asynccontextmanager
    async def _of(self, organization_id: str) -> AsyncIterator[LentConnection]:
        async with self._pool.connection() as connection, connection.transaction(readonly=True):
            await connection.execute("SELECT set_config('consign.organization', $1, true)", organization_id)
            yield connection
