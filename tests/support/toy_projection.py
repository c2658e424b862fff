"""A read model of the toy business's counters that uses every kind of column, puts, removes and reads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from consign.domain.recorded import StoredEvent, identity_of
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table
from tests.support.toy_business import Added


class CounterRow(Struct, frozen=True):
    counter: str
    total: int
    positive: bool
    changed_at: datetime
    last_amounts: tuple[int, ...]
    note: str | None = None


class AdditionRow(Struct, frozen=True):
    position: int
    counter: str
    amount: int


class SizeRow(Struct, frozen=True):
    """How many counters are above zero: one row that everything changes."""

    name: str
    counters: int


def _reads(stored: StoredEvent, event: Added) -> Sequence[tuple[str, Key]]:
    return [("counters", (identity_of(stored.stream),)), ("size", ("all",))]


def _apply(stored: StoredEvent, event: Added, rows: Rows) -> Sequence[Change]:
    counter = identity_of(stored.stream)
    if counter == "poison":
        raise ValueError("this counter cannot be shown")
    before: CounterRow | None = rows.get("counters", (counter,))
    size: SizeRow = rows.get("size", ("all",)) or SizeRow("all", 0)
    changes: list[Change] = []
    if event.total:
        amounts = (*(before.last_amounts if before else ()), event.amount)[-3:]
        note = "\x00" if counter == "unstorable" else None
        row = CounterRow(counter, event.total, event.total > 0, stored.recorded_at, amounts, note)
        changes.append(Put("counters", row))
        changes.append(Put("additions", AdditionRow(stored.position, counter, event.amount)))
    else:
        changes.append(Remove("counters", (counter,)))
    appeared = (event.total != 0) - (before is not None)
    if appeared:
        changes.append(Put("size", SizeRow("all", size.counters + appeared)))
    return changes


def counters(*, version: int = 1, apply: Any = _apply) -> Projection:
    return Projection(
        "counters",
        version,
        (
            Table("counters", CounterRow, ("counter",), (("total",),)),
            Table("additions", AdditionRow, ("position", "counter")),
            Table("size", SizeRow, ("name",)),
        ),
        frozenset({"added"}),
        _reads,
        apply,
    )


COUNTERS = counters()
