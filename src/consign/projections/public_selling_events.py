"""The public events of items that are sold, voided and refunded."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class ItemSold(Struct, frozen=True):
    """The item was paid for. `unchecked`: it was sold though nobody had checked it in.

    `price_minor` counts for the consignor; of it the shopper paid `discount_minor` less.
    """

    sale: str
    tag: str
    participation: str
    category: str
    price_minor: int
    currency: str
    receipt: str
    sale_sequence: int
    till: str
    unchecked: bool
    sold_at: datetime
    discount_minor: int = 0


class ManualLineMatched(Struct, frozen=True):
    """An item turned out to be what a receipt sold without a readable tag: it is sold now."""

    sale: str
    receipt: str
    tag: str
    participation: str
    category: str
    price_minor: int
    currency: str
    till: str
    sold_at: datetime


class ManualLineCredited(Struct, frozen=True):
    """A consignor is credited for what a receipt sold without a readable tag, whatever item it was."""

    sale: str
    receipt: str
    participation: str
    category: str
    price_minor: int
    currency: str


class ManualLineKept(Struct, frozen=True):
    """Nobody is credited for what a receipt sold without a readable tag: the organizer keeps it."""

    sale: str
    receipt: str
    price_minor: int
    currency: str


class ItemSaleVoided(Struct, frozen=True):
    """The receipt that sold the item was voided: the item is where it was before."""

    sale: str
    tag: str
    participation: str
    category: str
    price_minor: int
    currency: str
    receipt: str


class ItemRefunded(Struct, frozen=True):
    """`refund_minor` of the `price_minor` it counted for was taken back; no `returned_to`: the shopper keeps it."""

    sale: str
    tag: str
    participation: str
    category: str
    price_minor: int
    refund_minor: int
    currency: str
    receipt: str
    refund: str
    returned_to: Literal["floor", "consignor"] | None


type SellingData = ItemSold | ManualLineMatched | ManualLineCredited | ManualLineKept | ItemSaleVoided | ItemRefunded
