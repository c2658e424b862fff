"""The work that every engine is given: append one event of 300 bytes to one of a hundred streams, and fold it."""

import hashlib
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct
from uuid_utils.compat import uuid7

from consign.actors.ports import Issued
from consign.domain.decision import Decision, Emitted
from consign.domain.recorded import StoredEvent, StreamName, stream_name
from consign.domain.values import Actor

STREAMS = 100
ROLE, ACCOUNT = "cashier", "till-1"


class Note(Struct, frozen=True, gc=False, tag="note"):
    """What a client sends; as long as a sale's usual command."""

    stream: int
    title: str
    reference: str
    amount_minor: int


class Noted(Struct, frozen=True, gc=False, tag="noted"):
    """307 bytes once encoded."""

    title: str
    reference: str
    amount_minor: int
    total_minor: int
    count: int


class Total(Struct, frozen=True, gc=False):
    total_minor: int
    count: int


EMPTY = Total(0, 0)
_TITLE = "A wooden train with twelve carriages, two bridges and a station, one wheel repaired. " * 2
_ENCODER = msgspec.json.Encoder()
_NOTED = msgspec.json.Decoder(Noted)
_NOTE = msgspec.json.Decoder(Note)
_TOTAL = msgspec.json.Decoder(Total)


class Notes:
    """The smallest business that validates, decides, encodes and folds; fulfils `consign.actors.ports.Business`."""

    def needs(self, command: Note, _: Mapping[StreamName, Total]) -> tuple[StreamName, ...]:
        return (note_stream(command.stream),)

    def decide(self, command: Note, states: Mapping[StreamName, Total], _: datetime, __: Actor) -> Decision:
        stream = note_stream(command.stream)
        known = states[stream]
        total = Total(known.total_minor + command.amount_minor, known.count + 1)
        noted = Noted(command.title, command.reference, command.amount_minor, total.total_minor, total.count)
        return Decision((Emitted(stream, noted),), total)

    def initial(self, _: StreamName) -> Total:
        return EMPTY

    def evolve(self, _: StreamName, state: Total, event: Noted) -> Total:
        return Total(state.total_minor + event.amount_minor, state.count + 1)

    def encode_event(self, event: Noted) -> tuple[str, int, bytes]:
        return "noted", 1, _ENCODER.encode(event)

    def decode_event(self, stored: StoredEvent) -> Noted:
        return _NOTED.decode(stored.data)

    def encode_command(self, command: Note) -> bytes:
        return _ENCODER.encode(command)

    def decode_command(self, data: bytes) -> Note:
        return _NOTE.decode(data)

    def fold_version(self, _: StreamName) -> int:
        return 1

    def encode_state(self, _: StreamName, state: Total) -> Generator[None, None, bytes]:
        yield
        return _ENCODER.encode(state)

    def decode_state(self, _: StreamName, data: bytes) -> Generator[None, None, Total]:
        yield
        return _TOTAL.decode(data)


def note_stream(number: int) -> StreamName:
    return stream_name("note", str(number))


def note(number: int) -> Note:
    """Return the `number`th command of a run."""
    return Note(number % STREAMS, _TITLE, f"reference {number:012}", 1250)


def request(number: int) -> bytes:
    """Return the same as a client sends it."""
    return _ENCODER.encode(note(number))


def issued(organization: str, body: bytes) -> Issued:
    """Validate a request and give it its identity, as the edge does."""
    command = _NOTE.decode(body)
    command_id = uuid7()
    digest = hashlib.sha256(body).digest()
    return Issued(organization, command_id, ACCOUNT, ROLE, digest, command, command_id, command_id)


def event_row(organization: str, position: int) -> tuple[Any, ...]:
    """Return a row of the events table as the engine would store it."""
    at = datetime.now(UTC)
    command_id: UUID = uuid7()
    data = _ENCODER.encode(Noted(_TITLE, f"reference {position:012}", 1250, 1250 * position, position))
    hashed = hashlib.sha256(data).digest()
    stream, version = note_stream(position % STREAMS), position // STREAMS + 1
    return (
        organization, position, stream, version, "noted", 1, uuid4(), position, command_id, command_id, command_id,
        ACCOUNT, ROLE, None, None, at, at, "{}", data, hashed,
    )  # fmt: skip


def command_row(organization: str, event: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the command record that belongs to an event's row."""
    return (event[8], organization, ACCOUNT, event[-1], event[1], b'{"total_minor":1250,"count":1}')
