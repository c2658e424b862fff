"""What integrators are told when something else is said of an item."""

from collections.abc import Sequence

from consign.domain.ledger.item_events import ItemChanged, ItemRetagged, PhotosArranged, WishesChanged
from consign.projections import public_item_events as public

type Described = ItemChanged | ItemRetagged | WishesChanged | PhotosArranged
type PublicDescription = public.ItemChanged | public.ItemRetagged | public.ItemWishesChanged | public.ItemPhotosArranged

DESCRIBED = frozenset({"item-changed", "item-retagged", "wishes-changed", "photos-arranged"})


def described(event: Described, currency: str) -> Sequence[PublicDescription]:
    """Map one internal event to what is published of it; `currency` is the sale's."""
    match event:
        case ItemChanged(item=item):
            return (
                public.ItemChanged(
                    sale=event.sale,
                    tag=item.tag,
                    participation=item.participation,
                    category=item.category,
                    description=item.description,
                    price_minor=item.price_minor,
                    currency=currency,
                    list_number=item.list_number,
                    pieces=item.pieces,
                    size=item.size,
                    brand=item.brand,
                ),
            )
        case ItemRetagged(item=item):
            return (
                public.ItemRetagged(
                    sale=event.sale,
                    tag=item.tag,
                    replaces=event.tag,
                    participation=item.participation,
                    category=item.category,
                    description=item.description,
                    price_minor=item.price_minor,
                    currency=currency,
                    list_number=item.list_number,
                    pieces=item.pieces,
                    size=item.size,
                    brand=item.brand,
                ),
            )
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
