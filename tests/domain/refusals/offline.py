"""The refusals around offline sales: never of a sale that was made, only of what is said about it afterwards."""

from msgspec.structs import replace

from consign.domain.ledger.commands import WithdrawItems
from consign.domain.ledger.offline_events import ConflictId, QuarantineId
from consign.domain.offline_commands import (
    BODIES_LIMIT,
    AcceptConflict,
    DiscardQuarantined,
    QuarantineUpload,
    RepairQuarantined,
    ReportUnsynced,
)
from consign.domain.rejection import Reason
from consign.domain.values import SaleId
from tests.domain.log import MemoryLog
from tests.domain.market import CASHIER, OTHER_SALE, SALE, SKIRT, SKIRT_MINOR, founded, live
from tests.domain.offline_till import as_sent, line, made, upload, uploaded
from tests.domain.refusals.case import Case, after

NOBODYS = "01900000-0000-7000-8000-00000000ffff"
GOOD = made(1, line(SKIRT, SKIRT_MINOR))
BAD = made(1, line(SKIRT, SKIRT_MINOR), total_minor=1)


def in_quarantine() -> MemoryLog:
    log = live()
    uploaded(log, BAD)
    return log


QUARANTINE = next(iter(in_quarantine().state(f"ledger-{SALE}").quarantine))


def in_conflict() -> MemoryLog:
    log = live()
    log.issue(WithdrawItems(SALE, (SKIRT,)))
    uploaded(log, GOOD)
    return log


def without_money() -> MemoryLog:
    log = live()
    uploaded(log, made(1, line(SKIRT, SKIRT_MINOR - 50)))
    return log


def _conflict(log: MemoryLog) -> ConflictId:
    conflict: ConflictId = next(iter(log.state(f"ledger-{SALE}").conflicts))
    return conflict


TORN = QuarantineUpload(SALE, CASHIER, "The body is not JSON.", as_sent(b"{}"))


def with_unreadable_uploads() -> MemoryLog:
    log = live()
    for number in range(BODIES_LIMIT):
        log.issue(replace(TORN, kept=as_sent(b"%d" % number)))
    return log


def _torn() -> QuarantineId:
    (kept,) = live().issue(TORN).sales
    quarantine: QuarantineId = kept.quarantine
    return quarantine


REPAIR = RepairQuarantined(SALE, QUARANTINE, CASHIER, GOOD)
DISCARD = DiscardQuarantined(SALE, QUARANTINE, CASHIER, "a test")
ACCEPT = AcceptConflict(SALE, ConflictId(NOBODYS), CASHIER, "seen")

CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_SALE: [(founded, upload(GOOD, sale=SaleId(OTHER_SALE)))],
    Reason.UNKNOWN_SESSION: [(founded, ReportUnsynced(upload(GOOD).session, 1))],
    Reason.LIMIT_EXCEEDED: [(with_unreadable_uploads, replace(TORN, kept=as_sent(b"torn")))],
    Reason.UNKNOWN_CONFLICT: [(live, ACCEPT)],
    Reason.CONFLICT_HOLDS_MONEY: [(in_conflict, replace(ACCEPT, conflict=_conflict(in_conflict())))],
    Reason.UNKNOWN_QUARANTINE: [
        (live, replace(REPAIR, quarantine=QuarantineId(NOBODYS))),
        (live, replace(DISCARD, quarantine=QuarantineId(NOBODYS))),
    ],
    Reason.QUARANTINE_ENDED: [(after(in_quarantine, DISCARD), DISCARD), (after(in_quarantine, DISCARD), REPAIR)],
    Reason.UPLOAD_INVALID: [
        (in_quarantine, replace(REPAIR, repaired=BAD)),
        (in_quarantine, replace(REPAIR, till="77")),
        (after(live, TORN), replace(REPAIR, quarantine=_torn())),
    ],
    Reason.REASON_NEEDED: [
        (in_quarantine, replace(DISCARD, reason=" ")),
        (without_money, replace(ACCEPT, conflict=_conflict(without_money()), reason="")),
    ],
}
