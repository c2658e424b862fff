"""Founding an organization: its name is reserved in the platform's log, then its own log begins.

Two commands, because nothing decides over two logs. Both ids derive from the request's, so that a repeated request
goes on wherever the first one stopped.
"""

from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from consign.domain.organization import FoundOrganization, OrganizationAnswer, RegisterOrganization
from consign.domain.rejection import Reason
from consign.domain.values import Currency, GivenSlug, Name
from consign.http import examples
from consign.http.access import PLATFORM
from consign.http.bodies import decode
from consign.http.endpoint import API_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.ports import CommandGateway, Registry
from consign.http.problems import Refusal
from consign.http.submit import answered, derived_id, issue, request_hash, submitted


class FoundOrganizationBody(Struct, frozen=True, forbid_unknown_fields=True):
    organization: GivenSlug
    name: Name
    currency: Currency
    locale: Name = "en"
    time_zone: Name = "UTC"


def organization_handlers(gateway: CommandGateway, registry: Registry) -> list[HTTPRouteHandler]:
    """Make the handler for operators."""
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
        registered = issue(exchange, RegisterOrganization(body.organization, body.name), digest)
        await submitted(gateway, registered)
        await registry.begin_log(body.organization)
        founded = replace(
            registered,
            organization_id=body.organization,
            command_id=derived_id(registered.command_id, "found"),
            command=FoundOrganization(body.organization, body.name, body.currency, body.locale, body.time_zone),
        )
        return answered(await submitted(gateway, founded))

    path = f"{API_PATH}/organizations"
    return [post(path, name="found-organization", status_code=200, opt=endpoint.opt())(found)]
