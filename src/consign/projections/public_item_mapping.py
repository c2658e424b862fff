"""What integrators are told when something else is said of an item."""

from collections.abc import Sequence
from typing import TypedDict

from consign.domain.ledger.events import ItemListed
from consign.domain.ledger.item_events import ItemChanged, ItemRetagged, PhotosArranged, WishesChanged
from consign.projections import public_item_events as public

type Described = ItemChanged | ItemRetagged | WishesChanged | PhotosArranged
type PublicDescription = public.ItemChanged | public.ItemRetagged | public.ItemWishesChanged | public.ItemPhotosArranged

DESCRIBED = frozenset({"item-changed", "item-retagged", "wishes-changed", "photos-arranged"})


class _Said(TypedDict):
    sale: str
    tag: str
    participation: str
    category: str
    description: str
    price_minor: int
    currency: str
    list_number: int
    pieces: int
    size: str
    brand: str


def described(event: Described, currency: str) -> Sequence[PublicDescription]:
    """Map one internal event to what is published of it; `currency` is the sale's."""
    match event:
        case ItemChanged(item=item):
            return (public.ItemChanged(**_said(item, currency)),)
        case ItemRetagged(item=item):
            return (public.ItemRetagged(replaces=event.tag, **_said(item, currency)),)
        case WishesChanged():
            return [
                public.ItemWishesChanged(event.sale, item.tag, item.participation, item.reduce, item.donate)
                for item in event.items
            ]
        case PhotosArranged():
            return [
                public.ItemPhotosArranged(
                    event.sale,
                    item.tag,
                    item.participation,
                    tuple(public.ItemPhoto(photo.photo, photo.sha256) for photo in item.photos),
                )
                for item in event.items
            ]


def _said(item: ItemListed, currency: str) -> _Said:
    """Return what integrators may know of whatever is said of an item."""
    return {
        "sale": item.sale,
        "tag": item.tag,
        "participation": item.participation,
        "category": item.category,
        "description": item.description,
        "price_minor": item.price_minor,
        "currency": currency,
        "list_number": item.list_number,
        "pieces": item.pieces,
        "size": item.size,
        "brand": item.brand,
    }
