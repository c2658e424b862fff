"""Keys for programs over HTTP: organizers make and revoke them; each secret is told once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.api_keys import ApiKeyAnswer, ApiKeyId, CreateApiKey, Endpoints, RevokeApiKey
from consign.domain.values import Name, OrganizationSlug
from consign.http.access import RULES
from consign.http.bodies import Nothing, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.identity.visits import refusing, said
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.reading import Reading, unkept
from consign.http.resources import PAGING, page_content, selection, sort_parameter
from consign.http.submit import REPLAYED, answered, issue, request_hash, submitted
from consign.identity.api_keys import ApiKeys
from consign.identity.key_store import ApiKey
from consign.projections.api_keys import API_KEYS, ApiKeyStatus

_TAG = "api-keys"
_SORTS = ("created_at",)
_KEYS = f"{ORGANIZATION_PATH}/api-keys"
_FOR_INTEGRATORS = frozenset(name for name, rule in RULES.items() if any(grant.role == "integrator" for grant in rule))


class CreateApiKeyBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`only` names endpoints of integrators for which the key is good; without it, all of them."""

    name: Name
    only: Endpoints = ()
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class CreatedApiKey(Struct, frozen=True):
    """`secret` is the program's bearer token, and told once. Null where it was asked for again and used meanwhile."""

    position: int
    key: str
    secret: str | None


class ListedApiKey(Struct, frozen=True):
    """`used_at` is to some minutes."""

    key: str
    name: str
    status: ApiKeyStatus
    only: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


class ListedApiKeyPage(Struct, frozen=True):
    position: int
    items: Sequence[ListedApiKey]
    next_cursor: str | None


class ApiKeyRoutes:
    """The handlers, and what they need."""

    def __init__(self, gateway: CommandGateway, reading: Reading, keys: ApiKeys) -> None:
        self._gateway = gateway
        self._reading = reading
        self._keys = keys

    async def create(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Make a key, and say its secret."""
        exchange = exchange_of(request.scope)
        key = ApiKeyId(checked(request.path_params)["key"])
        body: CreateApiKeyBody = decode(exchange, await request.body(), CreateApiKeyBody)
        if not _FOR_INTEGRATORS.issuperset(body.only):
            raise Refusal("body_invalid", f"only: a key is good for {', '.join(sorted(_FOR_INTEGRATORS))} at most.")
        organization = OrganizationSlug(exchange.organization)
        command = CreateApiKey(organization, key, body.name, body.only, body.expires_at)
        accepted = await submitted(self._gateway, issue(exchange, command, request_hash("create-api-key", (key, body))))
        with refusing():
            secret = await self._keys.secret_of(ApiKey(organization, key, frozenset(body.only), body.expires_at))
        told = said(CreatedApiKey(accepted.position, key, secret))
        told.headers.update(REPLAYED if accepted.repeated else {})
        return told

    async def revoke(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Record the end of a key and see to it; repeating it sees to it again."""
        exchange = exchange_of(request.scope)
        key = ApiKeyId(checked(request.path_params)["key"])
        decode(exchange, await request.body(), Nothing)
        command = RevokeApiKey(OrganizationSlug(exchange.organization), key)
        accepted = await submitted(self._gateway, issue(exchange, command, request_hash("revoke-api-key", key)))
        with refusing():
            await self._keys.revoke(exchange.organization, key)
        return answered(accepted)

    async def list(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a page of keys, with when they were used."""
        exchange = exchange_of(request.scope)
        wanted = selection(request, {"status": ApiKeyStatus}, _SORTS)
        await self._reading.caught_up(request, API_KEYS)
        page = await self._reading.models.select(exchange.organization, API_KEYS, "api_keys", wanted)
        with refusing():
            used = await self._keys.used(exchange.organization, [row.key for row in page.rows])
        shown = [
            ListedApiKey(
                *(row.key, row.name, row.status, row.endpoints, row.created_at, row.created_by),
                *(row.expires_at, row.revoked_at, used.get(row.key)),
            )
            for row in page.rows
        ]
        return unkept(page.at, page_content(page, shown))


def api_key_handlers(gateway: CommandGateway, reading: Reading, keys: ApiKeys) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    create = Endpoint(
        "create-api-key",
        "Make a key for a program, which may do what integrators may, or less. The secret is told once.",
        _TAG,
        body=CreateApiKeyBody,
        answer=CreatedApiKey,
        example={"name": "Shop on the web", "only": ["public-events"], "expires_at": "2036-12-31T00:00:00Z"},
        is_command=True,
    )
    revoke = Endpoint(
        "revoke-api-key",
        "End a key for good.",
        _TAG,
        body=Nothing,
        answer=ApiKeyAnswer,
        example={},
        is_command=True,
    )
    many = Endpoint(
        "list-api-keys",
        "Keys for programs, and when each was used last.",
        _TAG,
        answer=ListedApiKeyPage,
        parameters=(
            Parameter("status", ApiKeyStatus, "Only rows of this status."),
            *sort_parameter(_SORTS),
            *PAGING,
        ),
        reads=True,
    )
    routes = ApiKeyRoutes(gateway, reading, keys)
    one = f"{_KEYS}/{{key:str}}"
    return [
        get(_KEYS, name=many.rule, opt=many.opt())(routes.list),
        post(f"{one}/create", name=create.rule, status_code=200, opt=create.opt())(routes.create),
        post(f"{one}/revoke", name=revoke.rule, status_code=200, opt=revoke.opt())(routes.revoke),
    ]
