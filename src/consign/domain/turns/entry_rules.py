"""What a sale takes: the one place where an item is held to the sale's rules, however it comes in."""

import re
from functools import lru_cache

from consign.domain.ledger.commands import ItemRow
from consign.domain.ledger.item_commands import PHOTOS_LIMIT
from consign.domain.rejection import Reason, RowReason
from consign.domain.sale import Category, Planned
from consign.domain.values import AMOUNT_LIMIT_MINOR

LAST_ITEM_NUMBER = 999
DESCRIPTION_LIMIT = 200
LABEL_LIMIT = 60
REFERENCE_LIMIT = 100
IMAGE_SOURCE_LIMIT = 1000

_ADDRESS = re.compile(r"https?://[^\s\x00]+")
_NO_WORD = re.compile(r"[\W_]+")


class BadRow(Exception):
    """An item cannot be taken as it is: which field it is, and why. A batch goes on without it."""

    def __init__(self, field: str, reason: RowReason | Reason, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.reason = reason
        self.detail = detail


def check(row: ItemRow, sale: Planned, categories: dict[str, Category]) -> None:
    """Raise BadRow for the first rule that what is said of the item breaks; quotas and numbers are judged elsewhere."""
    if row.number is not None and not 1 <= row.number <= LAST_ITEM_NUMBER:
        raise BadRow("number", RowReason.NUMBER_INVALID, f"An item's number is 1 to {LAST_ITEM_NUMBER}.")
    _check_text(row, sale)
    category = categories.get(row.category)
    if category is None:
        raise BadRow("category", RowReason.CATEGORY_UNKNOWN, f"This sale has no category “{row.category[:60]}”.")
    _check_price(row.price_minor, sale, category)
    _check_lot(row, category)


def band(sale: Planned, category: Category) -> tuple[int, int | None]:
    """Return the least and the most that a thing of the category may cost; null: no most."""
    settings = sale.settings
    low = settings.price_minimum_minor if category.price_minimum_minor is None else category.price_minimum_minor
    high = settings.price_maximum_minor if category.price_maximum_minor is None else category.price_maximum_minor
    return low, high


def _check_text(row: ItemRow, sale: Planned) -> None:
    description = row.description.strip()
    if not description or len(description) > DESCRIPTION_LIMIT or "\x00" in description:
        raise BadRow(
            "description", RowReason.DESCRIPTION_INVALID, f"A description has 1 to {DESCRIPTION_LIMIT} characters."
        )
    if not 1 <= row.list_number <= LAST_ITEM_NUMBER:
        raise BadRow("list_number", RowReason.LIST_INVALID, f"A list's number is 1 to {LAST_ITEM_NUMBER}.")
    for field, text, limit in (
        ("size", row.size, LABEL_LIMIT),
        ("brand", row.brand, LABEL_LIMIT),
        ("reference", row.reference, REFERENCE_LIMIT),
    ):
        if len(text) > limit or "\x00" in text:
            raise BadRow(field, RowReason.TEXT_INVALID, f"A {field} has at most {limit} characters.")
    if len(row.photos) > PHOTOS_LIMIT or len({photo.photo for photo in row.photos}) < len(row.photos):
        raise BadRow("photos", RowReason.PHOTOS_INVALID, f"An item has at most {PHOTOS_LIMIT} photos, each once.")
    _check_image_source(row.image_source.strip())
    words = _words(description) if sale.settings.refused else ""
    for refused in sale.settings.refused:
        if _phrase(refused) in words:
            raise BadRow("description", RowReason.NOT_ACCEPTED, f"This sale does not take: {refused}.")


def _check_image_source(address: str) -> None:
    if address and (len(address) > IMAGE_SOURCE_LIMIT or not _ADDRESS.fullmatch(address)):
        detail = f"A picture's address begins with http:// or https:// and has at most {IMAGE_SOURCE_LIMIT} characters."
        raise BadRow("image_source", RowReason.TEXT_INVALID, detail)


def _words(text: str) -> str:
    """Return the words of a text with one space around each."""
    return f" {_NO_WORD.sub(' ', text.casefold()).strip()} "


# The same few phrases are looked for in every row of an import.
_phrase = lru_cache(maxsize=2048)(_words)


def _check_price(price_minor: int, sale: Planned, category: Category) -> None:
    if not 0 <= price_minor <= AMOUNT_LIMIT_MINOR:
        raise BadRow("price_minor", RowReason.PRICE_INVALID, f"A price is 0 to {AMOUNT_LIMIT_MINOR} minor units.")
    low, high = band(sale, category)
    if price_minor < low:
        raise BadRow("price_minor", RowReason.PRICE_TOO_LOW, f"{category.name} costs at least {low} minor units here.")
    if high is not None and price_minor > high:
        raise BadRow("price_minor", RowReason.PRICE_TOO_HIGH, f"{category.name} costs at most {high} minor units here.")
    step = sale.settings.price_step_minor
    if price_minor % step:
        raise BadRow("price_minor", RowReason.PRICE_STEP, f"Prices go in steps of {step} minor units.")


def _check_lot(row: ItemRow, category: Category) -> None:
    if row.pieces == 1:
        return
    most = 1 if category.lot is None else category.lot.pieces_maximum
    if not 1 <= row.pieces <= most:
        allowed = "There are no lots" if most == 1 else f"A lot has at most {most} pieces"
        raise BadRow("pieces", RowReason.LOT_INVALID, f"{allowed} of {category.name} here.")
    if category.lot is not None and category.lot.size_and_brand:
        for field, text in (("size", row.size), ("brand", row.brand)):
            if not text.strip():
                raise BadRow(field, RowReason.LOT_INVALID, f"A lot of {category.name} has one {field}: say which.")
