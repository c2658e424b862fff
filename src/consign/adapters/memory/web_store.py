"""What all processes must know of the web alike, in memory: the shortest statement of what the store promises."""

from collections.abc import Mapping
from datetime import datetime, timedelta


class MemoryWebStore:
    """Nothing here waits, so each method is one step by itself."""

    def __init__(self) -> None:
        self._domains: dict[str, str | None] = {}
        self._tickets: dict[bytes, tuple[bytes, datetime]] = {}

    async def claim_domain(self, domain: str, organization: str) -> str:
        """Give the domain to the organization unless it is another's."""
        owner = self._domains.get(domain) or organization
        self._domains[domain] = owner
        return owner

    async def release_domain(self, domain: str, organization: str) -> None:
        """Give the organization's domain up."""
        if self._domains.get(domain) == organization:
            self._domains[domain] = None

    async def domains(self, changed_within: timedelta | None) -> Mapping[str, str | None]:  # noqa: ARG002
        """Return all, which says whatever changed lately."""
        return dict(self._domains)

    async def keep_ticket(self, ticket_digest: bytes, content_sealed: bytes, now: datetime, until: datetime) -> None:
        """Keep a ticket; those that ran out go."""
        self._tickets = {each: kept for each, kept in self._tickets.items() if kept[1] >= now}
        self._tickets[ticket_digest] = content_sealed, until

    async def take_ticket(self, ticket_digest: bytes, now: datetime) -> bytes | None:
        """Return what was kept, once and in time."""
        content, until = self._tickets.get(ticket_digest, (b"", now))
        if until <= now:
            return None
        del self._tickets[ticket_digest]
        return content
