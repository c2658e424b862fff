"""Specimens of what is recorded while baskets are being paid, at tills and by card providers."""

from datetime import timedelta

from msgspec import Struct

from consign.domain.payments import (
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentId,
    PaymentRefunded,
    PaymentRequested,
    PaymentShare,
    PaymentsOwed,
    PaymentsReceipted,
    PaymentUnanswered,
)
from consign.domain.session.events import Tender, TenderKind
from consign.domain.session.paying_events import PayingBegun, PayingCancelled, TendersTaken
from tests.domain.log import OPENING
from tests.domain.market import BASKET, CASHIER, SALE, SESSION
from tests.domain.specimens.main_path import LINE, RECEIPT

PAYMENT = PaymentId("01900000-0000-7000-8000-0000000000f7")
TAKEN = (Tender(TenderKind.CASH, 200, tender_id="01900000-0000-7000-8000-0000000000f8"),)
SHARES = (PaymentShare(PAYMENT, 150),)
LATER = OPENING + timedelta(minutes=3)

SPECIMENS: tuple[Struct, ...] = (
    PayingBegun(SALE, SESSION, "1", BASKET, (LINE,), 350, OPENING, CASHIER),
    TendersTaken(SALE, SESSION, "1", BASKET, TAKEN, OPENING, CASHIER),
    PayingCancelled(SALE, SESSION, "1", BASKET, TAKEN, "wants another coat", LATER, CASHIER),
    PaymentRequested(SALE, SESSION, "1", BASKET, PAYMENT, "sumup", 150, OPENING, LATER, CASHIER),
    PaymentUnanswered(SALE, SESSION, BASKET, PAYMENT, LATER),
    PaymentApproved(SALE, SESSION, "1", BASKET, PAYMENT, "sumup", 150, "TX-42", LATER, late=True),
    PaymentDeclined(SALE, SESSION, BASKET, PAYMENT, "insufficient funds", LATER, "TX-42"),
    PaymentCancelled(SALE, SESSION, BASKET, PAYMENT, "pays cash", LATER),
    PaymentsReceipted(SALE, RECEIPT, SESSION, "1", SHARES, LATER),
    PaymentsOwed(SALE, SESSION, "refund", SHARES, LATER, RECEIPT, BASKET),
    PaymentRefunded(SALE, SESSION, PAYMENT, "sumup", 150, "RF-7", LATER, CASHIER),
)
