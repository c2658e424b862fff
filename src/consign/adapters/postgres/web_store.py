"""What all processes must know of the web alike, in tables that only the role `consign_identity` reaches."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from consign.adapters.postgres.identity_connections import IdentityConnections


class PostgresWebStore:
    """Shares its connections with whatever else is kept there; whoever made them closes them."""

    def __init__(self, connections: IdentityConnections) -> None:
        self._row, self._rows = connections.row, connections.rows

    async def claim_domain(self, domain: str, organization: str) -> str:
        """Give the domain to the organization unless it is another's; return whose it is."""
        row = await self._row("claim_domain", domain, organization)
        assert row is not None
        owner: str = row["organization_id"]
        return owner

    async def release_domain(self, domain: str, organization: str) -> None:
        """Give the organization's domain up."""
        await self._rows("release_domain", domain, organization)

    async def domains(self, changed_within: timedelta | None) -> Mapping[str, str | None]:
        """Return whose each domain is."""
        return {row["domain"]: row["organization_id"] for row in await self._rows("domains", changed_within)}

    async def keep_ticket(self, ticket_digest: bytes, content_sealed: bytes, now: datetime, until: datetime) -> None:
        """Keep a ticket; some that ran out go."""
        await self._rows("keep_ticket", ticket_digest, content_sealed, now, until)

    async def take_ticket(self, ticket_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept, once and in time."""
        row = await self._row("take_ticket", ticket_digest, now)
        return None if row is None else row["content_sealed"]
