"""The public events to publish, read from their read model as the projector's role."""
# ruff: noqa: S608 - names come from definitions in code, every value is a parameter

from msgspec.structs import replace

from consign.actors.publisher import Outbox, Published
from consign.adapters.postgres.projection_store import ProjectorPool
from consign.adapters.postgres.projection_tables import Layout, layouts, quoted
from consign.adapters.postgres.statements import statement
from consign.projections.projection import Projection


class PostgresPublicEvents:
    """Fulfils `PublicEvents` of `consign.actors.publisher` over one table of `projection`, counted by its only key."""

    def __init__(self, pool: ProjectorPool, projection: Projection, table: str = "events") -> None:
        self._pool = pool
        self._projection = projection
        self._table = projection.table(table)
        (self._count,) = self._table.key

    async def published(self, organization_id: str) -> Published | None:
        """Return the checkpoint, or None where nothing was published yet."""
        async with self._pool.connection() as connection:
            row = await connection.fetchrow(statement("projection", "published"), organization_id)
        return None if row is None else Published(*row)

    async def after(self, organization_id: str, public_position: int, limit: int) -> Outbox | None:
        """Return the rows behind a count, in order; None where the read model does not serve the organization yet."""
        async with self._pool.connection() as connection:
            serving = await connection.fetchrow(
                statement("projection", "serving"), organization_id, self._projection.name
            )
            if serving is None:
                return None
            _, log_id, version, build, _ = serving
            layout = self._layout(version, build)
            columns = ", ".join(quoted(column.name) for column in layout.columns)
            records = await connection.fetch(
                f"SELECT {columns} FROM {layout.qualified} WHERE organization_id = $1 "
                f"AND {quoted(self._count)} > $2 ORDER BY {quoted(self._count)} LIMIT $3",
                organization_id,
                public_position,
                limit,
            )
        rows = [layout.row(tuple(record)) for record in records]
        return Outbox(log_id, rows, getattr(rows[-1], self._count) if rows else public_position)

    async def first_since(self, organization_id: str, age_s: float) -> int | None:
        """Return the count of the first event that happened at most so long ago, by the database's clock."""
        async with self._pool.connection() as connection:
            serving = await connection.fetchrow(
                statement("projection", "serving"), organization_id, self._projection.name
            )
            if serving is None:
                return None
            _, _, version, build, _ = serving
            first: int | None = await connection.fetchval(
                f"SELECT min({quoted(self._count)}) FROM {self._layout(version, build).qualified} "
                f"WHERE organization_id = $1 AND time > now() - $2::float8 * interval '1 second'",
                organization_id,
                age_s,
            )
        return first

    async def advance(self, published: Published) -> None:
        """Note what was published; never backwards in the same log."""
        async with self._pool.connection() as connection:
            await connection.execute(
                statement("projection", "advance_publisher"),
                published.organization_id,
                published.log_id,
                published.public_position,
            )

    def _layout(self, version: int, build: int) -> Layout:
        found = layouts(replace(self._projection, version=version), build)
        return next(layout for layout in found if layout.table.name == self._table.name)
