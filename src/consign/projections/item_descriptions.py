"""How the rows of items and drafts change with what is said of them."""

from collections.abc import Sequence

from msgspec.structs import replace

from consign.domain.ledger.events import ItemListed
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
from consign.domain.recorded import StoredEvent
from consign.projections.item_rows import DraftRow, ItemRow, item_of
from consign.projections.projection import Change, Key, Put, Remove, Rows

DESCRIBED = frozenset(
    {
        "draft-saved",
        "drafts-discarded",
        "item-changed",
        "item-retagged",
        "wishes-changed",
        "photos-arranged",
        "tags-printed",
    }
)


def described_rows(event: ItemEvent) -> Sequence[tuple[str, Key]]:
    """Name the rows of which the event says something."""
    match event:
        case DraftSaved() | DraftsDiscarded():
            return ()
        case ItemChanged():
            return (("items", (event.item.tag,)),)
        case ItemRetagged():
            return (("items", (event.tag,)),)
        case TagsPrinted():
            return [("items", (tag,)) for tag in event.tags]
        case WishesChanged() | PhotosArranged():
            return [("items", (item.tag,)) for item in event.items]


def described(stored: StoredEvent, event: ItemEvent, rows: Rows) -> Sequence[Change]:
    """Return what changes with what is said."""
    match event:
        case DraftSaved():
            return (Put("drafts", _draft(stored, event)),)
        case DraftsDiscarded():
            return [Remove("drafts", (event.sale, draft)) for draft in event.drafts]
        case ItemChanged():
            return (Put("items", _said(item_of(rows, event.item.tag), event.item)),)
        case ItemRetagged():
            return _retagged(stored, event, item_of(rows, event.tag))
        case WishesChanged():
            return [
                Put("items", replace(item_of(rows, item.tag), reduce=item.reduce, donate=item.donate))
                for item in event.items
            ]
        case PhotosArranged():
            return [Put("items", replace(item_of(rows, item.tag), photos=item.photos)) for item in event.items]
        case TagsPrinted():
            return [Put("items", _printed(stored, item_of(rows, tag))) for tag in event.tags]


def _draft(stored: StoredEvent, event: DraftSaved) -> DraftRow:
    said = {field: getattr(event, field) for field in event.__struct_fields__}
    return DraftRow(**said, saved_position=stored.position, saved_at=stored.recorded_at)


def _said(row: ItemRow, item: ItemListed) -> ItemRow:
    """Return the row with everything that is said of the item now."""
    return replace(row, **{field: getattr(item, field) for field in item.__struct_fields__})


def _retagged(stored: StoredEvent, event: ItemRetagged, old: ItemRow) -> Sequence[Change]:
    new = replace(
        _said(old, event.item),
        listed_position=stored.position,
        listed_at=stored.recorded_at,
        printed_count=0,
        printed_at=None,
        printed_by=None,
        replaces=old.tag,
    )
    return (Put("items", replace(old, status="voided", replaced_by=new.tag)), Put("items", new))


def _printed(stored: StoredEvent, row: ItemRow) -> ItemRow:
    return replace(
        row,
        printed_count=row.printed_count + 1,
        printed_at=stored.recorded_at,
        printed_by=stored.account_id,
    )
