"""The shape of a projection: tables, and a pure function from events to row changes.

A projection never does I/O. The runner fetches the rows that `reads` names, calls `apply`, writes the changes and its
checkpoint in one transaction, and acts on whole commands only. The same function runs over rows in memory for history,
comparison and tests.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from consign.domain.recorded import StoredEvent

type Key = tuple[str | int, ...]
"""A row's key within one organization, in the order of its table's `key`."""


class Table(Struct, frozen=True):
    """A table of a read model.

    `row` is a frozen msgspec Struct, a field a column: str becomes text, int bigint, bool boolean, datetime
    timestamptz, anything else JSON text. `key` names the key's fields, `indexes` further indexed field tuples.
    `organization_id` is a column of every table and part of its primary key, added by the adapter, never a field of
    `row`. `written_only`: no event ever asks for a row of it, so that nobody need hold them in memory.
    """

    name: str
    row: type[Struct]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    written_only: bool = False


class Put(Struct, frozen=True):
    """Insert the row, or replace the one with its key."""

    table: str
    row: Struct


class Remove(Struct, frozen=True):
    """Delete the row with this key; no row is no error."""

    table: str
    key: Key


type Change = Put | Remove


class Rows(Protocol):
    """The rows that `reads` named, as they are before this event."""

    def get(self, table: str, key: Key) -> Any | None:
        """Return the row with this key, or None; asking for a key `reads` did not name is a programming error."""
        ...


class RowMissing(Exception):
    """An event speaks of a row that no earlier event made: the log, or the projection, is broken."""

    def __init__(self, table: str, key: Key) -> None:
        super().__init__(f"{table} has no row {key}")


def required(rows: Rows, table: str, key: Key) -> Any:
    """Return the row with this key; raises RowMissing, which stops the projection where everybody sees it."""
    row = rows.get(table, key)
    if row is None:
        raise RowMissing(table, key)
    return row


class Projection(Struct, frozen=True):
    """A read model: raise `version` whenever tables or `apply` change, and the new one is built beside the old.

    `handles` names the event types (storage tags) that matter; the runner passes over others without calling `apply`.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    handles: frozenset[str]
    reads: Callable[[StoredEvent, Any], Sequence[tuple[str, Key]]]
    apply: Callable[[StoredEvent, Any, Rows], Sequence[Change]]

    def table(self, name: str) -> Table:
        """Return the table called `name`; raises KeyError."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)


class MemoryRows:
    """A whole read model in memory: the reference that the tables are compared with."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.tables: dict[str, dict[Key, Any]] = {table.name: {} for table in projection.tables}
        self._keys: Mapping[str, tuple[str, ...]] = {table.name: table.key for table in projection.tables}

    def get(self, table: str, key: Key) -> Any | None:
        """Return the row with this key, or None."""
        return self.tables[table].get(key)

    def fold(self, stored: StoredEvent, event: Any) -> None:
        """Apply one event, unless the projection does not handle its type."""
        if stored.type not in self.projection.handles:
            return
        for change in self.projection.apply(stored, event, self):
            match change:
                case Put(table, row):
                    self.tables[table][tuple(getattr(row, name) for name in self._keys[table])] = row
                case Remove(table, key):
                    self.tables[table].pop(key, None)
