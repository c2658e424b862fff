"""Lists of payouts: what is to be paid out, to sign for at the desk, and batches with the seal over their totals."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.domain.settlement.policy import PayoutMethod
from consign.domain.settlement.state import UNFINISHED, PayoutStatus
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint, Parameter
from consign.http.papers.lists import ROWS_MAX, People
from consign.http.papers.parameters import CONSIGNORS, consignors_given
from consign.http.papers.printing import PDF, Printing, paper
from consign.http.papers.sales import PrintedSale, collected, printed_sale
from consign.http.path_ids import checked
from consign.http.persons import Profile
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing, parameter
from consign.papers.statements import PayoutLine, PayoutList, payout_paper
from consign.projections.payouts import PAYOUTS, BatchRow, PayoutRow

_STANDING = tuple(sorted(UNFINISHED | {PayoutStatus.PAID}))
"""What is printed unless a status is asked for: money that goes or went to the consignor."""

_STATUS = Parameter("status", PayoutStatus, "Only payouts that stand there.", example="due")
_METHOD = Parameter("method", PayoutMethod, "Only payouts made by this method.", example="cash")


class PayoutPapers:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, printing: Printing, people: People) -> None:
        self._reading = reading
        self._printing = printing
        self._people = people

    async def of_sale(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the payouts of a sale."""
        known_parameters(request, frozenset((CONSIGNORS.name, _STATUS.name, _METHOD.name, AFTER_POSITION.name)))
        sale_id = checked(request.path_params)["sale"]
        numbers = consignors_given(request)
        status: PayoutStatus | None = parameter(request, _STATUS.name, PayoutStatus)
        method: PayoutMethod | None = parameter(request, _METHOD.name, PayoutMethod)
        where: dict[str, Any] = {"sale": sale_id, "status": status or _STANDING}
        if method is not None:
            where["method"] = method
        if numbers is not None:
            where["consignor"] = numbers
        sale = await printed_sale(self._reading, request, sale_id)
        found = await collected(self._reading, request, PAYOUTS, {"payouts": where}, ROWS_MAX)
        rows: list[PayoutRow] = sorted(found.rows["payouts"], key=lambda row: (row.consignor, row.counter))
        people = await self._people.of_sale(request, sale_id, numbers, {})
        payouts = PayoutList(
            sale.row.name, sale.letterhead, [_line(row, people, sale) for row in rows], datetime.now(UTC)
        )
        draw = partial(payout_paper, payouts, sale.style)
        return paper(await self._printing.long(draw), f"payouts-{sale.row.number:03}", found.at)

    async def batch(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a batch as it was prepared."""
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        ids = checked(request.path_params)
        sale = await printed_sale(self._reading, request, ids["sale"])
        found = await collected(
            self._reading, request, PAYOUTS, {"batches": {"sale": ids["sale"], "batch": ids["batch"]}}, 1
        )
        if not found.rows["batches"]:
            raise missing("unknown_batch", "batch", ids["batch"])
        batch: BatchRow = found.rows["batches"][0]
        numbers = tuple(entry.consignor for entry in batch.entries)
        people = await self._people.of_sale(request, ids["sale"], numbers, {})
        payouts = PayoutList(
            f"{sale.row.name} · {batch.batch}",
            sale.letterhead_at(batch.prepared_at),
            _entries(batch, people, sale),
            batch.prepared_at,
            seal=batch.seal,
        )
        draw = partial(payout_paper, payouts, sale.style)
        return paper(await self._printing.long(draw), f"payouts-{sale.row.number:03}-{batch.batch}", found.at)


def payout_paper_handlers(reading: Reading, printing: Printing, people: People) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    papers = PayoutPapers(reading, printing, people)
    of_sale = Endpoint(
        rule="print-payouts",
        summary="Payouts of a sale with a line to sign each, as a PDF; without those that others took the place of.",
        tag="papers",
        parameters=(CONSIGNORS, _STATUS, _METHOD, AFTER_POSITION),
        answer_type=PDF,
    )
    batch = Endpoint(
        rule="print-payout-batch",
        summary="A batch of payouts with the seal over its totals, as a PDF.",
        tag="papers",
        parameters=(AFTER_POSITION,),
        answer_type=PDF,
    )
    path = f"{ORGANIZATION_PATH}/sales/{{sale:str}}"
    return [
        get(f"{path}/payouts.pdf", name=of_sale.rule, opt=of_sale.opt())(papers.of_sale),
        get(f"{path}/payout-batches/{{batch:str}}/paper.pdf", name=batch.rule, opt=batch.opt())(papers.batch),
    ]


def _line(row: PayoutRow, people: Mapping[int, Profile], sale: PrintedSale) -> PayoutLine:
    words = sale.style.words
    method = "" if row.method is None else words.payout_methods[row.method]
    return PayoutLine(
        row.consignor,
        _name(row.consignor, people),
        method,
        words.payout_statuses[row.status],
        row.amount_minor - row.fee_minor,
    )


def _entries(batch: BatchRow, people: Mapping[int, Profile], sale: PrintedSale) -> Sequence[PayoutLine]:
    method = sale.style.words.payout_methods[batch.method]
    return [
        PayoutLine(
            entry.consignor,
            _name(entry.consignor, people),
            f"{method} {entry.cheque}" if entry.cheque else method,
            entry.payout,
            entry.amount_minor - entry.fee_minor,
        )
        for entry in batch.entries
    ]


def _name(consignor: int, people: Mapping[int, Profile]) -> str:
    return people[consignor].name if consignor in people else ""
