"""Clerk's webhooks: what it tells of organizations and their members becomes commands.

Whoever signed a message is the only one who may say something by it, and only of its own organizations and people. The
command's id is made of the delivery's, so that a message that comes again is answered again and changes nothing. What
cannot be done now is refused, and comes again: Svix repeats it for some days.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec
import structlog
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.actors.ports import Issued
from consign.domain.members import PLATFORM
from consign.domain.membership import FollowMembership
from consign.domain.organization import FollowName, FoundOrganization
from consign.domain.values import AccountId, Currency, OrganizationSlug, Role
from consign.http.bodies import invalid_body
from consign.http.endpoint import Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.identity.clerk_events import (
    ClerkEvent,
    ClerkMessage,
    MembershipGone,
    MembershipMade,
    OrganizationCalled,
    OrganizationGone,
    OrganizationMade,
    UserBarred,
    UserGone,
    clerk_event,
)
from consign.http.identity.svix import is_genuine
from consign.http.identity.visits import refusing, refusing_to_delete
from consign.http.organizations import founded
from consign.http.ports import CommandGateway, Registry
from consign.http.problems import Refusal
from consign.http.submit import submitted
from consign.identity.deletions import Deletions
from consign.identity.federation import account_of, organization_of
from consign.identity.ports import Visit
from consign.identity.sessions import Sessions

ACCOUNT = AccountId("clerk-webhook")
"""The account that commands of webhooks are issued under."""
type _OfOrganization = OrganizationMade | OrganizationCalled | OrganizationGone | MembershipMade | MembershipGone

_log = structlog.get_logger(__name__)
_DELIVERIES = UUID("7b1c63f4-0c5d-5e55-8a51-1d2f5f0b6c90")
_ID, _TIMESTAMP, _SIGNATURE = "svix-id", "svix-timestamp", "svix-signature"


class Founding(Struct, frozen=True):
    """What an organization that is founded there does not say itself."""

    currency: Currency
    locale: str
    time_zone: str


class ClerkInstance(Struct, frozen=True):
    """One instance of Clerk's: what its messages are signed with, and what its names mean here.

    Without `founding` only organizations that `organizations` names are of any interest.
    """

    issuer: str
    signing_keys: Sequence[bytes]
    organizations: Mapping[str, str]
    roles: Mapping[str, Sequence[Role]]
    founding: Founding | None


class Followed(Struct, frozen=True):
    """What became of a message: something was done, or it says nothing that matters here."""

    outcome: Literal["done", "nothing"]


_DONE, _NOTHING = Followed("done"), Followed("nothing")


class ClerkWebhooks:
    """Takes messages of the instances that are known."""

    def __init__(
        self,
        gateway: CommandGateway,
        registry: Registry,
        instances: Sequence[ClerkInstance],
        deletions: Deletions,
        sessions: Sessions,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._gateway = gateway
        self._registry = registry
        self._instances = instances
        self._deletions = deletions
        self._sessions = sessions
        self._now_s = now_s

    async def receive(self, request: Request[Any, Any, Any]) -> Followed:
        """Do what a genuine message tells; raises Refusal."""
        body = await request.body()
        instance, delivery = self._sender(request, body)
        try:
            event = clerk_event(body)
        except msgspec.MsgspecError as error:
            raise invalid_body(str(error)) from error
        return await self._follow(exchange_of(request.scope), instance, event, delivery, sha256(body).digest())

    def _sender(self, request: Request[Any, Any, Any], body: bytes) -> tuple[ClerkInstance, UUID]:
        headers = request.headers
        message_id = headers.get(_ID, "")
        for instance in self._instances:
            if is_genuine(
                instance.signing_keys,
                message_id=message_id,
                timestamp=headers.get(_TIMESTAMP, ""),
                signatures=headers.get(_SIGNATURE, ""),
                body=body,
                now_s=self._now_s(),
            ):
                return instance, uuid5(_DELIVERIES, f"{instance.issuer}\n{message_id}")
        raise Refusal("signature_invalid", "Nobody who is known here signed this message in the last five minutes.")

    async def _follow(
        self, exchange: Exchange, instance: ClerkInstance, event: ClerkEvent | None, delivery: UUID, digest: bytes
    ) -> Followed:
        match event:
            case None:
                return _NOTHING
            case UserGone(user=user) | UserBarred(user=user):
                return await self._follow_user(exchange, event, account_of(instance.issuer, user))
            case OrganizationMade() | OrganizationCalled() | OrganizationGone() | MembershipMade() | MembershipGone():
                if instance.founding is None and event.organization not in instance.organizations:
                    return _NOTHING
                return await self._follow_organization(exchange, instance, event, delivery, digest)

    async def _follow_user(self, exchange: Exchange, event: UserGone | UserBarred, account: AccountId) -> Followed:
        visit = Visit(exchange.origin.address, "", exchange.correlation_id)
        with refusing():
            match event:
                case UserBarred():
                    return _DONE if await self._sessions.end_all(visit, account) else _NOTHING
                case UserGone():
                    if not await self._deletions.is_over(account):
                        with refusing_to_delete():
                            await self._deletions.delete(visit, account, by=ACCOUNT, forgets=False)
                    return _DONE

    async def _follow_organization(
        self, exchange: Exchange, instance: ClerkInstance, event: _OfOrganization, delivery: UUID, digest: bytes
    ) -> Followed:
        slug = organization_of(instance.issuer, event.organization, instance.organizations)
        match event:
            case OrganizationGone():
                _log.warning("organization_deleted_at_clerk", organization=slug)
                return _NOTHING
            case OrganizationMade(name=name, founder=founder):
                if instance.founding is None or event.organization in instance.organizations:
                    return _NOTHING
                account, said = account_of(instance.issuer, founder), instance.founding
                founding = FoundOrganization(slug, account, name, said.currency, said.locale, said.time_zone)
                issued = _issued(exchange, OrganizationSlug(PLATFORM), founding, delivery, digest)
                await founded(self._gateway, self._registry, issued)
            case OrganizationCalled(name=name, at=at):
                await submitted(self._gateway, _issued(exchange, slug, FollowName(slug, name, at), delivery, digest))
            case MembershipMade(user=user, role=role, at=at):
                roles, member = tuple(instance.roles.get(role, ())), account_of(instance.issuer, user)
                if await self._deletions.is_over(member):
                    return _NOTHING
                followed = FollowMembership(slug, member, roles, at)
                await submitted(self._gateway, _issued(exchange, slug, followed, delivery, digest))
            case MembershipGone(user=user, at=at):
                followed = FollowMembership(slug, account_of(instance.issuer, user), (), at)
                await submitted(self._gateway, _issued(exchange, slug, followed, delivery, digest))
        return _DONE


def clerk_handlers(
    gateway: CommandGateway,
    registry: Registry,
    instances: Sequence[ClerkInstance],
    deletions: Deletions,
    sessions: Sessions,
) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule="clerk-webhook",
        summary="What Clerk tells of organizations and their members, signed by Svix.",
        tag="identity",
        body=ClerkMessage,
        theirs=True,
        answer=Followed,
        example=_EXAMPLE,
        parameters=tuple(
            Parameter(name, str, description, place="header")
            for name, description in (
                (_ID, "The message's id: the same when it comes again."),
                (_TIMESTAMP, "When it was sent, in seconds since 1970; five minutes may have passed."),
                (_SIGNATURE, "`v1,<base 64>`, several divided by spaces."),
            )
        ),
    )
    webhooks = ClerkWebhooks(gateway, registry, instances, deletions, sessions)
    return [post("/webhooks/clerk", name=endpoint.rule, status_code=200, opt=endpoint.opt())(webhooks.receive)]


def _issued(
    exchange: Exchange, organization: OrganizationSlug, command: Struct, delivery: UUID, digest: bytes
) -> Issued:
    exchange.organization = organization
    return Issued(
        organization,
        delivery,
        ACCOUNT,
        "system",
        digest,
        command,
        exchange.correlation_id,
        delivery,
        meta=exchange.meta(),
    )


_EXAMPLE = {
    "object": "event",
    "type": "organizationMembership.created",
    "timestamp": 1_795_262_226_000,
    "data": {
        "id": "orgmem_1",
        "role": "org:admin",
        "organization": {"id": "org_1", "name": "Spring fair"},
        "public_user_data": {"user_id": "user_1"},
    },
}
