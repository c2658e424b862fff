"""Credentials with which integrators read an organization's public events from NATS: issued, listed, revoked.

The log says who has which; the password is told in the answer alone, and again to whoever repeats the same command.
"""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.domain.integrators import (
    IntegratorCommand,
    IntegratorName,
    IssueNatsCredentials,
    NatsCredentialsAnswer,
    RevokeNatsCredentials,
)
from consign.domain.values import OrganizationSlug
from consign.http.bodies import JSON, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.reading import Reading
from consign.http.resources import ListRoute, list_handler
from consign.http.submit import REPLAYED, answered, issue, request_hash, submitted
from consign.identity.store import IdentityUnavailable
from consign.projections.integrators import INTEGRATORS, NatsCredentialsRow

_TAG = "integrators"


class NatsLogin(Struct, frozen=True):
    """What an integrator logs in with, and may reach: `consumer` of `stream`, by requests that begin with `prefix`."""

    user: str
    password: str
    subjects: str
    stream: str
    consumer: str
    prefix: str


class NatsAccess(Protocol):
    """Gives integrators access to NATS; it counts a moment after it is said."""

    @property
    def is_offered(self) -> bool:
        """Whether this installation gives any."""
        ...

    async def grant(self, organization: str, integrator: str, serial: int) -> NatsLogin:
        """Let the credentials of this serial count, unless newer ones did. Raises IdentityUnavailable."""
        ...

    async def revoke(self, organization: str, integrator: str, serial: int) -> None:
        """Let those up to this serial count no longer. Raises IdentityUnavailable."""
        ...


class NoNatsBody(Struct, frozen=True, forbid_unknown_fields=True): ...


class IssuedNatsCredentials(Struct, frozen=True):
    """`password` is shown here and nowhere again."""

    position: int
    integrator: str
    serial: int
    user: str
    password: str
    subjects: str
    stream: str
    consumer: str
    prefix: str


class NatsCredentialRoutes:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, access: NatsAccess) -> None:
        self._gateway = gateway
        self._access = access

    async def issue(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Issue credentials, and say them."""
        exchange, integrator = await _read(request)
        if not self._access.is_offered:
            raise Refusal("nats_not_offered", "This installation lets no integrators read from NATS.")
        organization = OrganizationSlug(exchange.organization)
        accepted, kept = await self._carried("issue", exchange, IssueNatsCredentials(organization, integrator))
        try:
            login = await self._access.grant(organization, integrator, kept.serial)
        except IdentityUnavailable as error:
            raise _unavailable() from error
        said = IssuedNatsCredentials(accepted.position, integrator, kept.serial, **msgspec.structs.asdict(login))
        headers = {"Cache-Control": "no-store", **(REPLAYED if accepted.repeated else {})}
        return Response(msgspec.json.encode(said), media_type=JSON, headers=headers)

    async def revoke(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Take them back."""
        exchange, integrator = await _read(request)
        organization = OrganizationSlug(exchange.organization)
        accepted, kept = await self._carried("revoke", exchange, RevokeNatsCredentials(organization, integrator))
        try:
            await self._access.revoke(organization, integrator, kept.serial)
        except IdentityUnavailable as error:
            raise _unavailable() from error
        return answered(accepted)

    async def _carried(self, name: str, exchange: Exchange, command: IntegratorCommand) -> Any:
        issued = issue(exchange, command, request_hash(f"{name}-nats-credentials", command))
        accepted = await submitted(self._gateway, issued)
        return accepted, msgspec.json.decode(accepted.answer, type=NatsCredentialsAnswer)


def nats_credential_handlers(
    gateway: CommandGateway, reading: Reading, access: NatsAccess
) -> Sequence[HTTPRouteHandler]:
    """Make the handlers."""
    routes = NatsCredentialRoutes(gateway, access)
    give = Endpoint(
        rule="issue-nats-credentials",
        summary="Give an integrator credentials for NATS, shown once; those it had before end.",
        tag=_TAG,
        body=NoNatsBody,
        answer=IssuedNatsCredentials,
        example={},
        is_command=True,
    )
    take = Endpoint(
        rule="revoke-nats-credentials",
        summary="Take an integrator's credentials for NATS back; whoever is connected with them is cut off.",
        tag=_TAG,
        body=NoNatsBody,
        answer=NatsCredentialsAnswer,
        example={},
        is_command=True,
    )
    many = ListRoute(
        "list-nats-credentials",
        "/nats-credentials",
        "Integrators and whether their credentials for NATS count; nothing secret.",
        _TAG,
        INTEGRATORS,
        "nats_credentials",
        NatsCredentialsRow,
        {"status": Literal["issued", "revoked"]},
        (),
    )
    one = f"{ORGANIZATION_PATH}/nats-credentials/{{integrator:str}}"
    return [
        post(f"{one}/issue", name=give.rule, status_code=200, opt=give.opt())(routes.issue),
        post(f"{one}/revoke", name=take.rule, status_code=200, opt=take.opt())(routes.revoke),
        list_handler(many, reading),
    ]


async def _read(request: Request[Any, Any, Any]) -> tuple[Exchange, IntegratorName]:
    exchange = exchange_of(request.scope)
    integrator = checked(request.path_params)["integrator"]
    decode(exchange, await request.body(), NoNatsBody)
    return exchange, IntegratorName(integrator)


def _unavailable() -> Refusal:
    detail = "It is recorded, but does not count yet. Repeat the command with the same key."
    return Refusal("identity_unavailable", detail, headers={"Retry-After": "1"})
