"""The events of describing things: drafts, changes, wishes, photos and printed tags."""

from msgspec import Struct

from consign.domain.ledger.events import ItemListed, Photo
from consign.domain.ledger.item_events import (
    DraftSaved,
    DraftsDiscarded,
    ItemChanged,
    ItemPhotos,
    ItemRetagged,
    PhotosArranged,
    TagsPrinted,
    Wishes,
    WishesChanged,
)
from consign.domain.values import DraftId, PhotoId, TagCode
from tests.domain.market import ANNA, COAT, DRESS, SALE, SKIRT

DRAFT = DraftId("01900000-0000-7000-8000-0000000000e1")
PHOTO = Photo(PhotoId("01900000-0000-7000-8000-0000000000f1"), "ab" * 32)
LISTED = ItemListed(
    SALE,
    DRESS,
    ANNA,
    1,
    "skirt",
    "Red skirts",
    350,
    2,
    reduce=True,
    donate=True,
    pieces=3,
    size="116",
    brand="Colibri",
    reference="SKU-7",
    photos=(PHOTO,),
    draft=DRAFT,
    copied_from=TagCode("00600010010"),
    beyond_quota=True,
    image_source="https://example.org/skirts.jpg",
)

SPECIMENS: tuple[Struct, ...] = (
    DraftSaved(
        SALE,
        DRAFT,
        ANNA,
        1,
        "skirt",
        "Red skirts",
        350,
        2,
        reduce=True,
        donate=True,
        pieces=3,
        size="116",
        brand="Colibri",
        reference="SKU-7",
        photos=(PHOTO,),
        image_source="https://example.org/skirts.jpg",
    ),
    DraftsDiscarded(SALE, 1, (DRAFT,)),
    ItemChanged(SALE, LISTED),
    ItemRetagged(SALE, SKIRT, LISTED, "on_floor"),
    WishesChanged(SALE, (Wishes(SKIRT, ANNA, reduce=True, donate=False),)),
    PhotosArranged(SALE, (ItemPhotos(COAT, ANNA, (PHOTO,)),)),
    TagsPrinted(SALE, (SKIRT, COAT)),
)
