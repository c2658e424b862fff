"""A log in memory that gives positions as the writer does, and folds every read model as the runner does."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from consign.domain.decision import Emitted
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, MemoryRows, Projection, Put, Remove

ORGANIZATION = "bourse-nord"
BEGINNING = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


class NamedRows:
    """Hands out only the rows that `reads` named, as the runner does."""

    def __init__(self, rows: MemoryRows, named: Sequence[tuple[str, Key]]) -> None:
        self._rows = rows
        self._named = named

    def get(self, table: str, key: Key) -> Any | None:
        assert (table, key) in self._named, f"reads() did not name {key} of {table}"
        return self._rows.get(table, key)


class ReadModel(MemoryRows):
    """A read model in memory that also checks what `reads` names and `handles` promises."""

    def fold(self, stored: StoredEvent, event: Any) -> None:
        if stored.type not in self.projection.handles:
            return
        named = self.projection.reads(stored, event)
        read = {table for table, _ in named}
        assert not any(self.projection.table(table).written_only for table in read), f"{read} are held by nobody"
        changes = self.projection.apply(stored, event, NamedRows(self, named))
        for change in changes:
            match change:
                case Put(table, row):
                    assert isinstance(row, self.projection.table(table).row)
                    key = tuple(getattr(row, name) for name in self.projection.table(table).key)
                    self.tables[table][key] = row
                case Remove(table, key):
                    self.tables[table].pop(key, None)

    def rows(self, table: str) -> list[Any]:
        """The rows of a table in the order of their keys."""
        return [row for _, row in sorted(self.tables[table].items())]


class Recorder:
    """Stores what commands emitted. The clock stands still unless `now` is moved."""

    def __init__(self, projections: Iterable[Projection] = ()) -> None:
        self.now = BEGINNING
        self.stored: list[StoredEvent] = []
        self.events: list[Any] = []
        self.models = {projection.name: ReadModel(projection) for projection in projections}
        self._versions: dict[str, int] = {}
        self._commands = 0

    def record(self, emitted: Sequence[Emitted]) -> list[StoredEvent]:
        """Store the events of one command."""
        self._commands += 1
        commit_position = len(self.stored) + len(emitted)
        last = self.stored[-1].recorded_at if self.stored else None
        recorded_at = self.now if last is None or self.now > last else last + TICK
        written = []
        for index, each in enumerate(emitted):
            stored = self._stored(each, commit_position, recorded_at + index * TICK)
            written.append(stored)
            self.stored.append(stored)
            self.events.append(each.event)
            for model in self.models.values():
                model.fold(stored, each.event)
        return written

    def decode_event(self, stored: StoredEvent) -> Any:
        return self.events[stored.position - 1]

    def _stored(self, emitted: Emitted, commit_position: int, recorded_at: datetime) -> StoredEvent:
        position = len(self.stored) + 1
        version = self._versions[emitted.stream] = self._versions.get(emitted.stream, 0) + 1
        command_id = UUID(int=self._commands)
        return StoredEvent(
            organization_id=ORGANIZATION,
            position=position,
            stream=emitted.stream,
            version=version,
            type=type(emitted.event).__struct_config__.tag,
            schema=1,
            event_id=UUID(int=10**12 + position),
            commit_position=commit_position,
            command_id=command_id,
            correlation_id=command_id,
            causation_id=command_id,
            account_id="account-1",
            role="cashier",
            on_behalf_of=None,
            device_id=None,
            occurred_at=recorded_at,
            recorded_at=recorded_at,
            meta="{}",
            data=msgspec.json.encode(emitted.event),
            hash=position.to_bytes(32),
        )
