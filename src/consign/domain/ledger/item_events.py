"""What the inventory ledger records of describing things: drafts, changes, wishes, photos and printed tags.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from typing import Literal

from msgspec import Struct

from consign.domain.ledger.events import ItemListed, Photo
from consign.domain.values import DraftId, ParticipationId, SaleId, TagCode


class DraftSaved(Struct, frozen=True, gc=False, omit_defaults=True, tag="draft-saved"):
    """Everything said so far of an item that has no tag yet; it takes the place of what was said before."""

    sale: SaleId
    draft: DraftId
    participation: ParticipationId
    consignor: int
    category: str | None = None
    description: str = ""
    price_minor: int | None = None
    list_number: int = 1
    reduce: bool = False
    donate: bool = False
    pieces: int = 1
    size: str = ""
    brand: str = ""
    reference: str = ""
    photos: tuple[Photo, ...] = ()
    image_source: str = ""


class DraftsDiscarded(Struct, frozen=True, tag="drafts-discarded"):
    sale: SaleId
    consignor: int
    drafts: tuple[DraftId, ...]


class ItemChanged(Struct, frozen=True, gc=False, tag="item-changed"):
    """Its tag still says the truth of it: nobody had printed it, or what changed is not on it."""

    sale: SaleId
    item: ItemListed


class ItemRetagged(Struct, frozen=True, gc=False, tag="item-retagged"):
    """The tag is void, for what was printed on it no longer holds; the thing is where it was, as `item`."""

    sale: SaleId
    tag: TagCode
    item: ItemListed
    was: Literal["listed", "on_floor"]


class Wishes(Struct, frozen=True, gc=False):
    """`reduce` in a discount window, `donate` if unsold."""

    tag: TagCode
    participation: ParticipationId
    reduce: bool
    donate: bool


class WishesChanged(Struct, frozen=True, tag="wishes-changed"):
    sale: SaleId
    items: tuple[Wishes, ...]


class ItemPhotos(Struct, frozen=True, gc=False):
    """All photos of an item from now on, in their order."""

    tag: TagCode
    participation: ParticipationId
    photos: tuple[Photo, ...]


class PhotosArranged(Struct, frozen=True, tag="photos-arranged"):
    sale: SaleId
    items: tuple[ItemPhotos, ...]


class TagsPrinted(Struct, frozen=True, tag="tags-printed"):
    """Each printing is a fact of its own: from the first one on, the printed price wins."""

    sale: SaleId
    tags: tuple[TagCode, ...]


type ItemEvent = (
    DraftSaved | DraftsDiscarded | ItemChanged | ItemRetagged | WishesChanged | PhotosArranged | TagsPrinted
)
