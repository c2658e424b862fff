"""What a sale says of a CSV: which currency its decimals are in, and where its clock hangs."""

from typing import Any, Protocol
from zoneinfo import ZoneInfo

from litestar import Request

from consign.actors.queries import ReadModelMissing, ReadModels
from consign.domain.local_time import zone_named
from consign.domain.money import CURRENCIES
from consign.http.exchange import Exchange
from consign.http.problems import Refusal, error
from consign.projections.sales import SALES, SaleRow


class Sales(Protocol):
    """Knows the sales of organizations."""

    async def sale(self, organization_id: str, sale: str) -> SaleRow | None:
        """Return the sale; None: no such sale is known (yet)."""
        ...


class KnownSales:
    """Asks the read model of sales."""

    def __init__(self, models: ReadModels) -> None:
        self._models = models

    async def sale(self, organization_id: str, sale: str) -> SaleRow | None:
        """Return the sale; None: no such sale is known (yet)."""
        try:
            found = await self._models.get(organization_id, SALES, "sales", (sale,))
        except ReadModelMissing:
            return None
        known: SaleRow | None = found.row
        return known


async def currency_given(request: Request[Any, Any, Any], exchange: Exchange, sale: str, sales: Sales) -> str:
    """Return the currency; raises Refusal where it is not one or cannot be found out."""
    named: str | None = request.query_params.get("currency")
    if named is None:
        found = await sales.sale(exchange.organization, sale)
        if found is None:
            raise Refusal("unknown_sale", "There is no such sale, or it was planned this moment: name the currency.")
        return found.currency
    if named not in CURRENCIES:
        errors = [error("/currency", "invalid", "not a currency of ISO 4217")]
        raise Refusal("unknown_currency", f"There is no currency {named[:10]!r}.", errors=errors)
    return named


async def zone_of(exchange: Exchange, sale: str, sales: Sales) -> ZoneInfo:
    """Return the time zone of the sale; raises Refusal where it is not known yet."""
    found = await sales.sale(exchange.organization, sale)
    if found is None:
        raise Refusal("unknown_sale", "There is no such sale, or it was planned this moment. Try again shortly.")
    return zone_named(found.time_zone)
