"""What the inventory ledger of a sale can be told directly, and what it answers. Tills speak to it through sessions."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.ledger.events import Photo
from consign.domain.values import (
    ROWS_LIMIT,
    Actor,
    BasketId,
    Currency,
    GivenSaleId,
    Name,
    RowError,
    SaleId,
    ScannedText,
    TagCode,
    Text,
)


class ItemRow(Struct, frozen=True, gc=False):
    """One item to list. Limits are checked by `decide`, so that a bad row is an error of its row, not of the batch.

    `reference` is what its consignor calls it, once only. A lot is one item of several `pieces`. `image_source` is the
    address of a picture that may be fetched later.
    """

    row: int
    consignor: int
    category: str
    description: str
    price_minor: int
    number: int | None = None
    list_number: int = 1
    reduce: bool = False
    donate: bool = False
    pieces: int = 1
    size: str = ""
    brand: str = ""
    reference: str = ""
    photos: tuple[Photo, ...] = ()
    image_source: str = ""


class ListItems(Struct, frozen=True, tag="list-items"):
    """A chunk of items: every bad row is named in the answer, the good ones are kept.

    `beyond_quota` lets an organizer list what its consignor has no place for.
    """

    sale: GivenSaleId
    rows: Annotated[tuple[ItemRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    currency: Currency | None = None
    actor: Actor | None = None
    beyond_quota: bool = False


class CheckInItems(Struct, frozen=True, tag="check-in-items"):
    sale: GivenSaleId
    tags: Annotated[tuple[ScannedText, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]


class CheckInConsignor(Struct, frozen=True, gc=False, tag="check-in-consignor"):
    """Checks in whatever the consignor listed and was not refused."""

    sale: GivenSaleId
    consignor: Annotated[int, Meta(ge=1, le=9999)]


class RefuseItem(Struct, frozen=True, gc=False, tag="refuse-item"):
    sale: GivenSaleId
    tag: ScannedText
    reason: Name


class AdmitRefusedItem(Struct, frozen=True, gc=False, tag="admit-refused-item"):
    """Somebody thought better of it: the refused item goes on the floor."""

    sale: GivenSaleId
    tag: ScannedText


class WithdrawItems(Struct, frozen=True, tag="withdraw-items"):
    sale: GivenSaleId
    tags: Annotated[tuple[ScannedText, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    reason: Text = ""
    actor: Actor | None = None


class ExpireHolds(Struct, frozen=True, gc=False, tag="expire-holds"):
    """Said by a timer; holds that were extended meanwhile stay, and get a new timer."""

    sale: SaleId
    basket: BasketId


class ListedRow(Struct, frozen=True, gc=False):
    """`already` says that an identical item with this tag was there before: nothing was changed.

    `image_source` is where whoever may can fetch a picture of it, as long as no photo is attached.
    """

    row: int
    tag: TagCode
    already: bool = False
    image_source: str = ""


class ListItemsAnswer(Struct, frozen=True):
    listed: tuple[ListedRow, ...]
    errors: tuple[RowError, ...] = ()


class TagsAnswer(Struct, frozen=True):
    """`tags` are those where what was asked now holds (whether or not it held before)."""

    tags: tuple[TagCode, ...]
    errors: tuple[RowError, ...] = ()


type LedgerCommand = (
    ExpireHolds | ListItems | CheckInItems | CheckInConsignor | RefuseItem | AdmitRefusedItem | WithdrawItems
)
