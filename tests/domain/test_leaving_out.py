"""What was listed and nobody brought: told when selling is over, undone when the sale goes a step back."""

import pytest

from consign.domain.ledger.commands import CheckInItems, ItemRow, ListItems
from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.floor_commands import CollectItems
from consign.domain.ledger.floor_events import ItemsAwaited, ItemsNotBrought
from consign.domain.ledger.state import Listed, NotBrought, OnFloor, Sold, Status
from consign.domain.rejection import Rejected, RowReason
from consign.domain.sale import ChangeSalePhase, Phase
from consign.domain.session.commands import CloseSession, OpenSession, Pay, Scan
from consign.domain.values import ROWS_LIMIT, TagCode
from tests.domain.log import MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BASKET,
    BEN,
    BENS_NUMBER,
    CASHIER,
    COAT,
    DRESS,
    SALE,
    SESSION,
    SKIRT,
    TILL,
    cash,
    listed,
    reach,
)

TURN_S = 1.0


def half_brought() -> MemoryLog:
    """Two were listed and not brought when the sale is live, of two consignors; one is on the floor."""
    log = reach(listed(), Phase.DROP_OFF)
    log.issue(CheckInItems(SALE, (DRESS,)))
    return reach(log, Phase.LIVE)


def moved(log: MemoryLog, phase: Phase) -> None:
    """Move the sale, and let its timers come."""
    log.issue(ChangeSalePhase(SALE, phase))
    log.fire_due_timers()


def status(log: MemoryLog, tag: TagCode) -> Status:
    found: Status = log.state(f"ledger-{SALE}").items[tag].status
    return found


def test_whoever_ends_selling_says_of_what_is_only_listed_that_nobody_brought_it() -> None:
    log = half_brought()
    moved(log, Phase.PICK_UP)
    told = (ItemReference(SKIRT, ANNA, "skirt"), ItemReference(COAT, BEN, "coat"))
    assert log.events_of(ItemsNotBrought) == [ItemsNotBrought(SALE, told)]
    assert [type(status(log, tag)) for tag in (SKIRT, DRESS, COAT)] == [NotBrought, OnFloor, NotBrought]
    moved(log, Phase.SETTLEMENT)
    assert len(log.events_of(ItemsNotBrought)) == 1, "it is told once"


def test_what_was_not_brought_is_not_handed_back() -> None:
    log = half_brought()
    moved(log, Phase.PICK_UP)
    answer = log.issue(CollectItems(SALE, (SKIRT, DRESS)))
    assert answer.tags == (DRESS,)
    assert [error.reason for error in answer.errors] == [RowReason.ITEM_NOT_BROUGHT]


def test_a_step_back_takes_it_back_and_it_can_be_brought_after_all() -> None:
    log = half_brought()
    moved(log, Phase.PICK_UP)
    log.issue(ChangeSalePhase(SALE, Phase.LIVE))
    log.issue(CheckInItems(SALE, (COAT,)))  # before the timer came
    log.fire_due_timers()
    assert log.events_of(ItemsAwaited) == [ItemsAwaited(SALE, (ItemReference(SKIRT, ANNA, "skirt"),))]
    assert [type(status(log, tag)) for tag in (SKIRT, DRESS, COAT)] == [Listed, OnFloor, OnFloor]
    moved(log, Phase.PICK_UP)
    assert log.events_of(ItemsNotBrought)[-1].items == (ItemReference(SKIRT, ANNA, "skirt"),)


def test_what_is_in_a_basket_when_selling_ends_is_looked_at_again() -> None:
    log = half_brought()
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, 0))
    log.issue(Scan(SESSION, BASKET, SKIRT))
    moved(log, Phase.PICK_UP)
    assert log.events_of(ItemsNotBrought)[-1].items == (ItemReference(COAT, BEN, "coat"),)
    log.pass_time(3600)
    for _ in range(2):  # the hold runs out, then it is looked at again
        log.fire_due_timers()
        log.pass_time(3600)
    assert isinstance(status(log, SKIRT), NotBrought)


def test_what_was_sold_without_a_check_in_was_brought() -> None:
    log = half_brought()
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, 0))
    total_minor = log.issue(Scan(SESSION, BASKET, SKIRT)).total_minor
    log.issue(Pay(SESSION, BASKET, (cash(total_minor),)))
    log.issue(CloseSession(SESSION, total_minor))
    moved(log, Phase.PICK_UP)
    assert isinstance(status(log, SKIRT), Sold)
    assert log.events_of(ItemsNotBrought)[-1].items == (ItemReference(COAT, BEN, "coat"),)


@pytest.mark.parametrize("back", [False, True], ids=["and told", "and taken back"])
def test_a_turn_takes_a_bounded_share_however_much_was_listed(back: bool) -> None:
    log = half_brought()
    more = ROWS_LIMIT // 2
    for number in (ANNAS_NUMBER, BENS_NUMBER):
        rows = tuple(ItemRow(row, number, "coat", "more", 500) for row in range(2 * more))
        log.issue(ListItems(SALE, rows))
    moved(log, Phase.PICK_UP)
    for _ in range(3):
        log.pass_time(TURN_S)
        log.fire_due_timers()
    event: type = ItemsNotBrought
    if back:
        moved(log, Phase.LIVE)
        for _ in range(3):
            log.pass_time(TURN_S)
            log.fire_due_timers()
        event = ItemsAwaited
    turns = [len(told.items) for told in log.events_of(event)]
    assert max(turns) <= ROWS_LIMIT
    assert sum(turns) == 4 * more + 2
    assert log.timers == [], "nothing is looked at for ever"


def test_a_sale_that_is_cancelled_says_nothing() -> None:
    log = half_brought()
    with pytest.raises(Rejected):
        log.issue(ChangeSalePhase(SALE, Phase.SETTLEMENT))
    moved(log, Phase.CANCELLED)
    assert log.events_of(ItemsNotBrought, ItemsAwaited) == []
