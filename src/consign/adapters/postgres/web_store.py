"""What all processes must know of the web alike, in tables that only the role `consign_identity` reaches."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from consign.adapters.postgres.identity_connections import IdentityConnections, Row
from consign.identity.domain_watch import Untold, Watched


class PostgresWebStore:
    """Shares its connections with whatever else is kept there; whoever made them closes them."""

    def __init__(self, connections: IdentityConnections) -> None:
        self._row, self._rows = connections.row, connections.rows

    async def claim_domain(self, domain: str, organization: str, now: datetime) -> str:
        """Give the domain to the organization, or keep that it wants another's; return whose it is."""
        row = await self._row("claim_domain", domain, organization, now)
        assert row is not None
        owner: str = row["organization_id"]
        return owner

    async def release_domain(self, domain: str, organization: str) -> None:
        """Give the organization's domain up."""
        await self._rows("release_domain", domain, organization)

    async def domains(self, changed_within: timedelta | None) -> Mapping[str, str | None]:
        """Return whose each domain is."""
        return {row["domain"]: row["organization_id"] for row in await self._rows("domains", changed_within)}

    async def domains_to_ask(
        self, now: datetime, every: timedelta, wanted_every: timedelta, limit: int
    ) -> Sequence[Watched]:
        """Return domains that nobody asked for so long."""
        return [_watched(row) for row in await self._rows("domains_to_ask", now, every, wanted_every, limit)]

    async def trust_domain(self, domain: str, organization: str) -> None:
        """Keep that its holder has shown it."""
        await self._rows("trust_domain", domain, organization)

    async def doubt_domain(self, domain: str, organization: str, now: datetime) -> Watched | None:
        """Keep that its holder has not shown it."""
        row = await self._row("doubt_domain", domain, organization, now)
        return None if row is None else _watched(row)

    async def pass_domain(self, domain: str, former: str | None, to: str) -> bool:
        """Hand it on."""
        return await self._row("pass_domain", domain, former, to) is not None

    async def unwant_domain(self, domain: str, organization: str) -> None:
        """Keep that the organization wants it no more."""
        await self._rows("unwant_domain", domain, organization)

    async def untold_domains(self, limit: int) -> Sequence[Untold]:
        """Return domains of which logs may not know."""
        return [
            Untold(row["domain"], row["organization_id"], row["former"])
            for row in await self._rows("untold_domains", limit)
        ]

    async def domain_told(self, told: Untold) -> None:
        """Keep that logs know."""
        await self._rows("domain_told", told.domain, told.organization, told.former)

    async def keep_ticket(self, ticket_digest: bytes, content_sealed: bytes, now: datetime, until: datetime) -> None:
        """Keep a ticket; some that ran out go."""
        await self._rows("keep_ticket", ticket_digest, content_sealed, now, until)

    async def take_ticket(self, ticket_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept, once and in time."""
        row = await self._row("take_ticket", ticket_digest, now)
        return None if row is None else row["content_sealed"]


def _watched(row: Row) -> Watched:
    holder, doubted_since = row["organization_id"], row["doubted_since"]
    return Watched(row["domain"], holder, doubted_since, row["wanted_by"], row["wanted_since"])
