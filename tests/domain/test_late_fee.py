"""The fee for bringing things late: once, for whoever brings nothing in time, and off the proceeds like other fees."""

from typing import Any

from msgspec.structs import replace

from consign.domain import accounts
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.floor_rules import FloorRules
from consign.domain.ledger.commands import CheckInConsignor, CheckInItems, TagsAnswer, WithdrawItems
from consign.domain.ledger.events import ItemReference, ItemsCheckedIn
from consign.domain.ledger.floor_commands import UndoCheckIn
from consign.domain.participation.commands import WithdrawParticipation
from consign.domain.participation.events import LateDropOffCharged
from consign.domain.participation.fee_commands import FeeAnswer, WaiveLateFee
from consign.domain.participation.state import FeeStatus
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.settlement.events import StatementIssued
from tests.domain.log import MemoryLog
from tests.domain.market import ANNA, ANNAS_NUMBER, BEN, BENS_NUMBER, COAT, DRESS, SALE, SETTINGS, SKIRT, listed, reach
from tests.domain.newcomers import DESK
from tests.domain.scenario import given
from tests.domain.settled import freeze

LATE_MINOR, FEE_MINOR = 150, 500
LATE_COSTS = replace(SETTINGS, floor=FloorRules(late_fee_minor=LATE_MINOR))


def going_live(*in_time: str) -> MemoryLog:
    """Anna listed a skirt and a dress, Ben a coat; what is named was brought in time, the sale is live now."""
    log = reach(listed(LATE_COSTS), Phase.DROP_OFF)
    if in_time:
        log.issue(CheckInItems(SALE, in_time))
    return reach(log, Phase.LIVE)


def charged(log: MemoryLog) -> list[tuple[str, int]]:
    return [(event.participation, event.charged_minor) for event in log.events_of(LateDropOffCharged)]


def books(log: MemoryLog) -> Books:
    found = EMPTY
    for emitted in log.events:
        found, postings = post(found, emitted.event)
        assert sum(posting.amount_minor for posting in postings) == 0, emitted
    return found


def owes(log: MemoryLog, participation: Any = ANNA) -> int:
    owed_minor = books(log).balance(SALE, accounts.payable_account(participation))
    assert owed_minor == log.state(f"participation-{participation}").charged_minor
    return owed_minor


def test_whose_first_things_come_late_is_charged_once() -> None:
    log = going_live()
    given(log).when(CheckInItems(SALE, (SKIRT,))).then(
        ItemsCheckedIn(SALE, (ItemReference(SKIRT, ANNA, "skirt"),), late=True),
        LateDropOffCharged(ANNA, SALE, ANNAS_NUMBER, LATE_MINOR),
    ).answered(TagsAnswer((SKIRT,)))
    log.issue(CheckInItems(SALE, (DRESS,)))
    log.issue(CheckInConsignor(SALE, BENS_NUMBER))
    assert charged(log) == [(ANNA, LATE_MINOR), (BEN, LATE_MINOR)]
    assert owes(log) == FEE_MINOR + LATE_MINOR


def test_several_who_are_late_are_charged_each_in_one_check_in() -> None:
    log = going_live()
    log.issue(CheckInItems(SALE, (SKIRT, "no tag", DRESS, COAT)))
    assert charged(log) == [(ANNA, LATE_MINOR), (BEN, LATE_MINOR)]


def test_who_brought_something_in_time_may_bring_the_rest_late() -> None:
    log = going_live(SKIRT)
    log.issue(CheckInItems(SALE, (DRESS, COAT)))
    assert charged(log) == [(BEN, LATE_MINOR)]


def test_nothing_is_charged_in_time_or_where_being_late_costs_nothing() -> None:
    assert charged(going_live(SKIRT, DRESS, COAT)) == []
    free = reach(listed(), Phase.LIVE)
    free.issue(CheckInItems(SALE, (SKIRT,)))
    assert charged(free) == []


def test_the_fee_is_waived_with_a_reason_and_not_charged_again() -> None:
    log = going_live()
    log.issue(CheckInItems(SALE, (SKIRT,)))
    given(log).when(WaiveLateFee(ANNA, " ")).rejected(Reason.REASON_NEEDED)
    given(log).when(WaiveLateFee(ANNA, "the train was late")).then(
        LateDropOffCharged(ANNA, SALE, ANNAS_NUMBER, -LATE_MINOR, "the train was late")
    ).answered(FeeAnswer(ANNA, ANNAS_NUMBER, FeeStatus.DUE, LATE_MINOR, 0, "EUR"))
    given(log).when(WaiveLateFee(ANNA, "the train was late")).then()
    log.issue(UndoCheckIn(SALE, (SKIRT,)))
    log.issue(CheckInItems(SALE, (SKIRT,)))
    assert owes(log) == FEE_MINOR


def test_the_statement_takes_the_fee_off_the_proceeds() -> None:
    log = going_live()
    log.issue(CheckInItems(SALE, (SKIRT,)))
    freeze(reach(log, Phase.SETTLEMENT))
    fees = {each.participation: each.figures.fees_minor for each in log.events_of(StatementIssued)}
    assert fees == {ANNA: FEE_MINOR + LATE_MINOR, BEN: FEE_MINOR}


def test_who_leaves_with_all_their_things_owes_nothing_for_being_late() -> None:
    log = going_live()
    log.issue(CheckInItems(SALE, (SKIRT,)))
    log.issue(WithdrawItems(SALE, (SKIRT, DRESS)))
    log.issue(WithdrawParticipation(ANNA, DESK))
    assert books(log).balance(SALE, accounts.payable_account(ANNA)) == 0
