"""Money as it stands: commission totals, what settling now would come to, and the books at any position."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.exchange import exchange_of
from consign.http.folding import Folding
from consign.http.moments import AT, POSITION, ZONE_OF, Moments
from consign.http.path_ids import checked
from consign.http.reading import (
    AFTER_POSITION,
    Reading,
    answer,
    known_parameters,
    missing,
    parameter,
)
from consign.http.resources import PAGING, FilterText, page_content, selection
from consign.projections.books.projection import BOOKS
from consign.projections.books.rows import BalanceRow, CategoryRow, PostingRow, TotalsRow, trial_balance
from consign.projections.settlement import SettlementPreview, preview

CONSIGNORS_MAX = 9_999
BALANCES_MAX = 50_000


class ConsignorTotals(Struct, frozen=True):
    """One consignor's live figures: `net = gross - commission - commission tax - fees + fees paid + given`.

    `given_minor` is what was adjusted, brought forward and borne, less what statements leave to charity.
    """

    participation: str
    number: int
    items_sold: int
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    fees_paid_minor: int
    given_minor: int
    net_minor: int


class CommissionTotals(Struct, frozen=True):
    """The organizer's totals, by category, and each consignor's; all of one position."""

    position: int
    sale: str
    currency: str
    items_sold: int
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    fees_paid_minor: int
    given_minor: int
    net_minor: int
    categories: Sequence[CategoryRow]
    consignors: Sequence[ConsignorTotals]


class Account(Struct, frozen=True):
    """Debits above zero, credits below."""

    account: str
    balance_minor: int


class SaleBooks(Struct, frozen=True):
    """`sum_minor` is zero, or the books are wrong."""

    sale: str
    currency: str
    sum_minor: int
    accounts: Sequence[Account]


class BooksAnswer(Struct, frozen=True):
    position: int
    sales: Sequence[SaleBooks]


class PostingPage(Struct, frozen=True):
    position: int
    items: list[PostingRow]
    next_cursor: str | None


class Money:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, folding: Folding, moments: Moments) -> None:
        self._reading = reading
        self._folding = folding
        self._moments = moments

    async def commission(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the live totals of a sale."""
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        sale = checked(request.path_params)["sale"]
        unchanged = await self._reading.begin(request, BOOKS)
        if unchanged is not None:
            return unchanged
        found = await self._of_sale(request, sale, "categories")
        totals: TotalsRow = found.rows["totals"][0]
        consignors = sorted(found.rows["consignors"], key=lambda row: row.number)
        content = CommissionTotals(
            position=found.at.position,
            sale=sale,
            currency=totals.currency,
            items_sold=totals.items_sold,
            gross_minor=totals.gross_minor,
            commission_minor=totals.commission_minor,
            commission_tax_minor=totals.commission_tax_minor,
            fees_minor=totals.fees_minor,
            fees_paid_minor=totals.fees_paid_minor,
            given_minor=totals.given_minor,
            net_minor=totals.net_minor,
            categories=found.rows["categories"],
            consignors=[
                ConsignorTotals(
                    row.participation,
                    row.number,
                    row.items_sold,
                    row.gross_minor,
                    row.commission_minor,
                    row.commission_tax_minor,
                    row.fees_minor,
                    row.fees_paid_minor,
                    row.adjustments_minor + row.brought_minor + row.borne_minor - row.donated_minor,
                    row.net_minor,
                )
                for row in consignors
            ],
        )
        return answer(BOOKS, found.at, content)

    async def settlement_preview(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return what settling the sale now would come to."""
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        sale = checked(request.path_params)["sale"]
        unchanged = await self._reading.begin(request, BOOKS)
        if unchanged is not None:
            return unchanged
        found = await self._of_sale(request, sale)
        return answer(BOOKS, found.at, preview(found.rows["totals"][0], found.rows["consignors"]))

    async def books(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return every account's balance, now or at a moment of the past."""
        known_parameters(request, frozenset(("sale", AFTER_POSITION.name, POSITION.name, AT.name, ZONE_OF.name)))
        organization = exchange_of(request.scope).organization
        sale: str | None = parameter(request, "sale", FilterText)
        until = await self._moments.until(request, organization)
        if until is not None:
            history = await self._folding.read_model(request, organization, BOOKS, until)
            rows = [row for row in history.rows.tables["balances"].values() if sale in (None, row.sale)]
            return Response(
                msgspec.json.encode(BooksAnswer(history.position, _books(rows))), media_type="application/json"
            )
        unchanged = await self._reading.begin(request, BOOKS)
        if unchanged is not None:
            return unchanged
        where: Mapping[str, Any] = {} if sale is None else {"sale": sale}
        found = await self._reading.models.collect(organization, BOOKS, {"balances": where}, BALANCES_MAX)
        return answer(BOOKS, found.at, BooksAnswer(found.at.position, _books(found.rows["balances"])))

    async def postings(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the entries of the books, in the order of the log."""
        wanted = selection(request, {"sale": FilterText, "account": FilterText}, ())
        unchanged = await self._reading.begin(request, BOOKS)
        if unchanged is not None:
            return unchanged
        organization = exchange_of(request.scope).organization
        page = await self._reading.models.select(organization, BOOKS, "postings", wanted)
        return answer(BOOKS, page.at, page_content(page, page.rows))

    async def _of_sale(self, request: Request[Any, Any, Any], sale: str, *more: str) -> Any:
        organization = exchange_of(request.scope).organization
        where = {table: {"sale": sale} for table in ("totals", "consignors", *more)}
        found = await self._reading.models.collect(organization, BOOKS, where, CONSIGNORS_MAX)
        if not found.rows["totals"]:
            raise missing("unknown_sale", "sale", sale)
        return found


def money_handlers(reading: Reading, folding: Folding, moments: Moments) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    money = Money(reading, folding, moments)
    of_sale = f"{ORGANIZATION_PATH}/sales/{{sale:str}}"
    commission = Endpoint(
        rule="commission-totals",
        summary="Live commission totals of a sale: the organizer's, by category, and each consignor's.",
        tag="settlements",
        answer=CommissionTotals,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    settle = Endpoint(
        rule="settlement-preview",
        summary="What settling the sale now would come to, consignor by consignor.",
        tag="settlements",
        answer=SettlementPreview,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    books = Endpoint(
        rule="books",
        summary="The double-entry books: every account's balance, now or at any position or time.",
        tag="books",
        answer=BooksAnswer,
        parameters=(Parameter("sale", FilterText, "Only this sale."), AFTER_POSITION, POSITION, AT, ZONE_OF),
        reads=True,
    )
    postings = Endpoint(
        rule="postings",
        summary="The entries of the books.",
        tag="books",
        answer=PostingPage,
        parameters=(
            Parameter("sale", FilterText, "Only this sale."),
            Parameter("account", FilterText, "Only this account."),
            *PAGING,
        ),
        reads=True,
    )
    return [
        get(f"{of_sale}/commission", name=commission.rule, opt=commission.opt())(money.commission),
        get(f"{of_sale}/settlement-preview", name=settle.rule, opt=settle.opt())(money.settlement_preview),
        get(f"{ORGANIZATION_PATH}/books", name=books.rule, opt=books.opt())(money.books),
        get(f"{ORGANIZATION_PATH}/books/postings", name=postings.rule, opt=postings.opt())(money.postings),
    ]


def _books(rows: Sequence[BalanceRow]) -> list[SaleBooks]:
    accounts: dict[str, list[BalanceRow]] = {}
    for row in rows:
        accounts.setdefault(row.sale, []).append(row)
    sums = trial_balance(rows)
    return [
        SaleBooks(
            sale,
            accounts[sale][0].currency,
            sums[sale],
            [Account(row.account, row.balance_minor) for row in sorted(accounts[sale], key=lambda row: row.account)],
        )
        for sale in sorted(accounts)
    ]
