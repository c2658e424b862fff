"""The events of the floor: undone, collected, given away, missing, lost, found and counted."""

from datetime import UTC, datetime

from msgspec import Struct

from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    CountId,
    DonatedCategory,
    DonationsClosed,
    DonationsReopened,
    FoundItem,
    ItemsAwaited,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    ItemsNotBrought,
    LeavingItem,
    LostItem,
    ShelfCountClosed,
    ShelfCounted,
    Surplus,
)
from tests.domain.market import ANNA, BEN, COAT, DRESS, SALE, SKIRT

COUNT = CountId("01900000-0000-7000-8000-0000000000aa")
AT = datetime(2026, 9, 27, 18, 0, tzinfo=UTC)

SPECIMENS: tuple[Struct, ...] = (
    CheckInsUndone(SALE, (ItemReference(SKIRT, ANNA, "skirt"),)),
    ItemsNotBrought(SALE, (ItemReference(SKIRT, ANNA, "skirt"),)),
    ItemsAwaited(SALE, (ItemReference(SKIRT, ANNA, "skirt"),)),
    ItemsCollected(SALE, (LeavingItem(SKIRT, ANNA, "skirt", "on_floor"), LeavingItem(COAT, BEN, "coat", "refused"))),
    ItemsDonated(SALE, (LeavingItem(DRESS, ANNA, "dress", "collected"),)),
    DonationsClosed(SALE, 2, 3, 4500, (DonatedCategory("coat", 1, 2500), DonatedCategory("skirt", 2, 2000)), AT),
    DonationsReopened(SALE, 2, "a box was left behind", AT),
    ItemsMissed(SALE, (ItemReference(COAT, BEN, "coat"),), COUNT),
    ItemsLost(SALE, (LostItem(COAT, BEN, "coat", "missing", 2, 2500),), "less_commission", "not seen since Saturday"),
    ItemsFound(SALE, (FoundItem(COAT, BEN, "coat", "lost", 2, 2500, "less_commission"),)),
    ShelfCounted(SALE, COUNT, "coats, rack 3", (SKIRT, COAT), (Surplus("123", "tag_invalid"),), AT),
    ShelfCountClosed(SALE, COUNT, applied=True, closed_at=AT),
)
