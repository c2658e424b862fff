"""A plain typed Litestar handler that does nothing, behind the same edge and guard as the commands: their yardstick."""

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Struct

from consign.domain.values import ScannedText
from consign.http import examples
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint

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

    async def do_nothing(data: JSONBody[NoOpBody]) -> NoOpAnswer:
        return NoOpAnswer(0, data.tag)

    path = f"{ORGANIZATION_PATH}/{NO_OP}"
    return [post(path, name=NO_OP, status_code=200, opt=endpoint.opt())(do_nothing)]
