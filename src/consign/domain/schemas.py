"""How events are stored: the schema of each type, and how older ones become today's.

When an event changes in another way than by a new field with a default: raise its schema in `SCHEMAS`, add the
upcaster from the old one, and keep the old golden file, which then proves that history still reads.
"""

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from consign.domain.events import Event
from consign.domain.recorded import StoredEvent

type Fields = dict[str, Any]
type Upcaster = Callable[[Fields], Fields]

_FIRST_SCHEMA = 1

RAISED_SCHEMAS: dict[str, int] = {}
"""Types whose schema is no longer the first."""

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""From (type, schema) to the fields of schema + 1; pure, and it keeps `type` as it is."""


class UnreadableEvent(Exception):
    """A stored event has a type or schema that this build does not know: it is older than the log."""


def event_types() -> dict[str, type[msgspec.Struct]]:
    """Return every event by its storage tag."""
    found: dict[str, type[msgspec.Struct]] = {}
    for union in get_args(Event.__value__):
        for event in get_args(union.__value__):
            found[event.__struct_config__.tag] = event
    return found


SCHEMAS: dict[str, int] = {tag: RAISED_SCHEMAS.get(tag, _FIRST_SCHEMA) for tag in event_types()}

_STORED_AS: dict[type, tuple[str, int]] = {event: (tag, SCHEMAS[tag]) for tag, event in event_types().items()}
_ENCODE = msgspec.json.Encoder().encode
_DECODE: Callable[[bytes], Event] = msgspec.json.Decoder(Event).decode


def encode_event(event: Any) -> tuple[str, int, bytes]:
    """Return type, schema and the stored bytes, whose `type` field is the type again."""
    tag, schema = _STORED_AS[type(event)]
    return tag, schema, _ENCODE(event)


def decode_event(stored: StoredEvent) -> Event:
    """Return the event as today's type; raises UnreadableEvent for what only a newer build can read."""
    if SCHEMAS.get(stored.type) == stored.schema:
        return _DECODE(stored.data)
    return _upcast(stored.type, stored.schema, stored.data)


def _upcast(event_type: str, schema: int, data: bytes) -> Event:
    newest = SCHEMAS.get(event_type)
    if newest is None or schema > newest:
        raise UnreadableEvent(f"{event_type} of schema {schema} is unknown to this build: run a newer one.")
    fields: Fields = msgspec.json.decode(data)
    for step in range(schema, newest):
        fields = UPCASTERS[event_type, step](fields)
    event: Event = msgspec.convert(fields, Event)
    return event
