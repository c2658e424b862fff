"""The refusals of drop-off and pick-up slots, and of lists."""

from consign.domain.rejection import Reason
from consign.domain.slots.commands import DropSlot, RecordArrival
from tests.domain.market import ANNA, ANNAS_NUMBER, BEN, SALE, registered
from tests.domain.refusals.case import Case, after
from tests.domain.test_allowances import SELLING_LISTS, buy, enter
from tests.domain.test_slots import EARLY, choose, slot

ONE = after(registered, slot(capacity=1), choose(ANNA))

CASES: dict[Reason, list[Case]] = {
    Reason.UNKNOWN_SLOT: [(registered, choose(ANNA))],
    Reason.SLOT_FULL: [(ONE, choose(BEN))],
    Reason.SLOT_IN_USE: [(ONE, DropSlot(SALE, EARLY)), (ONE, slot(hours=1))],
    Reason.SLOT_NOT_CHOSEN: [(ONE, RecordArrival(SALE, ANNAS_NUMBER, "pick_up"))],
    Reason.LISTS_NOT_SOLD: [(registered, buy(1))],
    Reason.LISTS_IN_USE: [(after(lambda: registered(SELLING_LISTS), buy(1), enter(2)), buy(0))],
}
