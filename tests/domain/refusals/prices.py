"""The refusals around prices: discounts and what is set by hand."""

from datetime import datetime

from msgspec.structs import replace

from consign.domain.price_rules import DiscountWindow
from consign.domain.rejection import Reason
from consign.domain.sale import PlanSale
from consign.domain.session.commands import Pay, RemoveLine, Scan, SuspendBasket
from consign.domain.session.price_commands import Approval, DiscountBasket, DiscountLine, GivenDiscount, OverridePrice
from tests.domain.log import MemoryLog
from tests.domain.market import (
    BASKET,
    CASHIER,
    COAT,
    OLIVE,
    ORGANIZATION,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    cash,
    founded,
    live,
)
from tests.domain.refusals.case import Case, after

LIMITED = replace(SETTINGS, discount_limits_ppm={"cashier": 100_000})
SCAN = Scan(SESSION, BASKET, SKIRT)
LINE = DiscountLine(SESSION, BASKET, SKIRT, "organizer", CASHIER, GivenDiscount(50), "a stain")
WHOLE = DiscountBasket(SESSION, BASKET, "organizer", CASHIER, GivenDiscount(50), "a regular")
OVERRIDE = OverridePrice(SESSION, BASKET, SKIRT, "organizer", CASHIER, 100, "the last one")
HOUR = DiscountWindow(
    "last hour", 500_000, datetime.fromisoformat("2026-09-27T16:00"), datetime.fromisoformat("2026-09-27T17:00")
)


def scanned() -> MemoryLog:
    log = live(LIMITED)
    log.issue(SCAN)
    return log


def lines_gone_after_a_discount() -> MemoryLog:
    """A discount that was a tenth of skirt and coat is more than that of the skirt alone."""
    log = scanned()
    log.issue(Scan(SESSION, BASKET, COAT))
    log.issue(replace(WHOLE, role="cashier", discount=GivenDiscount(285)))
    log.issue(RemoveLine(SESSION, BASKET, COAT))
    return log


def a_discounted_line() -> MemoryLog:
    """All that a cashier may take off a skirt is taken off."""
    log = scanned()
    log.issue(replace(LINE, role="cashier", discount=GivenDiscount(35)))
    return log


def a_discounted_basket() -> MemoryLog:
    """Most of what a cashier may take off a skirt is taken off the basket it is in."""
    log = scanned()
    log.issue(replace(WHOLE, role="cashier", discount=GivenDiscount(30)))
    return log


def planned_with(window: DiscountWindow) -> PlanSale:
    return PlanSale(ORGANIZATION, SALE, "Autumn", replace(SETTINGS, discount_windows=(window,)))


CASES: dict[Reason, list[Case]] = {
    Reason.APPROVAL_REFUSED: [(scanned, replace(OVERRIDE, role="cashier", approval=Approval(OLIVE, 1)))],
    Reason.DISCOUNT_INVALID: [
        (scanned, replace(LINE, discount=GivenDiscount(10, 10))),
        (scanned, replace(WHOLE, discount=GivenDiscount(10, 10))),
    ],
    Reason.DISCOUNT_TOO_HIGH: [
        (scanned, replace(LINE, discount=GivenDiscount(SKIRT_MINOR + 1))),
        (scanned, replace(WHOLE, discount=GivenDiscount(SKIRT_MINOR + 1))),
    ],
    Reason.DISCOUNT_NEEDS_ROLE: [
        (scanned, replace(LINE, role="cashier", discount=GivenDiscount(36))),
        (scanned, replace(LINE, role="volunteer", discount=GivenDiscount(1))),
        (scanned, replace(WHOLE, role="cashier", discount=GivenDiscount(rate_ppm=100_001))),
        (scanned, replace(OVERRIDE, role="cashier")),
        (a_discounted_line, replace(WHOLE, role="cashier", discount=GivenDiscount(1))),
        (a_discounted_line, replace(WHOLE, role="cashier", discount=GivenDiscount(rate_ppm=100_000))),
        (a_discounted_basket, replace(LINE, role="cashier", discount=GivenDiscount(6))),
        (lines_gone_after_a_discount, Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))),
    ],
    Reason.PRICE_NOT_LOWER: [(scanned, replace(OVERRIDE, price_minor=SKIRT_MINOR + 1))],
    Reason.REASON_NEEDED: [
        (scanned, replace(LINE, reason=" ")),
        (scanned, replace(WHOLE, reason="")),
        (scanned, replace(OVERRIDE, reason="")),
    ],
    Reason.UNKNOWN_LINE: [(scanned, replace(LINE, tag=COAT))],
    Reason.BASKET_SUSPENDED: [
        (after(scanned, SuspendBasket(SESSION, BASKET)), LINE),
        (after(scanned, SuspendBasket(SESSION, BASKET)), WHOLE),
    ],
    Reason.SETTINGS_INVALID: [
        (founded, planned_with(replace(HOUR, ends=HOUR.begins))),
        (founded, planned_with(replace(HOUR, categories=("no-such",)))),
        (founded, planned_with(replace(HOUR, ends=datetime.fromisoformat("2028-09-27T00:00")))),
        (founded, planned_with(replace(HOUR, begins=datetime.fromisoformat("0001-01-01T00:00")))),
        (founded, PlanSale(ORGANIZATION, SALE, "Autumn", replace(SETTINGS, discount_windows=(HOUR, HOUR)))),
        (founded, PlanSale(ORGANIZATION, SALE, "Autumn", SETTINGS, time_zone="Europe/Atlantis")),
        (founded, PlanSale(ORGANIZATION, SALE, "Autumn", SETTINGS, time_zone="../../etc/passwd")),
    ],
}
