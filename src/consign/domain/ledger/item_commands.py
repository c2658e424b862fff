"""What consignors and the desk say of items: drafts, single entry, copies, changes, wishes, photos and printed tags.

Every command says which `actor` says it: a consignor reaches what is their own, the desk everything.
"""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.ledger.commands import ListedRow
from consign.domain.ledger.events import Photo
from consign.domain.values import (
    ROWS_LIMIT,
    Actor,
    AmountMinor,
    Code,
    ConsignorNumber,
    Currency,
    DraftId,
    GivenDraftId,
    GivenSaleId,
    ItemNumber,
    RowError,
    RowNumber,
    ScannedText,
    TagCode,
)

PHOTOS_LIMIT = 12
"""How many photos one item may have."""

GivenTags = Annotated[tuple[ScannedText, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
GivenDescription = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
GivenLabel = Annotated[str, Meta(max_length=60, pattern=r"^[^\x00]*$")]
GivenReference = Annotated[str, Meta(max_length=100, pattern=r"^[^\x00]*$")]
GivenPieces = Annotated[int, Meta(ge=1, le=999)]
GivenImageSource = Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00]*$")]
GivenPhotos = Annotated[tuple[Photo, ...], Meta(max_length=PHOTOS_LIMIT)]


class ListItem(Struct, frozen=True, tag="list-item"):
    """Gives an item its tag; a draft of this id becomes that item. Said again it is listed once."""

    sale: GivenSaleId
    draft: GivenDraftId
    consignor: ConsignorNumber
    category: Code
    description: GivenDescription
    price_minor: AmountMinor
    number: ItemNumber | None = None
    list_number: ItemNumber = 1
    reduce: bool = False
    donate: bool = False
    pieces: GivenPieces = 1
    size: GivenLabel = ""
    brand: GivenLabel = ""
    reference: GivenReference = ""
    photos: GivenPhotos = ()
    currency: Currency | None = None
    actor: Actor | None = None
    beyond_quota: bool = False
    image_source: GivenImageSource = ""


class SaveDraft(Struct, frozen=True, tag="save-draft"):
    """Keeps what is known of an item so far, complete or not; it has no tag yet."""

    sale: GivenSaleId
    draft: GivenDraftId
    consignor: ConsignorNumber
    category: Code | None = None
    description: GivenDescription = ""
    price_minor: AmountMinor | None = None
    list_number: ItemNumber = 1
    reduce: bool = False
    donate: bool = False
    pieces: GivenPieces = 1
    size: GivenLabel = ""
    brand: GivenLabel = ""
    reference: GivenReference = ""
    photos: GivenPhotos = ()
    currency: Currency | None = None
    actor: Actor | None = None
    image_source: GivenImageSource = ""


class CompleteDrafts(Struct, frozen=True, tag="complete-drafts"):
    """Lists drafts of a consignor, all unless some are named: each gets its tag, or stays with what it lacks."""

    sale: GivenSaleId
    consignor: ConsignorNumber
    drafts: Annotated[tuple[GivenDraftId, ...], Meta(max_length=ROWS_LIMIT)] = ()
    actor: Actor | None = None
    beyond_quota: bool = False


class DiscardDrafts(Struct, frozen=True, tag="discard-drafts"):
    """A draft that is not there is gone already."""

    sale: GivenSaleId
    consignor: ConsignorNumber
    drafts: Annotated[tuple[GivenDraftId, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    actor: Actor | None = None


class PriceRule(Struct, frozen=True, gc=False):
    """The old price times the rate, rounded half up to the new sale's price step.

    `fit`: a price outside of the category's band goes to its edge instead of being an error.
    """

    rate_ppm: Annotated[int, Meta(ge=0, le=10_000_000)] = 1_000_000
    fit: bool = False


class CopyItems(Struct, frozen=True, tag="copy-items"):
    """Lists things of another sale of the organization here, for `consignor`; each is copied once.

    Those with `tags`, or whatever `from_consignor` did not sell there, 500 at a time. `sold` ones only where that is
    said: a thing that is sold is gone. `categories` says what a category there is called here.
    """

    sale: GivenSaleId
    from_sale: GivenSaleId
    consignor: ConsignorNumber
    from_consignor: ConsignorNumber | None = None
    tags: Annotated[tuple[ScannedText, ...], Meta(max_length=ROWS_LIMIT)] = ()
    sold: bool = False
    price: PriceRule = PriceRule()
    categories: Annotated[dict[Code, Code], Meta(max_length=500)] = {}
    list_number: ItemNumber | None = None
    actor: Actor | None = None
    beyond_quota: bool = False


class ItemChange(Struct, frozen=True, gc=False):
    """What is to be said of an item from now on; what is left out stays. Limits are checked by `decide`.

    `row` is whatever number the client knows the row by; without it, the row's index.
    """

    tag: ScannedText
    row: RowNumber | None = None
    category: str | None = None
    description: str | None = None
    price_minor: int | None = None
    list_number: int | None = None
    pieces: int | None = None
    size: str | None = None
    brand: str | None = None
    reference: str | None = None
    reduce: bool | None = None
    donate: bool | None = None


class ChangeItem(Struct, frozen=True, gc=False, tag="change-item"):
    """Says something else of one item; what is left out stays. The printed price wins: see `change-items`."""

    sale: GivenSaleId
    tag: ScannedText
    category: Code | None = None
    description: GivenDescription | None = None
    price_minor: AmountMinor | None = None
    list_number: ItemNumber | None = None
    pieces: GivenPieces | None = None
    size: GivenLabel | None = None
    brand: GivenLabel | None = None
    reference: GivenReference | None = None
    reduce: bool | None = None
    donate: bool | None = None
    currency: Currency | None = None
    actor: Actor | None = None
    beyond_quota: bool = False


class ChangeItems(Struct, frozen=True, tag="change-items"):
    """The printed price wins: an item whose tag is printed, or that is on the floor, gets a new tag for its old one."""

    sale: GivenSaleId
    rows: Annotated[tuple[ItemChange, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    currency: Currency | None = None
    actor: Actor | None = None
    beyond_quota: bool = False


class ChangeWishes(Struct, frozen=True, tag="change-wishes"):
    """Whether items may be reduced in a discount window, and are given away if unsold; null stays as it is."""

    sale: GivenSaleId
    tags: GivenTags
    reduce: bool | None = None
    donate: bool | None = None
    actor: Actor | None = None


class PhotosOfItem(Struct, frozen=True, gc=False):
    tag: ScannedText
    photos: GivenPhotos


class ArrangePhotos(Struct, frozen=True, tag="arrange-photos"):
    """Says which photos items have, in their order: attaches, detaches and reorders by saying how it shall be."""

    sale: GivenSaleId
    rows: Annotated[tuple[PhotosOfItem, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    actor: Actor | None = None


class MarkTagsPrinted(Struct, frozen=True, tag="mark-tags-printed"):
    """Records that tags were printed, for the first time or again."""

    sale: GivenSaleId
    tags: GivenTags
    actor: Actor | None = None


class MarkConsignorTagsPrinted(Struct, frozen=True, gc=False, tag="mark-consignor-tags-printed"):
    """Records that all tags of a consignor were printed that had not been yet, 500 at a time."""

    sale: GivenSaleId
    consignor: ConsignorNumber
    actor: Actor | None = None


class ItemAnswer(Struct, frozen=True, gc=False):
    """`already`: it was listed before, with this tag; nothing was changed."""

    draft: DraftId
    tag: TagCode
    already: bool = False


class DraftAnswer(Struct, frozen=True, gc=False):
    """`lacking` names what keeps the draft from being listed as it is."""

    draft: DraftId
    lacking: tuple[RowError, ...] = ()


class CompletedDraft(Struct, frozen=True, gc=False):
    draft: DraftId
    tag: TagCode
    already: bool = False


class CompletedAnswer(Struct, frozen=True):
    """`errors` count the drafts as they were named, or in the order in which they were first saved."""

    listed: tuple[CompletedDraft, ...]
    errors: tuple[RowError, ...] = ()


class DraftsAnswer(Struct, frozen=True):
    """`drafts` are those that are gone now."""

    drafts: tuple[DraftId, ...]


class CopiedAnswer(Struct, frozen=True):
    """Rows count the tags that were named, or the items that came into question; `left` were beyond this command."""

    listed: tuple[ListedRow, ...]
    errors: tuple[RowError, ...] = ()
    left: int = 0


class ItemChangedAnswer(Struct, frozen=True, gc=False):
    """`tag` is the item's now; `voided` the one it had before, if that is void."""

    tag: TagCode
    voided: TagCode | None = None


class ChangedRow(Struct, frozen=True, gc=False):
    """`tag` is the item's now; `voided` the one it had before, if that is void."""

    row: int
    tag: TagCode
    voided: TagCode | None = None


class ChangedAnswer(Struct, frozen=True):
    changed: tuple[ChangedRow, ...]
    errors: tuple[RowError, ...] = ()


type ItemCommand = (
    ListItem
    | SaveDraft
    | CompleteDrafts
    | DiscardDrafts
    | CopyItems
    | ChangeItem
    | ChangeItems
    | ChangeWishes
    | ArrangePhotos
    | MarkTagsPrinted
    | MarkConsignorTagsPrinted
)
