"""After the sale: things go home, are given away, go missing, are found or made good."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from consign.domain.accounts import COMPENSATION, payable_account
from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY, Books
from consign.domain.floor_rules import FloorRules
from consign.domain.ledger.commands import (
    CheckInItems,
    RefuseItem,
    TagsAnswer,
    WithdrawItems,
)
from consign.domain.ledger.events import ItemReference, ItemsCheckedIn
from consign.domain.ledger.floor_commands import (
    CollectConsignor,
    CollectItems,
    DonateItems,
    DonateRest,
    DonateRestAnswer,
    FindItems,
    LoseItems,
    MissItems,
    UndoCheckIn,
)
from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    FoundItem,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    LeavingItem,
    LostItem,
    MadeGood,
)
from consign.domain.ledger.item_commands import ChangeWishes
from consign.domain.ledger.state import Status
from consign.domain.price_rules import TaxRule
from consign.domain.rejection import Reason, RowReason
from consign.domain.sale import Phase, SaleSettings
from consign.domain.session.commands import RefundReceipt, Scan
from consign.domain.session.events import TenderKind
from consign.domain.settlement.events import ConsignorAdjusted
from consign.domain.tag import shown
from consign.domain.values import ReceiptNumber, TagCode
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    ANNA,
    ANNAS_NUMBER,
    BASKET,
    BEN,
    BENS_NUMBER,
    COAT,
    COAT_MINOR,
    DRESS,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    checked_in,
    listed,
    live,
    reach,
    sold,
)
from tests.domain.scenario import given
from tests.domain.settled import close_tills, freeze, payout_of, settlement, supplement

BOTH_OF_ANNA = (ItemReference(SKIRT, ANNA, "skirt"), ItemReference(DRESS, ANNA, "dress"))
# Noon and six o'clock in Paris, where the sale is, four and ten hours after the log begins.
NOON, SIX = datetime(2026, 9, 26, 12), datetime(2026, 9, 26, 18)  # noqa: DTZ001 - as the clock on the wall shows it
COATS_NET_MINOR = COAT_MINOR - COAT_MINOR * 15 // 100


def with_rules(**rules: object) -> SaleSettings:
    return replace(SETTINGS, floor=FloorRules(**rules))  # type: ignore[arg-type] # each test names its own rules


def picked_up(settings: SaleSettings = SETTINGS) -> MemoryLog:
    """The doors are closed and nothing was sold."""
    log = live(settings)
    close_tills(log)
    return reach(log, Phase.PICK_UP)


def status(log: MemoryLog, tag: str) -> str:
    state: Status = log.state(f"ledger-{SALE}").items[tag].status
    name = state.__struct_config__.tag
    assert isinstance(name, str)
    return name


def on_floor(log: MemoryLog) -> int:
    count: int = log.state(f"ledger-{SALE}").on_floor_count
    return count


def books_of(log: MemoryLog) -> Books:
    books = EMPTY
    for emitted in log.events:
        books, postings = post(books, emitted.event)
        assert sum(posting.amount_minor for posting in postings) == 0
    return books


def test_a_check_in_by_mistake_is_undone_and_can_be_made_again() -> None:
    log = checked_in()
    given(log).when(UndoCheckIn(SALE, (SKIRT, DRESS))).then(CheckInsUndone(SALE, BOTH_OF_ANNA))
    assert (status(log, SKIRT), on_floor(log)) == ("listed", 1)
    given(log).when(UndoCheckIn(SALE, (SKIRT,))).then()
    given(log).when(CheckInItems(SALE, (SKIRT,))).then(ItemsCheckedIn(SALE, BOTH_OF_ANNA[:1]))


def test_what_comes_after_the_drop_off_is_late_and_marked() -> None:
    log = reach(listed(with_rules(drop_off_until=NOON)), Phase.DROP_OFF)
    given(log).when(CheckInItems(SALE, (SKIRT,))).then(ItemsCheckedIn(SALE, BOTH_OF_ANNA[:1]))
    log.pass_time(timedelta(hours=4).total_seconds())
    given(log).when(CheckInItems(SALE, (DRESS,))).then(ItemsCheckedIn(SALE, BOTH_OF_ANNA[1:], late=True))


def test_a_live_sale_takes_late_things_unless_its_rules_say_no() -> None:
    log = reach(listed(), Phase.LIVE)
    given(log).when(CheckInItems(SALE, (SKIRT,))).then(ItemsCheckedIn(SALE, BOTH_OF_ANNA[:1], late=True))
    log = reach(listed(with_rules(late_until="drop_off")), Phase.LIVE)
    given(log).when(CheckInItems(SALE, (SKIRT,))).rejected(Reason.TOO_LATE, "with its phase")
    log = reach(listed(with_rules(late_until="never", drop_off_until=NOON)), Phase.DROP_OFF)
    log.pass_time(timedelta(hours=4).total_seconds())
    given(log).when(CheckInItems(SALE, (SKIRT,))).rejected(Reason.TOO_LATE, "2026-09-26 10:00 UTC")


def test_a_sale_may_name_the_only_reasons_to_refuse_for() -> None:
    log = checked_in(with_rules(refusal_reasons=("moth holes", "dirty"), other_reasons=False))
    given(log).when(RefuseItem(SALE, COAT, "ugly")).rejected(Reason.REASON_NOT_LISTED, "moth holes, dirty")
    log.issue(RefuseItem(SALE, COAT, "moth holes"))
    assert status(log, COAT) == "refused"


def test_things_go_home_from_the_floor_and_from_the_refused_shelf() -> None:
    log = checked_in()
    log.issue(RefuseItem(SALE, COAT, "moth holes"))
    reach(log, Phase.PICK_UP)
    given(log).when(CollectItems(SALE, (SKIRT, COAT))).then(
        ItemsCollected(SALE, (LeavingItem(SKIRT, ANNA, "skirt", "on_floor"), LeavingItem(COAT, BEN, "coat", "refused")))
    ).answered(TagsAnswer((SKIRT, COAT)))
    assert (status(log, SKIRT), status(log, COAT), on_floor(log)) == ("collected", "collected", 1)
    given(log).when(CollectItems(SALE, (SKIRT,))).then()


def test_every_tag_that_cannot_go_home_is_named_with_where_it_is() -> None:
    log = live()
    log.issue(WithdrawItems(SALE, (DRESS,)))
    sold(log, SKIRT)
    answer = given(log).when(CollectItems(SALE, (SKIRT, DRESS, "123", COAT))).answer
    assert answer.tags == (COAT,)
    assert [(error.row, error.reason) for error in answer.errors] == [
        (0, Reason.ALREADY_SOLD),
        (1, Reason.ITEM_WITHDRAWN),
        (2, Reason.TAG_INVALID),
    ]
    log = reach(listed(), Phase.PICK_UP)
    (error,) = given(log).when(CollectItems(SALE, (SKIRT,))).then().answer.errors
    assert error.reason == RowReason.ITEM_NOT_BROUGHT


def test_a_consignor_gets_back_all_but_what_is_to_be_given_away() -> None:
    log = checked_in()
    log.issue(ChangeWishes(SALE, (DRESS,), donate=True))
    reach(log, Phase.PICK_UP)
    given(log).when(CollectConsignor(SALE, ANNAS_NUMBER)).then(
        ItemsCollected(SALE, (LeavingItem(SKIRT, ANNA, "skirt", "on_floor"),))
    )
    given(log).when(CollectConsignor(SALE, ANNAS_NUMBER)).then()
    given(log).when(CollectConsignor(SALE, 77)).rejected(Reason.UNKNOWN_CONSIGNOR)


def test_what_a_refund_gave_back_to_its_consignor_is_collected_too() -> None:
    log = live()
    receipt = sold(log, SKIRT)
    log.issue(
        RefundReceipt(SESSION, ReceiptNumber(receipt), TenderKind.CASH, "torn", "organizer", returned_to="consignor")
    )
    given(log).when(CollectConsignor(SALE, ANNAS_NUMBER)).then(
        ItemsCollected(
            SALE, (LeavingItem(SKIRT, ANNA, "skirt", "returned"), LeavingItem(DRESS, ANNA, "dress", "on_floor"))
        )
    )


def test_what_is_wished_to_be_given_away_goes_first_and_what_was_left_behind_at_the_end() -> None:
    log = checked_in(replace(with_rules(pick_up_until=SIX), unsold_policy="collect_else_donate"))
    log.issue(ChangeWishes(SALE, (DRESS,), donate=True))
    reach(log, Phase.PICK_UP)
    given(log).when(DonateRest(SALE)).then(
        ItemsDonated(SALE, (LeavingItem(DRESS, ANNA, "dress", "on_floor"),))
    ).answered(DonateRestAnswer((DRESS,), 0))
    given(log).when(DonateRest(SALE)).then()
    log.pass_time(timedelta(hours=8).total_seconds())
    given(log).when(DonateRest(SALE)).answered(DonateRestAnswer((SKIRT, COAT), 0))
    assert on_floor(log) == 0


@pytest.mark.parametrize(("policy", "given_away"), [("collect", ()), ("donate", (SKIRT, DRESS, COAT))])
def test_the_policy_says_what_is_given_away(policy: str, given_away: tuple[TagCode, ...]) -> None:
    log = picked_up(replace(SETTINGS, unsold_policy=policy))
    given(log).when(DonateRest(SALE)).answered(DonateRestAnswer(given_away, 0))


def test_without_a_time_what_is_left_behind_is_given_away_in_the_settlement() -> None:
    log = picked_up(replace(SETTINGS, unsold_policy="collect_else_donate"))
    given(log).when(DonateRest(SALE)).answered(DonateRestAnswer((), 0))
    given(reach(log, Phase.SETTLEMENT)).when(DonateRest(SALE)).answered(DonateRestAnswer((SKIRT, DRESS, COAT), 0))


def test_minds_may_change_until_the_time_for_picking_up_is_over() -> None:
    log = picked_up(with_rules(pick_up_until=SIX))
    log.issue(DonateItems(SALE, (SKIRT, COAT)))
    given(log).when(CollectItems(SALE, (SKIRT,))).then(
        ItemsCollected(SALE, (LeavingItem(SKIRT, ANNA, "skirt", "donated"),))
    )
    given(log).when(DonateItems(SALE, (SKIRT,))).then(
        ItemsDonated(SALE, (LeavingItem(SKIRT, ANNA, "skirt", "collected"),))
    )
    log.pass_time(timedelta(hours=8).total_seconds())
    (error,) = given(log).when(CollectItems(SALE, (COAT,))).then().answer.errors
    assert (error.reason, "2026-09-26 16:00 UTC" in error.detail) == (Reason.TOO_LATE, True)


def test_the_till_says_where_a_thing_is_that_is_gone() -> None:
    log = live()
    log.issue(CollectItems(SALE, (SKIRT,)))
    given(log).when(Scan(SESSION, BASKET, SKIRT)).rejected(Reason.ITEM_COLLECTED)
    log.issue(DonateItems(SALE, (DRESS,)))
    given(log).when(Scan(SESSION, BASKET, DRESS)).rejected(Reason.ITEM_DONATED)
    log.issue(MissItems(SALE, (COAT,)))
    given(log).when(Scan(SESSION, BASKET, COAT)).rejected(Reason.ITEM_MISSING, "found")
    log.issue(LoseItems(SALE, (COAT,)))
    given(log).when(Scan(SESSION, BASKET, COAT)).rejected(Reason.ITEM_LOST, "found")
    log.issue(FindItems(SALE, (SKIRT, DRESS, COAT)))
    assert log.issue(Scan(SESSION, BASKET, COAT)).total_minor == COAT_MINOR


def test_what_was_only_said_to_be_gone_is_on_the_floor_again() -> None:
    log = live()
    log.issue(CollectItems(SALE, (SKIRT,)))
    log.issue(DonateItems(SALE, (DRESS,)))
    log.issue(MissItems(SALE, (COAT,)))
    given(log).when(FindItems(SALE, (SKIRT, DRESS, COAT))).then(
        ItemsFound(
            SALE,
            (
                FoundItem(SKIRT, ANNA, "skirt", "collected"),
                FoundItem(DRESS, ANNA, "dress", "donated"),
                FoundItem(COAT, BEN, "coat", "missing"),
            ),
        )
    )
    assert on_floor(log) == 3


def test_a_refused_thing_that_went_home_is_not_found_on_the_floor() -> None:
    log = checked_in()
    log.issue(RefuseItem(SALE, COAT, "moth holes"))
    reach(log, Phase.LIVE)
    log.issue(CollectItems(SALE, (COAT,)))
    (error,) = given(log).when(FindItems(SALE, (COAT,))).then().answer.errors
    assert error.reason == Reason.ITEM_COLLECTED


def test_a_missing_thing_is_marked_once_and_its_consignor_may_find_it() -> None:
    log = picked_up()
    given(log).when(MissItems(SALE, (COAT,))).then(ItemsMissed(SALE, (ItemReference(COAT, BEN, "coat"),)))
    given(log).when(MissItems(SALE, (COAT,))).then()
    assert on_floor(log) == 2
    given(log).when(CollectItems(SALE, (COAT,))).then(
        ItemsCollected(SALE, (LeavingItem(COAT, BEN, "coat", "missing"),))
    )
    assert on_floor(log) == 2


@pytest.mark.parametrize(
    ("made_good", "gross_minor", "net_minor"),
    [("nothing", 0, 0), ("less_commission", COAT_MINOR, COATS_NET_MINOR), ("in_full", COAT_MINOR, COAT_MINOR)],
)
def test_a_lost_thing_is_made_good_as_the_sale_says(made_good: MadeGood, gross_minor: int, net_minor: int) -> None:
    log = picked_up(with_rules(lost=made_good))
    before = books_of(log).balance(SALE, payable_account(BEN))
    log.issue(MissItems(SALE, (COAT,)))
    lost = LostItem(COAT, BEN, "coat", "missing", gross_minor=gross_minor)
    adjusted = [ConsignorAdjusted(SALE, BEN, COAT_MINOR, f"lost: {shown(COAT)}")] if made_good == "in_full" else []
    given(log).when(LoseItems(SALE, (COAT,), "fire")).then(ItemsLost(SALE, (lost,), made_good, "fire"), *adjusted)
    books = books_of(log)
    assert books.balance(SALE, payable_account(BEN)) - before == -net_minor
    assert books.balance(SALE, COMPENSATION) == gross_minor
    log.issue(FindItems(SALE, (COAT,)))
    assert books_of(log).balance(SALE, payable_account(BEN)) == before
    assert books_of(log).balance(SALE, COMPENSATION) == 0


def test_the_tax_in_a_price_is_not_made_good() -> None:
    log = picked_up(replace(SETTINGS, tax=TaxRule(190_000)))
    log.issue(LoseItems(SALE, (COAT,)))
    (lost,) = log.events_of(ItemsLost)
    assert lost.items[0].gross_minor == COAT_MINOR - 399


def test_what_is_lost_after_the_settlement_is_told_in_a_supplement_and_so_is_what_is_found() -> None:
    log = freeze(reach(picked_up(), Phase.SETTLEMENT))
    stated = settlement(log).standing(BEN).stated.net_minor
    log.issue(LoseItems(SALE, (COAT,)))
    assert supplement(log) == 1
    assert settlement(log).standing(BEN).stated.net_minor == stated + COATS_NET_MINOR
    assert payout_of(log, BEN).amount_minor == COATS_NET_MINOR
    log.issue(FindItems(SALE, (COAT,)))
    assert supplement(log) == 1
    assert settlement(log).standing(BEN).stated.net_minor == stated


def test_terms_do_not_change_while_a_lost_thing_counts_by_them() -> None:
    log = picked_up()
    log.issue(LoseItems(SALE, (COAT,)))
    theirs = log.state(f"ledger-{SALE}").consignors[BENS_NUMBER]
    assert (theirs.sold, log.state(f"ledger-{SALE}").sold_count) == (1, 1)
    log.issue(FindItems(SALE, (COAT,)))
    assert log.state(f"ledger-{SALE}").sold_count == 0


def test_times_are_those_of_the_clocks_at_the_sale() -> None:
    log = listed(with_rules(drop_off_until=NOON, pick_up_until=SIX))
    rules = log.state(f"sale-{SALE}").settings.floor
    assert (rules.drop_off_until_at, rules.pick_up_until_at) == (
        OPENING + timedelta(hours=2),
        OPENING + timedelta(hours=8),
    )
