"""Facts of things: how many are where, and what is asked for them. Each move takes from one place and adds to another.

A thing in a basket still is on the floor (or only listed, where nobody checked it in): reports count what is sold.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.ledger.events import (
    ItemListed,
    ItemRefused,
    ItemsCheckedIn,
    ItemsRefunded,
    ItemsReleasedByVoid,
    ItemsSold,
    ItemsWithdrawn,
    RefundedLine,
    RefusedItemAdmitted,
)
from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    ItemsAwaited,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    ItemsNotBrought,
)
from consign.domain.ledger.item_events import ItemChanged, ItemRetagged, WishesChanged
from consign.domain.ledger.manual_lines import ManualLineMatched
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Key, Put, Rows, required
from consign.projections.reports.facts import Area, Fact, SaleZone, Told, band_of, fact

type Where = Literal[
    "listed",
    "not_brought",
    "on_floor",
    "sold",
    "refused",
    "returned",
    "withdrawn",
    "voided",
    "collected",
    "donated",
    "missing",
    "lost",
]


class Thing(Struct, frozen=True):
    """A thing, and where it is; `checked_in` says where it goes back to when its sale is undone.

    `seen_in` is the count of the shelves that saw it last.
    """

    tag: str
    participation: str
    consignor: int
    category: str
    asked_minor: int
    band_minor: int
    description: str
    donate: bool
    status: Where
    checked_in: bool = False
    seen_in: str = ""


type Left = (
    ItemsNotBrought
    | ItemsAwaited
    | CheckInsUndone
    | ItemsCollected
    | ItemsDonated
    | ItemsMissed
    | ItemsLost
    | ItemsFound
)
type Moved = (
    ItemsCheckedIn
    | Left
    | ItemRefused
    | RefusedItemAdmitted
    | ItemsWithdrawn
    | ItemsSold
    | ItemsReleasedByVoid
    | ItemsRefunded
    | ManualLineMatched
)
type Described = ItemListed | ItemChanged | ItemRetagged | WishesChanged
type Stock = Moved | Described


_PUT: Mapping[type, Where] = {
    ItemRefused: "refused",
    ItemsWithdrawn: "withdrawn",
    ItemsSold: "sold",
    ManualLineMatched: "sold",
    ItemsCollected: "collected",
    ItemsDonated: "donated",
    ItemsMissed: "missing",
    ItemsLost: "lost",
    ItemsNotBrought: "not_brought",
    ItemsAwaited: "listed",
}
"""Where things are after events that put them somewhere whatever they were before."""


def _reads(event: Stock) -> Sequence[tuple[str, Key]]:
    return (("sales", (event.sale,)), *(("things", (tag,)) for tag in _tags(event)))


def _told(_: StoredEvent, event: Stock, rows: Rows) -> Told:
    pairs = [(before, after) for before, after in _steps(event, rows) if before != after]
    facts: list[Fact] = []
    for before, after in pairs:
        facts += [_counted(before, -1)] if before is not None else []
        facts += [_counted(after, 1)] if after is not None else []
    return Told(facts, [Put("things", after) for _, after in pairs if after is not None])


def _tags(event: Stock) -> Iterable[str]:
    match event:
        case ItemListed():
            return ()
        case ItemChanged(item=item):
            return (item.tag,)
        case ItemRetagged() | ItemRefused() | RefusedItemAdmitted():
            return (event.tag,)
        case ManualLineMatched(item=line):
            return (line.tag,)
        case ItemsSold() | ItemsReleasedByVoid() | ItemsRefunded():
            return [line.tag for line in event.lines]
        case (
            WishesChanged()
            | ItemsCheckedIn()
            | ItemsWithdrawn()
            | ItemsNotBrought()
            | ItemsAwaited()
            | CheckInsUndone()
            | ItemsCollected()
            | ItemsDonated()
            | ItemsMissed()
            | ItemsLost()
            | ItemsFound()
        ):
            return [item.tag for item in event.items]


def _steps(event: Stock, rows: Rows) -> Iterable[tuple[Thing | None, Thing | None]]:
    """Return each thing as it was and as it is now; None where there was none."""
    match event:
        case ItemListed() | ItemChanged() | ItemRetagged() | WishesChanged():
            return _described(event, rows)
        case _:
            return _moved(event, rows)


def _described(event: Described, rows: Rows) -> Iterable[tuple[Thing | None, Thing | None]]:
    match event:
        case ItemListed():
            return ((None, _thing(event, rows)),)
        case ItemChanged(item=item):
            before = _known(rows, item.tag)
            return ((before, replace(_thing(item, rows), status=before.status, checked_in=before.checked_in)),)
        case ItemRetagged(item=item):
            before = _known(rows, event.tag)
            after = replace(_thing(item, rows), status=before.status, checked_in=before.checked_in)
            return ((before, replace(before, status="voided")), (None, after))
        case WishesChanged(items=items):
            known = ((wishes, _known(rows, wishes.tag)) for wishes in items)
            return [(before, replace(before, donate=wishes.donate)) for wishes, before in known]


def _moved(event: Moved, rows: Rows) -> Iterable[tuple[Thing, Thing]]:
    known = _all_known(event, rows)
    match event:
        case ItemsCheckedIn() | RefusedItemAdmitted() | ItemsFound():
            return [(before, _on_floor(before)) for before in known]
        case CheckInsUndone():
            return [(before, replace(before, status="listed", checked_in=False)) for before in known]
        case ItemsReleasedByVoid():
            return [(before, _back(before)) for before in known]
        case ItemsRefunded(lines=lines):
            return [(before, _refunded(before, line)) for line, before in zip(lines, known, strict=True)]
        case (
            ItemRefused()
            | ItemsWithdrawn()
            | ItemsSold()
            | ManualLineMatched()
            | ItemsNotBrought()
            | ItemsAwaited()
            | ItemsCollected()
            | ItemsDonated()
            | ItemsMissed()
            | ItemsLost()
        ):
            return [(before, replace(before, status=_PUT[type(event)])) for before in known]


def _all_known(event: Moved, rows: Rows) -> Iterable[Thing]:
    return [_known(rows, tag) for tag in _tags(event)]


def _known(rows: Rows, tag: str) -> Thing:
    thing: Thing = required(rows, "things", (tag,))
    return thing


def _thing(item: ItemListed, rows: Rows) -> Thing:
    zone: SaleZone = required(rows, "sales", (item.sale,))
    return Thing(
        tag=item.tag,
        participation=item.participation,
        consignor=item.consignor,
        category=item.category,
        asked_minor=item.price_minor,
        band_minor=band_of(item.price_minor, zone.currency),
        description=item.description,
        donate=item.donate,
        status="listed",
    )


def _on_floor(thing: Thing) -> Thing:
    return replace(thing, status="on_floor", checked_in=True)


def _back(thing: Thing) -> Thing:
    return replace(thing, status="on_floor" if thing.checked_in else "listed")


def _refunded(thing: Thing, line: RefundedLine) -> Thing:
    match line.returned_to:
        case "floor":
            return _on_floor(thing)
        case "consignor":
            return replace(thing, status="returned")
        case None:
            return thing


def _counted(thing: Thing, count: Literal[1, -1]) -> Fact:
    return fact(
        "stock",
        participation=thing.participation,
        consignor=thing.consignor,
        category=thing.category,
        band_minor=thing.band_minor,
        tag=thing.tag,
        description=thing.description,
        status=thing.status,
        wish="donate" if thing.donate else "",
        count=count,
        asked_minor=count * thing.asked_minor,
    )


STOCK = Area(
    handles=frozenset(
        {
            "item-listed",
            "item-changed",
            "item-retagged",
            "wishes-changed",
            "items-checked-in",
            "item-refused",
            "refused-item-admitted",
            "items-withdrawn",
            "items-sold",
            "items-released-by-void",
            "items-refunded",
            "check-ins-undone",
            "items-not-brought",
            "items-awaited",
            "items-collected",
            "items-donated",
            "items-missed",
            "items-lost",
            "items-found",
            "manual-line-matched",
        }
    ),
    reads=_reads,
    told=_told,
)
