"""Listing items in bulk, as JSON or CSV."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.ledger.commands import ItemRow, ListedRow, ListItems
from consign.domain.values import Currency, RowError, RowNumber, SaleId
from consign.http import importing
from consign.http.bodies import CSV, JSON, decode, media_type
from consign.http.commands.route import actor_of
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.import_digest import csv_digest, json_digest
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.reading import parameter
from consign.http.sale_facts import Sales, currency_given
from consign.http.tables import (
    ROWS_MAX,
    Cells,
    GoodRow,
    Rows,
    amount,
    csv_rows,
    flag,
    json_rows,
    needed,
    whole,
)

_RULE = "import-items"
_COLUMNS = ("consignor", "category", "description", "price")


class ItemRowBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`row` is whatever number the client knows the row by; without it, the row's index. No `number`: the next free."""

    consignor: int
    category: str
    description: str
    price_minor: int
    row: RowNumber | None = None
    number: int | None = None
    list_number: int = 1
    reduce: bool = False
    donate: bool = False
    pieces: int = 1
    size: str = ""
    brand: str = ""
    reference: str = ""
    image_source: str = ""


class ImportItemsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`beyond_quota`: an organizer lets in what there is no place for."""

    rows: Annotated[tuple[ItemRowBody, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    currency: Currency | None = None
    beyond_quota: bool = False


class ItemsImported(Struct, frozen=True):
    """What was listed, and what is wrong with the rows that were not."""

    position: int
    listed: tuple[ListedRow, ...]
    errors: tuple[RowError, ...]


class _Given(Struct, frozen=True, forbid_unknown_fields=True):
    """The body with each row still unread, so that one wrong row does not spoil the others."""

    rows: Annotated[list[msgspec.Raw], Meta(min_length=1)]
    currency: Currency | None = None
    beyond_quota: bool = False


class Import(Struct, frozen=True):
    """What was read of a request: its rows, and what tells it from another one."""

    rows: Rows[ItemRowBody]
    currency: str | None
    beyond_quota: bool
    digest: bytes


def items_import_handlers(gateway: CommandGateway, sales: Sales) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule=_RULE,
        summary="List items in bulk: every wrong row is named, the good ones are kept and get their tags.",
        tag="items",
        body=ImportItemsBody,
        answer=ItemsImported,
        example={
            "rows": [{"consignor": 17, "category": "toys", "description": "Wooden train", "price_minor": 450}],
            "currency": "EUR",
        },
        parameters=(
            Parameter("currency", Currency, "Of the amounts in a CSV; without it the sale's.", example="EUR"),
            Parameter("beyond_quota", bool, "An organizer lets in what a CSV has no place for.", example=False),
        ),
        text_bodies={
            CSV: "consignor,category,description,price,number,list,reduce,donate,"
            "pieces,size,brand,reference,image_source\n"
            "17,toys,Wooden train,4.50,,1,,,1,,,,\n"
        },
        is_command=True,
    )

    async def import_items(request: Request[Any, Any, Any]) -> Response[bytes]:
        exchange = exchange_of(request.scope)
        sale = checked(request.path_params)["sale"]
        return await carried_out(gateway, exchange, sale, await _read(request, exchange, sale, sales))

    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/{_RULE}"
    return [post(path, name=_RULE, status_code=200, opt=endpoint.opt())(import_items)]


async def carried_out(gateway: CommandGateway, exchange: Exchange, sale: str, given: Import) -> Response[bytes]:
    """List what was read, command by command, and answer for all of it."""

    def command_of(chunk: Sequence[GoodRow[ItemRowBody]]) -> ListItems:
        rows = tuple(map(_item, chunk))
        return ListItems(SaleId(sale), rows, given.currency, actor_of(exchange), given.beyond_quota)

    return await importing.carried_out(gateway, exchange, given.rows, given.digest, command_of, "listed")


async def _read(request: Request[Any, Any, Any], exchange: Exchange, sale: str, sales: Sales) -> Import:
    body = await request.body()
    if media_type(exchange) == CSV:
        currency = await currency_given(request, exchange, sale, sales)
        beyond_quota: bool = parameter(request, "beyond_quota", bool) or False
        rows = await csv_rows(body, _COLUMNS, lambda cells, line: _from_cells(cells, line, currency))
        return Import(rows, currency, beyond_quota, await csv_digest(_RULE, (sale, currency, str(beyond_quota)), body))
    if media_type(exchange) != JSON:
        raise Refusal("unsupported_media_type", f"Send the rows as {JSON} or {CSV}.")
    given: _Given = decode(exchange, body, _Given)
    rows = await json_rows(given.rows, ItemRowBody)
    digest = await json_digest(_RULE, (sale, given.currency, str(given.beyond_quota)), given.rows)
    return Import(rows, given.currency, given.beyond_quota, digest)


def _from_cells(cells: Cells, line: int, currency: str) -> ItemRowBody:
    return ItemRowBody(
        consignor=needed(whole(cells, "consignor"), "consignor"),
        category=needed(cells.get("category", "").strip(), "category"),
        description=needed(cells.get("description", "").strip(), "description"),
        price_minor=needed(amount(cells, "price", currency), "price"),
        row=line,
        number=whole(cells, "number"),
        list_number=whole(cells, "list") or 1,
        reduce=flag(cells, "reduce"),
        donate=flag(cells, "donate"),
        pieces=1 if (pieces := whole(cells, "pieces")) is None else pieces,
        size=cells.get("size", "").strip(),
        brand=cells.get("brand", "").strip(),
        reference=cells.get("reference", "").strip(),
        image_source=cells.get("image_source", "").strip(),
    )


def _item(good: GoodRow[ItemRowBody]) -> ItemRow:
    row = good.value
    return ItemRow(
        good.row,
        row.consignor,
        row.category,
        row.description,
        row.price_minor,
        row.number,
        row.list_number,
        row.reduce,
        row.donate,
        row.pieces,
        row.size,
        row.brand,
        row.reference,
        image_source=row.image_source,
    )
