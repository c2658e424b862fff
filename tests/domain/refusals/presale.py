"""The refusals around groups that shop before the sale is live."""

from datetime import timedelta

from msgspec.structs import replace

from consign.domain.presale import PresaleGroup
from consign.domain.rejection import Reason
from consign.domain.sale import PlanSale
from consign.domain.session.commands import OpenSession, Pay, Scan
from tests.domain.log import OPENING, MemoryLog
from tests.domain.market import (
    BASKET,
    CASHIER,
    FLOAT_MINOR,
    ORGANIZATION,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
    SKIRT_MINOR,
    TILL,
    cash,
    checked_in,
    founded,
    live,
)
from tests.domain.refusals.case import Case

GROUP = PresaleGroup("volunteers", OPENING, OPENING + timedelta(minutes=30))
SCAN = Scan(SESSION, BASKET, SKIRT, "volunteers")


def shopping() -> MemoryLog:
    log = checked_in(replace(SETTINGS, presale_groups=(GROUP,)))
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, FLOAT_MINOR))
    return log


def too_late_to_pay() -> MemoryLog:
    log = shopping()
    log.issue(SCAN)
    log.pass_time(1800)
    return log


def planned_with(*groups: PresaleGroup) -> PlanSale:
    return PlanSale(ORGANIZATION, SALE, "Autumn", replace(SETTINGS, presale_groups=groups))


CASES: dict[Reason, list[Case]] = {
    Reason.PRESALE_CLOSED: [
        (shopping, replace(SCAN, presale_group=None)),
        (shopping, replace(SCAN, presale_group="families")),
        (live, SCAN),
        (too_late_to_pay, Pay(SESSION, BASKET, (cash(SKIRT_MINOR),))),
    ],
    Reason.SETTINGS_INVALID: [
        (founded, planned_with(GROUP, GROUP)),
        (founded, planned_with(replace(GROUP, ends_at=GROUP.begins_at))),
        (founded, planned_with(replace(GROUP, begins_at=OPENING.replace(year=1)))),
    ],
}
