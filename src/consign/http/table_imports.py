"""Tables of what is said of many at once, as JSON or CSV: each kind has a route of its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.values import Currency
from consign.http.bodies import CSV, JSON, decode, media_type
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.import_digest import csv_digest, json_digest
from consign.http.importing import carried_out
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.problems import Refusal
from consign.http.sale_facts import Sales, currency_given, zone_of
from consign.http.tables import ROWS_MAX, Cells, GoodRow, Rows, csv_rows, json_rows


class Setting(Struct, frozen=True):
    """What a CSV's decimals and times mean; each is there for a kind that has such."""

    currency: str = ""
    zone: ZoneInfo | None = None


class Given(Struct, frozen=True):
    """The rows of one command: of which sale, who says it, and in which currency, if that was said."""

    exchange: Exchange
    sale: str
    currency: str | None


class TableKind[Row](Struct, frozen=True):
    """One kind of table. `columns` must be there in a CSV, `done_field` is where the answer says what was done.

    `amounts` and `times`: its rows have some.
    """

    rule: str
    summary: str
    tag: str
    row: type[Row]
    columns: Sequence[str]
    read: Callable[[Cells, Setting], Row]
    command: Callable[[Given, tuple[Row, ...]], Struct]
    answer: type[Struct]
    done_field: str
    example: Mapping[str, Any]
    csv_example: str
    amounts: bool = False
    times: bool = False


class _Rows(Struct, frozen=True, forbid_unknown_fields=True):
    """The body with each row still unread, so that one wrong row does not spoil the others."""

    rows: Annotated[list[msgspec.Raw], Meta(min_length=1)]


class _PricedRows(_Rows, frozen=True, forbid_unknown_fields=True):
    currency: Currency | None = None


class _Read[Row](Struct, frozen=True):
    rows: Rows[Row]
    currency: str | None
    digest: bytes


def table_import_handlers(
    kinds: Sequence[TableKind[Any]], gateway: CommandGateway, sales: Sales
) -> list[HTTPRouteHandler]:
    """Make a handler for each kind."""
    return [_handler(kind, gateway, sales) for kind in kinds]


def _handler[Row: Struct](kind: TableKind[Row], gateway: CommandGateway, sales: Sales) -> HTTPRouteHandler:
    async def import_table(request: Request[Any, Any, Any]) -> Response[bytes]:
        exchange = exchange_of(request.scope)
        sale = checked(request.path_params)["sale"]
        read = await _read(kind, request, exchange, sale, sales)
        given = Given(exchange, sale, read.currency)

        def command_of(chunk: Sequence[GoodRow[Row]]) -> Struct:
            return kind.command(given, tuple(msgspec.structs.replace(good.value, row=good.row) for good in chunk))

        return await carried_out(gateway, exchange, read.rows, read.digest, command_of, kind.done_field)

    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/{kind.rule}"
    return post(path, name=kind.rule, status_code=200, opt=_endpoint(kind).opt())(import_table)


async def _read[Row](
    kind: TableKind[Row], request: Request[Any, Any, Any], exchange: Exchange, sale: str, sales: Sales
) -> _Read[Row]:
    body = await request.body()
    if media_type(exchange) == CSV:
        currency = await currency_given(request, exchange, sale, sales) if kind.amounts else None
        zone = await zone_of(exchange, sale, sales) if kind.times else None
        setting = Setting(currency or "", zone)
        rows = await csv_rows(body, kind.columns, lambda cells, _: kind.read(cells, setting))
        said = (sale, currency, None if zone is None else zone.key)
        return _Read(rows, currency, await csv_digest(kind.rule, said, body))
    if media_type(exchange) != JSON:
        raise Refusal("unsupported_media_type", f"Send the rows as {JSON} or {CSV}.")
    given: _Rows = decode(exchange, body, _PricedRows if kind.amounts else _Rows)
    currency = given.currency if isinstance(given, _PricedRows) else None
    rows = await json_rows(given.rows, kind.row)
    return _Read(rows, currency, await json_digest(kind.rule, (sale, currency), given.rows))


def _endpoint(kind: TableKind[Any]) -> Endpoint:
    rows = Annotated[tuple[kind.row, ...], Meta(min_length=1, max_length=ROWS_MAX)]  # type: ignore[name-defined] # made here, for the documentation
    fields: list[Any] = [("rows", rows)]
    parameters: tuple[Parameter, ...] = ()
    if kind.amounts:
        fields.append(("currency", Currency | None, None))
        about = "Of the amounts in a CSV; without it the sale's."
        parameters = (Parameter("currency", Currency, about, example="EUR"),)
    named = "".join(part.capitalize() for part in kind.rule.split("-"))
    return Endpoint(
        rule=kind.rule,
        summary=f"{kind.summary} Every wrong row is named, the good ones are kept.",
        tag=kind.tag,
        body=msgspec.defstruct(f"{named}Body", fields, frozen=True, forbid_unknown_fields=True),
        answer=kind.answer,
        example={"rows": [kind.example]},
        parameters=parameters,
        text_bodies={CSV: kind.csv_example},
        is_command=True,
    )
