"""Every item by its tag: what it is, whose it is, and where it is now."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec.structs import replace

from consign.domain.ledger.events import (
    BasketReleased,
    HoldMoved,
    HoldsExpired,
    ItemHeld,
    ItemListed,
    ItemRefused,
    ItemReleased,
    ItemsCheckedIn,
    ItemsRefunded,
    ItemsReleasedByVoid,
    ItemsSold,
    ItemsWithdrawn,
    LedgerEvent,
    RefundedLine,
    RefusedItemAdmitted,
    SoldLine,
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
from consign.domain.ledger.item_events import (
    DraftSaved,
    DraftsDiscarded,
    ItemChanged,
    ItemEvent,
    ItemRetagged,
    PhotosArranged,
    TagsPrinted,
    WishesChanged,
)
from consign.domain.ledger.manual_lines import ManualLineMatched
from consign.domain.recorded import StoredEvent
from consign.domain.settlement.events import StatementIssued, StatementsCancelled
from consign.projections.item_descriptions import DESCRIBED, described, described_rows
from consign.projections.item_leaving import LEFT, Left, left, left_rows
from consign.projections.item_rows import DraftRow, ItemRow, item_of
from consign.projections.projection import Change, Key, Projection, Put, Remove, Rows, Table

type Handled = LedgerEvent | ItemEvent | Left | ManualLineMatched | StatementIssued | StatementsCancelled
type HoldEvent = ItemHeld | ItemReleased | BasketReleased | HoldsExpired | HoldMoved


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:  # noqa: C901 - a case an event
    match event:
        case (
            DraftSaved()
            | DraftsDiscarded()
            | ItemChanged()
            | ItemRetagged()
            | WishesChanged()
            | PhotosArranged()
            | TagsPrinted()
        ):
            return described_rows(event)
        case (
            ItemsNotBrought()
            | ItemsAwaited()
            | CheckInsUndone()
            | ItemsCollected()
            | ItemsDonated()
            | ItemsMissed()
            | ItemsLost()
            | ItemsFound()
        ):
            return left_rows(event)
        case ItemListed():
            return ()
        case ItemHeld() | ItemReleased() | ItemRefused() | RefusedItemAdmitted():
            return (("items", (event.tag,)),)
        case BasketReleased() | HoldsExpired() | HoldMoved():
            return [("items", (tag,)) for tag in event.tags]
        case ItemsSold() | ItemsReleasedByVoid() | ItemsRefunded():
            return [("items", (line.tag,)) for line in event.lines]
        case ItemsCheckedIn() | ItemsWithdrawn():
            return [("items", (item.tag,)) for item in event.items]
        case ManualLineMatched(item=item):
            return (("items", (item.tag,)),)
        case StatementIssued(lines=lines):
            return [("items", (line.tag,)) for line in lines]
        case StatementsCancelled(cancelled=cancelled):
            return [("items", (tag,)) for each in cancelled for tag in each.tags]


def _apply(  # noqa: C901, PLR0912 - a case an event
    stored: StoredEvent, event: Handled, rows: Rows
) -> Sequence[Change]:
    match event:
        case (
            DraftSaved()
            | DraftsDiscarded()
            | ItemChanged()
            | ItemRetagged()
            | WishesChanged()
            | PhotosArranged()
            | TagsPrinted()
        ):
            return described(stored, event, rows)
        case (
            ItemsNotBrought()
            | ItemsAwaited()
            | CheckInsUndone()
            | ItemsCollected()
            | ItemsDonated()
            | ItemsMissed()
            | ItemsLost()
            | ItemsFound()
        ):
            return left(event, rows)
        case ItemHeld() | ItemReleased() | BasketReleased() | HoldsExpired() | HoldMoved():
            return _apply_to_holds(event, rows)
        case ItemsSold():
            return [Put("items", _sold(item_of(rows, line.tag), line, event)) for line in event.lines]
        case ManualLineMatched(item=line):
            return (Put("items", _sold(item_of(rows, line.tag), line, event)),)
        case StatementIssued() | StatementsCancelled():
            return _stated(event, rows)
        case ItemsReleasedByVoid():
            return [Put("items", _unsold(item_of(rows, line.tag))) for line in event.lines]
        case ItemsRefunded():
            return [Put("items", _refunded(item_of(rows, line.tag), line)) for line in event.lines]
        case ItemListed():
            return _listed(stored, event)
        case ItemsCheckedIn(items=items, late=late):
            return [Put("items", replace(_on_floor(item_of(rows, item.tag)), late=late)) for item in items]
        case ItemRefused():
            row = replace(item_of(rows, event.tag), status="refused", refused_because=event.reason)
            return (Put("items", row),)
        case RefusedItemAdmitted():
            return (Put("items", _on_floor(item_of(rows, event.tag))),)
        case ItemsWithdrawn():
            return [Put("items", replace(item_of(rows, item.tag), status="withdrawn")) for item in event.items]


def _stated(event: StatementIssued | StatementsCancelled, rows: Rows) -> Sequence[Change]:
    """Note which statement each item counts on; a line that was credited without an item is none."""
    statements: Mapping[str, str | None]
    match event:
        case StatementIssued(statement=statement, lines=lines):
            statements = {line.tag: None if line.returned else statement for line in lines}
        case StatementsCancelled(cancelled=cancelled):
            statements = dict.fromkeys(tag for each in cancelled for tag in each.tags)
    known = ((rows.get("items", (tag,)), statement) for tag, statement in statements.items())
    return [Put("items", replace(row, stated_on=statement)) for row, statement in known if row is not None]


def _apply_to_holds(event: HoldEvent, rows: Rows) -> Sequence[Change]:
    match event:
        case ItemHeld():
            return (Put("items", _held(item_of(rows, event.tag), event)),)
        case ItemReleased():
            return _freed(rows, (event.tag,), event.basket)
        case BasketReleased() | HoldsExpired():
            return _freed(rows, event.tags, event.basket)
        case HoldMoved():
            return [Put("items", replace(item_of(rows, tag), held_till=event.till)) for tag in event.tags]


def _listed(stored: StoredEvent, event: ItemListed) -> Sequence[Change]:
    row = ItemRow(
        tag=event.tag,
        sale=event.sale,
        participation=event.participation,
        consignor=event.consignor,
        category=event.category,
        description=event.description,
        price_minor=event.price_minor,
        list_number=event.list_number,
        reduce=event.reduce,
        donate=event.donate,
        listed_position=stored.position,
        listed_at=stored.recorded_at,
        pieces=event.pieces,
        size=event.size,
        brand=event.brand,
        reference=event.reference,
        photos=event.photos,
        draft=event.draft,
        copied_from=event.copied_from,
        beyond_quota=event.beyond_quota,
        image_source=event.image_source,
    )
    draft = () if event.draft is None else (Remove("drafts", (event.sale, event.draft)),)
    return (Put("items", row), *draft)


def _on_floor(row: ItemRow) -> ItemRow:
    return _free(replace(row, checked_in=True, refused_because=None))


def _held(row: ItemRow, event: ItemHeld) -> ItemRow:
    return replace(row, status="held", held_basket=event.basket, held_till=event.till, held_since=event.held_at)


def _free(row: ItemRow) -> ItemRow:
    """Return the item where it was before a basket took it."""
    status: Literal["on_floor", "listed"] = "on_floor" if row.checked_in else "listed"
    return replace(row, status=status, held_basket=None, held_till=None, held_since=None)


def _freed(rows: Rows, tags: Iterable[str], basket: str) -> Sequence[Change]:
    """Free what the basket still holds: another basket may have taken over a hold that had run out."""
    items = (item_of(rows, tag) for tag in tags)
    return [Put("items", _free(row)) for row in items if row.held_basket == basket]


def _sold(row: ItemRow, line: SoldLine, event: ItemsSold | ManualLineMatched) -> ItemRow:
    return replace(
        row,
        status="sold",
        held_basket=None,
        held_till=None,
        held_since=None,
        receipt=event.receipt,
        sold_till=event.till,
        sold_at=event.sold_at,
        sold_for_minor=line.price_minor,
    )


def _unsold(row: ItemRow) -> ItemRow:
    return replace(_free(row), receipt=None, sold_till=None, sold_at=None, sold_for_minor=None)


def _refunded(row: ItemRow, line: RefundedLine) -> ItemRow:
    match line.returned_to:
        case "floor":
            return _unsold(_on_floor(row))
        case "consignor":
            return replace(_unsold(row), status="returned")
        case None:
            return replace(row, sold_for_minor=line.price_minor - line.refund_minor)


ITEMS = Projection(
    name="items",
    version=6,
    tables=(
        Table(
            "items",
            ItemRow,
            key=("tag",),
            indexes=(
                ("sale", "listed_position"),
                ("sale", "price_minor"),
                ("sale", "category"),
                ("sale", "consignor"),
                ("participation",),
            ),
        ),
        Table(
            "drafts",
            DraftRow,
            key=("sale", "draft"),
            indexes=(("sale", "consignor"), ("participation",)),
        ),
    ),
    handles=DESCRIBED
    | LEFT
    | frozenset(
        {
            "item-listed",
            "items-checked-in",
            "item-refused",
            "refused-item-admitted",
            "items-withdrawn",
            "item-held",
            "item-released",
            "basket-released",
            "holds-expired",
            "hold-moved",
            "items-sold",
            "items-released-by-void",
            "items-refunded",
            "manual-line-matched",
            "statement-issued",
            "statements-cancelled",
        }
    ),
    reads=_reads,
    apply=_apply,
)
