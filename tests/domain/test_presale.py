"""Groups that shop before the sale is live: when, with what they are sold, and what stays known of it."""

from datetime import timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from consign.domain.manual_commands import AddManualLine
from consign.domain.presale import PresaleGroup
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, Phase
from consign.domain.session.commands import (
    AbandonBasket,
    CloseSession,
    OpenSession,
    Pay,
    RecallBasket,
    Scan,
    SuspendBasket,
    VoidReceipt,
)
from consign.domain.session.events import BasketPaid
from consign.domain.session.price_commands import DiscountBasket, GivenDiscount
from consign.domain.values import BasketId, ReceiptNumber, TagCode
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    BASKET,
    CASHIER,
    COAT,
    DRESS,
    FLOAT_MINOR,
    OTHER_BASKET,
    OTHER_SESSION,
    OTHER_TILL,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    cash,
    checked_in,
    listed,
    reach,
)
from tests.domain.offline_till import conflicts, line, made, uploaded
from tests.domain.scenario import given

MINUTE = timedelta(minutes=1)
VOLUNTEERS = PresaleGroup("volunteers", OPENING, OPENING + 30 * MINUTE)
FAMILIES = PresaleGroup("families", OPENING + 20 * MINUTE)
SCAN = Scan(SESSION, BASKET, SKIRT, "volunteers")
PAY = Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))
THIRD_BASKET = BasketId("01900000-0000-7000-8000-0000000000d3")
MANUAL = TagCode("01900000-0000-7000-8000-0000000000e1")


def before_the_doors_open(*groups: PresaleGroup) -> MemoryLog:
    """Everything on the floor, two tills open, and the sale still in drop-off."""
    log = checked_in(replace(SETTINGS, presale_groups=groups or (VOLUNTEERS, FAMILIES)))
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, FLOAT_MINOR))
    log.issue(OpenSession(OTHER_SESSION, SALE, OTHER_TILL, CASHIER, FLOAT_MINOR))
    return log


def after(*commands: Struct, minutes: int = 0) -> MemoryLog:
    """The same when these commands were accepted, and so many minutes later."""
    log = before_the_doors_open()
    for command in commands:
        log.issue(command)
    log.pass_time(60 * minutes)
    return log


def test_a_group_buys_in_its_time_and_the_receipt_says_which() -> None:
    log = after(SCAN, Scan(SESSION, BASKET, COAT), Pay(SESSION, BASKET, (cash(10_000),)))
    (paid,) = log.events_of(BasketPaid)
    assert (paid.presale_group, len(paid.lines)) == ("volunteers", 2)


@drawn(begins=st.integers(-40, 40), lasts=st.none() | st.integers(1, 40), wait=st.integers(0, 40))
def test_something_is_sold_before_the_sale_is_live_exactly_in_the_time_of_its_group(
    begins: int, lasts: int | None, wait: int
) -> None:
    begins_at = OPENING + begins * MINUTE
    log = before_the_doors_open(
        PresaleGroup("volunteers", begins_at, None if lasts is None else begins_at + lasts * MINUTE)
    )
    log.pass_time(60 * wait)
    refused = None
    try:
        log.issue(SCAN)
        log.issue(PAY)
    except Rejected as rejected:
        refused = rejected.reason
    is_time = begins <= wait and (lasts is None or wait < begins + lasts)
    assert (bool(log.events_of(BasketPaid)), refused) == ((True, None) if is_time else (False, Reason.PRESALE_CLOSED))


def test_after_its_time_a_group_is_told_when_it_was_and_its_basket_is_not_paid_any_more() -> None:
    log = after(SCAN, minutes=30)
    told = given(log).when(Scan(SESSION, OTHER_BASKET, COAT, "volunteers")).rejected(Reason.PRESALE_CLOSED)
    assert told.detail.startswith("volunteers shops from 2026-09-26 10:00 to 2026-09-26 10:30 (Europe/Paris)")
    off = DiscountBasket(SESSION, BASKET, "organizer", CASHIER, GivenDiscount(50), "a regular")
    for command in (Scan(SESSION, BASKET, COAT), off, PAY):
        given(log).when(command).rejected(Reason.PRESALE_CLOSED, "volunteers")
    given(log, AbandonBasket(SESSION, BASKET), Scan(SESSION, OTHER_BASKET, SKIRT, "families"))


def test_without_an_end_a_group_shops_until_the_sale_is_live() -> None:
    families = Scan(SESSION, BASKET, SKIRT, "families")
    given(after()).when(families).rejected(Reason.PRESALE_CLOSED, "from 2026-09-26 10:20 (Europe/Paris) on")
    given(after(minutes=600), families, PAY)


def test_once_the_sale_is_live_groups_are_recorded_and_not_needed() -> None:
    log = reach(after(SCAN, minutes=60), Phase.LIVE)
    given(log, PAY, Scan(SESSION, OTHER_BASKET, COAT), Pay(SESSION, OTHER_BASKET, (cash(10_000),)))
    given(log).when(Scan(OTHER_SESSION, THIRD_BASKET, DRESS, "vips")).rejected(
        Reason.PRESALE_CLOSED, "volunteers, families"
    )
    assert [paid.presale_group for paid in log.events_of(BasketPaid)] == ["volunteers", None]


def test_a_basket_is_for_one_group() -> None:
    log = after(SCAN, minutes=25)
    given(log).when(Scan(SESSION, BASKET, COAT, "families")).rejected(Reason.PRESALE_CLOSED, "new basket")
    given(log).when(AddManualLine(SESSION, BASKET, MANUAL, 100, "no tag", presale_group="families")).rejected(
        Reason.PRESALE_CLOSED, "new basket"
    )
    given(log, Scan(SESSION, BASKET, COAT, "volunteers"))


def test_the_group_stays_with_a_basket_that_is_recalled_elsewhere_or_outlives_its_session() -> None:
    log = after(
        AddManualLine(SESSION, BASKET, MANUAL, 100, "no tag", presale_group="volunteers"),
        SuspendBasket(SESSION, BASKET),
        RecallBasket(OTHER_SESSION, BASKET, SESSION),
        CloseSession(OTHER_SESSION, FLOAT_MINOR, carry_over=(BASKET,)),
        RecallBasket(SESSION, BASKET),
        Pay(SESSION, BASKET, (cash(100),)),
    )
    assert [paid.presale_group for paid in log.events_of(BasketPaid)] == ["volunteers"]


@pytest.mark.parametrize(
    "left", [SuspendBasket(SESSION, BASKET), CloseSession(SESSION, FLOAT_MINOR, carry_over=(BASKET,))]
)
def test_a_basket_is_not_recalled_after_the_time_of_its_group(left: Struct) -> None:
    log = after(SCAN, left, minutes=30)
    given(log).when(RecallBasket(OTHER_SESSION, BASKET, SESSION)).rejected(Reason.PRESALE_CLOSED, "volunteers")


def test_what_a_group_bought_can_be_voided_before_the_sale_is_live() -> None:
    given(after(SCAN, PAY, VoidReceipt(SESSION, ReceiptNumber("1-1"), "mistyped")), replace(SCAN, basket=OTHER_BASKET))


def test_a_till_opens_before_the_sale_is_live_only_where_a_group_may_come_and_then_the_sale_does_not_go_back() -> None:
    opened = OpenSession(SESSION, SALE, TILL, CASHIER, 0)
    given(reach(listed(), Phase.DROP_OFF)).when(opened).rejected(Reason.WRONG_PHASE)
    log = reach(listed(replace(SETTINGS, presale_groups=(VOLUNTEERS,))), Phase.DROP_OFF)
    back = ChangeSalePhase(SALE, Phase.REGISTRATION)
    given(log, opened).when(back).rejected(Reason.WRONG_PHASE, "tills are open")
    sold_and_closed = (SCAN, PAY, CloseSession(SESSION, SKIRT_MINOR))
    given(log, *sold_and_closed).when(back).rejected(Reason.WRONG_PHASE, "receipts were written")


def test_a_basket_without_a_group_does_not_go_on_where_the_rules_get_groups() -> None:
    log = after()
    log.issue(ChangeSaleSettings(SALE, SETTINGS))
    given(log).when(replace(SCAN, presale_group=None)).rejected(Reason.WRONG_PHASE)
    log.issue(ChangeSaleSettings(SALE, replace(SETTINGS, presale_groups=(VOLUNTEERS,))))
    given(log).when(replace(SCAN, presale_group=None)).rejected(Reason.PRESALE_CLOSED, "volunteers")


def test_what_a_till_sold_offline_to_a_group_is_no_conflict_and_its_receipt_says_the_group() -> None:
    log = after()
    answer = uploaded(log, made(1, line(SKIRT, SKIRT_MINOR), presale_group="volunteers"), unsynced=0)
    assert [(each.outcome, each.conflicts) for each in answer.sales] == [("received", ())]
    assert conflicts(log) == []
    assert [paid.presale_group for paid in log.events_of(BasketPaid)] == ["volunteers"]
