"""What can be said of things on the floor after drop-off: who took them, what is missing, and what was counted."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.ledger.floor_events import CountId
from consign.domain.values import (
    ROWS_LIMIT,
    ConsignorNumber,
    GivenSaleId,
    Name,
    ScannedText,
    TagCode,
    Text,
)

Tags = Annotated[tuple[ScannedText, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
GivenCountId = Annotated[
    CountId, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", max_length=36)
]


class UndoCheckIn(Struct, frozen=True, tag="undo-check-in"):
    """They were checked in by mistake: nobody brought them."""

    sale: GivenSaleId
    tags: Tags


class CollectItems(Struct, frozen=True, tag="collect-items"):
    """Their consignors take them home again."""

    sale: GivenSaleId
    tags: Tags


class CollectConsignor(Struct, frozen=True, gc=False, tag="collect-consignor"):
    """A consignor takes home whatever is there and is not to be given away."""

    sale: GivenSaleId
    consignor: ConsignorNumber


class DonateItems(Struct, frozen=True, tag="donate-items"):
    sale: GivenSaleId
    tags: Tags


class DonateRest(Struct, frozen=True, gc=False, tag="donate-rest"):
    """Gives away what the sale's policy says by now; to be said again until nothing remains."""

    sale: GivenSaleId


class CloseDonations(Struct, frozen=True, gc=False, tag="close-donations"):
    """The list of what is given away stands as it is now."""

    sale: GivenSaleId


class ReopenDonations(Struct, frozen=True, gc=False, tag="reopen-donations"):
    """More is given away after all, or less."""

    sale: GivenSaleId
    reason: Name


class TellNotBrought(Struct, frozen=True, gc=False, tag="tell-not-brought"):
    """Says of what is only listed that nobody brought it, once selling is over, or takes that back: by the phase.

    A timer says it, for consignors with higher numbers than `after`.
    """

    sale: GivenSaleId
    after: int = 0


class MissItems(Struct, frozen=True, tag="miss-items"):
    """They should be on the floor, and are not."""

    sale: GivenSaleId
    tags: Tags


class LoseItems(Struct, frozen=True, tag="lose-items"):
    """Nobody expects to see them again; the sale's policy says what their consignors get."""

    sale: GivenSaleId
    tags: Tags
    reason: Text = ""


class FindItems(Struct, frozen=True, tag="find-items"):
    """They are there after all: missing, lost, or said by mistake to be collected or given away."""

    sale: GivenSaleId
    tags: Tags


class CountShelf(Struct, frozen=True, tag="count-shelf"):
    """Scans of one area. The first of a `count` begin it; one count at a time."""

    sale: GivenSaleId
    count: GivenCountId
    area: Name
    tags: Tags


class CompareShelfCount(Struct, frozen=True, gc=False, tag="compare-shelf-count"):
    """Asks what marking would do now; nothing is changed."""

    sale: GivenSaleId
    count: GivenCountId


class ApplyShelfCount(Struct, frozen=True, gc=False, tag="apply-shelf-count"):
    """Marks as missing what nobody saw, and closes the count; to be said again until nothing remains."""

    sale: GivenSaleId
    count: GivenCountId


class DropShelfCount(Struct, frozen=True, gc=False, tag="drop-shelf-count"):
    sale: GivenSaleId
    count: GivenCountId


class DonateRestAnswer(Struct, frozen=True):
    """`remaining` are still to be given away."""

    tags: tuple[TagCode, ...]
    remaining: int


class DonationsClosedAnswer(Struct, frozen=True):
    """`items` are on the list, and their tags asked `asked_minor`; `remaining` were to be given away, and are not."""

    number: int
    items: int
    asked_minor: int
    currency: str
    remaining: int


class SurplusRow(Struct, frozen=True, gc=False):
    """`row` is the place among the scanned; `reason` and `detail` say where the thing should be instead."""

    row: int
    scanned: str
    reason: str
    detail: str


class CountAnswer(Struct, frozen=True):
    """`tags` are there as they should; `seen` are all that this count saw so far of what should be there."""

    count: CountId
    tags: tuple[TagCode, ...]
    surplus: tuple[SurplusRow, ...]
    seen: int
    expected: int


class CompareAnswer(Struct, frozen=True):
    """`missing` should be there and nobody saw them: the first ones, `remaining` more follow."""

    count: CountId
    seen: int
    expected: int
    missing: tuple[TagCode, ...]
    remaining: int


type FloorCommand = (
    UndoCheckIn
    | CollectItems
    | CollectConsignor
    | DonateItems
    | DonateRest
    | CloseDonations
    | ReopenDonations
    | TellNotBrought
    | MissItems
    | LoseItems
    | FindItems
    | CountShelf
    | CompareShelfCount
    | ApplyShelfCount
    | DropShelfCount
)
