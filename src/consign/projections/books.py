"""The books of every sale, and the live totals that go with them: one read model, so that they always agree.

What is posted and what commission is due is computed by `consign.domain.books` alone, over just the rows that an event
touches.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from rpds import HashTrieMap

from consign.domain.accounts import (
    CARD,
    CASH_ROUNDING,
    COMMISSION,
    COMPENSATION,
    DISCOUNT,
    FEES,
    SURCHARGE,
    SUSPENSE,
    TAX,
    VOUCHER,
    cash_account,
    payable_account,
)
from consign.domain.amounts import gross_minor
from consign.domain.books.fees import account_of
from consign.domain.books.posting import post
from consign.domain.books.state import Books, Consignor, Posting
from consign.domain.books.trade import HELD_FOR
from consign.domain.commission import CommissionRule, CommissionSchedule, Totals
from consign.domain.ledger.events import RefundedLine
from consign.domain.ledger.floor_events import ItemsFound, ItemsLost
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineKept, ManualLineMatched
from consign.domain.participation.events import (
    ConsignorRegistered,
    ConsignorTermsChanged,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeePaid, FeeRefunded, FeeWaived
from consign.domain.recorded import StoredEvent
from consign.domain.sale import Phase, SalePhaseChanged, SalePlanned, SaleSettingsChanged
from consign.domain.session.drawer_events import (
    CashReceived,
    CashSent,
    CashTakenBack,
    SessionHandedOver,
    VoucherPaidOut,
    VoucherSaleUndone,
    VoucherSold,
)
from consign.domain.session.events import (
    BasketLine,
    BasketPaid,
    CashMoved,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
)
from consign.domain.session.offline_events import SessionSupplemented
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.values import ParticipationId, SaleId
from consign.domain.vouchers import VoucherExpired, VoucherIssued
from consign.projections.books_drawer import DRAWN, Drawn, accounts_of
from consign.projections.books_settling import SETTLED, Settled, touched
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class ScheduleRow(Struct, frozen=True):
    """What the organizer keeps of a sale, as its settings say now."""

    sale: str
    schedule: CommissionSchedule


class TotalsRow(Struct, frozen=True):
    """The organizer's live totals: `net_minor` is what all consignors together are owed before payouts.

    `given_minor` is what was adjusted, brought forward and borne, less what went to charity. `stated_minor` is the net
    of the statements that stand, `paid_out_minor` what left the consignors' accounts.
    """

    sale: str
    currency: str
    gross_minor: int = 0
    commission_minor: int = 0
    commission_tax_minor: int = 0
    fees_minor: int = 0
    fees_paid_minor: int = 0
    given_minor: int = 0
    net_minor: int = 0
    items_sold: int = 0
    stated_minor: int = 0
    paid_out_minor: int = 0


class ConsignorRow(Struct, frozen=True):
    """A consignor's live totals, what settling now would pay out.

    `net = gross - commission - commission tax - fees + fees paid + adjustments + brought + borne - donated`; fees paid
    are those that did not come off proceeds, donated is what statements leave to charity. `net - stated` is what no
    statement says yet, `net - paid out` what is still owed.
    `sold` holds what is rounded at once, so that the next sale moves the commission exactly.
    """

    participation: str
    sale: str
    number: int
    currency: str
    tier: str | None
    own_rule: CommissionRule | None
    gross_minor: int
    commission_minor: int
    commission_tax_minor: int
    fees_minor: int
    fees_paid_minor: int
    points_off_ppm: int
    adjustments_minor: int
    brought_minor: int
    borne_minor: int
    donated_minor: int
    net_minor: int
    items_sold: int
    stated_minor: int
    paid_out_minor: int
    sold: Totals


class CategoryRow(Struct, frozen=True):
    """What was sold of a category, or lost and made good like a sale.

    It has no commission of its own: that is rounded over all a consignor sold.
    """

    sale: str
    category: str
    currency: str
    gross_minor: int
    items_sold: int


class PostingRow(Struct, frozen=True):
    """One side of an entry: debits above zero, credits below. Those of one position add up to zero."""

    position: int
    line: int
    sale: str
    account: str
    amount_minor: int
    currency: str
    event: str
    recorded_at: datetime
    event_id: str
    commit_position: int


class BalanceRow(Struct, frozen=True):
    sale: str
    account: str
    balance_minor: int
    currency: str


type Trade = BasketPaid | ReceiptVoided | RefundPaid
type Resolved = ManualLineMatched | ManualLineCredited | ManualLineKept
type Lost = ItemsLost | ItemsFound
type Sold = Trade | ManualLineMatched | ManualLineCredited | Lost
type Terms = ConsignorRegistered | ConsignorTermsChanged | ConsignorTierEarned | ReferralRewarded
type Fees = (
    FeePaid | FeeWaived | FeeRefunded | ParticipationEnded | ParticipationReopened | ListsCharged | LateDropOffCharged
)
type Changed = SalePlanned | SaleSettingsChanged | SalePhaseChanged
type Handled = Changed | Terms | Fees | Drawn | Trade | Resolved | Lost | Settled


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:  # noqa: C901 - a case a topic
    sale = event.sale
    match event:
        case BasketPaid() | ReceiptVoided() | RefundPaid():
            return _traded(event)
        case ManualLineMatched() | ManualLineCredited() | ManualLineKept():
            return _resolving(event)
        case ItemsLost() | ItemsFound():
            return _made_good(event)
        case (
            SessionOpened()
            | CashMoved()
            | SessionClosed()
            | SessionSupplemented()
            | SessionHandedOver()
            | CashSent()
            | CashReceived()
            | CashTakenBack()
            | VoucherSold()
            | VoucherSaleUndone()
            | VoucherPaidOut()
            | VoucherIssued()
            | VoucherExpired()
        ):
            return [("totals", (sale,)), *_balances(sale, accounts_of(event))]
        case ConsignorRegistered():
            return [("totals", (sale,)), *_balances(sale, (payable_account(event.participation), FEES))]
        case (
            FeePaid()
            | FeeWaived()
            | FeeRefunded()
            | ParticipationEnded()
            | ParticipationReopened()
            | ListsCharged()
            | LateDropOffCharged()
        ):
            return [
                ("totals", (sale,)),
                ("consignors", (event.participation,)),
                *_balances(sale, (payable_account(event.participation), FEES, *_handed(event))),
            ]
        case ConsignorTierEarned():
            return [
                ("totals", (sale,)),
                ("consignors", (event.participation,)),
                *_balances(sale, (payable_account(event.participation), COMMISSION, TAX)),
            ]
        case ConsignorTermsChanged() | ReferralRewarded():
            return (("totals", (sale,)), ("consignors", (event.participation,)))
        case SalePhaseChanged():
            return [
                ("totals", (sale,)),
                *(("consignors", (participation,)) for participation in event.participations),
                *_balances(sale, (*map(payable_account, event.participations), FEES)),
            ]
        case SalePlanned() | SaleSettingsChanged():
            return ()
        case _:
            participations, accounts = touched(event)
            return [
                ("totals", (sale,)),
                *(("consignors", (participation,)) for participation in participations),
                *_balances(sale, accounts),
            ]


def _handed(event: Fees) -> Iterable[str]:
    """Return the accounts that money goes through."""
    if isinstance(event, FeePaid | FeeRefunded):
        return (account_of(event.means, event.session), CASH_ROUNDING)
    return ()


def _traded(event: Trade) -> Sequence[tuple[str, Key]]:
    participations = {line.participation: None for line in event.lines if line.credited_to == "consignor"}
    categories = {line.category: None for line in event.lines}
    accounts = (cash_account(event.session), CARD, VOUCHER, CASH_ROUNDING, COMMISSION, TAX, *_beside_prices(event))
    return [
        ("totals", (event.sale,)),
        ("schedules", (event.sale,)),
        *(("consignors", (participation,)) for participation in participations),
        *(("categories", (event.sale, category)) for category in categories),
        *_balances(event.sale, (*accounts, *map(payable_account, participations))),
    ]


def _resolving(event: Resolved) -> Sequence[tuple[str, Key]]:
    sale = event.sale
    match event:
        case ManualLineMatched(item=line) | ManualLineCredited(credited=line):
            accounts = (SUSPENSE, COMMISSION, TAX, payable_account(line.participation))
            return [
                ("totals", (sale,)),
                ("schedules", (sale,)),
                ("consignors", (line.participation,)),
                ("categories", (sale, line.category)),
                *_balances(sale, accounts),
            ]
        case ManualLineKept():
            return [("totals", (sale,)), *_balances(sale, (SUSPENSE, COMPENSATION))]


def _made_good(event: Lost) -> Sequence[tuple[str, Key]]:
    participations = dict.fromkeys(item.participation for item in event.items)
    accounts = (COMPENSATION, COMMISSION, TAX, *map(payable_account, participations))
    return [
        ("totals", (event.sale,)),
        ("schedules", (event.sale,)),
        *(("consignors", (participation,)) for participation in participations),
        *(("categories", (event.sale, category)) for category in dict.fromkeys(item.category for item in event.items)),
        *_balances(event.sale, accounts),
    ]


def _beside_prices(event: Trade) -> Iterable[str]:
    """Return the accounts that only some lines touch."""
    touched: dict[str, None] = {}
    for line in event.lines:
        if line.discount_minor:
            touched[DISCOUNT] = None
        if line.surcharge_minor:
            touched[SURCHARGE] = None
        if line.credited_to != "consignor":
            touched[HELD_FOR[line.credited_to]] = None
    return touched


def _balances(sale: SaleId, accounts: Iterable[str]) -> list[tuple[str, Key]]:
    return [("balances", (sale, account)) for account in accounts]


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
    before = _touched(_reads(stored, event), rows)
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


def trial_balance(balances: Iterable[BalanceRow]) -> Mapping[str, int]:
    """Return each sale's sum over all its accounts: zero, or the books are wrong."""
    sums: dict[str, int] = {}
    for row in balances:
        sums[row.sale] = sums.get(row.sale, 0) + row.balance_minor
    return sums


BOOKS = Projection(
    name="books",
    version=10,
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
    reads=_reads,
    apply=_apply,
)
