"""What becomes of organizations' domains, as commands of the service itself on their logs."""

from datetime import datetime
from hashlib import sha256

from uuid_utils.compat import uuid7

from consign.actors.ports import Issued
from consign.domain.rejection import Reason
from consign.domain.values import SYSTEM, OrganizationSlug
from consign.domain.web import Domain, DoubtDomain, LoseDomain, VerifyDomain, WebCommand
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.submit import submitted
from consign.identity.domain_watch import FactsUnavailable

_OVER = frozenset((Reason.UNKNOWN_DOMAIN, Reason.UNKNOWN_ORGANIZATION))


class OrganizationDomains:
    """Fulfils `DomainFacts`. Each command holds already when it is repeated, so each gets an id of its own."""

    def __init__(self, gateway: CommandGateway) -> None:
        self._gateway = gateway

    async def shown(self, organization: str, domain: str) -> bool:
        """Record that the organization shows the domain, if it wants it still."""
        return await self._is_recorded(organization, VerifyDomain(OrganizationSlug(organization), Domain(domain)))

    async def doubted(self, organization: str, domain: str, passes_at: datetime | None) -> None:
        """Record that it does not."""
        slug = OrganizationSlug(organization)
        await self._is_recorded(organization, DoubtDomain(slug, Domain(domain), passes_at))

    async def lost(self, organization: str, domain: str) -> None:
        """Record that another organization has it."""
        await self._is_recorded(organization, LoseDomain(OrganizationSlug(organization), Domain(domain)))

    async def _is_recorded(self, organization: str, command: WebCommand) -> bool:
        command_id = uuid7()
        digest = sha256(command_id.bytes).digest()
        who = SYSTEM.account, SYSTEM.role
        issued = Issued(organization, command_id, *who, digest, command, command_id, command_id)
        try:
            await submitted(self._gateway, issued)
        except Refusal as refusal:
            if refusal.reason in _OVER:
                return False
            raise FactsUnavailable(f"{organization}: {refusal.reason}") from refusal
        return True
