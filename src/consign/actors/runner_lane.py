"""One projection of one organization: folding events in bites into row changes, the rows it knows kept in memory."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from consign.actors.bites import Bites
from consign.actors.runner_ports import Checkpoint, ProjectionStore, RowId, RowRefused, Step
from consign.actors.runner_window import Batch, Entry, whole_commands
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, Projection, Put, Remove

ERROR_CHARACTERS_MAX = 2000


class UnnamedRow(Exception):
    """`apply` asked for a row that `reads` had not named."""

    def __init__(self, table: str, key: Key) -> None:
        super().__init__(f"reads() did not name the row {key} of {table}")


class Poison(Exception):
    """The projection cannot take an event; `index` is the event's place in the batch."""

    def __init__(self, index: int, stored: StoredEvent, error: str) -> None:
        super().__init__(error)
        self.index = index
        self.stored = stored
        self.error = error


class Plan(Struct, frozen=True, gc=False):
    """What a lane wants to do with a batch: a step, unless not even the first command went well, and then a halt."""

    step: Step | None
    poison: Poison | None


class StepRows:
    """The rows of one step: as they were before it, overlaid with what its earlier events changed."""

    def __init__(self, before: Mapping[RowId, Any]) -> None:
        self.before = before
        self.changed: dict[RowId, Struct | None] = {}
        self.named: Sequence[RowId] = ()

    def get(self, table: str, key: Key) -> Any | None:
        """Return the row; raises UnnamedRow."""
        row_id = (table, key)
        if row_id not in self.named:
            raise UnnamedRow(table, key)
        if row_id in self.changed:
            return self.changed[row_id]
        return self.before.get(row_id)


class RowCache:
    """The rows a lane read or wrote last, absent ones included."""

    def __init__(self, rows_max: int) -> None:
        self._rows_max = rows_max
        self._rows: OrderedDict[RowId, Any] = OrderedDict()

    def known(self, wanted: set[RowId]) -> dict[RowId, Any]:
        """Return those of the rows that are held; None is a row known to be absent."""
        found = {row_id: self._rows[row_id] for row_id in wanted if row_id in self._rows}
        for row_id in found:
            self._rows.move_to_end(row_id)
        return found

    def keep(self, rows: Mapping[RowId, Any]) -> None:
        """Hold these rows, in place of those used longest ago."""
        for row_id, row in rows.items():
            self._rows[row_id] = row
            self._rows.move_to_end(row_id)
        while len(self._rows) > self._rows_max:
            self._rows.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()


class Lane:
    """A projection at its checkpoint. Not to be used for two batches at once."""

    def __init__(
        self, projection: Projection, checkpoint: Checkpoint, store: ProjectionStore, *, cached_rows_max: int = 20_000
    ) -> None:
        self.projection = projection
        self.checkpoint = checkpoint
        self._store = store
        self._cache = RowCache(cached_rows_max)
        self._written_only = {table.name for table in projection.tables if table.written_only}
        self._keys = {table.name: (attrgetter(*table.key), len(table.key) > 1) for table in projection.tables}

    async def plan(self, batch: Batch) -> Plan:
        """Fold the batch, which follows the checkpoint, without writing anything; raises LogUnavailable."""
        entries = batch.entries
        poison: Poison | None = None
        try:
            named = await self._named(entries)
        except Poison as error:
            poison = error
            entries = _commands_before(entries, error.index)
            named = await self._named(entries)
        try:
            before = await self._rows_before({row_id for row_ids in named.values() for row_id in row_ids})
        except RowRefused as refused:
            return await self._plan_less(batch, named, refused)
        try:
            changed = await self._fold(entries, named, before)
        except Poison as error:
            poison = error
            entries = _commands_before(entries, error.index)
            changed = await self._fold(entries, named, before)
        if not entries:
            return Plan(None, poison)
        return Plan(Step(self.projection, self.checkpoint, self._after(entries[-1].stored), _by_table(changed)), poison)

    async def _plan_less(self, batch: Batch, named: Mapping[int, Sequence[RowId]], refused: RowRefused) -> Plan:
        """Plan the first command alone, to find the one whose keys the store does not take."""
        first = whole_commands(batch.entries, 1)
        if len(first) < len(batch.entries):
            return await self.plan(Batch(batch.log_id, batch.previous_hash, first))
        index = min(named)
        return Plan(None, Poison(index, batch.entries[index].stored, str(refused)))

    def stepped(self, step: Step) -> None:
        """Take over what was written, and hold of it what later events may ask for."""
        self.checkpoint = step.after
        asked = ((table, rows) for table, rows in step.changes.items() if table not in self._written_only)
        self._cache.keep({(table, key): row for table, rows in asked for key, row in rows.items()})

    def forget_rows(self) -> None:
        """Drop the rows in memory: after any failure they may be wrong."""
        self._cache.clear()

    def halted(self, stored: StoredEvent, error: str) -> Checkpoint:
        """Return the checkpoint that says at which event and why the projection stopped."""
        return replace(
            self.checkpoint,
            status="stopped",
            failed_position=stored.position,
            failed_event_id=stored.event_id,
            error=error[:ERROR_CHARACTERS_MAX],
        )

    def failing(self, error: str) -> Checkpoint:
        """Return the checkpoint that says that the database fails this projection, which is tried again."""
        return replace(self.checkpoint, status="failing", error=error[:ERROR_CHARACTERS_MAX])

    def forked(self, why: str) -> Checkpoint:
        """Return the checkpoint that says that the log is not the one this projection was made from."""
        return replace(self.checkpoint, status="forked", failed_position=self.checkpoint.position, error=why)

    def _after(self, last: StoredEvent) -> Checkpoint:
        moved = replace(self.checkpoint, position=last.position, hash=last.hash)
        return replace(moved, status="running", error=None) if moved.status == "failing" else moved

    async def _named(self, entries: Sequence[Entry]) -> dict[int, Sequence[RowId]]:
        handles, reads = self.projection.handles, self.projection.reads
        named: dict[int, Sequence[RowId]] = {}
        bites = Bites()
        for index, entry in enumerate(entries):
            if entry.stored.type in handles:
                try:
                    named[index] = reads(entry.stored, entry.event)
                except Exception as error:
                    raise _poison(index, entry, error) from error
                await bites.pause()
        return named

    async def _rows_before(self, wanted: set[RowId]) -> Mapping[RowId, Any]:
        rows = self._cache.known(wanted)
        missing = [row_id for row_id in wanted if row_id not in rows]
        if missing:
            found = await self._store.fetch(self.checkpoint, self.projection, missing)
            fetched = {row_id: found.get(row_id) for row_id in missing}
            self._cache.keep(fetched)
            rows.update(fetched)
        return rows

    async def _fold(
        self, entries: Sequence[Entry], named: Mapping[int, Sequence[RowId]], before: Mapping[RowId, Any]
    ) -> dict[RowId, Struct | None]:
        rows = StepRows(before)
        apply = self.projection.apply
        bites = Bites()
        for index, row_ids in named.items():
            if index >= len(entries):
                break
            entry = entries[index]
            rows.named = row_ids
            try:
                for change in apply(entry.stored, entry.event, rows):
                    match change:
                        case Put(table, row):
                            rows.changed[table, self._key_of(table, row)] = row
                        case Remove(table, key):
                            rows.changed[table, key] = None
            except Exception as error:
                raise _poison(index, entry, error) from error
            await bites.pause()
        return rows.changed

    def _key_of(self, table: str, row: Struct) -> Key:
        key_of, several = self._keys[table]
        key: Any = key_of(row)
        return key if several else (key,)


def _poison(index: int, entry: Entry, error: Exception) -> Poison:
    return Poison(index, entry.stored, f"{type(error).__name__}: {error}")


def _commands_before(entries: Sequence[Entry], index: int) -> Sequence[Entry]:
    """Return the whole commands before the one that the event at `index` belongs to."""
    while index and not entries[index - 1].stored.ends_its_command:
        index -= 1
    return entries[:index]


def _by_table(changed: Mapping[RowId, Struct | None]) -> dict[str, dict[Key, Struct | None]]:
    tables: dict[str, dict[Key, Struct | None]] = {}
    for (table, key), row in changed.items():
        tables.setdefault(table, {})[key] = row
    return tables
