"""Tables of tags: items that change, and items that are checked in.

In a CSV an empty cell says nothing, and what is there stays; where something may be taken away, a dash does it.
"""

from typing import Any

from msgspec import Struct

from consign.domain.ledger.commands import CheckInItems
from consign.domain.ledger.item_commands import ChangedRow, ChangeItems, ItemChange
from consign.domain.tag import LENGTH
from consign.domain.values import RowError, RowNumber, SaleId, ScannedText, TagCode
from consign.http import examples
from consign.http.commands.route import actor_of
from consign.http.table_imports import Given, Setting, TableKind
from consign.http.tables import NOTHING, CellInvalid, Cells, amount, flag, needed, row_of, spoken, whole


class ItemsChanged(Struct, frozen=True):
    """What the items' tags are now, and what is wrong with the rows that changed nothing."""

    position: int
    changed: tuple[ChangedRow, ...]
    errors: tuple[RowError, ...]


class ItemsCheckedIn(Struct, frozen=True):
    """What is on the floor now, and what is wrong with the others."""

    position: int
    tags: tuple[TagCode, ...]
    errors: tuple[RowError, ...]


class TagRow(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    tag: ScannedText
    row: RowNumber | None = None


class ItemChangeRow(ItemChange, frozen=True, gc=False, forbid_unknown_fields=True):
    """What is left out stays; flags change with everything else."""


def _item_change(cells: Cells, setting: Setting) -> ItemChangeRow:
    texts = spoken(cells, {name: name for name in ("category", "description", "size", "brand", "reference")})
    fields: dict[str, Any] = {
        "tag": _tag(cells),
        **{field: "" if text == NOTHING else text for field, text in texts.items()},
        "price_minor": amount(cells, "price", setting.currency),
        "list_number": whole(cells, "list"),
        "pieces": whole(cells, "pieces"),
    }
    for wish in ("reduce", "donate"):
        if cells.get(wish, "").strip():
            fields[wish] = flag(cells, wish)
    return row_of(ItemChangeRow, fields)


def _check_in(cells: Cells, _: Setting) -> TagRow:
    return row_of(TagRow, {"tag": _tag(cells)})


def _tag(cells: Cells) -> str:
    """Return a tag with the zeros in front that a spreadsheet takes for a number's and drops."""
    text = needed(cells.get("tag", "").strip(), "tag")
    if text.isdecimal() and len(text) < LENGTH - 2:
        raise CellInvalid(f"tag: {text!r} has too few digits for a tag")
    return text.rjust(LENGTH, "0") if text.isdecimal() else text


def _change_items(given: Given, rows: tuple[ItemChangeRow, ...]) -> ChangeItems:
    return ChangeItems(SaleId(given.sale), rows, given.currency, actor_of(given.exchange))


ITEM_TABLES: tuple[TableKind[Any], ...] = (
    TableKind(
        rule="import-item-changes",
        summary="Change what is said of items, by their tags; one whose tag is printed gets a new one.",
        tag="items",
        row=ItemChangeRow,
        columns=("tag",),
        read=_item_change,
        command=_change_items,
        answer=ItemsChanged,
        done_field="changed",
        example={"tag": examples.TAG, "price_minor": 400},
        csv_example="tag,category,description,price,list,pieces,size,brand,reference,reduce,donate\n"
        f"{examples.TAG},,,4.00,,,,,,yes,\n",
        amounts=True,
    ),
    TableKind(
        rule="import-check-ins",
        summary="Check in the items of a list of tags.",
        tag="items",
        row=TagRow,
        columns=("tag",),
        read=_check_in,
        command=lambda given, rows: CheckInItems(SaleId(given.sale), tuple(row.tag for row in rows)),
        answer=ItemsCheckedIn,
        done_field="tags",
        example={"tag": examples.TAG},
        csv_example=f"tag\n{examples.TAG}\n",
    ),
)
