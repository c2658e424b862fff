"""The hash chain of an organization's log.

Each event's hash is SHA-256 over the previous event's hash and every stored column before `hash`, in the order of
`StoredEvent`, each preceded by its length as four big-endian bytes (0xFFFFFFFF for no value). Integers are eight
big-endian bytes, instants microseconds since 1970 as such an integer, ids their sixteen bytes, text UTF-8.
"""

import struct
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from consign.domain.recorded import StoredEvent

GENESIS = bytes(32)
"""The hash before the first event of a log."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S = 86_400
_SECOND_US = 1_000_000
_NONE = b"\xff\xff\xff\xff"
_integer = struct.Struct(">Iq").pack
_ids = struct.Struct(">IqI16sIqI16sI16sI16s").pack  # from schema to causation_id: all of fixed length
_instants = struct.Struct(">IqIq").pack


def event_hash(previous: bytes, event: StoredEvent) -> bytes:
    """Return the hash of `event` after the event whose hash is `previous`; `event.hash` itself is not read."""
    return sha256(
        b"".join(
            (
                previous,
                _text(event.organization_id),
                _integer(8, event.position),
                _text(event.stream),
                _integer(8, event.version),
                _text(event.type),
                _ids(
                    *(8, event.schema),
                    *(16, event.event_id.bytes),
                    *(8, event.commit_position),
                    *(16, event.command_id.bytes),
                    *(16, event.correlation_id.bytes),
                    *(16, event.causation_id.bytes),
                ),
                _text(event.account_id),
                _text(event.role),
                _NONE if event.on_behalf_of is None else _text(event.on_behalf_of),
                _NONE if event.device_id is None else _text(event.device_id),
                _instants(8, _microseconds(event.occurred_at), 8, _microseconds(event.recorded_at)),
                _text(event.meta),
                len(event.data).to_bytes(4, "big"),
                event.data,
            )
        )
    ).digest()


@lru_cache(maxsize=8192)
def _text(value: str) -> bytes:
    """Encode a text; most texts of a log are said again and again, so the cache halves the cost of a hash."""
    encoded = value.encode()
    return len(encoded).to_bytes(4, "big") + encoded


def _microseconds(instant: datetime) -> int:
    since = instant - _EPOCH
    return (since.days * _DAY_S + since.seconds) * _SECOND_US + since.microseconds
