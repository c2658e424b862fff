"""Due timers in Postgres, by the database's clock."""

from collections.abc import Collection
from uuid import UUID

from consign.actors.ports import LogUnavailable, TimerRow
from consign.actors.timers import Due
from consign.adapters.postgres.ownership_connection import BookkeepingConnection
from consign.adapters.postgres.statements import statement

TIMEOUT_S = 4.0


class PostgresTimerStore:
    """Fulfils `consign.actors.timers.TimerStore`; `url` names the writer's role."""

    def __init__(self, url: str) -> None:
        self._postgres = BookkeepingConnection(
            url, name="consign-timers", timeout_s=TIMEOUT_S, unavailable=LogUnavailable
        )

    async def due(self, slices: Collection[int], except_organizations: Collection[str], limit: int) -> Due:
        """Return what is due in the slices, oldest first, and when the next one will be."""
        within, without = list(slices), list(except_organizations)
        async with self._postgres.use() as connection:
            rows = await connection.fetch(statement("timers", "due"), within, without, limit)
            next_in_s = await connection.fetchval(statement("timers", "next_due"), within, without)
        return Due([TimerRow(*row) for row in rows], next_in_s)

    async def remove(self, organization_id: str, timer_id: UUID) -> None:
        """Forget a timer that nothing is left to do for."""
        async with self._postgres.use() as connection:
            await connection.execute(statement("timers", "remove"), organization_id, timer_id)

    async def close(self) -> None:
        """Close the connection."""
        self._postgres.terminate()
