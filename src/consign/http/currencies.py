"""Which currency decimals in a CSV are in: the one the request names, or the sale's own."""

from typing import Any, Protocol

import msgspec
from litestar import Request

from consign.actors.queries import ReadModelMissing, ReadModels
from consign.domain.values import Currency
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
    named = request.query_params.get("currency")
    if named is None:
        found = await currencies.of_sale(exchange.organization, sale)
        if found is None:
            raise Refusal("unknown_sale", "There is no such sale, or it was planned this moment: name the currency.")
        return found
    try:
        return msgspec.convert(named, Currency)
    except msgspec.ValidationError as invalid:
        errors = [error("/currency", "invalid", str(invalid))]
        raise Refusal("parameter_invalid", "The currency is three capital letters.", errors=errors) from invalid
