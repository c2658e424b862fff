"""The refusals while baskets are being paid, and around payments by card providers."""

from msgspec.structs import replace

from consign.domain.rejection import Reason
from consign.domain.session.commands import GivenTender, Pay, Scan
from consign.domain.session.events import TenderKind
from consign.domain.session.paying_commands import (
    ApprovePayment,
    BeginPaying,
    CancelPayment,
    RecordPaymentRefund,
    RequestPayment,
    TakenTender,
    TakeTenders,
)
from consign.domain.voucher_commands import SellVoucher
from consign.domain.vouchers import voucher_code
from tests.domain.log import MemoryLog
from tests.domain.market import BASKET, COAT, COAT_MINOR, OTHER_BASKET, OTHER_SESSION, SALE, SESSION, SKIRT, live
from tests.domain.refusals.case import Case, after
from tests.domain.specimens.paying import PAYMENT
from tests.domain.test_paying import APPROVE, ASK, CASH_100, DECLINE, OTHER_PAYMENT, take, taken

BEGIN = BeginPaying(SESSION, BASKET)
GIVE_UP = CancelPayment(SESSION, ASK.payment)
RECORD = RecordPaymentRefund(SALE, ASK.payment, COAT_MINOR, "RF-1")
BY_PROVIDER = GivenTender(TenderKind.PROVIDER, COAT_MINOR, "TX-1")
ASK_AGAIN = RequestPayment(SESSION, OTHER_BASKET, OTHER_PAYMENT, "sumup")


def scanned() -> MemoryLog:
    log = live()
    log.issue(Scan(SESSION, BASKET, COAT))
    log.issue(Scan(SESSION, OTHER_BASKET, SKIRT))
    return log


CASES: dict[Reason, list[Case]] = {
    Reason.BASKET_PAYING: [(after(scanned, BEGIN), Scan(SESSION, BASKET, SKIRT))],
    Reason.UNKNOWN_BASKET: [(live, BEGIN), (live, ASK)],
    Reason.UNKNOWN_SESSION: [(live, replace(APPROVE, session="01900000-0000-7000-8000-0000000000c9"))],
    Reason.TENDER_INVALID: [
        (scanned, Pay(SESSION, BASKET, (BY_PROVIDER,))),
        (live, SellVoucher(SESSION, voucher_code(7), COAT_MINOR, (BY_PROVIDER,))),
        (scanned, take(taken(1, TenderKind.PROVIDER, 100))),
        (scanned, take(CASH_100, CASH_100)),
        (after(scanned, take(CASH_100)), take(replace(CASH_100, amount_minor=99))),
    ],
    Reason.LIMIT_EXCEEDED: [
        (
            after(scanned, take(*(taken(number, TenderKind.CASH, 5) for number in range(20)))),
            TakeTenders(SESSION, BASKET, (TakenTender(taken(20, TenderKind.CASH, 5).tender, TenderKind.CASH, 5),)),
        )
    ],
    Reason.CARD_EXCEEDS_TOTAL: [
        (scanned, replace(ASK, amount_minor=COAT_MINOR + 1)),
        (after(scanned, ASK), replace(ASK, payment=OTHER_PAYMENT)),
        (after(scanned, ASK), take(taken(1, TenderKind.CARD, 100))),
        (scanned, take(taken(1, TenderKind.CARD, COAT_MINOR + 1))),
    ],
    Reason.UNKNOWN_PAYMENT: [
        (live, APPROVE),
        (live, DECLINE),
        (live, GIVE_UP),
        (live, replace(RECORD, payment=PAYMENT)),
        (after(scanned, ASK), replace(APPROVE, session=OTHER_SESSION)),
    ],
    Reason.PAYMENT_EXISTS: [
        (after(scanned, ASK), replace(ASK, provider="stripe")),
        (after(scanned, ASK), replace(ASK, amount_minor=1)),
        (after(scanned, ASK), replace(ASK, basket=OTHER_BASKET)),
    ],
    Reason.PAYMENT_ENDED: [
        (after(scanned, ASK, APPROVE), replace(APPROVE, reference="TX-2")),
        (after(scanned, ASK, APPROVE), DECLINE),
        (after(scanned, ASK, APPROVE), GIVE_UP),
    ],
    Reason.REFERENCE_USED: [
        (after(scanned, ASK, APPROVE, ASK_AGAIN), ApprovePayment(SESSION, OTHER_PAYMENT, "TX-1")),
        (after(scanned, ASK, GIVE_UP, APPROVE, RECORD), replace(RECORD, amount_minor=1)),
    ],
    Reason.REFUND_TOO_HIGH: [
        (after(scanned, ASK, APPROVE), RECORD),
        (after(scanned, ASK, GIVE_UP, APPROVE), replace(RECORD, amount_minor=COAT_MINOR + 1)),
    ],
}
