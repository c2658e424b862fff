"""Founding an organization: its name is reserved in the platform's log, then its own log begins.

Two commands, because nothing decides over two logs. Both ids derive from the request's, so that a repeated request
goes on wherever the first one stopped.
"""

from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from consign.actors.ports import Accepted, Issued
from consign.domain.members import PLATFORM
from consign.domain.organization import FoundOrganization, OrganizationAnswer, RegisterOrganization
from consign.domain.rejection import Reason
from consign.domain.values import AccountId, Currency, GivenAccountId, GivenSlug, Name
from consign.http import examples
from consign.http.bodies import decode
from consign.http.endpoint import API_PATH, Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.ports import CommandGateway, Registry
from consign.http.problems import Refusal
from consign.http.submit import answered, derived_id, issue, request_hash, submitted


class FoundOrganizationBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`organizer` leads the organization first, the caller unless told; only operators found one for another."""

    organization: GivenSlug
    name: Name
    currency: Currency
    locale: Name = "en"
    time_zone: Name = "UTC"
    organizer: GivenAccountId | None = None


def organization_handlers(gateway: CommandGateway, registry: Registry) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule="found-organization",
        summary="Found an organization: a tenant with its own log, currency and time zone.",
        tag="organizations",
        body=FoundOrganizationBody,
        answer=OrganizationAnswer,
        example={"organization": examples.ORGANIZATION, "name": "Spring fair", "currency": "EUR"},
        is_command=True,
    )

    async def found(request: Request[Any, Any, Any]) -> Response[bytes]:
        exchange = exchange_of(request.scope)
        body: FoundOrganizationBody = decode(exchange, await request.body(), FoundOrganizationBody)
        if body.organization == PLATFORM:
            raise Refusal(Reason.ORGANIZATION_EXISTS, "The platform itself has this name.")
        digest = request_hash("found-organization", body)
        founder = _founder(exchange, body)
        command = FoundOrganization(body.organization, founder, body.name, body.currency, body.locale, body.time_zone)
        return answered(await founded(gateway, registry, issue(exchange, command, digest)))

    path = f"{API_PATH}/organizations"
    return [post(path, name="found-organization", status_code=200, opt=endpoint.opt())(found)]


async def founded(gateway: CommandGateway, registry: Registry, issued: Issued) -> Accepted:
    """Carry out a FoundOrganization that is `issued` on the platform: there the name is reserved first."""
    command: FoundOrganization = issued.command
    registering = RegisterOrganization(command.organization, command.founder, command.name)
    await submitted(gateway, replace(issued, command=registering))
    await registry.begin_log(command.organization)
    founding = replace(issued, organization_id=command.organization, command_id=derived_id(issued.command_id, "found"))
    return await submitted(gateway, founding)


def _founder(exchange: Exchange, body: FoundOrganizationBody) -> AccountId:
    own = AccountId(exchange.acting().account_id)
    if body.organizer in (None, own) or exchange.role == "operator":
        return body.organizer or own
    raise Refusal("forbidden", "Only operators of the platform found organizations for others.")
