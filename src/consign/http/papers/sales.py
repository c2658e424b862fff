"""What every paper of a sale needs to know: whose it is, what stands at its top, and how amounts are written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Request
from msgspec import Struct

from consign.actors.queries import Collected, QueryRefused
from consign.http.exchange import exchange_of
from consign.http.ownership import own_account
from consign.http.problems import Refusal
from consign.http.reading import Reading, missing
from consign.papers.amounts import Style, style_of
from consign.projections.participations import PARTICIPATIONS
from consign.projections.projection import Projection
from consign.projections.sales import SALES, OrganizationRow, SaleRow

_LOCALE = "en"
OWN_MAX = 100
"""Participations of one person in one sale, far more than anybody has."""


class PrintedSale(Struct, frozen=True):
    """A sale as papers name it; `slug` is the organization's id."""

    slug: str
    organization: OrganizationRow
    row: SaleRow
    style: Style

    @property
    def letterhead(self) -> Sequence[str]:
        """What stands at the top of papers: the sale's own lines, or the organization's name."""
        return self.row.settings.papers.letterhead or (self.organization.name,)

    def letterhead_at(self, moment: datetime) -> Sequence[str]:
        """Return the same of what was made then: it keeps the name that the organization had."""
        return self.row.settings.papers.letterhead or (self.organization.name_at(moment),)

    def category(self, code: str) -> str:
        """Return a category's name; its code where the sale no longer has it."""
        for category in self.row.settings.categories:
            if category.code == code:
                return category.name
        return code


async def printed_sale(reading: Reading, request: Request[Any, Any, Any], sale: str) -> PrintedSale:
    """Return the sale, after what the client wants to see in it; raises Refusal where there is none."""
    organization = exchange_of(request.scope).organization
    await reading.begin(request, SALES)
    where: Mapping[str, Mapping[str, Any]] = {"sales": {"sale": sale}, "organizations": {"organization": organization}}
    found = await reading.models.collect(organization, SALES, where, 1)
    if not found.rows["sales"]:
        raise missing("unknown_sale", "sale", sale)
    row: SaleRow = found.rows["sales"][0]
    of: OrganizationRow = next(iter(found.rows["organizations"]), OrganizationRow(organization, organization))
    return PrintedSale(organization, of, row, style_of(of.locale or _LOCALE, row.currency, row.time_zone))


async def collected(
    reading: Reading,
    request: Request[Any, Any, Any],
    projection: Projection,
    where: Mapping[str, Mapping[str, Any]],
    rows_max: int,
) -> Collected:
    """Return rows of one moment, after what the client wants to see in them; raises Refusal where they are too many."""
    await reading.begin(request, projection)
    try:
        return await reading.models.collect(exchange_of(request.scope).organization, projection, where, rows_max)
    except QueryRefused as refused:
        detail = f"A paper may hold {rows_max} rows: name the consignors or tags to print."
        raise Refusal("parameter_invalid", detail) from refused


async def reach(reading: Reading, request: Request[Any, Any, Any], sale: str) -> Mapping[str, Any]:
    """Return what rows must equal to be the caller's business: nothing for staff, their own for consignors.

    Raises Refusal where a consignor takes no part in the sale.
    """
    exchange = exchange_of(request.scope)
    account = own_account(exchange)
    if account is None:
        return {}
    await reading.begin(request, PARTICIPATIONS)
    where = {"participations": {"account": account, "sale": sale}}
    found = await reading.models.collect(exchange.organization, PARTICIPATIONS, where, OWN_MAX)
    own = tuple(row.participation for row in found.rows["participations"])
    if not own:
        raise Refusal("unknown_consignor", "You take no part in this sale.")
    return {"participation": own}
