"""Who belongs to an organization: members and their roles, and invitations, whose addresses are opened for organizers.

Addresses are never cached: they disappear with the invitation.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.members import MemberInvitationId
from consign.domain.membership import (
    AcceptMemberInvitation,
    GivenRoles,
    InviteMember,
    MemberInvitationAnswer,
    MembershipAnswer,
)
from consign.domain.values import AccountId, OrganizationSlug, Role
from consign.http.bodies import JSON, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.ownership import require_own
from consign.http.path_ids import checked
from consign.http.persons import NAMES_FOR, PROFILE_EXAMPLE, Persons, Profile, code_digest
from consign.http.ports import CommandGateway
from consign.http.reading import AFTER_POSITION, Reading, answer, known_parameters, missing, unkept
from consign.http.resources import PAGING, ListRoute, list_handler, page_content, selection, sort_parameter
from consign.http.submit import REPLAYED, answered, canonical, issue, submitted
from consign.projections.memberships import MEMBERSHIPS, MembershipRow

_INVITATION_STATUS = Literal["open", "accepted", "revoked", "expired"]
_INVITATION_SORTS = ("invited_at",)


class InviteMemberBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`address` is who is invited, and where the code is sent."""

    roles: GivenRoles
    expires_at: Annotated[datetime, Meta(tz=True)]
    address: Profile | None = None


class AcceptMemberInvitationBody(Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1, max_length=40)]


class MemberInvitation(Struct, frozen=True):
    """`code` is to be given to whoever is invited; it works once."""

    position: int
    invitation: MemberInvitationId
    roles: tuple[Role, ...]
    expires_at: datetime
    code: str


class ListedInvitation(Struct, frozen=True):
    """`address` is there while the invitation is open, for roles that need names."""

    invitation: str
    status: _INVITATION_STATUS
    roles: tuple[Role, ...]
    invited_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    address: Profile | None


class ListedInvitationPage(Struct, frozen=True):
    position: int
    items: list[ListedInvitation]
    next_cursor: str | None


class Memberships:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, reading: Reading, persons: Persons) -> None:
        self._gateway = gateway
        self._reading = reading
        self._persons = persons

    async def get(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return one."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        account = checked(request.path_params)["account"]
        require_own(exchange, account, "unknown_member", "member", account)
        unchanged = await self._reading.begin(request, MEMBERSHIPS)
        if unchanged is not None:
            return unchanged
        found = await self._reading.models.get(exchange.organization, MEMBERSHIPS, "memberships", (account,))
        if found.row is None:
            raise missing("unknown_member", "member", account)
        return answer(MEMBERSHIPS, found.at, found.row)

    async def invitations(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a page of invitations."""
        exchange = exchange_of(request.scope)
        wanted = selection(request, {"status": _INVITATION_STATUS}, _INVITATION_SORTS)
        await self._reading.begin(request, MEMBERSHIPS)
        page = await self._reading.models.select(exchange.organization, MEMBERSHIPS, "invitations", wanted)
        seen = [row.address if exchange.role in NAMES_FOR else None for row in page.rows]
        addresses = await self._persons.opened(exchange.organization, seen)
        shown = [
            ListedInvitation(
                row.invitation, row.status, row.roles, row.invited_at, row.expires_at, row.ended_at, address
            )
            for row, address in zip(page.rows, addresses, strict=True)
        ]
        return unkept(page.at, page_content(page, shown))

    async def invite(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Invite somebody and say the code."""
        exchange = exchange_of(request.scope)
        invitation = MemberInvitationId(checked(request.path_params)["invitation"])
        body: InviteMemberBody = decode(exchange, await request.body(), InviteMemberBody)
        digest = self._persons.digest(canonical("invite-member", (invitation, body)))
        code = self._persons.invitation_code(exchange.organization, f"member {invitation}")
        # Nobody is there yet who could be forgotten: the key goes when the invitation is over.
        subject = str(uuid5(UUID(invitation), body.expires_at.isoformat()))
        address = await self._persons.sealed_until(exchange, subject, body.address, body.expires_at)
        command = InviteMember(
            *(OrganizationSlug(exchange.organization), invitation, code_digest(code)),
            *(body.roles, body.expires_at, address),
        )
        accepted = await submitted(self._gateway, issue(exchange, command, digest))
        kept = msgspec.json.decode(accepted.answer, type=MemberInvitationAnswer)
        said = MemberInvitation(accepted.position, kept.invitation, kept.roles, kept.expires_at, code)
        headers = {"Cache-Control": "no-store", **(REPLAYED if accepted.repeated else {})}
        return Response(msgspec.json.encode(said), media_type=JSON, headers=headers)

    async def accept(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Give the caller, who shows a code, the roles of the invitation."""
        exchange = exchange_of(request.scope)
        body: AcceptMemberInvitationBody = decode(exchange, await request.body(), AcceptMemberInvitationBody)
        digest = self._persons.digest(canonical("accept-member-invitation", body))
        account = AccountId(exchange.acting().account_id)
        command = AcceptMemberInvitation(OrganizationSlug(exchange.organization), code_digest(body.code), account)
        return answered(await submitted(self._gateway, issue(exchange, command, digest)))


def membership_handlers(gateway: CommandGateway, reading: Reading, persons: Persons) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    memberships = Memberships(gateway, reading, persons)
    many = ListRoute(
        "list-memberships",
        "/memberships",
        "Members of the organization and their roles; former ones too.",
        "memberships",
        MEMBERSHIPS,
        "memberships",
        MembershipRow,
        {"status": Literal["member", "former"]},
        ("since",),
    )
    one = Endpoint(
        rule="get-membership",
        summary="An account's roles in the organization; members see their own.",
        tag="memberships",
        answer=MembershipRow,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    invitations = Endpoint(
        rule="list-member-invitations",
        summary="Invitations to become a member; addresses of open ones for roles that need them.",
        tag="memberships",
        answer=ListedInvitationPage,
        parameters=(
            Parameter("status", _INVITATION_STATUS, "Only rows of this status."),
            *sort_parameter(_INVITATION_SORTS),
            *PAGING,
        ),
        reads=True,
    )
    invite = Endpoint(
        rule="invite-member",
        summary="Offer roles in the organization to whoever shows the code that is answered.",
        tag="memberships",
        body=InviteMemberBody,
        answer=MemberInvitation,
        example={"roles": ["cashier"], "expires_at": "2026-12-01T20:00:00Z", "address": PROFILE_EXAMPLE},
        is_command=True,
    )
    accept = Endpoint(
        rule="accept-member-invitation",
        summary="Become a member with the code of an invitation.",
        tag="memberships",
        body=AcceptMemberInvitationBody,
        answer=MembershipAnswer,
        example={"code": "ABCD-EFGH-IJKL-MNOP"},
        is_command=True,
    )
    opened = f"{ORGANIZATION_PATH}/member-invitations"
    return [
        list_handler(many, reading),
        get(f"{ORGANIZATION_PATH}/memberships/{{account:str}}", name=one.rule, opt=one.opt())(memberships.get),
        get(opened, name=invitations.rule, opt=invitations.opt())(memberships.invitations),
        post(f"{opened}/{{invitation:str}}/invite", name=invite.rule, status_code=200, opt=invite.opt())(
            memberships.invite
        ),
        post(f"{ORGANIZATION_PATH}/accept-invitation", name=accept.rule, status_code=200, opt=accept.opt())(
            memberships.accept
        ),
    ]
