"""A table as several small commands: each portion of its good rows is one, and one answer tells of them all."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from litestar import Response
from msgspec import Struct

from consign.domain.values import RowError
from consign.http.bodies import JSON
from consign.http.exchange import Exchange
from consign.http.ports import CommandGateway
from consign.http.submit import REPLAYED, derived_id, issue, submitted
from consign.http.tables import GoodRow, Rows, limited, placed

type CommandOf[Row] = Callable[[Sequence[GoodRow[Row]]], Struct]
"""Makes the command of a portion."""

_ERRORS: msgspec.json.Decoder[tuple[RowError, ...]] = msgspec.json.Decoder(tuple[RowError, ...])
_UNREAD: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
_ANSWER: msgspec.json.Decoder[dict[str, msgspec.Raw]] = msgspec.json.Decoder(dict[str, msgspec.Raw])


async def carried_out[Row](
    gateway: CommandGateway,
    exchange: Exchange,
    rows: Rows[Row],
    digest: bytes,
    command_of: CommandOf[Row],
    done_field: str,
) -> Response[bytes]:
    """Carry out portion by portion; `done_field` of the commands' answers says what was done, and is only passed on."""
    command_id = exchange.command_id()
    done: list[msgspec.Raw] = []
    errors = list(rows.errors)
    position, repeated = 0, True
    for number, chunk in enumerate(rows.chunks()):
        step_id = derived_id(command_id, f"chunk {number}")
        accepted = await submitted(gateway, issue(exchange, command_of(chunk), digest, command_id=step_id))
        answer = _ANSWER.decode(accepted.answer)
        position, repeated = accepted.position, repeated and accepted.repeated
        done.extend(_UNREAD.decode(answer[done_field]))
        if "errors" in answer:
            errors.extend(placed(_ERRORS.decode(answer["errors"]), chunk))
    imported: dict[str, Any] = {"position": position, done_field: done, "errors": limited(errors)}
    return Response(msgspec.json.encode(imported), media_type=JSON, headers=REPLAYED if repeated else None)
