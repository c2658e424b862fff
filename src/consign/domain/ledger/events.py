"""What the inventory ledger of a sale records.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from consign.domain.values import (
    BasketId,
    DraftId,
    GivenPhotoId,
    ParticipationId,
    ReceiptNumber,
    SaleId,
    SessionId,
    TagCode,
)


class Photo(Struct, frozen=True, gc=False):
    """A picture that is kept elsewhere: its id, and the SHA-256 of its bytes, by which whoever shows it can be sure."""

    photo: GivenPhotoId
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]


class ItemListed(Struct, frozen=True, gc=False, omit_defaults=True, tag="item-listed"):
    """An item has a tag. `reduce` and `donate` are its consignor's wishes, `reference` is what they call it.

    A lot is one item of several `pieces`. `draft` is what it was described as before, `copied_from` its tag in an
    earlier sale. `beyond_quota`: an organizer let it in though its consignor had no place for it. `image_source` is
    where a picture of it can be fetched.
    """

    sale: SaleId
    tag: TagCode
    participation: ParticipationId
    consignor: int
    category: str
    description: str
    price_minor: int
    list_number: int = 1
    reduce: bool = False
    donate: bool = False
    pieces: int = 1
    size: str = ""
    brand: str = ""
    reference: str = ""
    photos: tuple[Photo, ...] = ()
    draft: DraftId | None = None
    copied_from: TagCode | None = None
    beyond_quota: bool = False
    image_source: str = ""


class ItemReference(Struct, frozen=True, gc=False):
    tag: TagCode
    participation: ParticipationId
    category: str


class ItemsCheckedIn(Struct, frozen=True, tag="items-checked-in"):
    """`late`: they came after the drop-off ended."""

    sale: SaleId
    items: tuple[ItemReference, ...]
    late: bool = False


class ItemRefused(Struct, frozen=True, gc=False, tag="item-refused"):
    """`was` is the status it had: listed, or already on the floor."""

    sale: SaleId
    tag: TagCode
    participation: ParticipationId
    category: str
    reason: str
    was: Literal["listed", "on_floor"]


class RefusedItemAdmitted(Struct, frozen=True, gc=False, tag="refused-item-admitted"):
    sale: SaleId
    tag: TagCode
    participation: ParticipationId
    category: str


class WithdrawnItem(Struct, frozen=True, gc=False):
    tag: TagCode
    participation: ParticipationId
    category: str
    was: Literal["listed", "on_floor", "refused"]


class ItemsWithdrawn(Struct, frozen=True, tag="items-withdrawn"):
    sale: SaleId
    items: tuple[WithdrawnItem, ...]
    reason: str = ""


class ItemHeld(Struct, frozen=True, gc=False, tag="item-held"):
    """The basket's other holds are extended to the same time; what another basket let expire is taken over."""

    sale: SaleId
    tag: TagCode
    basket: BasketId
    session: SessionId
    till: str
    held_at: datetime
    expires_at: datetime


class ItemReleased(Struct, frozen=True, gc=False, tag="item-released"):
    sale: SaleId
    tag: TagCode
    basket: BasketId


class BasketReleased(Struct, frozen=True, tag="basket-released"):
    """The basket was abandoned: whatever it still held is free."""

    sale: SaleId
    basket: BasketId
    tags: tuple[TagCode, ...]


class HoldsExpired(Struct, frozen=True, tag="holds-expired"):
    sale: SaleId
    basket: BasketId
    tags: tuple[TagCode, ...]


class HoldMoved(Struct, frozen=True, gc=False, tag="hold-moved"):
    """The basket goes on at another till; its holds (`tags`) go with it, until `expires_at`."""

    sale: SaleId
    basket: BasketId
    session: SessionId
    till: str
    expires_at: datetime
    tags: tuple[TagCode, ...] = ()


type Credited = Literal["consignor", "suspense", "organizer"]
"""Whose the gross of a line is: its consignor's, nobody's yet, or the organizer's."""


class SoldLine(Struct, frozen=True, gc=False, omit_defaults=True):
    """`unchecked`: sold though nobody had checked it in; the shopper stood there with the thing.

    Its parts are those of the receipt's line, see `consign.domain.amounts`.
    """

    tag: TagCode
    participation: ParticipationId
    category: str
    price_minor: int
    list_number: int = 1
    unchecked: bool = False
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_ppm: int = 0
    tax_included: bool = False
    surcharge_minor: int = 0


class ManualLine(Struct, frozen=True, gc=False, omit_defaults=True):
    """A line of a receipt that was typed in, for a thing without a readable tag; `line` is the id its till gave it.

    `consignor` is the number that the cashier could read (zero: none), `category` may be empty. Its parts are those of
    the receipt's line, see `consign.domain.amounts`.
    """

    line: TagCode
    category: str
    description: str
    price_minor: int
    consignor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_ppm: int = 0
    tax_included: bool = False
    surcharge_minor: int = 0


class ItemsSold(Struct, frozen=True, tag="items-sold"):
    """`sale_sequence` counts the receipts of the whole sale. The money is posted by the session's `basket-paid`."""

    sale: SaleId
    receipt: ReceiptNumber
    sale_sequence: int
    session: SessionId
    till: str
    basket: BasketId
    lines: tuple[SoldLine, ...]
    tender_kinds: tuple[str, ...]
    sold_at: datetime
    manual: tuple[ManualLine, ...] = ()


class ItemsReleasedByVoid(Struct, frozen=True, tag="items-released-by-void"):
    """Each item is where it was before it was sold: on the floor, or listed where it was sold unchecked.

    `manual` are the ids of the receipt's manual lines; where one was matched, its item is among `lines`.
    """

    sale: SaleId
    receipt: ReceiptNumber
    session: SessionId
    lines: tuple[SoldLine, ...]
    manual: tuple[TagCode, ...] = ()


class RefundedLine(Struct, frozen=True, gc=False, omit_defaults=True):
    """`price_minor` is what the item counted for before, `refund_minor` the part of it that is given back.

    `returned_to` says where the thing went; null: the shopper keeps it and only paid less for it. With the price go
    back its parts of discount, tax and surcharge; `tax_left_minor` is the tax on what is left.
    """

    tag: TagCode
    participation: ParticipationId
    category: str
    price_minor: int
    refund_minor: int
    returned_to: Literal["floor", "consignor"] | None = None
    list_number: int = 1
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_ppm: int = 0
    tax_included: bool = False
    surcharge_minor: int = 0
    tax_left_minor: int = 0
    manual: bool = False
    credited_to: Credited = "consignor"

    @property
    def paid_back_minor(self) -> int:
        """What the shopper gets for the line."""
        tax_on_top_minor = 0 if self.tax_included else self.tax_minor
        return self.refund_minor - self.discount_minor + tax_on_top_minor + self.surcharge_minor

    @property
    def gross_before_minor(self) -> int:
        """What commission was computed on before the refund."""
        return self.price_minor - (self.tax_minor + self.tax_left_minor if self.tax_included else 0)

    @property
    def gross_left_minor(self) -> int:
        """What commission is computed on afterwards, where the thing stays sold."""
        return self.price_minor - self.refund_minor - (self.tax_left_minor if self.tax_included else 0)


class ItemsRefunded(Struct, frozen=True, tag="items-refunded"):
    """The money is posted by the paying session's `refund-paid`."""

    sale: SaleId
    receipt: ReceiptNumber
    refund: ReceiptNumber
    session: SessionId
    lines: tuple[RefundedLine, ...]
    manual: tuple[RefundedLine, ...] = ()


type LedgerEvent = (
    ItemHeld
    | ItemsSold
    | ItemReleased
    | ItemListed
    | ItemsCheckedIn
    | BasketReleased
    | HoldsExpired
    | HoldMoved
    | ItemsReleasedByVoid
    | ItemsRefunded
    | ItemRefused
    | RefusedItemAdmitted
    | ItemsWithdrawn
)
