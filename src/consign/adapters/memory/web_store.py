"""What all processes must know of the web alike, in memory: the shortest statement of what the store promises."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from consign.identity.domain_watch import Untold, Watched

_NOT_WANTED: Mapping[str, Any] = {"wanted_by": None, "wanted_since": None}


class _Domain(Struct, frozen=True):
    domain: str
    organization: str | None = None
    asked_at: datetime | None = None
    doubted_since: datetime | None = None
    wanted_by: str | None = None
    wanted_since: datetime | None = None
    untold: bool = False
    former: str | None = None

    @property
    def watched(self) -> Watched:
        return Watched(self.domain, self.organization, self.doubted_since, self.wanted_by, self.wanted_since)


class MemoryWebStore:
    """Nothing here waits, so each method is one step by itself."""

    def __init__(self) -> None:
        self._domains: dict[str, _Domain] = {}
        self._tickets: dict[bytes, tuple[bytes, datetime]] = {}

    async def claim_domain(self, domain: str, organization: str, now: datetime) -> str:
        """Give the domain to the organization, or keep that it wants another's."""
        known = self._domains.get(domain, _Domain(domain))
        if known.organization in (None, organization):
            known = replace(known, organization=organization, asked_at=now, **_NOT_WANTED, doubted_since=None)
        else:
            asked_at = None if known.wanted_by is None else known.asked_at
            since = known.wanted_since or now
            known = replace(known, wanted_by=organization, wanted_since=since, asked_at=asked_at)
        self._domains[domain] = known
        assert known.organization is not None
        return known.organization

    async def release_domain(self, domain: str, organization: str) -> None:
        """Give the organization's domain up."""
        known = self._domains.get(domain, _Domain(domain))
        if known.organization == organization:
            self._domains[domain] = replace(known, organization=None, doubted_since=None, asked_at=None)
        await self.unwant_domain(domain, organization)

    async def domains(self, changed_within: timedelta | None) -> Mapping[str, str | None]:  # noqa: ARG002
        """Return all, which says whatever changed lately."""
        return {domain: known.organization for domain, known in self._domains.items()}

    async def domains_to_ask(
        self, now: datetime, every: timedelta, wanted_every: timedelta, limit: int
    ) -> Sequence[Watched]:
        """Return domains that nobody asked for so long."""
        due = [
            known
            for known in self._domains.values()
            if (known.organization is not None or known.wanted_by is not None)
            and (known.asked_at is None or known.asked_at <= now - (wanted_every if known.wanted_by else every))
        ]
        due = sorted(due, key=lambda each: each.wanted_by is None)[:limit]
        self._domains |= {each.domain: replace(each, asked_at=now) for each in due}
        return [each.watched for each in due]

    async def trust_domain(self, domain: str, organization: str) -> None:
        """Keep that its holder has shown it."""
        known = self._domains[domain]
        if known.organization == organization:
            self._domains[domain] = replace(known, **_NOT_WANTED, doubted_since=None)

    async def doubt_domain(self, domain: str, organization: str, now: datetime) -> Watched | None:
        """Keep that its holder has not shown it."""
        known = self._domains[domain]
        if known.organization != organization:
            return None
        self._domains[domain] = known = replace(known, doubted_since=known.doubted_since or now)
        return known.watched

    async def pass_domain(self, domain: str, former: str | None, to: str) -> bool:
        """Hand it on."""
        known = self._domains[domain]
        is_free = known.organization is None or known.doubted_since is not None
        if known.untold or (known.organization, known.wanted_by) != (former, to) or not is_free:
            return False
        self._domains[domain] = replace(
            known, organization=to, former=former, untold=True, **_NOT_WANTED, doubted_since=None
        )
        return True

    async def unwant_domain(self, domain: str, organization: str) -> None:
        """Keep that the organization wants it no more."""
        known = self._domains.get(domain, _Domain(domain))
        if known.wanted_by == organization:
            self._domains[domain] = replace(known, **_NOT_WANTED)

    async def untold_domains(self, limit: int) -> Sequence[Untold]:
        """Return domains of which logs may not know."""
        untold = [known for known in self._domains.values() if known.untold]
        return [Untold(each.domain, each.organization, each.former) for each in untold][:limit]

    async def domain_told(self, told: Untold) -> None:
        """Keep that logs know."""
        known = self._domains[told.domain]
        if (known.organization, known.former) == (told.organization, told.former):
            self._domains[told.domain] = replace(known, untold=False, former=None)

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
