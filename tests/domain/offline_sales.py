"""Sales that a till made while it was away, and what tests read of them afterwards."""

from collections import defaultdict

from consign.domain.ledger.offline_events import (
    ConflictFound,
    QuarantineId,
)
from consign.domain.ledger.offline_state import open_conflicts
from consign.domain.offline_commands import (
    UploadedSale,
)
from consign.domain.session.commands import (
    CloseSession,
    Pay,
    Scan,
)
from consign.domain.values import AccountId, SessionId, TagCode
from tests.domain.log import MemoryLog
from tests.domain.market import (
    BASKET,
    COAT,
    COAT_MINOR,
    DRESS,
    DRESS_MINOR,
    FLOAT_MINOR,
    OTHER_SESSION,
    SALE,
    SESSION,
    SKIRT,
    SKIRT_MINOR,
    cash,
    live,
)
from tests.domain.offline_till import line
from tests.domain.test_books import fold

A_SKIRT = line(SKIRT, SKIRT_MINOR)
A_DRESS = line(DRESS, DRESS_MINOR)
A_COAT = line(COAT, COAT_MINOR)
OFFLINE_SESSION = SessionId("01900000-0000-7000-8000-0000000000c9")
ROBIN = AccountId("robin")
MANUAL = TagCode("01900000-0000-7000-8000-0000000000e1")
LATER_SESSION = SessionId("01900000-0000-7000-8000-0000000000f1")


def status(log: MemoryLog, tag: str) -> object:
    return log.state(f"ledger-{SALE}").items[tag].status


def balances(log: MemoryLog) -> dict[str, int]:
    kept = fold(log)
    assert sum(kept.balances.values()) == 0
    return defaultdict(int, {account: amount_minor for (_, account), amount_minor in kept.balances.items()})


def waiting(log: MemoryLog) -> list[str]:
    ledger = log.state(f"ledger-{SALE}")
    return list(open_conflicts(ledger.conflicts, ledger.manual_lines))


def held_by(conflict: ConflictFound) -> TagCode:
    assert conflict.line is not None
    return conflict.line


def kept_as(answer: UploadedSale) -> QuarantineId:
    assert answer.quarantine is not None
    return answer.quarantine


def closed(log: MemoryLog) -> MemoryLog:
    log.issue(CloseSession(SESSION, FLOAT_MINOR))
    return log


def sold_elsewhere() -> MemoryLog:
    log = live()
    log.issue(Scan(OTHER_SESSION, BASKET, SKIRT))
    log.issue(Pay(OTHER_SESSION, BASKET, (cash(SKIRT_MINOR),)))
    return log
