"""Domains of an organization: added, verified by a challenge that only whoever holds the domain can answer, removed.

A domain is claimed after its challenge was answered and before the organization's log says that it is verified: two
organizations never both have it. What stops between the two is mended by asking again.
"""

from typing import Any, Literal

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.actors.ports import Accepted
from consign.domain.rejection import Reason
from consign.domain.values import OrganizationSlug
from consign.domain.web import AddDomain, Domain, DomainAnswer, RemoveDomain, VerifyDomain, WebCommand
from consign.http.bodies import JSON, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.hosts import Hosts, domain_of
from consign.http.identity.visits import refusing
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.reading import Reading, missing
from consign.http.resources import ListRoute, list_handler
from consign.http.submit import REPLAYED, answered, issue, request_hash, submitted
from consign.identity.domains import CHALLENGE_PATH, RECORD_LABEL, ChallengeNotAnswered, Domains, Proof
from consign.identity.limits import Buckets
from consign.projections.web import WEB, DomainRow, OriginsRow

ASKED_AT_ONCE = 20
"""So often an organization has domains asked at once, and then once in half a minute: others wait meanwhile."""
_TAG = "domains"
_IT_PASSES = "Leave what shows that you hold it where it is: it passes to you if the other does not show it in time."


class NoBody(Struct, frozen=True, forbid_unknown_fields=True): ...


class AddedDomain(Struct, frozen=True):
    """`content` is to stand in a TXT record of the name `record`, or as text at `url`, when the domain is verified.

    Whoever can put it there holds the domain.
    """

    position: int
    domain: str
    verified: bool
    url: str
    content: str
    record: str


class DomainRoutes:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, proof: Proof, domains: Domains, hosts: Hosts) -> None:
        self._gateway = gateway
        self._proof = proof
        self._domains = domains
        self._hosts = hosts
        self._asking = Buckets(ASKED_AT_ONCE, 30.0)

    async def add(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Note the domain, and say how it is verified."""
        exchange, domain = await _read(request)
        if self._hosts.is_own(domain):
            raise Refusal("domain_reserved", f"{domain} belongs to this service. Choose one of your own.")
        command = AddDomain(OrganizationSlug(exchange.organization), domain)
        accepted = await self._carried("add-domain", exchange, command)
        kept = msgspec.json.decode(accepted.answer, type=DomainAnswer)
        content = self._proof.content(exchange.organization, domain)
        url, record = f"http://{domain}{CHALLENGE_PATH}", f"{RECORD_LABEL}.{domain}"
        said = AddedDomain(accepted.position, kept.domain, kept.verified, url, content, record)
        return Response(msgspec.json.encode(said), media_type=JSON, headers=REPLAYED if accepted.repeated else None)

    async def verify(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Ask the DNS and the domain for the challenge and, where it is there, let it name the organization."""
        exchange, domain = await _read(request)
        organization = exchange.organization
        exchange.command_id()  # what bears none is refused before anybody is asked
        with refusing():
            self._asking.take(organization)
        try:
            await self._proof.require(organization, domain)
        except ChallengeNotAnswered as error:
            raise Refusal("domain_unproven", f"{error}.") from error
        if not await self._domains.claim(domain, organization):
            raise Refusal("domain_taken", f"Another organization has {domain}. {_IT_PASSES}")
        try:
            command = VerifyDomain(OrganizationSlug(organization), domain)
            return answered(await self._carried("verify-domain", exchange, command))
        except Refusal as refusal:
            if refusal.reason == Reason.UNKNOWN_DOMAIN:
                await self._domains.release(domain, organization)
            raise

    async def remove(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Let the domain name nobody any more."""
        exchange, domain = await _read(request)
        command = RemoveDomain(OrganizationSlug(exchange.organization), domain)
        accepted = await self._carried("remove-domain", exchange, command)
        await self._domains.release(domain, exchange.organization)
        return answered(accepted)

    async def _carried(self, name: str, exchange: Exchange, command: WebCommand) -> Accepted:
        return await submitted(self._gateway, issue(exchange, command, request_hash(name, command)))


def domain_handlers(
    gateway: CommandGateway, reading: Reading, domains: Domains, proof: Proof, hosts: Hosts
) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    routes = DomainRoutes(gateway, proof, domains, hosts)
    add = Endpoint(
        rule="add-domain",
        summary="Add a domain that is to name the organization; the answer says what to put where to show it is yours.",
        tag=_TAG,
        body=NoBody,
        answer=AddedDomain,
        example={},
        is_command=True,
    )
    verify = Endpoint(
        rule="verify-domain",
        summary="Look for the challenge; where it is there, requests under the domain are for this organization.",
        tag=_TAG,
        body=NoBody,
        answer=DomainAnswer,
        example={},
        is_command=True,
    )
    remove = Endpoint(
        rule="remove-domain",
        summary="Remove a domain: it names the organization no more, and another one may have it.",
        tag=_TAG,
        body=NoBody,
        answer=DomainAnswer,
        example={},
        is_command=True,
    )
    lists = (
        ListRoute(
            "list-domains",
            "/domains",
            "Domains of the organization; those that are verified name it.",
            _TAG,
            WEB,
            "domains",
            DomainRow,
            {"status": Literal["added", "verified", "lost"]},
            ("added_at",),
        ),
        ListRoute(
            "list-origins",
            "/origins",
            "Origins whose pages may ask for the organization, in one row.",
            _TAG,
            WEB,
            "origins",
            OriginsRow,
            {},
            (),
        ),
    )
    one = f"{ORGANIZATION_PATH}/domains/{{domain:str}}"
    return [
        post(f"{one}/add", name=add.rule, status_code=200, opt=add.opt())(routes.add),
        post(f"{one}/verify", name=verify.rule, status_code=200, opt=verify.opt())(routes.verify),
        post(f"{one}/remove", name=remove.rule, status_code=200, opt=remove.opt())(routes.remove),
        *(list_handler(route, reading) for route in lists),
    ]


async def _read(request: Request[Any, Any, Any]) -> tuple[Exchange, Domain]:
    exchange = exchange_of(request.scope)
    decode(exchange, await request.body(), NoBody)
    written: str = request.path_params["domain"]
    domain = domain_of(written)
    if domain is None:
        raise missing("unknown_domain", "domain", written)
    return exchange, Domain(domain)
