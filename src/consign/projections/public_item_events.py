"""What integrators see of what is said of an item after it was listed. Drafts and printings stay inside."""

from msgspec import Struct


class ItemChanged(Struct, frozen=True):
    """Something else is said of the item now; its tag is the same."""

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


class ItemRetagged(Struct, frozen=True):
    """Something else is said of the item now, and it has another tag: the tag that it `replaces` is void."""

    sale: str
    tag: str
    replaces: str
    participation: str
    category: str
    description: str
    price_minor: int
    currency: str
    list_number: int
    pieces: int
    size: str
    brand: str


class ItemWishesChanged(Struct, frozen=True):
    """Whether the item may be reduced in a discount window, and is given away if unsold."""

    sale: str
    tag: str
    participation: str
    reduce: bool
    donate: bool


class ItemPhoto(Struct, frozen=True):
    """A photo by its id, and the SHA-256 of its bytes in hexadecimal digits."""

    photo: str
    sha256: str


class ItemPhotosArranged(Struct, frozen=True):
    """The item has these photos now, in this order."""

    sale: str
    tag: str
    participation: str
    photos: tuple[ItemPhoto, ...]
