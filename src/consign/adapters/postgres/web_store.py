"""What all processes must know of the web alike, in tables that only the role `consign_identity` reaches."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import asyncpg

from consign.actors.ports import LogUnavailable
from consign.adapters.postgres.connection_pool import ConnectionPool
from consign.adapters.postgres.statements import statement
from consign.identity.store import IdentityUnavailable

TIMEOUT_S = 5.0
CONNECTIONS_MAX = 2


class PostgresWebStore:
    """`url` names the role; a failure of Postgres, or of the way to it, is IdentityUnavailable."""

    def __init__(self, url: str) -> None:
        timeout_ms = str(int(TIMEOUT_S * 1000))
        self._pool = ConnectionPool(
            url,
            connections_max=CONNECTIONS_MAX,
            timeout_s=TIMEOUT_S,
            settings={
                "application_name": "consign-web",
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
        await self._pool.close()

    async def claim_domain(self, domain: str, organization: str) -> str:
        """Give the domain to the organization unless it is another's; return whose it is."""
        (row,) = await self._rows("claim_domain", domain, organization)
        owner: str = row["organization_id"]
        return owner

    async def release_domain(self, domain: str, organization: str) -> None:
        """Give the organization's domain up."""
        await self._rows("release_domain", domain, organization)

    async def domains(self, changed_within: timedelta | None) -> Mapping[str, str | None]:
        """Return whose each domain is."""
        return {row["domain"]: row["organization_id"] for row in await self._rows("domains", changed_within)}

    async def _rows(self, name: str, *values: Any) -> list[asyncpg.Record]:
        try:
            async with self._pool.connection() as connection:
                return await connection.fetch(statement("web", name), *values)
        except LogUnavailable as error:
            raise IdentityUnavailable(str(error)) from error
