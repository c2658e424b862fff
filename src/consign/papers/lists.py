"""Lists to work by, with boxes to tick: what a consignor brings, takes home again, or leaves for a good cause."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from consign.papers.amounts import Style
from consign.papers.tables import Column, Document, Row

_GROUP_MM = 32
"""Less room than this is left empty: a consignor's heading stays with the first things below it."""


class ListKind(StrEnum):
    """Which list; what its boxes mean follows from it."""

    DROP_OFF = "drop-off"
    PICK_UP = "pick-up"
    DONATIONS = "donations"


class ListedItem(Struct, frozen=True):
    """`tag` as people read it; `note` is what else must be known of the thing (late, refused, a flag)."""

    tag: str
    description: str
    category: str
    price_minor: int
    note: str = ""


class ConsignorItems(Struct, frozen=True):
    """One consignor's things. `name` is empty where it may not be shown or is forgotten."""

    number: int
    name: str
    items: Sequence[ListedItem]


class ItemList(Struct, frozen=True):
    """`apart`: each consignor begins a page and signs, so that the pages can be handed out."""

    kind: ListKind
    sale: str
    letterhead: Sequence[str]
    consignors: Sequence[ConsignorItems]
    as_of: datetime
    apart: bool = False


def item_list_paper(listed: ItemList, style: Style) -> bytes:
    """Return the list as a PDF."""
    words = style.words
    title, check = {
        ListKind.DROP_OFF: (words.drop_off, words.brought_in),
        ListKind.PICK_UP: (words.pick_up, words.collected),
        ListKind.DONATIONS: (words.donations, words.donated),
    }[listed.kind]
    document = Document(f"{title} · {listed.sale}", style, letterhead=listed.letterhead, as_of=listed.as_of)
    columns = (
        Column(check, 18, "check"),
        Column(words.tag, 28),
        Column(words.description),
        Column(words.category, 36),
        Column(words.price, 22, "figure"),
    )
    total = sum(len(consignor.items) for consignor in listed.consignors)
    if not listed.apart:
        _title(document, title, listed, _counted(total, style))
    for consignor in listed.consignors:
        if listed.apart:
            document.new_part()
            _title(document, title, listed, "")
        count = _counted(len(consignor.items), style)
        name = f"{words.consignor} {consignor.number}" + (f" · {consignor.name}" if consignor.name else "")
        if document.room_mm < _GROUP_MM:
            document.new_page()
        document.gap(2)
        document.heading(name, right=count, size_pt=11)
        document.table(columns, [_row(item, style) for item in consignor.items])
        if listed.apart:
            _signature(document, style)
    return document.finished()


def _title(document: Document, title: str, listed: ItemList, right: str) -> None:
    document.letterhead()
    document.heading(title, right=right)
    document.lines([listed.sale])


def _row(item: ListedItem, style: Style) -> Row:
    description = f"{item.description}  [{item.note}]" if item.note else item.description
    return Row(("", item.tag, description, item.category, style.figure(item.price_minor)))


def _counted(count: int, style: Style) -> str:
    return style.words.one_item if count == 1 else style.words.items.format(count=count)


def _signature(document: Document, style: Style) -> None:
    document.gap(12)
    document.table(
        (Column(style.words.date, 40, "line"), Column(style.words.signature, 80, "line"), Column("")),
        [Row(("", "", ""))],
    )
