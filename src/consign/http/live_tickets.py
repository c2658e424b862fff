"""Tickets for live screens over HTTP: `EventSource` sends no header, and an address that counts once does no harm."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.http.bodies import JSON, decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.problems import Refusal
from consign.identity.live_tickets import TICKET_MAX_CHARACTERS, LiveTickets
from consign.identity.store import IdentityUnavailable

_UNAVAILABLE = "Tickets can be neither bought nor taken."


class LiveTicketBody(Struct, frozen=True, forbid_unknown_fields=True): ...


class LiveTicket(Struct, frozen=True):
    """To be put into the address of one stream, `…/live?ticket=…`, before it expires."""

    ticket: str
    expires_at: datetime


def live_ticket_handlers(tickets: LiveTickets) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule="buy-live-ticket",
        summary="A ticket for one live stream of this organization, for browsers' EventSource: 30 seconds, once.",
        tag="live",
        body=LiveTicketBody,
        answer=LiveTicket,
        example={},
    )

    async def buy(request: Request[Any, Any, Any]) -> Response[bytes]:
        exchange = exchange_of(request.scope)
        decode(exchange, await request.body(), LiveTicketBody)
        try:
            sold = await tickets.sell(exchange.organization, exchange.headers[b"authorization"])
        except IdentityUnavailable as error:
            raise Refusal("identity_unavailable", _UNAVAILABLE, headers={"Retry-After": "1"}) from error
        said = LiveTicket(sold.ticket, sold.expires_at)
        return Response(msgspec.json.encode(said), media_type=JSON, headers={"Cache-Control": "no-store"})

    path = f"{ORGANIZATION_PATH}/live/tickets"
    return [post(path, name=endpoint.rule, status_code=200, opt=endpoint.opt())(buy)]


async def believe_ticket(tickets: LiveTickets, exchange: Exchange, organization: str, ticket: str) -> None:
    """Let the ticket stand for the token that bought it; raises Refusal."""
    authorization: bytes | None = None
    if len(ticket) <= TICKET_MAX_CHARACTERS:
        try:
            authorization = await tickets.take(organization, ticket)
        except IdentityUnavailable as error:
            raise Refusal("identity_unavailable", _UNAVAILABLE, headers={"Retry-After": "1"}) from error
    if authorization is None:
        raise Refusal(
            "unauthenticated", "The ticket is not valid. Buy another one.", headers={"WWW-Authenticate": "Bearer"}
        )
    exchange.headers = {**exchange.headers, b"authorization": authorization}
