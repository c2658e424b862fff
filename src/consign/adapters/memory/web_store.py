"""What all processes must know of the web alike, in memory: the shortest statement of what the store promises."""

from collections.abc import Mapping
from datetime import timedelta


class MemoryWebStore:
    """Nothing here waits, so each method is one step by itself."""

    def __init__(self) -> None:
        self._domains: dict[str, str | None] = {}

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
