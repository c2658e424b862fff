"""What one commit of one organization looks like on the internal stream."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from consign.actors.ports import Committed
from consign.domain.recorded import StoredEvent

EVENT_BYTES_MAX = 512 * 1024
"""Above this a message carries only its range, and readers fetch the events from the log."""

_ID_PARTS = 3


class CommitMessage(Struct, frozen=True, gc=False, array_like=True):
    """The events first…last of one organization, as stored; `events` is None where they were too large to send.

    `previous_hash` is the hash before `first`, `hash` that of `last`.
    """

    log_id: UUID
    organization_id: str
    first: int
    last: int
    previous_hash: bytes
    hash: bytes
    events: list[StoredEvent] | None

    @property
    def message_id(self) -> str:
        """What the stream recognises a repeated message by."""
        return f"{self.log_id}:{self.organization_id}:{self.first}-{self.last}"


class EncodedCommit(Struct, frozen=True, gc=False):
    """A message ready to send, with what the relay must remember about it."""

    organization_id: str
    log_id: UUID
    first: int
    last: int
    payload: bytes
    message_id: str


def range_of(message_id: str) -> tuple[str, str, int] | None:
    """Return log_id, organization and last position that a message's id names, or None where it is no such id."""
    parts = message_id.split(":")
    if len(parts) < _ID_PARTS:
        return None
    last = parts[2].partition("-")[2]
    return (parts[0], parts[1], int(last)) if last.isdecimal() else None


class UnreadableMessage(Exception):
    """The bytes are no commit message."""


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(CommitMessage)


def encode_commit(log_id: UUID, previous_hash: bytes, events: Sequence[StoredEvent]) -> EncodedCommit:
    """Encode consecutive events of one organization; above `EVENT_BYTES_MAX` only their range."""
    first, last = events[0], events[-1]
    message = CommitMessage(
        log_id, first.organization_id, first.position, last.position, previous_hash, last.hash, list(events)
    )
    payload = _encoder.encode(message)
    if len(payload) > EVENT_BYTES_MAX:
        payload = _encoder.encode(msgspec.structs.replace(message, events=None))
    return EncodedCommit(first.organization_id, log_id, first.position, last.position, payload, message.message_id)


def encode_committed(committed: Committed) -> EncodedCommit:
    """Encode what a batch made durable for one organization."""
    return encode_commit(committed.head.log_id, committed.previous_hash, committed.events)


def decode_commit(payload: bytes) -> CommitMessage:
    """Decode a message; raises UnreadableMessage."""
    try:
        return _decoder.decode(payload)
    except msgspec.MsgspecError as error:
        raise UnreadableMessage(str(error)) from error
