"""The hash chain of an organization's log.

Each event's hash is SHA-256 over the previous event's hash and every stored column before `hash`, in the order of
`StoredEvent`, each preceded by its length as four big-endian bytes (0xFFFFFFFF for no value). Integers are eight
big-endian bytes, instants microseconds since 1970 as such an integer, ids their sixteen bytes, text UTF-8.
"""

import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from consign.domain.recorded import StoredEvent

GENESIS = bytes(32)
"""The hash before the first event of a log."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NONE = b"\xff\xff\xff\xff"
_LENGTHS = tuple(length.to_bytes(4, "big") for length in range(4096))
_INTEGER = struct.Struct(">Iq")
_EIGHT = 8


def event_hash(previous: bytes, event: StoredEvent) -> bytes:
    """Return the hash of `event` after the event whose hash is `previous`; `event.hash` itself is not read."""
    return sha256(
        b"".join(
            (
                previous,
                _text(event.organization_id),
                _INTEGER.pack(_EIGHT, event.position),
                _text(event.stream),
                _INTEGER.pack(_EIGHT, event.version),
                _text(event.type),
                _INTEGER.pack(_EIGHT, event.schema),
                _bytes(event.event_id.bytes),
                _INTEGER.pack(_EIGHT, event.commit_position),
                _bytes(event.command_id.bytes),
                _bytes(event.correlation_id.bytes),
                _bytes(event.causation_id.bytes),
                _text(event.account_id),
                _text(event.role),
                _NONE if event.on_behalf_of is None else _text(event.on_behalf_of),
                _NONE if event.device_id is None else _text(event.device_id),
                _INTEGER.pack(_EIGHT, (event.occurred_at - _EPOCH) // _MICROSECOND),
                _INTEGER.pack(_EIGHT, (event.recorded_at - _EPOCH) // _MICROSECOND),
                _text(event.meta),
                _bytes(event.data),
            )
        )
    ).digest()


def _text(value: str) -> bytes:
    return _bytes(value.encode())


def _bytes(value: bytes) -> bytes:
    length = len(value)
    return (_LENGTHS[length] if length < len(_LENGTHS) else length.to_bytes(4, "big")) + value
