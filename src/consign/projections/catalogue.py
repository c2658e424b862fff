"""What a till has to know to sell by itself: every item in few words, and since which position it is as it is."""

from collections.abc import Iterable, Sequence
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
from consign.projections.item_leaving import LEFT, Left, status_after
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required

type ArticleStatus = Literal[
    "listed",
    "not_brought",
    "on_floor",
    "sold",
    "refused",
    "withdrawn",
    "returned",
    "voided",
    "collected",
    "donated",
    "missing",
    "lost",
]


class ArticleRow(Struct, frozen=True):
    """An item as a till may sell it. Holds are left out: they are gone before a till would know of them.

    `for_sale` is also true of what is listed and was not checked in: the shopper stands there with the thing.
    """

    tag: str
    sale: str
    consignor: int
    category: str
    description: str
    price_minor: int
    list_number: int
    reduce: bool
    for_sale: bool
    status: ArticleStatus
    changed_position: int


type OfMany = ItemsCheckedIn | ItemsWithdrawn | ItemsSold | ItemsReleasedByVoid | ItemsRefunded
type OfOne = ItemListed | ItemChanged | ItemRetagged | ItemRefused | RefusedItemAdmitted | ManualLineMatched
type Handled = OfMany | OfOne | Left | WishesChanged


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    return [("articles", (tag,)) for tag in _named(event)]


def _named(event: Handled) -> Iterable[str]:
    match event:
        case ItemListed():
            return ()
        case ItemChanged(item=listed):
            return (listed.tag,)
        case ItemRetagged(tag=tag) | ItemRefused(tag=tag) | RefusedItemAdmitted(tag=tag):
            return (tag,)
        case ManualLineMatched(item=line):
            return (line.tag,)
        case WishesChanged(items=items) | ItemsCheckedIn(items=items) | ItemsWithdrawn(items=items):
            return [item.tag for item in items]
        case ItemsSold() | ItemsReleasedByVoid() | ItemsRefunded():
            return [line.tag for line in event.lines]
        case CheckInsUndone() | ItemsCollected() | ItemsDonated() | ItemsMissed() | ItemsLost() | ItemsFound():
            return [item.tag for item in event.items]
        case ItemsNotBrought() | ItemsAwaited():
            return [item.tag for item in event.items]


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    return [Put("articles", replace(row, changed_position=stored.position)) for row in _changed(event, rows)]


def _changed(event: Handled, rows: Rows) -> Iterable[ArticleRow]:  # noqa: C901, PLR0912 - a case an event
    match event:
        case ItemListed():
            return (_article(event, "listed"),)
        case ItemChanged(item=listed):
            return (_article(listed, _row(rows, listed.tag).status),)
        case ItemRetagged(tag=tag, item=listed):
            before = _row(rows, tag)
            return (_now(before, "voided"), _article(listed, before.status))
        case WishesChanged(items=items):
            return [replace(_row(rows, wishes.tag), reduce=wishes.reduce) for wishes in items]
        case ItemsCheckedIn(items=items):
            return [_now(_row(rows, item.tag), "on_floor") for item in items]
        case RefusedItemAdmitted(tag=tag):
            return (_now(_row(rows, tag), "on_floor"),)
        case ItemRefused(tag=tag):
            return (_now(_row(rows, tag), "refused"),)
        case ItemsWithdrawn(items=withdrawn):
            return [_now(_row(rows, item.tag), "withdrawn") for item in withdrawn]
        case ManualLineMatched(item=line):
            return (_now(_row(rows, line.tag), "sold"),)
        case ItemsSold(lines=lines):
            return [_now(_row(rows, line.tag), "sold") for line in lines]
        case ItemsReleasedByVoid(lines=lines):
            return [_now(_row(rows, line.tag), "listed" if line.unchecked else "on_floor") for line in lines]
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
            return [_now(_row(rows, item.tag), status_after(event)) for item in event.items]
        case ItemsRefunded(lines=refunded):
            whole = (line for line in refunded if line.returned_to is not None)
            return [
                _now(_row(rows, line.tag), "on_floor" if line.returned_to == "floor" else "returned") for line in whole
            ]


_FOR_SALE = ("listed", "not_brought", "on_floor")


def _article(listed: ItemListed, status: ArticleStatus) -> ArticleRow:
    return ArticleRow(
        tag=listed.tag,
        sale=listed.sale,
        consignor=listed.consignor,
        category=listed.category,
        description=listed.description,
        price_minor=listed.price_minor,
        list_number=listed.list_number,
        reduce=listed.reduce,
        for_sale=status in _FOR_SALE,
        status=status,
        changed_position=0,
    )


def _now(row: ArticleRow, status: ArticleStatus) -> ArticleRow:
    return replace(row, status=status, for_sale=status in _FOR_SALE)


def _row(rows: Rows, tag: str) -> ArticleRow:
    row: ArticleRow = required(rows, "articles", (tag,))
    return row


CATALOGUE = Projection(
    name="catalogue",
    version=3,
    tables=(Table("articles", ArticleRow, key=("tag",), indexes=(("sale", "changed_position"),)),),
    handles=LEFT
    | frozenset(
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
            "manual-line-matched",
        }
    ),
    reads=_reads,
    apply=_apply,
)
