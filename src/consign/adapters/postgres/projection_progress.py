"""How far relay and publisher have come, in Postgres."""

from collections.abc import Sequence

from consign.actors.runner_ports import LogPosition
from consign.actors.sweep import Behind
from consign.adapters.postgres.projection_store import ProjectorPool
from consign.adapters.postgres.statements import statement


class PostgresRelayProgress:
    """Fulfils `RelayProgress` of `consign.actors.sweep` and `RelayedPositions` of `consign.actors.audit`."""

    def __init__(self, pool: ProjectorPool) -> None:
        self._pool = pool

    async def behind(self, slices: frozenset[int]) -> Sequence[Behind]:
        """Return the organizations of these slices that are behind."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(statement("projection", "behind"), list(slices))
        return [Behind(*row) for row in rows]

    async def advance(self, relayed: Sequence[LogPosition]) -> None:
        """Note that the stream holds these logs up to there."""
        async with self._pool.connection() as connection:
            await connection.execute(
                statement("projection", "advance_relay"),
                [each.organization_id for each in relayed],
                [each.log_id for each in relayed],
                [each.position for each in relayed],
            )

    async def relayed(self, slices: frozenset[int]) -> Sequence[LogPosition]:
        """Return how far the stream is known to hold the log of every organization of these slices."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(statement("projection", "relayed"), list(slices))
        return [LogPosition(*row) for row in rows]
