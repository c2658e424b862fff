"""Connections of the role `consign_identity`, which alone reaches what people and machines show themselves by."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from consign.actors.ports import LogUnavailable
from consign.adapters.postgres.connection_pool import ConnectionPool, LentConnection
from consign.adapters.postgres.statements import statement
from consign.identity.store import IdentityUnavailable

TIMEOUT_S = 5.0
CONNECTIONS_MAX = 3

type Row = asyncpg.Record


class IdentityConnections:
    """`url` names the role; a failure of Postgres, or of the way to it, is IdentityUnavailable."""

    def __init__(self, url: str) -> None:
        timeout_ms = str(int(TIMEOUT_S * 1000))
        self.pool = ConnectionPool(
            url,
            connections_max=CONNECTIONS_MAX,
            timeout_s=TIMEOUT_S,
            settings={
                "application_name": "consign-identity",
                "search_path": "identity,pg_catalog",
                "timezone": "UTC",
                "statement_timeout": timeout_ms,
                "lock_timeout": timeout_ms,
                "idle_in_transaction_session_timeout": timeout_ms,
                "jit": "off",
            },
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[LentConnection]:
        """Lend a connection for statements that are done together or not at all."""
        try:
            async with self.pool.connection() as connection, connection.transaction():
                yield connection
        except LogUnavailable as error:
            raise IdentityUnavailable(str(error)) from error

    async def rows(self, name: str, *values: Any) -> list[Row]:
        """Run a statement of the folder `identity`; return its rows."""
        try:
            async with self.pool.connection() as connection:
                return await connection.fetch(statement("identity", name), *values)
        except LogUnavailable as error:
            raise IdentityUnavailable(str(error)) from error

    async def row(self, name: str, *values: Any) -> Row | None:
        """Return the statement's only row, or None."""
        return next(iter(await self.rows(name, *values)), None)
