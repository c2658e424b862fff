"""The rows of items and drafts."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.domain.ledger.events import Photo
from consign.domain.ledger.floor_events import MadeGood
from consign.projections.projection import Rows, required

type ItemStatus = Literal[
    "listed",
    "not_brought",
    "on_floor",
    "held",
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


class ItemRow(Struct, frozen=True):
    """`late`: it came after the drop-off ended. `missed_by` is the count that did not see a missing item.

    `made_good_minor` is what a lost one counts for before commission, by the terms `made_good`.

    `held_…` are set while `status` is held, `receipt` and `sold_…` while it is sold.

    `printed_…` tell of the last time its tag was printed. A void tag is `replaced_by` that of the same thing, which
    `replaces` it. `draft` is what the item was described as before, `copied_from` its tag in an earlier sale.

    `image_source` is where a picture can be fetched that nobody has attached yet.

    `stated_on` is the consignor's statement that it counts on: since then it is settled.

    How long a hold lasts is the basket's, not the item's: every scan extends the whole basket. `sold_for_minor` is what
    the item counts for: its price less what was given back of it. No index names what changes at the tills, so that a
    scan rewrites nothing but the row.
    """

    tag: str
    sale: str
    participation: str
    consignor: int
    category: str
    description: str
    price_minor: int
    list_number: int
    reduce: bool
    donate: bool
    listed_position: int
    listed_at: datetime
    pieces: int = 1
    size: str = ""
    brand: str = ""
    reference: str = ""
    photos: tuple[Photo, ...] = ()
    draft: str | None = None
    copied_from: str | None = None
    beyond_quota: bool = False
    image_source: str = ""
    printed_count: int = 0
    printed_at: datetime | None = None
    printed_by: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    stated_on: str | None = None
    status: ItemStatus = "listed"
    checked_in: bool = False
    late: bool = False
    missed_by: str | None = None
    made_good: MadeGood | None = None
    made_good_minor: int | None = None
    refused_because: str | None = None
    held_basket: str | None = None
    held_till: str | None = None
    held_since: datetime | None = None
    receipt: str | None = None
    sold_till: str | None = None
    sold_at: datetime | None = None
    sold_for_minor: int | None = None


class DraftRow(Struct, frozen=True):
    """An item that is not complete, or not listed yet: it has no tag."""

    sale: str
    draft: str
    participation: str
    consignor: int
    category: str | None
    description: str
    price_minor: int | None
    list_number: int
    reduce: bool
    donate: bool
    pieces: int
    size: str
    brand: str
    reference: str
    photos: tuple[Photo, ...]
    saved_position: int
    saved_at: datetime
    image_source: str = ""


def item_of(rows: Rows, tag: str) -> ItemRow:
    """Return the item's row; raises RowMissing."""
    row: ItemRow = required(rows, "items", (tag,))
    return row
