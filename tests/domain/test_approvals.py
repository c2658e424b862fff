"""What an organizer lets a cashier do by PIN: decided on the organizer's membership as it is at that moment."""

import pytest
from msgspec import Struct
from msgspec.structs import replace

from consign.domain.membership import EndMembership
from consign.domain.pins import SetPin, TakePin
from consign.domain.rejection import Reason
from consign.domain.session.commands import Pay, Scan
from consign.domain.session.events import BasketDiscounted, BasketPaid, Discount, LineDiscounted
from consign.domain.session.price_commands import Approval, DiscountBasket, DiscountLine, GivenDiscount, OverridePrice
from tests.domain.log import MemoryLog
from tests.domain.market import BASKET, CASHIER, COAT, OLIVE, ORGANIZATION, SESSION, SETTINGS, SKIRT, cash, live
from tests.domain.scenario import given
from tests.domain.team import PETRA, grant

BY_OLIVE = Approval(OLIVE, 1)
OVERRIDE = OverridePrice(SESSION, BASKET, SKIRT, "cashier", CASHIER, 100, "the last one", BY_OLIVE)
LINE = DiscountLine(SESSION, BASKET, SKIRT, "cashier", CASHIER, GivenDiscount(250), "a stain", BY_OLIVE)
WHOLE = DiscountBasket(SESSION, BASKET, "cashier", CASHIER, GivenDiscount(250), "a regular", BY_OLIVE)


def scanned() -> MemoryLog:
    """A skirt in a basket; of what it costs a cashier may take a tenth off. Olive has a PIN."""
    log = live(replace(SETTINGS, discount_limits_ppm={"cashier": 100_000}))
    given(log, SetPin(OLIVE), Scan(SESSION, BASKET, SKIRT))
    return log


def test_a_cashier_lowers_a_price_with_an_organizers_approval_and_both_are_known() -> None:
    log = scanned()
    given(log).when(replace(OVERRIDE, approval=None)).rejected(Reason.DISCOUNT_NEEDS_ROLE)
    given(log).when(OVERRIDE)
    assert log.events_of(LineDiscounted)[0].line.discounts == (
        Discount("override", 250, "organizer", "", "the last one", CASHIER, "organizer", OLIVE, 1),
    )


def test_what_goes_beyond_a_cashiers_limit_takes_an_approval_and_leaves_the_limit_as_it_is() -> None:
    log = scanned()
    given(log).when(replace(LINE, approval=None)).rejected(Reason.DISCOUNT_NEEDS_ROLE)
    given(log, LINE, Scan(SESSION, BASKET, COAT))
    given(log).when(replace(LINE, tag=COAT, discount=GivenDiscount(50), approval=None))
    assert [event.line.discounts[-1].approved_by for event in log.events_of(LineDiscounted)] == [OLIVE, None]


def test_an_approved_discount_on_the_basket_says_so_on_each_line_of_the_receipt() -> None:
    log = scanned()
    given(log).when(replace(WHOLE, approval=None)).rejected(Reason.DISCOUNT_NEEDS_ROLE)
    answer = given(log).when(WHOLE).answer
    assert log.events_of(BasketDiscounted)[0].discount.approved_by == OLIVE
    log.issue(Pay(SESSION, BASKET, (cash(answer.total_minor),)))
    (line,) = log.events_of(BasketPaid)[0].lines
    assert [(each.approved_by, each.pin_version, each.authorized_by) for each in line.discounts] == [
        (OLIVE, 1, CASHIER)
    ]


def test_an_organizer_needs_no_pin() -> None:
    log = scanned()
    given(log).when(replace(OVERRIDE, role="organizer", approval=None))
    (discount,) = log.events_of(LineDiscounted)[0].line.discounts
    assert (discount.role, discount.approved_by) == ("organizer", None)


@pytest.mark.parametrize(
    "meanwhile",
    [
        (TakePin(OLIVE),),
        (SetPin(OLIVE),),
        (grant(PETRA, "organizer"), grant(OLIVE, "cashier")),
        (grant(PETRA, "organizer"), EndMembership(ORGANIZATION, OLIVE)),
    ],
)
@pytest.mark.parametrize("command", [OVERRIDE, LINE, WHOLE], ids=lambda command: type(command).__name__)
def test_whoever_is_no_organizer_any_more_or_has_another_pin_approves_nothing(
    command: Struct, meanwhile: tuple[Struct, ...]
) -> None:
    log = scanned()
    given(log, *meanwhile).when(command).rejected(Reason.APPROVAL_REFUSED)


def test_neither_a_stranger_nor_another_cashier_approves_anything() -> None:
    log = scanned()
    given(log, grant(PETRA, "cashier"), SetPin(PETRA))
    for nobody in (Approval(PETRA, 1), Approval(CASHIER, 1)):
        given(log).when(replace(OVERRIDE, approval=nobody)).rejected(Reason.APPROVAL_REFUSED)
