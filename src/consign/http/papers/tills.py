"""What tills print of themselves: X and Z reports."""

from functools import partial
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.domain.session.report import TaxFigures, TillFigures
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.ownership import require_own
from consign.http.papers.parameters import PAPER, paper_of
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.sales import PrintedSale, printed_sale
from consign.http.path_ids import checked
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing
from consign.papers.session_reports import Figure, LateSales, ReportSection, SessionReport, session_paper
from consign.projections.sessions import SESSIONS, SessionRow

_KNOWN = frozenset((PAPER.name, AFTER_POSITION.name))


class TillPapers:
    """The handler, and what it needs."""

    def __init__(self, reading: Reading, printing: Printing) -> None:
        self._reading = reading
        self._printing = printing

    async def session(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the X report of an open session, the Z report of a closed one."""
        known_parameters(request, _KNOWN)
        session = checked(request.path_params)["session"]
        exchange = exchange_of(request.scope)
        await self._reading.begin(request, SESSIONS)
        found = await self._reading.models.get(exchange.organization, SESSIONS, "sessions", (session,))
        if found.row is None:
            raise missing("unknown_session", "session", session)
        row: SessionRow = found.row
        require_own(exchange, row.cashier, "unknown_session", "session", session)
        sale = await printed_sale(self._reading, request, row.sale)
        draw = partial(session_paper, _report(row, sale), sale.style, paper_of(request))
        return paper(await self._printing.short(draw), f"report-{row.till}", found.at)


def till_paper_handlers(reading: Reading, printing: Printing) -> list[HTTPRouteHandler]:
    """Make the handler."""
    papers = TillPapers(reading, printing)
    session = Endpoint(
        rule="print-session",
        summary="The X report of an open sale session, the Z report of a closed one, as a PDF.",
        tag="papers",
        parameters=(PAPER, AFTER_POSITION),
        answer_type=PDF,
    )
    sessions = f"{ORGANIZATION_PATH}/sessions/{{session:str}}"
    return [get(f"{sessions}/report.pdf", name=session.rule, opt=session.opt())(papers.session)]


def _report(row: SessionRow, sale: PrintedSale) -> SessionReport:
    """Write the X report of this moment, or the Z report as it was when the till was counted."""
    words = sale.style.words
    figures = row.z_figures or row.figures
    tenders = ReportSection(words.tenders, _kept(figures, sale))
    drawer = ReportSection(words.drawer, _drawer(figures, sale), Figure(words.expected, figures.expected_minor))
    return SessionReport(
        kind="x" if row.status == "open" else "z",
        organization=(sale.letterhead if row.closed_at is None else sale.letterhead_at(row.closed_at))[0],
        sale=sale.row.name,
        till=row.till,
        cashier=row.cashier,
        opened_at=row.opened_at,
        sections=(_sales(row, figures, sale), tenders, drawer, *_held_back(row, sale)),
        number=row.z_number,
        closed_at=row.closed_at,
        counted_minor=row.counted_minor,
        difference_minor=row.difference_minor,
        difference_reason=row.difference_reason or "",
        supplement=_late(row),
    )


def _held_back(row: SessionRow, sale: PrintedSale) -> list[ReportSection]:
    """Write how many sales the till said it still holds."""
    words = sale.style.words
    return [ReportSection(words.offline, [Figure(words.unsynced, count=row.unsynced)])] if row.unsynced else []


def _late(row: SessionRow) -> LateSales | None:
    known = row.supplement
    if known is None:
        return None
    return LateSales(
        len(known.receipts),
        known.total_minor,
        known.cash_minor,
        known.card_minor,
        known.expected_minor,
        known.counted_minor,
        known.difference_minor,
    )


def _sales(row: SessionRow, figures: TillFigures, sale: PrintedSale) -> ReportSection:
    words = sale.style.words
    discount_minor = figures.discount_consignor_minor + figures.discount_organizer_minor
    beside = (
        Figure(words.surcharge, figures.surcharge_minor),
        *(_tax(tax, sale) for tax in figures.taxes if tax.rate_ppm),
        Figure(words.discount, discount_minor),
        Figure(words.discount_by_organizer, figures.discount_organizer_minor, part=True),
        Figure(words.grand_total, row.grand_total_minor),
    )
    return ReportSection(
        words.sales,
        (
            Figure(words.receipts, figures.receipts_minor, figures.receipts),
            Figure(words.voided, -figures.voided_minor, figures.voided, part=True),
            Figure(words.refunds, -figures.refunded_minor, figures.refunds),
            *(figure for figure in beside if figure.amount_minor),
        ),
        Figure(words.sold_total, figures.total_minor),
    )


def _tax(tax: TaxFigures, sale: PrintedSale) -> Figure:
    words = sale.style.words
    name = words.tax_included if tax.included else words.tax_added
    return Figure(name.format(rate=sale.style.rate(tax.rate_ppm)), tax.tax_minor, part=True)


def _kept(figures: TillFigures, sale: PrintedSale) -> list[Figure]:
    words = sale.style.words
    always = [Figure(words.cash, figures.cash_minor), Figure(words.card, figures.card_minor)]
    others = (
        Figure(words.provider, figures.provider_minor),
        Figure(words.voucher, figures.voucher_minor),
        Figure(words.rounding, figures.rounding_minor, part=True),
        Figure(words.change, figures.change_minor, part=True),
        Figure(f"{words.fees}, {words.cash}", figures.fees_cash_minor),
        Figure(f"{words.fees}, {words.card}", figures.fees_card_minor),
        Figure(f"{words.vouchers_sold}, {words.cash}", figures.vouchers_cash_minor),
        Figure(f"{words.vouchers_sold}, {words.card}", figures.vouchers_card_minor),
    )
    return always + [figure for figure in others if figure.amount_minor]


def _drawer(figures: TillFigures, sale: PrintedSale) -> list[Figure]:
    """Write what leads from the float to what is expected."""
    words = sale.style.words
    others = (
        Figure(words.cash, figures.cash_minor),
        Figure(f"{words.fees}, {words.cash}", figures.fees_cash_minor),
        Figure(words.taken_unpaid, figures.taken_cash_minor),
        Figure(f"{words.vouchers_sold}, {words.cash}", figures.vouchers_cash_minor),
        Figure(words.vouchers_out, -figures.vouchers_out_minor, figures.vouchers_out),
        Figure(words.payouts, -figures.payouts_minor, figures.payouts),
        Figure(words.movements, figures.moved_minor),
        Figure(words.from_tills, figures.received_minor),
        Figure(words.to_tills, -figures.sent_minor),
        Figure(words.hand_overs, figures.settled_minor),
    )
    return [Figure(words.float, figures.float_minor), *(figure for figure in others if figure.amount_minor)]
