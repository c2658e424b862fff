"""How things stood at a position or a time: the fold of any stream and any read model, and the difference of two.

Nothing here reads the log: the caller feeds stored events page by page, and so bounds the work, yields to others
between pages and stops when nobody waits any more. Commands count whole or not at all. What goes through a whole state
or table, which may be large, is a generator that yields between slices of it.
"""

import heapq
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import batched, chain
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from rpds import HashTrieMap, HashTrieSet

from consign.domain.recorded import StoredEvent, StreamName
from consign.projections.projection import Key, MemoryRows, Projection

type DecodeEvent = Callable[[StoredEvent], Any]
type Tables = Mapping[str, Mapping[Key, Any]]

type Slices[Result] = Generator[None, None, Result]

_TICK = timedelta(microseconds=1)
_SLICE_ENTRIES = 200


class Until(Struct, frozen=True):
    """How far to look: up to a position, up to an instant by the writer's clock, both, or (neither) to the end."""

    position: int | None = None
    at: datetime | None = None

    def includes(self, stored: StoredEvent) -> bool:
        """Whether the event's whole command was written by then."""
        if self.position is not None and stored.commit_position > self.position:
            return False
        return self.at is None or _completed_at(stored) <= self.at


def _completed_at(stored: StoredEvent) -> datetime:
    """Return when the event's command was written to its end: the writer counts a microsecond an event."""
    return stored.recorded_at + (stored.commit_position - stored.position) * _TICK


class Fold(Protocol):
    """How a stream's events become its state."""

    def initial(self, stream: StreamName) -> Any:
        """Return the state of a stream without events."""
        ...

    def evolve(self, stream: StreamName, state: Any, event: Any) -> Any:
        """Return the state after the event."""
        ...

    def decode_event(self, stored: StoredEvent) -> Any:
        """Return the event, upcast to its newest schema."""
        ...


class StreamHistory:
    """One stream's state at some point; `position` and `version` are those of the last event in it, 0 without any."""

    def __init__(self, fold: Fold, stream: StreamName, until: Until) -> None:
        self.stream = stream
        self.until = until
        self.state = fold.initial(stream)
        self.position = 0
        self.version = 0
        self._fold = fold

    def feed(self, events: Iterable[StoredEvent]) -> bool:
        """Take the next events in order, other streams' among them or not; return whether more are wanted."""
        for stored in events:
            if not self.until.includes(stored):
                return False
            if stored.stream == self.stream and stored.version > self.version:
                self.state = self._fold.evolve(self.stream, self.state, self._fold.decode_event(stored))
                self.position, self.version = stored.position, stored.version
        return True


class ReadModelHistory:
    """One read model at some point; `position` is that of the last event taken, of whatever type."""

    def __init__(self, projection: Projection, decode_event: DecodeEvent, until: Until) -> None:
        self.until = until
        self.rows = MemoryRows(projection)
        self.position = 0
        self._decode_event = decode_event

    def feed(self, events: Iterable[StoredEvent]) -> bool:
        """Take the next events of the log in order, from the first one on; return whether more are wanted."""
        handles = self.rows.projection.handles
        for stored in events:
            if not self.until.includes(stored):
                return False
            if stored.position <= self.position:
                continue
            if stored.type in handles:
                self.rows.fold(stored, self._decode_event(stored))
            self.position = stored.position
        return True

    def tables(self) -> Tables:
        """Return the rows as they are now; they stay as they are when more is fed."""
        return {name: dict(rows) for name, rows in self.rows.tables.items()}


class RowChange(Struct, frozen=True):
    """A row that differs: None before it was there, or after it is gone. Both are rendered."""

    table: str
    key: tuple[str | int, ...]
    before: Any
    after: Any


class RowsDifference(Struct, frozen=True):
    """How many rows differ, and the first of them in the order of their keys."""

    added: int
    removed: int
    changed: int
    rows: tuple[RowChange, ...]


class FieldChange(Struct, frozen=True):
    """A place in a rendered state, as a JSON pointer; None before or after where there was nothing."""

    pointer: str
    before: Any
    after: Any


def render(value: Any) -> Any:
    """Return a state or a row as plain JSON values, maps in the order of their keys."""
    return msgspec.to_builtins(value, str_keys=True, enc_hook=_plain)


def _plain(value: Any) -> Any:
    match value:
        case HashTrieMap():
            return dict(sorted(value.items()))
        case HashTrieSet():
            return sorted(value)
        case _:
            raise NotImplementedError(f"{type(value).__name__} cannot be shown")


def rendered(state: Struct) -> Slices[bytes]:
    """Return what `render` returns of a state as JSON text."""
    maps = {name: value for name in state.__struct_fields__ if isinstance(value := getattr(state, name), HashTrieMap)}
    rest: dict[str, Any] = render(msgspec.structs.replace(state, **dict.fromkeys(maps, HashTrieMap())))
    parts: list[bytes] = []
    for name, value in rest.items():
        parts += (b"," if parts else b"{", msgspec.json.encode(name), b":")
        if name in maps:
            parts += yield from _rendered_map(maps[name])
        else:
            parts.append(msgspec.json.encode(value))
    return b"".join((*parts, b"}")) if parts else b"{}"


def _rendered_map(entries: "HashTrieMap[Any, Any]") -> Slices[list[bytes]]:
    parts: list[bytes] = []
    for keys in batched((yield from _in_order(entries)), _SLICE_ENTRIES, strict=False):
        text = msgspec.json.encode({key: entries[key] for key in keys}, enc_hook=_plain)
        parts += (b"," if parts else b"{", text[1:-1])
        yield
    return [*parts, b"}"] if parts else [b"{}"]


def _in_order(keys: Iterable[Any]) -> Slices[Iterator[Any]]:
    """Sort slices of the keys, and merge them only as they are taken."""
    runs: list[list[Any]] = []
    for some in batched(keys, _SLICE_ENTRIES, strict=False):
        runs.append(sorted(some))
        yield
    return heapq.merge(*runs)


def _of_either(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterable[Any]:
    return chain(before, (key for key in after if key not in before))


def differing_rows(before: Tables, after: Tables, limit: int) -> Slices[RowsDifference]:
    """Compare two states of one read model; at most `limit` rows are shown, all are counted."""
    added = removed = changed = 0
    shown: list[RowChange] = []
    for table, rows_after in after.items():
        rows_before = before[table]
        keys = yield from _in_order(_of_either(rows_before, rows_after))
        for number, key in enumerate(keys):
            if not number % _SLICE_ENTRIES:
                yield
            old, new = rows_before.get(key), rows_after.get(key)
            if old == new:
                continue
            added += old is None
            removed += new is None
            changed += old is not None and new is not None
            if len(shown) < limit:
                shown.append(RowChange(table, key, render(old), render(new)))
    return RowsDifference(added, removed, changed, tuple(shown))


def differing_fields(before: Any, after: Any, limit: int) -> Slices[tuple[FieldChange, ...]]:
    """Compare two states of one stream field by field; at most `limit` differences are returned, rendered."""
    found: list[FieldChange] = []
    yield from _compare("", before, after, found, limit)
    return tuple(found)


def _compare(pointer: str, before: Any, after: Any, found: list[FieldChange], limit: int) -> Slices[None]:
    # States share what did not change, so that most of a large one is passed over by identity.
    if before is after or len(found) >= limit:
        return
    match before, after:
        case (HashTrieMap(), HashTrieMap()) | (dict(), dict()):
            yield from _compare_maps(pointer, before, after, found, limit)
        case Struct(), Struct() if type(before) is type(after):
            for name in before.__struct_fields__:
                yield from _compare(f"{pointer}/{name}", getattr(before, name), getattr(after, name), found, limit)
        case tuple(), tuple():
            for index in range(max(len(before), len(after))):
                yield from _compare(f"{pointer}/{index}", _at(before, index), _at(after, index), found, limit)
        case _:
            if before != after:
                found.append(FieldChange(pointer, render(before), render(after)))


def _compare_maps(pointer: str, before: Any, after: Any, found: list[FieldChange], limit: int) -> Slices[None]:
    keys = yield from _in_order(_of_either(before, after))
    for number, key in enumerate(keys):
        if not number % _SLICE_ENTRIES:
            yield
        old, new = before.get(key), after.get(key)
        if old != new:
            yield from _compare(f"{pointer}/{_escaped(str(key))}", old, new, found, limit)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _at(values: tuple[Any, ...], index: int) -> Any:
    return values[index] if index < len(values) else None
