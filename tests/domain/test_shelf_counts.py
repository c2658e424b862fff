"""Counting the shelves: what nobody sees becomes missing, what should not be there is named."""

from consign.domain.ledger.commands import CheckInItems
from consign.domain.ledger.events import ItemReference
from consign.domain.ledger.floor_commands import (
    ApplyShelfCount,
    CompareAnswer,
    CompareShelfCount,
    CountShelf,
    DropShelfCount,
)
from consign.domain.ledger.floor_events import CountId, ItemsMissed, ShelfCountClosed, ShelfCounted, Surplus
from consign.domain.rejection import Reason
from consign.domain.sale import Phase
from consign.domain.session.commands import AbandonBasket, Scan
from consign.domain.tag import tag_code
from tests.domain.market import (
    BASKET,
    BEN,
    COAT,
    DRESS,
    SALE,
    SALE_NUMBER,
    SESSION,
    SKIRT,
    listed,
    live,
    reach,
    sold,
)
from tests.domain.scenario import given

COUNT = CountId("01900000-0000-7000-8000-0000000000aa")
OTHER_COUNT = CountId("01900000-0000-7000-8000-0000000000ab")
STRANGER = tag_code(SALE_NUMBER, 9, 9)
OF_ANOTHER_SALE = tag_code(SALE_NUMBER + 1, 1, 1)


def test_what_lies_on_a_shelf_is_noted_and_what_should_not_be_there_is_named() -> None:
    log = live()
    sold(log, DRESS)
    scans = (SKIRT, DRESS, SKIRT, STRANGER, OF_ANOTHER_SALE, "123")
    outcome = given(log).when(CountShelf(SALE, COUNT, "rack 1", scans))
    outcome.then(
        ShelfCounted(
            SALE,
            COUNT,
            "rack 1",
            (SKIRT,),
            (
                Surplus(DRESS, "already_sold"),
                Surplus(STRANGER, "unknown_tag"),
                Surplus(OF_ANOTHER_SALE, "wrong_sale"),
                Surplus("123", "tag_invalid"),
            ),
            log.now,
        )
    )
    answer = outcome.answer
    assert (answer.tags, answer.seen, answer.expected) == ((SKIRT,), 1, 2)
    assert [row.row for row in answer.surplus] == [1, 3, 4, 5]


def test_what_nobody_saw_on_any_shelf_becomes_missing_when_the_count_is_applied() -> None:
    log = live()
    log.issue(CountShelf(SALE, COUNT, "rack 1", (SKIRT,)))
    log.issue(CountShelf(SALE, COUNT, "rack 2", (DRESS, SKIRT)))
    given(log).when(CompareShelfCount(SALE, COUNT)).then().answered(CompareAnswer(COUNT, 2, 3, (COAT,), 0))
    given(log).when(ApplyShelfCount(SALE, COUNT)).then(
        ItemsMissed(SALE, (ItemReference(COAT, BEN, "coat"),), COUNT),
        ShelfCountClosed(SALE, COUNT, applied=True, closed_at=log.now),
    )
    given(log).when(ApplyShelfCount(SALE, COUNT)).rejected(Reason.UNKNOWN_COUNT)


def test_a_dropped_count_marks_nothing_and_the_next_one_begins_anew() -> None:
    log = live()
    log.issue(CountShelf(SALE, COUNT, "rack 1", (SKIRT, DRESS)))
    given(log).when(CountShelf(SALE, OTHER_COUNT, "rack 1", (COAT,))).rejected(Reason.COUNT_UNDER_WAY)
    given(log).when(DropShelfCount(SALE, COUNT)).then(ShelfCountClosed(SALE, COUNT, applied=False, closed_at=log.now))
    log.issue(CountShelf(SALE, OTHER_COUNT, "rack 1", (COAT,)))
    given(log).when(CompareShelfCount(SALE, OTHER_COUNT)).answered(CompareAnswer(OTHER_COUNT, 1, 3, (SKIRT, DRESS), 0))


def test_what_comes_to_the_floor_or_back_from_a_basket_while_it_is_counted_is_not_missing() -> None:
    log = reach(listed(), Phase.DROP_OFF)
    log.issue(CheckInItems(SALE, (SKIRT,)))
    log.issue(CountShelf(SALE, COUNT, "rack 1", (SKIRT,)))
    log.issue(CheckInItems(SALE, (DRESS,)))
    assert log.issue(CompareShelfCount(SALE, COUNT)).missing == ()

    log = live()
    log.issue(Scan(SESSION, BASKET, COAT))
    log.issue(CountShelf(SALE, COUNT, "rack 1", (SKIRT, DRESS)))
    assert log.issue(CompareShelfCount(SALE, COUNT)).missing == ()
    log.issue(AbandonBasket(SESSION, BASKET))
    assert log.issue(CompareShelfCount(SALE, COUNT)).missing == ()


def test_what_is_seen_and_then_sold_is_expected_no_more() -> None:
    log = live()
    log.issue(CountShelf(SALE, COUNT, "rack 1", (SKIRT, DRESS)))
    sold(log, SKIRT)
    assert log.issue(CompareShelfCount(SALE, COUNT)) == CompareAnswer(COUNT, 1, 2, (COAT,), 0)


def test_a_missing_thing_on_a_shelf_is_named_as_such() -> None:
    log = live()
    log.issue(CountShelf(SALE, COUNT, "rack 1", (SKIRT, DRESS)))
    log.issue(ApplyShelfCount(SALE, COUNT))
    answer = log.issue(CountShelf(SALE, OTHER_COUNT, "rack 9", (COAT,)))
    assert [(row.scanned, row.reason) for row in answer.surplus] == [(COAT, Reason.ITEM_MISSING)]
