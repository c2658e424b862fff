"""Which currency decimals in a CSV are in: the one the request names, or the sale's own."""

from typing import Any, Protocol

from litestar import Request

from consign.actors.queries import ReadModelMissing, ReadModels
from consign.domain.money import CURRENCIES
from consign.http.exchange import Exchange
from consign.http.problems import Refusal, error
from consign.projections.sales import SALES


class Currencies(Protocol):
    """Knows the currency of sales."""

    async def of_sale(self, organization_id: str, sale: str) -> str | None:
        """Return the sale's currency; None: no such sale is known (yet)."""
        ...


class SaleCurrencies:
    """Asks the read model of sales."""

    def __init__(self, models: ReadModels) -> None:
        self._models = models

    async def of_sale(self, organization_id: str, sale: str) -> str | None:
        """Return the sale's currency; None: no such sale is known (yet)."""
        try:
            found = await self._models.get(organization_id, SALES, "sales", (sale,))
        except ReadModelMissing:
            return None
        return None if found.row is None else found.row.currency


async def currency_given(request: Request[Any, Any, Any], exchange: Exchange, sale: str, currencies: Currencies) -> str:
    """Return the currency; raises Refusal where it is not one or cannot be found out."""
    named: str | None = request.query_params.get("currency")
    if named is None:
        found = await currencies.of_sale(exchange.organization, sale)
        if found is None:
            raise Refusal("unknown_sale", "There is no such sale, or it was planned this moment: name the currency.")
        return found
    if named not in CURRENCIES:
        errors = [error("/currency", "invalid", "not a currency of ISO 4217")]
        raise Refusal("unknown_currency", f"There is no currency {named[:10]!r}.", errors=errors)
    return named
