"""The newest events of one organization in memory, so that projections need not read again what was just written."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from consign.actors.runner_ports import DecodeEvent
from consign.domain.recorded import StoredEvent

STEP_BYTES = 256 * 1024


class Entry:
    """A stored event, decoded once however many projections ask."""

    __slots__ = ("_decode", "_event", "stored")

    def __init__(self, stored: StoredEvent, decode: DecodeEvent) -> None:
        self.stored = stored
        self._decode: DecodeEvent | None = decode
        self._event: Any = None

    @property
    def event(self) -> Any:
        """The decoded event; raises whatever decoding raises."""
        if self._decode is not None:
            self._event = self._decode(self.stored)
            self._decode = None
        return self._event


class Batch(Struct, frozen=True, gc=False):
    """Consecutive whole commands, following the event whose hash is `previous_hash`."""

    log_id: UUID
    previous_hash: bytes
    entries: Sequence[Entry]


def whole_commands(entries: Sequence[Entry], limit: int) -> Sequence[Entry]:
    """Return the longest run of whole commands from the start, of at most `limit` events unless the first is longer.

    It ends where `STEP_BYTES` are reached: an event may hold hundreds of things, and become thousands of rows.
    """
    end = size_bytes = 0
    for index, entry in enumerate(entries, 1):
        size_bytes += len(entry.stored.data)
        if entry.stored.ends_its_command:
            end = index
        if end and (index >= limit or size_bytes >= STEP_BYTES):
            break
    return entries[:end]


class Window:
    """A gapless run of at most `events_max` events. What does not continue it begins it anew."""

    def __init__(self, decode: DecodeEvent, *, events_max: int = 2000) -> None:
        self._decode = decode
        self._events_max = events_max
        self._entries: list[Entry] = []
        self._previous_hash = b""
        self._log_id: UUID | None = None

    @property
    def last(self) -> int:
        """The last position held, or 0."""
        return self._entries[-1].stored.position if self._entries else 0

    def holds(self, log_id: str, position: int) -> bool:
        """Return whether this position was taken in already."""
        return position <= self.last and log_id == str(self._log_id)

    def offer(self, log_id: UUID, previous_hash: bytes, events: Sequence[StoredEvent]) -> bool:
        """Take consecutive events; what is held already is dropped. Return whether there was anything new."""
        if log_id == self._log_id and self._entries:
            events = [event for event in events if event.position > self.last]
        if not events:
            return False
        if not (log_id == self._log_id and self._entries and events[0].position == self.last + 1):
            self._entries = []
            self._log_id = log_id
            self._previous_hash = previous_hash
        self._entries.extend(Entry(event, self._decode) for event in events)
        surplus = len(self._entries) - self._events_max
        if surplus > 0:
            self._previous_hash = self._entries[surplus - 1].stored.hash
            del self._entries[:surplus]
        return True

    def after(self, log_id: UUID, position: int, limit: int) -> Batch | None:
        """Return whole commands from `position + 1` on, or None where they are not held."""
        if log_id != self._log_id or not self._entries:
            return None
        skip = position + 1 - self._entries[0].stored.position
        if skip < 0 or skip >= len(self._entries):
            return None
        entries = whole_commands(self._entries[skip:], limit)
        if not entries:
            return None
        previous = self._entries[skip - 1].stored.hash if skip else self._previous_hash
        return Batch(log_id, previous, entries)
