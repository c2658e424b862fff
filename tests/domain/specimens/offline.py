"""What is recorded of sales that were made offline."""

from msgspec import Struct

from consign.domain.ledger.offline_events import (
    Anomaly,
    ConflictAccepted,
    ConflictFound,
    ConflictId,
    Difference,
    OfflineSaleReceived,
    Override,
    QuarantineEnded,
    QuarantineId,
    SaleQuarantined,
)
from consign.domain.session.offline_events import (
    ReceiptCounterRaised,
    SessionRecordedOffline,
    SessionSupplemented,
    UnsyncedReported,
)
from consign.domain.tills import TillCounted, TillUnsyncedReported
from consign.domain.values import ReceiptNumber
from tests.domain.log import OPENING
from tests.domain.market import BASKET, CASHIER, OTHER_SESSION, SALE, SESSION, SKIRT
from tests.domain.specimens.main_path import RECEIPT
from tests.domain.specimens.manual_lines import LINE

CONFLICT = ConflictId(LINE)
QUARANTINE = QuarantineId("01900000-0000-7000-8000-0000000000e7")
KEY = "01900000-0000-7000-8000-0000000000d1"
AGAIN = ReceiptNumber("1-1-2")

SPECIMENS: tuple[Struct, ...] = (
    OfflineSaleReceived(
        SALE,
        BASKET,
        SESSION,
        "1",
        AGAIN,
        RECEIPT,
        1,
        OPENING,
        OPENING,
        OPENING,
        OPENING,
        "9f" * 32,
        (Anomaly("receipt_reused", "1-1 was used before: this one is 1-1-2 here."),),
        (Override(SKIRT, CASHIER, "verifier-7", CASHIER),),
        (CONFLICT,),
    ),
    ConflictFound(
        SALE,
        CONFLICT,
        "sold_twice",
        AGAIN,
        SESSION,
        "1",
        OPENING,
        "007-0001-001-3 was sold before, with receipt 2-1.",
        SKIRT,
        LINE,
        350,
        ReceiptNumber("2-1"),
        "2",
        (Difference(0, "tax", 5, 7),),
    ),
    ConflictAccepted(SALE, CONFLICT, "the till was found late", CASHIER),
    SaleQuarantined(SALE, QUARANTINE, SESSION, "1", CASHIER, OPENING, OPENING, "The lines come to 5.", KEY, "AW=="),
    QuarantineEnded(SALE, QUARANTINE, "repaired", CASHIER, "the total was torn", BASKET),
    SessionRecordedOffline(SALE, SESSION, "1", OPENING),
    UnsyncedReported(SALE, SESSION, "1", 3, OPENING),
    ReceiptCounterRaised(SALE, OTHER_SESSION, "1", 12),
    SessionSupplemented(SALE, SESSION, "1", 1, (RECEIPT,), 350, 300, 50),
    TillCounted(SALE, "1", 12),
    TillUnsyncedReported(SALE, "1", SESSION, 3, OPENING),
)
