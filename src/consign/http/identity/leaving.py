"""Leaving every organization because an account is deleted: each by commands of its own log, which may be repeated."""

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import Any

import structlog
from msgspec import Struct

from consign.actors.ports import Issued, LogError
from consign.actors.queries import ReadModels, ReadModelStopped, Selection, Sort
from consign.domain.account import ForgetPerson
from consign.domain.members import PLATFORM, leading_role
from consign.domain.membership import EndMembership
from consign.domain.values import AccountId, OrganizationSlug, ParticipationId
from consign.http.forgetting import Forgetting
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.submit import derived_id, submitted
from consign.identity.store import Deletion
from consign.projections.consignors import CONSIGNORS, ConsignorAccountRow
from consign.projections.memberships import MEMBERSHIPS, MembershipRow
from consign.projections.participations import PARTICIPATIONS
from consign.projections.projection import Projection
from consign.projections.sales import SALES

PAGE_ROWS = 500
PAGES_MAX = 200
NAMED_MAX = 10
PARTICIPATIONS_MAX = 2_000

_log = structlog.get_logger(__name__)


class Leaving:
    """Fulfils `Organizations` of `consign.identity.deletions`.

    Which organizations there are says the platform's read model, and in which of them the account is a member each
    organization's own: who asks is asked about everywhere, for nothing sees over all of them.
    """

    def __init__(self, gateway: CommandGateway, models: ReadModels, forgetting: Forgetting) -> None:
        self._gateway = gateway
        self._models = models
        self._forgetting = forgetting

    async def led_alone_by(self, account: str) -> Sequence[str]:
        """Return organizations that nobody else leads, some of them where there are many."""
        alone: list[str] = []
        async for organization in self._organizations():
            try:
                member = await self._member(organization, account)
            except ReadModelStopped:  # one that stands still holds up nobody else; leaving it is tried again later
                continue
            if member is None or leading_role(organization) not in member.roles:
                continue
            if not await self._is_led_by_another(organization, account):
                alone.append(organization)
            if len(alone) == NAMED_MAX:
                break
        return alone

    async def left(self, deletion: Deletion) -> Sequence[str]:
        """Leave all of them; what cannot be left now is returned."""
        waiting: list[str] = []
        async for organization in self._organizations():
            try:
                await self._leave(organization, deletion)
            except (Refusal, LogError) as error:
                reason = error.reason if isinstance(error, Refusal) else type(error).__name__
                _log.warning("not_left", organization=organization, account=deletion.account_id, reason=reason)
                waiting.append(organization)
        return waiting

    async def _leave(self, organization: OrganizationSlug, deletion: Deletion) -> None:
        account = AccountId(deletion.account_id)
        if await self._member(organization, account) is not None:
            await self._submit(organization, deletion, EndMembership(organization, account), "left")
        if not deletion.forgets or organization == PLATFORM:
            return
        found = await self._models.get(organization, CONSIGNORS, "consignors", (account,))
        known: ConsignorAccountRow | None = found.row
        if known is None or known.forgotten_at is not None:
            return
        taken = await self._models.collect(
            organization, PARTICIPATIONS, {"participations": {"account": account}}, PARTICIPATIONS_MAX
        )
        participations = [ParticipationId(row.participation) for row in taken.rows["participations"]]
        await self._forgetting.forget(organization, account, participations)
        await self._submit(organization, deletion, ForgetPerson(account), "forgotten")

    async def _submit(self, organization: str, deletion: Deletion, command: Struct, step: str) -> None:
        command_id = derived_id(deletion.deletion_id, f"{organization}/{step}")
        digest = sha256(command_id.bytes).digest()
        by, correlation = deletion.by_account, deletion.deletion_id
        await submitted(
            self._gateway, Issued(organization, command_id, by, "guest", digest, command, correlation, command_id)
        )

    async def _is_led_by_another(self, organization: OrganizationSlug, account: str) -> bool:
        """Look at those first who have been there longest."""
        async for row in self._rows(organization, MEMBERSHIPS, "memberships", "since"):
            if row.account != account and leading_role(organization) in row.roles:
                return True
        return False

    async def _member(self, organization: str, account: str) -> MembershipRow | None:
        found = await self._models.get(organization, MEMBERSHIPS, "memberships", (account,))
        row: MembershipRow | None = found.row
        return row if row is not None and row.status == "member" else None

    async def _organizations(self) -> AsyncIterator[OrganizationSlug]:
        yield PLATFORM
        async for row in self._rows(PLATFORM, SALES, "organizations", None):
            yield OrganizationSlug(row.organization)

    async def _rows(
        self, organization: str, projection: Projection, table: str, sort: str | None
    ) -> AsyncIterator[Any]:
        """Yield the rows of a table, page by page and not without end."""
        order, cursor = () if sort is None else (Sort(sort),), None
        for _ in range(PAGES_MAX):
            wanted = Selection(sort=order, limit=PAGE_ROWS, cursor=cursor)
            page = await self._models.select(organization, projection, table, wanted)
            for row in page.rows:
                yield row
            cursor = page.next_cursor
            if cursor is None:
                return
