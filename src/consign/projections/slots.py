"""Drop-off and pick-up slots: what is planned, who chose which, and who came."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.events import ItemsCheckedIn
from consign.domain.recorded import StoredEvent
from consign.domain.slots.events import ArrivalRecorded, SlotChosen, SlotDropped, SlotGivenUp, SlotPlanned
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table, required


class SlotRow(Struct, frozen=True):
    """A slot; `taken` of its `capacity` places are."""

    sale: str
    slot: str
    kind: Literal["drop_off", "pick_up"]
    begins_at: datetime
    ends_at: datetime
    capacity: int
    place: str
    taken: int = 0


class BookingRow(Struct, frozen=True):
    """The slot of a kind that a consignor chose; `arrived` when they came, or their first things were checked in."""

    sale: str
    participation: str
    kind: Literal["drop_off", "pick_up"]
    number: int
    slot: str
    begins_at: datetime
    ends_at: datetime
    chosen_at: datetime
    arrived: bool = False
    arrived_at: datetime | None = None


type Planning = SlotPlanned | SlotDropped
type OfOne = SlotChosen | SlotGivenUp | ArrivalRecorded
type Handled = Planning | OfOne | ItemsCheckedIn


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case SlotPlanned() | SlotDropped():
            return (("slots", (event.sale, event.slot)),)
        case SlotChosen(instead_of=str() as other):
            return (*_of_one(event), ("slots", (event.sale, other)))
        case SlotChosen() | SlotGivenUp() | ArrivalRecorded():
            return _of_one(event)
        case ItemsCheckedIn(items=items):
            return [("bookings", (each, "drop_off")) for each in {item.participation: None for item in items}]


def _of_one(event: OfOne) -> Sequence[tuple[str, Key]]:
    return (("slots", (event.sale, event.slot)), ("bookings", (event.participation, event.kind)))


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case SlotPlanned(sale, slot, kind, begins_at, ends_at, capacity, place):
            known: SlotRow | None = rows.get("slots", (sale, slot))
            taken = 0 if known is None else known.taken
            return (Put("slots", SlotRow(sale, slot, kind, begins_at, ends_at, capacity, place, taken)),)
        case SlotDropped(sale, slot):
            return (Remove("slots", (sale, slot)),)
        case SlotChosen():
            return _chosen(stored, event, rows)
        case SlotGivenUp():
            return (_moved(rows, event.sale, event.slot, -1), Remove("bookings", (event.participation, event.kind)))
        case ArrivalRecorded(arrived_at=arrived_at):
            return (_arrived(required(rows, "bookings", (event.participation, event.kind)), arrived_at),)
        case ItemsCheckedIn(items=items):
            brought = {item.participation: None for item in items}
            found = [rows.get("bookings", (participation, "drop_off")) for participation in brought]
            return [_arrived(row, stored.recorded_at) for row in found if row is not None and not row.arrived]


def _chosen(stored: StoredEvent, event: SlotChosen, rows: Rows) -> Sequence[Change]:
    slot: SlotRow = required(rows, "slots", (event.sale, event.slot))
    booked = BookingRow(
        event.sale,
        event.participation,
        event.kind,
        event.number,
        event.slot,
        slot.begins_at,
        slot.ends_at,
        stored.recorded_at,
    )
    changes: list[Change] = [_moved(rows, event.sale, event.slot, 1), Put("bookings", booked)]
    return changes if event.instead_of is None else [_moved(rows, event.sale, event.instead_of, -1), *changes]


def _moved(rows: Rows, sale: str, code: str, more: int) -> Put:
    slot: SlotRow = required(rows, "slots", (sale, code))
    return Put("slots", replace(slot, taken=slot.taken + more))


def _arrived(row: BookingRow, arrived_at: datetime) -> Put:
    return Put("bookings", row if row.arrived else replace(row, arrived=True, arrived_at=arrived_at))


SLOTS = Projection(
    name="slots",
    version=1,
    tables=(
        Table("slots", SlotRow, key=("sale", "slot"), indexes=(("sale", "kind", "begins_at"),)),
        Table(
            "bookings",
            BookingRow,
            key=("participation", "kind"),
            indexes=(("sale", "slot"), ("sale", "kind", "arrived", "ends_at")),
        ),
    ),
    handles=frozenset(
        {"slot-planned", "slot-dropped", "slot-chosen", "slot-given-up", "arrival-recorded", "items-checked-in"}
    ),
    reads=_reads,
    apply=_apply,
)
