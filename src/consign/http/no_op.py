"""A command that does nothing, over the same edge, guard and body reading as the others: their yardstick."""

from typing import Any

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.domain.values import ScannedText
from consign.http import examples
from consign.http.bodies import decode
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import exchange_of

NO_OP = "no-op"


class NoOpBody(Struct, frozen=True, forbid_unknown_fields=True):
    """As long as a scan's."""

    tag: ScannedText


class NoOpAnswer(Struct, frozen=True):
    position: int
    tag: str


def no_op_handlers() -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule=NO_OP,
        summary="Do nothing, for measuring.",
        tag="operations",
        body=NoOpBody,
        answer=NoOpAnswer,
        example={"tag": examples.TAG},
        is_command=True,
    )

    async def do_nothing(request: Request[Any, Any, Any]) -> NoOpAnswer:
        exchange = exchange_of(request.scope)
        exchange.command_id()
        body: NoOpBody = decode(exchange, await request.body(), NoOpBody)
        return NoOpAnswer(0, body.tag)

    path = f"{ORGANIZATION_PATH}/{NO_OP}"
    return [post(path, name=NO_OP, status_code=200, opt=endpoint.opt())(do_nothing)]
