"""A business of counters, small enough to see what the engine does: add, move between two, refuse below zero."""

from collections.abc import Generator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.recorded import StoredEvent, StreamName, stream_name
from consign.domain.rejection import Reason, Rejected
from consign.domain.values import Actor


class Add(Struct, frozen=True, tag="add"):
    counter: str
    amount: int


class Move(Struct, frozen=True, tag="move"):
    source: str
    target: str
    amount: int


class AddLater(Struct, frozen=True, tag="add-later"):
    counter: str
    amount: int
    timer_id: UUID
    due_at: datetime


class AddPoison(Struct, frozen=True, tag="add-poison"):
    """Decides an event that Postgres refuses to store."""

    counter: str


class Added(Struct, frozen=True, tag="added"):
    amount: int
    total: int


class Total(Struct, frozen=True):
    total: int


type Command = Add | Move | AddLater | AddPoison


class ToyBusiness:
    """Fulfils `Business`; a counter's state is its total."""

    def needs(self, command: Command, states: Mapping[StreamName, int]) -> tuple[StreamName, ...]:
        match command:
            case Move(source, target, _):
                return (counter_stream(source), counter_stream(target))
            case Add(counter) | AddLater(counter) | AddPoison(counter):
                return (counter_stream(counter),)

    def decide(self, command: Command, states: Mapping[StreamName, int], now: datetime, _: Actor) -> Decision:
        match command:
            case Add(counter, amount):
                if amount == 0:
                    return Decision((), Total(states[counter_stream(counter)]))
                return _add(states, (counter, amount))
            case Move(source, target, amount):
                return _add(states, (source, -amount), (target, amount))
            case AddLater(counter, amount, timer_id, due_at):
                later = Timer(timer_id, due_at, Add(counter, amount))
                return Decision((), Total(states[counter_stream(counter)]), (later,))
            case AddPoison(counter):
                return Decision((Emitted(counter_stream(counter), Added(0, 0)),), Total(-1))

    def initial(self, stream: StreamName) -> int:
        return 0

    def evolve(self, stream: StreamName, state: int, event: Added) -> int:
        return state + event.amount

    def encode_event(self, event: Added) -> tuple[str, int, bytes]:
        # The poison's schema fits no integer column: the database, not the driver's caller, must refuse it.
        return "added", 1 if event.amount else 2**40, msgspec.json.encode(event)

    def decode_event(self, stored: StoredEvent) -> Added:
        return msgspec.json.decode(stored.data, type=Added)

    def encode_command(self, command: Any) -> bytes:
        return msgspec.json.encode(command)

    def decode_command(self, data: bytes) -> Command:
        command: Command = msgspec.json.decode(data, type=Command)
        return command

    def fold_version(self, stream: StreamName) -> int:
        return 1

    def encode_state(self, stream: StreamName, state: int) -> Generator[None, None, bytes]:
        yield
        return msgspec.json.encode(state)

    def decode_state(self, stream: StreamName, data: bytes) -> Generator[None, None, int]:
        yield
        return msgspec.json.decode(data, type=int)


def counter_stream(counter: str) -> StreamName:
    return stream_name("counter", counter)


def _add(states: Mapping[StreamName, int], *changes: tuple[str, int]) -> Decision:
    emitted = []
    total = 0
    for counter, amount in changes:
        total = states[counter_stream(counter)] + amount
        if total < 0:
            raise Rejected(Reason.WRONG_PHASE, f"{counter} holds only {total - amount}")
        emitted.append(Emitted(counter_stream(counter), Added(amount, total)))
    return Decision(tuple(emitted), Total(total))
