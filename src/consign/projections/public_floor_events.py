"""What integrators see of things that are not sold: collected, given away, missing, lost, found."""

from typing import Literal

from msgspec import Struct


class ItemCheckInUndone(Struct, frozen=True):
    """The item had been checked in by mistake: it is listed as before."""

    sale: str
    tag: str
    participation: str
    category: str


class ItemNotBrought(Struct, frozen=True):
    """The item was listed, and nobody brought it before selling was over."""

    sale: str
    tag: str
    participation: str
    category: str


class ItemAwaited(Struct, frozen=True):
    """The item had not been brought; the sale went a step back, and it is listed as before."""

    sale: str
    tag: str
    participation: str
    category: str


class ItemCollected(Struct, frozen=True):
    """The item's consignor has it again; `was` is the status it had."""

    sale: str
    tag: str
    participation: str
    category: str
    was: Literal["on_floor", "missing", "refused", "returned", "collected", "donated"]


class ItemDonated(Struct, frozen=True):
    """The item was given away; `was` is the status it had."""

    sale: str
    tag: str
    participation: str
    category: str
    was: Literal["on_floor", "missing", "refused", "returned", "collected", "donated"]


class DonatedCategory(Struct, frozen=True):
    """What a closed list holds of one category; `asked_minor` is what its tags asked."""

    category: str
    items: int
    asked_minor: int


class DonationsClosed(Struct, frozen=True):
    """The list of what the sale gives away stands; `number` counts its closings."""

    sale: str
    number: int
    items: int
    asked_minor: int
    currency: str
    categories: tuple[DonatedCategory, ...]


class DonationsReopened(Struct, frozen=True):
    """The list of this number does not stand any more."""

    sale: str
    number: int


class ItemMissing(Struct, frozen=True):
    """The item should be on the floor, and nobody saw it."""

    sale: str
    tag: str
    participation: str
    category: str


class ItemLost(Struct, frozen=True):
    """Nobody expects to see the item again; `gross_minor` is what it is made good with, before any commission."""

    sale: str
    tag: str
    participation: str
    category: str
    made_good: Literal["nothing", "less_commission", "in_full"]
    gross_minor: int
    currency: str


class ItemFound(Struct, frozen=True):
    """The item is on the floor after all; what it was made good with (`gross_minor`) is taken back."""

    sale: str
    tag: str
    participation: str
    category: str
    was: Literal["missing", "lost", "collected", "donated"]
    gross_minor: int
    currency: str
