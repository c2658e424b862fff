"""Reading history back: pages of the log, decoded and folded, against a bare cursor that ignores the bytes."""

import time

import asyncpg

from bench.workload import EMPTY, Notes, Total, event_row
from consign.actors.host import HostLimits
from consign.adapters.postgres.log import SESSION_SETTINGS, PostgresLog
from consign.domain.recorded import StoredEvent

ORGANIZATION = "history"
_CURSOR_PREFETCH_ROWS = 2000
_BYTES = "SELECT data FROM consign.events WHERE organization_id = $1 ORDER BY position"
_ROWS = f"""SELECT {", ".join(StoredEvent.__struct_fields__)} FROM consign.events
            WHERE organization_id = $1 ORDER BY position"""  # noqa: S608 - column names of our own


class History:
    """A log of one organization, and two ways to read it."""

    def __init__(self, connection: asyncpg.Connection, log: PostgresLog, events: int) -> None:
        self._connection = connection
        self._log = log
        self._events = events
        self._business = Notes()

    @classmethod
    async def written(cls, administrator_url: str, writer_url: str, events: int) -> "History":
        """Write the log in bulk."""
        connection = await asyncpg.connect(administrator_url, server_settings=SESSION_SETTINGS)
        rows = [event_row(ORGANIZATION, number + 1) for number in range(events)]
        await connection.copy_records_to_table(
            "events", schema_name="consign", columns=StoredEvent.__struct_fields__, records=rows
        )
        await connection.execute("ANALYZE consign.events")
        return cls(connection, PostgresLog(writer_url), events)

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()
        await self._log.close()

    async def replay(self) -> float:
        """Return events per second through the log's own reading, the decoder and the fold."""
        business, page = self._business, HostLimits().load_page_events
        states: dict[str, Total] = {}
        position = 0
        started = time.perf_counter()
        while True:
            events = await self._log.read(ORGANIZATION, position, page)
            for stored in events:
                stream = stored.stream
                states[stream] = business.evolve(stream, states.get(stream, EMPTY), business.decode_event(stored))
            if len(events) < page:
                break
            position = events[-1].position
        elapsed_s = time.perf_counter() - started
        assert sum(state.count for state in states.values()) == self._events
        return self._events / elapsed_s

    async def cursor_over_bytes(self) -> float:
        """Return events per second of a cursor that fetches nothing but the payload."""
        return await self._cursor(_BYTES)

    async def cursor_over_rows(self) -> float:
        """Return events per second of a cursor that fetches what replay needs to check the chain: every column."""
        return await self._cursor(_ROWS)

    async def _cursor(self, query: str) -> float:
        started, count = time.perf_counter(), 0
        async with self._connection.transaction():
            async for _ in self._connection.cursor(query, ORGANIZATION, prefetch=_CURSOR_PREFETCH_ROWS):
                count += 1
        assert count == self._events
        return count / (time.perf_counter() - started)
