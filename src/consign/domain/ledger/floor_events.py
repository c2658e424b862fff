"""What becomes of things on the floor beside being sold: counted, missed, lost, found, collected, given away.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime
from typing import Literal, NewType

from msgspec import Struct

from consign.domain.ledger.events import ItemReference
from consign.domain.values import ParticipationId, SaleId, TagCode

CountId = NewType("CountId", str)
"""What a client calls one count of the shelves."""

type MadeGood = Literal["nothing", "less_commission", "in_full"]
"""What a consignor gets for a lost item: nothing, what a sale would have brought, or the whole price."""


type LeftFrom = Literal["on_floor", "missing", "refused", "returned", "collected", "donated"]


class LeavingItem(Struct, frozen=True, gc=False):
    """`was` is the status it had: things change hands, and minds, at the pick-up."""

    tag: TagCode
    participation: ParticipationId
    category: str
    was: LeftFrom


class FoundItem(Struct, frozen=True, gc=False, omit_defaults=True):
    """`gross_minor` is what it was made good with while it was lost, and no longer is."""

    tag: TagCode
    participation: ParticipationId
    category: str
    was: Literal["missing", "lost", "collected", "donated"]
    list_number: int = 1
    gross_minor: int = 0
    made_good: MadeGood = "nothing"


class LostItem(Struct, frozen=True, gc=False, omit_defaults=True):
    """`gross_minor` is its price without the tax in it, where it is made good; else zero."""

    tag: TagCode
    participation: ParticipationId
    category: str
    was: Literal["on_floor", "missing"]
    list_number: int = 1
    gross_minor: int = 0


class CheckInsUndone(Struct, frozen=True, tag="check-ins-undone"):
    """They had been checked in by mistake, and are listed as before."""

    sale: SaleId
    items: tuple[ItemReference, ...]


class ItemsNotBrought(Struct, frozen=True, tag="items-not-brought"):
    """They were listed, and selling is over: nobody brought them."""

    sale: SaleId
    items: tuple[ItemReference, ...]


class ItemsAwaited(Struct, frozen=True, tag="items-awaited"):
    """They had not been brought; the sale went a step back, and they are listed as before."""

    sale: SaleId
    items: tuple[ItemReference, ...]


class ItemsCollected(Struct, frozen=True, tag="items-collected"):
    """Their consignors have them again."""

    sale: SaleId
    items: tuple[LeavingItem, ...]


class ItemsDonated(Struct, frozen=True, tag="items-donated"):
    sale: SaleId
    items: tuple[LeavingItem, ...]


class DonatedCategory(Struct, frozen=True, gc=False):
    """What a closed list holds of one category; `asked_minor` is what its tags asked."""

    category: str
    items: int
    asked_minor: int


class DonationsClosed(Struct, frozen=True, tag="donations-closed"):
    """The list of what is given away stands: nothing joins or leaves it before it is reopened.

    `number` counts the closings of a sale. Who closed it is with the event.
    """

    sale: SaleId
    number: int
    items: int
    asked_minor: int
    categories: tuple[DonatedCategory, ...]
    closed_at: datetime


class DonationsReopened(Struct, frozen=True, tag="donations-reopened"):
    """The list of this `number` does not stand any more."""

    sale: SaleId
    number: int
    reason: str
    reopened_at: datetime


class ItemsMissed(Struct, frozen=True, tag="items-missed"):
    """They should be on the floor, and nobody saw them: by this `count`, or by somebody's word."""

    sale: SaleId
    items: tuple[ItemReference, ...]
    count: CountId | None = None


class ItemsLost(Struct, frozen=True, tag="items-lost"):
    """Nobody expects to see them again. Made good in full is posted by the settlement's `consignor-adjusted`."""

    sale: SaleId
    items: tuple[LostItem, ...]
    made_good: MadeGood
    reason: str = ""


class ItemsFound(Struct, frozen=True, tag="items-found"):
    """They are on the floor after all."""

    sale: SaleId
    items: tuple[FoundItem, ...]


class Surplus(Struct, frozen=True, gc=False):
    """Something on a shelf that should not be there: `what` says why, such as `sold` or `wrong_sale`."""

    scanned: str
    what: str


class ShelfCounted(Struct, frozen=True, tag="shelf-counted"):
    """Scans of one area. `tags` should be there; the first scans begin the count."""

    sale: SaleId
    count: CountId
    area: str
    tags: tuple[TagCode, ...]
    surplus: tuple[Surplus, ...]
    counted_at: datetime


class ShelfCountClosed(Struct, frozen=True, tag="shelf-count-closed"):
    """`applied`: whatever nobody saw is missing now; otherwise the count is dropped."""

    sale: SaleId
    count: CountId
    applied: bool
    closed_at: datetime


type FloorEvent = (
    CheckInsUndone
    | ItemsNotBrought
    | ItemsAwaited
    | ItemsCollected
    | ItemsDonated
    | DonationsClosed
    | DonationsReopened
    | ItemsMissed
    | ItemsLost
    | ItemsFound
    | ShelfCounted
    | ShelfCountClosed
)
