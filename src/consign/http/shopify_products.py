"""Shopify's product CSV, as its admin exports it: a line a variant or picture, the product said on its first line.

The columns have their names of today or those they had before; one file may mix them, the newer ones count.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from consign.http.items_import import ItemRowBody
from consign.http.problems import Refusal
from consign.http.tables import ROWS_MAX, CellInvalid, Cells, GoodRow, Rows, amount, csv_rows, needed

_FORMER = {
    "url_handle": "handle",
    "sku": "variant_sku",
    "barcode": "variant_barcode",
    "price": "variant_price",
    "inventory_quantity": "variant_inventory_qty",
    "product_image_url": "image_src",
    "variant_image_url": "variant_image",
}
"""What columns were called before: https://help.shopify.com/en/manual/products/import-export/using-csv."""

COLUMNS = (("url_handle", "handle"), ("title",), ("type",), ("price", "variant_price"))
UNREAD = frozenset(("description", "body_(html)", "tags", "seo_title", "seo_description", "image_alt_text"))
"""What is of no use here and may be longer than a cell should be."""

QUANTITY_MAX = 500
"""How many pieces of one variant may be listed: more is a shop's stock, not a consignor's."""

_NO_OPTION = "default title"
_SIZES = frozenset(("size", "größe", "taille", "taglia", "talla", "maat"))
_OPTIONS = ("option1", "option2", "option3")


class Mapped(Struct, frozen=True):
    """What the client says of the file: whose things they are, and which category each Type is.

    `vendors` names consignors by Vendor, `consignor` is everybody else's. Several of a variant are as many items, or
    one lot.
    """

    categories: Mapping[str, str]
    consignor: int | None
    vendors: Mapping[str, int]
    quantity: Literal["items", "lot"]
    list_number: int


class _Product(Struct, frozen=True):
    handle: str
    title: str
    type: str
    vendor: str
    status: str
    options: tuple[str, ...]
    image_source: str


class _Variant(Struct, frozen=True):
    """One line; several pieces of it."""

    row: ItemRowBody
    pieces: int


class _Reader:
    """Reads line after line, and remembers the product that the lines belong to."""

    def __init__(self, mapped: Mapped, currency: str) -> None:
        self._mapped = mapped
        self._currency = currency
        self._product: _Product | None = None

    def read(self, cells: Cells, line: int) -> _Variant | None:
        """Return what the line offers; None where it only shows a picture. Raises CellInvalid."""
        product = self._product_of(cells)
        values = tuple(_text(cells, f"{option}_value") for option in _OPTIONS)
        if not _text(cells, "price") and not any(values):
            return None
        if product.status not in ("", "active"):
            raise CellInvalid(f"status: the product is {product.status}, not active")
        price = _column(cells, "price")
        price_minor = needed(amount(cells, price, self._currency), price)
        size, others = _sorted_out(product.options, values)
        row = ItemRowBody(
            consignor=self._consignor(product),
            category=self._category(product),
            description=", ".join((product.title, *others)),
            price_minor=price_minor,
            row=line,
            list_number=self._mapped.list_number,
            size=size,
            brand="" if product.vendor in self._mapped.vendors else product.vendor,
            reference=_reference(cells, product, values),
            image_source=_text(cells, "variant_image_url") or product.image_source,
        )
        return _Variant(row, _quantity(cells))

    def _product_of(self, cells: Cells) -> _Product:
        title = _text(cells, "title")
        handle = needed(_text(cells, "url_handle"), _column(cells, "url_handle"))
        if self._product is not None and self._product.handle == handle and not title:
            return self._product
        if not title:
            raise CellInvalid("title: the product's first line must say its title")
        self._product = _Product(
            handle,
            title,
            _text(cells, "type"),
            _text(cells, "vendor"),
            _text(cells, "status").lower(),
            tuple(_text(cells, f"{option}_name") for option in _OPTIONS),
            _text(cells, "product_image_url"),
        )
        return self._product

    def _consignor(self, product: _Product) -> int:
        consignor = self._mapped.vendors.get(product.vendor, self._mapped.consignor)
        if consignor is None:
            raise CellInvalid(f"vendor: say which consignor {product.vendor[:60]!r} is")
        return consignor

    def _category(self, product: _Product) -> str:
        category = self._mapped.categories.get(product.type)
        if category is None:
            raise CellInvalid(f"type: say which category {product.type[:60]!r} is")
        return category


async def shopify_rows(body: bytes, mapped: Mapped, currency: str) -> Rows[ItemRowBody]:
    """Return a row for each item that the file offers, known by its line; raises Refusal."""
    lines = await csv_rows(body, COLUMNS, _Reader(mapped, currency).read, unread=UNREAD)
    good: list[GoodRow[ItemRowBody]] = []
    for line in lines.good:
        if line.value is None:
            continue
        good.extend(GoodRow(line.row, line.index, row) for row in _pieces(line.value, mapped))
        if len(good) > ROWS_MAX:
            raise Refusal("limit_exceeded", f"A request may list {ROWS_MAX} items.")
    return Rows(good, lines.errors)


def _pieces(variant: _Variant, mapped: Mapped) -> list[ItemRowBody]:
    """Return the lot, or each piece with a reference of its own, so that the file may be imported again."""
    row = variant.row
    if mapped.quantity == "lot" or variant.pieces == 1:
        return [_with(row, variant.pieces, row.reference)]
    further = (f"{row.reference}#{piece}" for piece in range(2, variant.pieces + 1))
    return [_with(row, 1, reference) for reference in (row.reference, *further)]


def _with(row: ItemRowBody, pieces: int, reference: str) -> ItemRowBody:
    return ItemRowBody(
        row.consignor,
        row.category,
        row.description,
        row.price_minor,
        row.row,
        list_number=row.list_number,
        pieces=pieces,
        size=row.size,
        brand=row.brand,
        reference=reference,
        image_source=row.image_source,
    )


def _reference(cells: Cells, product: _Product, values: tuple[str, ...]) -> str:
    """Return what the shop calls the variant."""
    return _text(cells, "sku") or _text(cells, "barcode") or "/".join((product.handle, *filter(None, values)))


def _sorted_out(names: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the size, and what else tells the variant from others."""
    size, others = "", []
    for name, value in zip(names, values, strict=True):
        if name.casefold() in _SIZES and not size:
            size = value
        elif value and value.casefold() != _NO_OPTION:
            others.append(value)
    return size, tuple(others)


def _quantity(cells: Cells) -> int:
    """Return how many there are; a variant whose stock is not counted is one."""
    text, column = _text(cells, "inventory_quantity"), _column(cells, "inventory_quantity")
    if not text:
        return 1
    try:
        quantity = int(text)
    except ValueError:
        raise CellInvalid(f"{column}: {text[:40]!r} is not a whole number") from None
    if not 1 <= quantity <= QUANTITY_MAX:
        raise CellInvalid(f"{column}: {quantity} is not between 1 and {QUANTITY_MAX}")
    return quantity


def _text(cells: Cells, column: str) -> str:
    return cells.get(_column(cells, column), "").strip()


def _column(cells: Cells, column: str) -> str:
    """Return what the file calls a column."""
    former = _FORMER.get(column)
    return column if former is None or column in cells or former not in cells else former
