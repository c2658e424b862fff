"""The books of every sale, and the live totals that go with them: one read model, so that they always agree.

What is posted and what commission is due is computed by `consign.domain.books` alone, over just the rows that an event
touches.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.amounts import gross_minor
from consign.domain.books.posting import post
from consign.domain.books.state import Books, Consignor, Posting
from consign.domain.commission import CommissionSchedule
from consign.domain.ledger.events import RefundedLine
from consign.domain.ledger.floor_events import ItemsFound, ItemsLost
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineMatched
from consign.domain.recorded import StoredEvent
from consign.domain.sale import Phase, SalePhaseChanged, SalePlanned, SaleSettingsChanged
from consign.domain.session.events import (
    BasketLine,
    BasketPaid,
    ReceiptVoided,
    RefundPaid,
)
from consign.domain.values import ParticipationId, SaleId
from consign.projections.books.drawer import DRAWN
from consign.projections.books.rows import BalanceRow, CategoryRow, ConsignorRow, PostingRow, ScheduleRow, TotalsRow
from consign.projections.books.settling import SETTLED
from consign.projections.books.touching import Handled, Sold, reads
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case SalePlanned():
            schedule = ScheduleRow(event.sale, event.settings.commission)
            return (Put("schedules", schedule), Put("totals", TotalsRow(event.sale, event.currency)))
        case SaleSettingsChanged():
            return (Put("schedules", ScheduleRow(event.sale, event.settings.commission)),)
        case SalePhaseChanged() if event.phase is not Phase.CANCELLED:
            return ()
        case (
            BasketPaid()
            | ReceiptVoided()
            | RefundPaid()
            | ManualLineMatched()
            | ManualLineCredited()
            | ItemsLost()
            | ItemsFound()
        ):
            totals: TotalsRow = required(rows, "totals", (event.sale,))
            return [*_posted(stored, event, rows, totals), *_of_categories(event, rows, totals.currency)]
        case _:
            return _posted(stored, event, rows, required(rows, "totals", (event.sale,)))


def _posted(stored: StoredEvent, event: Handled, rows: Rows, totals: TotalsRow) -> Sequence[Change]:
    before = _touched(reads(stored, event), rows)
    after, postings = post(before, event)
    changes: list[Change] = []
    for line, posting in enumerate(postings):
        changes.append(Put("postings", _posting(stored, line, posting, totals.currency)))
        balance_minor = after.balance(posting.sale, posting.account)
        changes.append(Put("balances", BalanceRow(posting.sale, posting.account, balance_minor, totals.currency)))
    moved = totals
    for participation, consignor in after.consignors.items():
        known = before.consignors.get(participation)
        if consignor != known:
            row = _consignor(participation, consignor, totals.currency)
            changes.append(Put("consignors", row))
            was = None if known is None else _consignor(participation, known, totals.currency)
            moved = _moved(moved, was, row)
    if moved != totals:
        changes.append(Put("totals", moved))
    return changes


def _touched(named: Iterable[tuple[str, Key]], rows: Rows) -> Books:
    """Return books of nothing but the rows that were named."""
    balances: dict[tuple[SaleId, str], int] = {}
    schedules: dict[SaleId, CommissionSchedule] = {}
    consignors: dict[ParticipationId, Consignor] = {}
    for table, key in named:
        match rows.get(table, key):
            case BalanceRow(sale, account, balance_minor):
                balances[SaleId(sale), account] = balance_minor
            case ScheduleRow(sale, schedule):
                schedules[SaleId(sale)] = schedule
            case ConsignorRow() as row:
                consignors[ParticipationId(row.participation)] = Consignor(
                    SaleId(row.sale),
                    row.number,
                    row.fees_minor,
                    row.tier,
                    row.own_rule,
                    row.sold,
                    row.fees_paid_minor,
                    row.points_off_ppm,
                    row.adjustments_minor,
                    row.brought_minor,
                    row.borne_minor,
                    row.stated_minor,
                    row.paid_out_minor,
                    row.donated_minor,
                )
            case _:
                pass
    return Books(HashTrieMap(balances), HashTrieMap(schedules), HashTrieMap(consignors))


def _posting(stored: StoredEvent, line: int, posting: Posting, currency: str) -> PostingRow:
    return PostingRow(
        position=stored.position,
        line=line,
        sale=posting.sale,
        account=posting.account,
        amount_minor=posting.amount_minor,
        currency=currency,
        event=stored.type,
        recorded_at=stored.recorded_at,
        event_id=str(stored.event_id),
        commit_position=stored.commit_position,
    )


def _consignor(participation: str, consignor: Consignor, currency: str) -> ConsignorRow:
    sold = consignor.totals
    return ConsignorRow(
        participation=participation,
        sale=consignor.sale,
        number=consignor.number,
        currency=currency,
        tier=consignor.tier,
        own_rule=consignor.own_rule,
        gross_minor=sold.gross_minor,
        commission_minor=sold.commission_minor,
        commission_tax_minor=sold.commission_tax_minor,
        fees_minor=consignor.fee_minor,
        fees_paid_minor=consignor.fees_paid_minor,
        points_off_ppm=consignor.points_off_ppm,
        adjustments_minor=consignor.adjustments_minor,
        brought_minor=consignor.brought_minor,
        borne_minor=consignor.borne_minor,
        donated_minor=consignor.donated_minor,
        net_minor=consignor.net_minor,
        items_sold=sold.count,
        stated_minor=consignor.stated_minor,
        paid_out_minor=consignor.paid_out_minor,
        sold=sold,
    )


def _moved(totals: TotalsRow, was: ConsignorRow | None, row: ConsignorRow) -> TotalsRow:
    """Return the sale's totals after one consignor's changed."""
    added = _counted(row)
    gone = dict.fromkeys(added, 0) if was is None else _counted(was)
    moved = {name: getattr(totals, name) + added[name] - gone[name] for name in added}
    return replace(totals, **moved)


def _counted(row: ConsignorRow) -> Mapping[str, int]:
    """Return what a consignor adds to each of the sale's totals."""
    return {
        "gross_minor": row.gross_minor,
        "commission_minor": row.commission_minor,
        "commission_tax_minor": row.commission_tax_minor,
        "fees_minor": row.fees_minor,
        "fees_paid_minor": row.fees_paid_minor,
        "given_minor": row.adjustments_minor + row.brought_minor + row.borne_minor - row.donated_minor,
        "net_minor": row.net_minor,
        "items_sold": row.items_sold,
        "stated_minor": row.stated_minor,
        "paid_out_minor": row.paid_out_minor,
    }


def _of_categories(event: Sold, rows: Rows, currency: str) -> Sequence[Change]:
    moved: dict[str, CategoryRow] = {}
    for category, gross, items_sold in _sold(event):
        row: CategoryRow | None = moved.get(category) or rows.get("categories", (event.sale, category))
        row = row or CategoryRow(event.sale, category, currency, gross_minor=0, items_sold=0)
        moved[category] = replace(row, gross_minor=row.gross_minor + gross, items_sold=row.items_sold + items_sold)
    return [Put("categories", row) for row in moved.values()]


def _sold(event: Sold) -> Iterable[tuple[str, int, int]]:
    """Yield category, change of gross and change of count for each line that counts for a consignor."""
    match event:
        case BasketPaid():
            return ((line.category, gross_minor(line), 1) for line in _of_consignors(event.lines))
        case ReceiptVoided():
            return ((line.category, -gross_minor(line), -1) for line in _of_consignors(event.lines))
        case RefundPaid():
            return (_given_back(line) for line in _of_consignors(event.lines))
        case ManualLineMatched(item=line) | ManualLineCredited(credited=line):
            return ((line.category, gross_minor(line), 1),)
        case ItemsLost(items=lost, made_good=how):
            return ((item.category, item.gross_minor, 1) for item in lost if how == "less_commission")
        case ItemsFound(items=found):
            like_sales = (item for item in found if item.made_good == "less_commission")
            return ((item.category, -item.gross_minor, -1) for item in like_sales)


def _of_consignors[Line: (BasketLine, RefundedLine)](lines: Iterable[Line]) -> Iterable[Line]:
    return (line for line in lines if line.credited_to == "consignor")


def _given_back(line: RefundedLine) -> tuple[str, int, int]:
    if line.returned_to is None:
        return line.category, line.gross_left_minor - line.gross_before_minor, 0
    return line.category, -line.gross_before_minor, -1


BOOKS = Projection(
    name="books",
    version=11,
    tables=(
        Table("schedules", ScheduleRow, key=("sale",)),
        Table("totals", TotalsRow, key=("sale",)),
        Table("consignors", ConsignorRow, key=("participation",), indexes=(("sale", "number"),)),
        Table("categories", CategoryRow, key=("sale", "category")),
        Table(
            "postings",
            PostingRow,
            key=("position", "line"),
            indexes=(("sale", "account", "position"),),
            written_only=True,
        ),
        Table("balances", BalanceRow, key=("sale", "account")),
    ),
    handles=frozenset(
        {
            "sale-planned",
            "sale-settings-changed",
            "sale-phase-changed",
            "consignor-registered",
            "consignor-terms-changed",
            "consignor-tier-earned",
            "referral-rewarded",
            "items-lost",
            "items-found",
            "fee-paid",
            "fee-waived",
            "fee-refunded",
            "participation-ended",
            "participation-reopened",
            "lists-charged",
            "late-drop-off-charged",
            "basket-paid",
            "receipt-voided",
            "refund-paid",
            "manual-line-matched",
            "manual-line-credited",
            "manual-line-kept",
        }
        | DRAWN
        | SETTLED
    ),
    reads=reads,
    apply=_apply,
)
