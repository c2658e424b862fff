"""How a command travels to the process that owns it, and its reply back: msgpack, fields by name.

Two versions of the service may speak to each other while one replaces the other: fields are only added, with defaults.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from consign.actors.ports import Business, Issued, Reply
from consign.domain.values import Scope


class _Command(Struct, frozen=True, omit_defaults=True):
    organization_id: str
    command_id: UUID
    account_id: str
    role: str
    request_hash: bytes
    command: bytes
    correlation_id: UUID
    causation_id: UUID
    on_behalf_of: str | None = None
    device_id: str | None = None
    occurred_at: datetime | None = None
    meta: str = "{}"
    scope: Scope = "all"


class OwnerReply(Struct, frozen=True):
    """A reply, and the slice's epoch under which it was given."""

    epoch: int
    reply: Reply


_encoder = msgspec.msgpack.Encoder()
_command_decoder = msgspec.msgpack.Decoder(_Command)
_reply_decoder = msgspec.msgpack.Decoder(OwnerReply)


def encode_issued(issued: Issued, business: Business) -> bytes:
    """Encode a command for its owner."""
    return _encoder.encode(
        _Command(
            issued.organization_id,
            issued.command_id,
            issued.account_id,
            issued.role,
            issued.request_hash,
            business.encode_command(issued.command),
            issued.correlation_id,
            issued.causation_id,
            issued.on_behalf_of,
            issued.device_id,
            issued.occurred_at,
            issued.meta,
            issued.scope,
        )
    )


def decode_issued(data: bytes, business: Business) -> Issued:
    """Decode what `encode_issued` made; raises msgspec.MsgspecError for a command this version does not know."""
    sent = _command_decoder.decode(data)
    return Issued(
        sent.organization_id,
        sent.command_id,
        sent.account_id,
        sent.role,
        sent.request_hash,
        business.decode_command(sent.command),
        sent.correlation_id,
        sent.causation_id,
        sent.on_behalf_of,
        sent.device_id,
        sent.occurred_at,
        sent.meta,
        sent.scope,
    )


def encode_reply(reply: OwnerReply) -> bytes:
    """Encode an owner's reply."""
    return _encoder.encode(reply)


def decode_reply(data: bytes) -> OwnerReply:
    """Decode what `encode_reply` made; raises msgspec.MsgspecError."""
    return _reply_decoder.decode(data)
