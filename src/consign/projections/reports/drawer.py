"""Facts of what else is paid at a till: vouchers sold and paid out, and fees, each as what it is."""

from collections.abc import Iterable
from typing import Any

from consign.domain.participation.fee_events import FeeMeans
from consign.domain.recorded import StoredEvent
from consign.domain.session.drawer_events import VoucherPaidOut, VoucherSaleUndone, VoucherSold
from consign.domain.session.events import FeeReceived, FeeReturned, TenderKind
from consign.projections.projection import Key, Rows
from consign.projections.reports.facts import Area, Fact, Told, at_the_till, fact
from consign.projections.reports.trade import kept_by_tender

type Paid = VoucherSold | VoucherSaleUndone | VoucherPaidOut | FeeReceived | FeeReturned


def _reads(event: Paid) -> Iterable[tuple[str, Key]]:
    return (("sales", (event.sale,)), ("sittings", (event.session,)))


def _told(stored: StoredEvent, event: Paid, rows: Rows) -> Told:
    when = at_the_till(rows, event.sale, event.session, stored.occurred_at, event.cashier)
    return Told([each for each in _facts(event, when) if each.values["amount_minor"]])


def _facts(event: Paid, when: dict[str, Any]) -> list[Fact]:
    match event:
        case VoucherSold(voucher=voucher) | VoucherSaleUndone(voucher=voucher):
            sign = 1 if isinstance(event, VoucherSold) else -1
            return [
                fact("voucher_sale", **when, voucher=voucher, tender=kind, amount_minor=sign * amount_minor)
                for kind, amount_minor in kept_by_tender(event.tenders, event.change_minor).items()
            ]
        case VoucherPaidOut(voucher=voucher, amount_minor=amount_minor, rounding_minor=rounding_minor):
            out_minor = amount_minor + rounding_minor
            cash = str(TenderKind.CASH)
            paid_out = fact(
                "voucher_payout", **when, voucher=voucher, tender=cash, amount_minor=-out_minor, paid_minor=out_minor
            )
            return [paid_out]
        case FeeReceived(taken_minor=taken_minor):
            return [_fee(event, when, taken_minor)]
        case FeeReturned(given_minor=given_minor):
            return [_fee(event, when, -given_minor)]


def _fee(event: FeeReceived | FeeReturned, when: dict[str, Any], moved_minor: int) -> Fact:
    """Return what a fee brought into the till; whatever is not cash there is by card."""
    tender = TenderKind.CASH if event.means is FeeMeans.CASH else TenderKind.CARD
    whose, what_for = event.participation, event.fee
    return fact("fee_taken", **when, participation=whose, status=what_for, tender=str(tender), amount_minor=moved_minor)


DRAWER = Area(
    frozenset({"voucher-sold", "voucher-sale-undone", "voucher-paid-out", "fee-received", "fee-returned"}),
    _reads,
    _told,
)
