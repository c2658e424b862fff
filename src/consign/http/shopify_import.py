"""Listing what a Shopify product CSV offers."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from consign.domain.values import Code, ConsignorNumber, Currency, ItemNumber
from consign.http.bodies import decode
from consign.http.edge import IMPORT_BODY_MAX_BYTES
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.import_digest import csv_digest
from consign.http.items_import import Import, ItemsImported, carried_out
from consign.http.path_ids import checked
from consign.http.ports import CommandGateway
from consign.http.sale_facts import Sales, currency_given
from consign.http.shopify_products import Mapped, shopify_rows
from consign.http.submit import canonical

_RULE = "import-shopify-products"

_ShopName = Annotated[str, Meta(max_length=255)]


class ImportShopifyBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`categories` says which category each Type of the file is, `vendors` which consignor each Vendor is.

    What no vendor is named for is `consignor`'s. Several of a variant become as many items, or one lot.
    """

    csv: Annotated[str, Meta(min_length=1, max_length=IMPORT_BODY_MAX_BYTES)]
    categories: Annotated[dict[_ShopName, Code], Meta(min_length=1, max_length=500)]
    consignor: ConsignorNumber | None = None
    vendors: Annotated[dict[_ShopName, ConsignorNumber], Meta(max_length=500)] = {}
    quantity: Literal["items", "lot"] = "items"
    list_number: ItemNumber = 1
    beyond_quota: bool = False


_CSV_EXAMPLE = (
    "Handle,Title,Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price\n"
    "wooden-train,Wooden train,Colibri,Toys,Title,Default Title,WT-1,2,4.50\n"
)


def shopify_import_handlers(gateway: CommandGateway, sales: Sales) -> list[HTTPRouteHandler]:
    """Make the handler."""
    endpoint = Endpoint(
        rule=_RULE,
        summary="List what a Shopify product CSV offers: every wrong line is named, the good ones get their tags.",
        tag="items",
        body=ImportShopifyBody,
        answer=ItemsImported,
        example={"csv": _CSV_EXAMPLE, "categories": {"Toys": "toys"}, "consignor": 17, "quantity": "items"},
        parameters=(Parameter("currency", Currency, "Of the prices; without it the sale's.", example="EUR"),),
        is_command=True,
    )

    async def import_products(request: Request[Any, Any, Any]) -> Response[bytes]:
        exchange = exchange_of(request.scope)
        sale = checked(request.path_params)["sale"]
        body: ImportShopifyBody = decode(exchange, await request.body(), ImportShopifyBody)
        currency = await currency_given(request, exchange, sale, sales)
        mapped = Mapped(body.categories, body.consignor, body.vendors, body.quantity, body.list_number)
        content = body.csv.encode()
        said = canonical("mapped", (mapped, body.beyond_quota)).decode()
        digest = await csv_digest(_RULE, (sale, currency, said), content)
        rows = await shopify_rows(content, mapped, currency)
        return await carried_out(gateway, exchange, sale, Import(rows, currency, body.beyond_quota, digest))

    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}/{_RULE}"
    return [post(path, name=_RULE, status_code=200, opt=endpoint.opt())(import_products)]
