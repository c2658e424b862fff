"""Which rows of the books an event moves: found before the event is applied, so that only they are fetched."""

from collections.abc import Iterable, Sequence

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
from consign.domain.books.fees import account_of
from consign.domain.books.trade import HELD_FOR
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
from consign.domain.payments import PaymentApproved, PaymentRefunded
from consign.domain.recorded import StoredEvent
from consign.domain.sale import SalePhaseChanged, SalePlanned, SaleSettingsChanged
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
    BasketPaid,
    CashMoved,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
    TenderKind,
)
from consign.domain.session.offline_events import SessionSupplemented
from consign.domain.session.paying_events import PayingCancelled, TendersTaken
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.values import SaleId
from consign.domain.vouchers import VoucherExpired, VoucherIssued
from consign.projections.books.drawer import Drawn, accounts_of
from consign.projections.books.settling import Settled, touched
from consign.projections.projection import Key

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


def reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:  # noqa: C901 - a case a topic
    """Name the rows that the event moves."""
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
            | TendersTaken()
            | PayingCancelled()
            | PaymentApproved()
            | PaymentRefunded()
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
    """Return the accounts that only some lines or tenders touch."""
    touched: dict[str, None] = dict.fromkeys((SUSPENSE,) if _through_suspense(event) else ())
    for line in event.lines:
        if line.discount_minor:
            touched[DISCOUNT] = None
        if line.surcharge_minor:
            touched[SURCHARGE] = None
        if line.credited_to != "consignor":
            touched[HELD_FOR[line.credited_to]] = None
    return touched


def _through_suspense(event: Trade) -> bool:
    """Whether something was taken before there was a receipt, or a provider is to give it back."""
    match event:
        case RefundPaid(tender=tender):
            return tender is TenderKind.PROVIDER
        case BasketPaid(tenders=tenders) | ReceiptVoided(tenders=tenders):
            return any(tender.tender_id for tender in tenders)


def _balances(sale: SaleId, accounts: Iterable[str]) -> list[tuple[str, Key]]:
    return [("balances", (sale, account)) for account in accounts]
