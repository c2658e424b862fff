"""From a command to an answer: the hash that tells a retry from another request, the gateway, the reply as HTTP."""

import asyncio
import math
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import msgspec
from litestar import Response
from msgspec import Struct

from consign.actors.ports import Accepted, Issued, Refused, Reply, Unavailable, UnknownOrganization
from consign.http.exchange import Exchange
from consign.http.ports import CommandGateway
from consign.http.problems import REASONS, Refusal, unknown_organization

SUBMIT_TIMEOUT_S = 20.0
REPLAYED = {"Idempotency-Replayed": "true"}

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical(name: str, request: Any) -> bytes:
    """Return the same bytes for the same request, however its JSON was written. `name` is the endpoint's."""
    return name.encode() + b"\n" + _encoder.encode(request)


def request_hash(name: str, request: Any) -> bytes:
    """Return what tells a repeated request from another one under the same key."""
    return sha256(canonical(name, request)).digest()


def derived_id(command_id: UUID, step: str) -> UUID:
    """Return the id of a step of a request that is several commands: the same whenever the request is repeated."""
    return uuid5(command_id, step)


def issue(exchange: Exchange, command: Struct, digest: bytes, *, command_id: UUID | None = None) -> Issued:
    """Say who wants what, from where; the Idempotency-Key is the command's id unless another one derives from it."""
    key = exchange.command_id()
    return Issued(
        exchange.organization,
        command_id or key,
        exchange.acting().account_id,
        exchange.role,
        digest,
        command,
        exchange.correlation_id,
        key,
        device_id=exchange.device_id(),
        meta=exchange.meta(),
        scope=exchange.scope,
    )


async def submitted(gateway: CommandGateway, issued: Issued) -> Accepted:
    """Return the durable acceptance; raises Refusal for every other reply."""
    try:
        async with asyncio.timeout(SUBMIT_TIMEOUT_S):
            reply: Reply = await gateway.submit(issued)
    except TimeoutError:
        reply = Unavailable("timed_out", "The outcome is not known yet. Try again with the same key.")
    except UnknownOrganization:
        raise unknown_organization() from None
    match reply:
        case Accepted():
            return reply
        case Refused():
            headers = {"X-Consign-Position": str(reply.position)} if reply.position else {}
            if REASONS[reply.reason].retryable:
                headers["Retry-After"] = "1"
            raise Refusal(reply.reason, reply.detail, errors=reply.errors, headers=headers)
        case Unavailable():
            raise unavailable(reply)


def unavailable(reply: Unavailable) -> Refusal:
    """Tell the client when to come back."""
    reason = reply.reason if reply.reason in REASONS else "unavailable"
    return Refusal(reason, reply.detail, headers={"Retry-After": str(max(1, math.ceil(reply.retry_after_s)))})


def answered(accepted: Accepted) -> Response[bytes]:
    """Write the stored answer with its position in front."""
    return Response(
        answer_bytes(accepted), media_type="application/json", headers=REPLAYED if accepted.repeated else None
    )


def answer_bytes(accepted: Accepted) -> bytes:
    """Return the stored answer with its position in front."""
    rest = accepted.answer[1:]
    return b'{"position":%d%b%b' % (accepted.position, b"" if rest == b"}" else b",", rest)
