"""The refusals of drop-off and pick-up: what comes late, what is gone, and counts of the shelves."""

from msgspec.structs import replace

from consign.domain.floor_rules import FloorRules
from consign.domain.ledger.commands import CheckInItems, RefuseItem
from consign.domain.ledger.floor_commands import (
    ApplyShelfCount,
    CloseDonations,
    CollectConsignor,
    CollectItems,
    CompareShelfCount,
    CountShelf,
    DonateItems,
    DonateRest,
    LoseItems,
    MissItems,
    ReopenDonations,
    UndoCheckIn,
)
from consign.domain.ledger.floor_events import CountId
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.session.commands import Scan
from tests.domain.log import MemoryLog
from tests.domain.market import BASKET, SALE, SESSION, SETTINGS, SKIRT, checked_in, listed, live, reach
from tests.domain.refusals.case import Case, after

COUNT = CountId("01900000-0000-7000-8000-0000000000aa")
OTHER_COUNT = CountId("01900000-0000-7000-8000-0000000000ab")
SCAN = Scan(SESSION, BASKET, SKIRT)


def live_without_late_things() -> MemoryLog:
    return reach(listed(replace(SETTINGS, floor=FloorRules(late_until="never"))), Phase.LIVE)


def with_reasons() -> MemoryLog:
    return checked_in(replace(SETTINGS, floor=FloorRules(("dirty",), other_reasons=False)))


def picked_up() -> MemoryLog:
    return reach(checked_in(), Phase.PICK_UP)


def picked_up_to_donate() -> MemoryLog:
    return reach(checked_in(replace(SETTINGS, unsold_policy="donate")), Phase.PICK_UP)


CASES: dict[Reason, list[Case]] = {
    Reason.ITEM_COLLECTED: [(after(live, CollectItems(SALE, (SKIRT,))), SCAN)],
    Reason.ITEM_DONATED: [(after(live, DonateItems(SALE, (SKIRT,))), SCAN)],
    Reason.ITEM_MISSING: [(after(live, MissItems(SALE, (SKIRT,))), SCAN)],
    Reason.ITEM_LOST: [(after(live, LoseItems(SALE, (SKIRT,))), SCAN)],
    Reason.DONATIONS_CLOSED: [
        (after(picked_up, CloseDonations(SALE)), DonateItems(SALE, (SKIRT,))),
        (after(picked_up_to_donate, CloseDonations(SALE)), DonateRest(SALE)),
    ],
    Reason.REASON_NOT_LISTED: [(with_reasons, RefuseItem(SALE, SKIRT, "ugly"))],
    Reason.TOO_LATE: [(live_without_late_things, CheckInItems(SALE, (SKIRT,)))],
    Reason.COUNT_UNDER_WAY: [
        (after(live, CountShelf(SALE, COUNT, "rack", (SKIRT,))), CountShelf(SALE, OTHER_COUNT, "rack", (SKIRT,)))
    ],
    Reason.UNKNOWN_COUNT: [(live, ApplyShelfCount(SALE, COUNT)), (live, CompareShelfCount(SALE, COUNT))],
    Reason.UNKNOWN_CONSIGNOR: [(picked_up, CollectConsignor(SALE, 77))],
    Reason.WRONG_PHASE: [
        (checked_in, CollectItems(SALE, (SKIRT,))),
        (checked_in, DonateItems(SALE, (SKIRT,))),
        (live, DonateRest(SALE)),
        (live, CloseDonations(SALE)),
        (live, ReopenDonations(SALE, "more")),
        (checked_in, LoseItems(SALE, (SKIRT,))),
        (picked_up, UndoCheckIn(SALE, (SKIRT,))),
    ],
}
