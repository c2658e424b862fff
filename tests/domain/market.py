"""A small sale that stands ready: names and amounts that tests use, each said once."""

from typing import Any

from consign.domain.commission import CommissionRule, CommissionSchedule
from consign.domain.ledger.commands import CheckInItems, ItemRow, ListItems
from consign.domain.organization import FoundOrganization
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.sale import Category, ChangeSalePhase, Phase, PlanSale, SaleSettings
from consign.domain.session.commands import GivenTender, OpenSession, Pay, Scan
from consign.domain.session.events import TenderKind
from consign.domain.settlement.commands import CarryPayout, FreezeSettlement
from consign.domain.settlement.events import Obstacle
from consign.domain.settlement.state import PayoutStatus
from consign.domain.tag import tag_code
from consign.domain.values import (
    AccountId,
    BasketId,
    OrganizationSlug,
    ParticipationId,
    SaleId,
    SessionId,
)
from tests.domain.freezing import freeze_whole
from tests.domain.log import MemoryLog

ORGANIZATION = OrganizationSlug("alpe")
SALE = SaleId("01900000-0000-7000-8000-000000000001")
SALE_NUMBER = 7
OTHER_SALE = SaleId("01900000-0000-7000-8000-000000000002")
ANNA = ParticipationId("01900000-0000-7000-8000-0000000000a1")
BEN = ParticipationId("01900000-0000-7000-8000-0000000000b2")
ANNAS_NUMBER = 1
BENS_NUMBER = 2
SESSION = SessionId("01900000-0000-7000-8000-0000000000c1")
OTHER_SESSION = SessionId("01900000-0000-7000-8000-0000000000c2")
BASKET = BasketId("01900000-0000-7000-8000-0000000000d1")
OTHER_BASKET = BasketId("01900000-0000-7000-8000-0000000000d2")
CASHIER = AccountId("casey")
OLIVE = AccountId("olive")
"""The organizer who founded it all."""
TILL, OTHER_TILL = "1", "2"
FLOAT_MINOR = 5000

SKIRT = tag_code(SALE_NUMBER, ANNAS_NUMBER, 1)
DRESS = tag_code(SALE_NUMBER, ANNAS_NUMBER, 2)
COAT = tag_code(SALE_NUMBER, BENS_NUMBER, 1)
SKIRT_MINOR, DRESS_MINOR, COAT_MINOR = 350, 1200, 2500

SCHEDULE = CommissionSchedule(
    CommissionRule(200_000),
    by_category={"coat": CommissionRule(150_000)},
    by_tier={"volunteer": CommissionRule(100_000)},
)
SETTINGS = SaleSettings(
    SCHEDULE,
    categories=(
        Category("skirt", "Skirt", 200, 1000),
        Category("dress", "Dress", 300, 2300),
        Category("coat", "Coat", 300, 3100),
        Category("toy", "Toy"),
    ),
    price_step_minor=50,
    price_minimum_minor=100,
    price_maximum_minor=15_000,
    refused=("car seat", "tie"),
    fee_minor=500,
    cash_rounding_minor=5,
)

PHASES = (Phase.REGISTRATION, Phase.DROP_OFF, Phase.LIVE, Phase.PICK_UP, Phase.SETTLEMENT, Phase.CLOSED)


def founded() -> MemoryLog:
    log = MemoryLog()
    log.issue(FoundOrganization(ORGANIZATION, OLIVE, "ALPE", "EUR", "fr-FR", "Europe/Paris"))
    return log


def planned(settings: SaleSettings = SETTINGS) -> MemoryLog:
    log = founded()
    log.issue(PlanSale(ORGANIZATION, SALE, "Autumn bourse", settings, SALE_NUMBER))
    return log


def reach(log: MemoryLog, phase: Phase) -> MemoryLog:
    """Walk the sale on, step by step, until it is in the phase; on the way to its end it is settled and carried."""
    for step in PHASES:
        if log.state(f"sale-{SALE}").phase is phase:
            return log
        if PHASES.index(step) > _index(log):
            if step is Phase.CLOSED:
                _settle(log)
            log.issue(ChangeSalePhase(SALE, step))
    return log


def _settle(log: MemoryLog) -> None:
    tills = sorted(log.state(f"sale-{SALE}").tills.items())
    accepted = (
        *(Obstacle("open_till", name) for name, till in tills if till.session is not None),
        *(Obstacle("unsynced_till", name) for name, till in tills if till.unsynced != 0),
    )
    freeze_whole(log, FreezeSettlement(SALE, accepted, "their cash is counted later"))
    for number, payout in sorted(log.state(f"settlement-{SALE}").payouts.items()):
        if payout.status is PayoutStatus.DUE:
            log.issue(CarryPayout(SALE, number, "until the next sale"))


def _index(log: MemoryLog) -> int:
    phase = log.state(f"sale-{SALE}").phase
    return -1 if phase is Phase.DRAFT else PHASES.index(phase)


def registered(settings: SaleSettings = SETTINGS) -> MemoryLog:
    log = reach(planned(settings), Phase.REGISTRATION)
    log.issue(RegisterConsignor(SALE, ANNA, number=ANNAS_NUMBER))
    log.issue(RegisterConsignor(SALE, BEN, number=BENS_NUMBER))
    return log


def row(row: int, consignor: int, category: str, price_minor: int, **more: Any) -> ItemRow:
    return ItemRow(row, consignor, category, more.pop("description", category), price_minor, **more)


def listed(settings: SaleSettings = SETTINGS) -> MemoryLog:
    log = registered(settings)
    log.issue(
        ListItems(
            SALE,
            (
                row(0, ANNAS_NUMBER, "skirt", SKIRT_MINOR),
                row(1, ANNAS_NUMBER, "dress", DRESS_MINOR),
                row(2, BENS_NUMBER, "coat", COAT_MINOR),
            ),
        )
    )
    return log


def checked_in(settings: SaleSettings = SETTINGS) -> MemoryLog:
    log = reach(listed(settings), Phase.DROP_OFF)
    log.issue(CheckInItems(SALE, (SKIRT, DRESS, COAT)))
    return log


def live(settings: SaleSettings = SETTINGS) -> MemoryLog:
    """Everything on the floor, two tills open."""
    log = reach(checked_in(settings), Phase.LIVE)
    log.issue(OpenSession(SESSION, SALE, TILL, CASHIER, FLOAT_MINOR))
    log.issue(OpenSession(OTHER_SESSION, SALE, OTHER_TILL, CASHIER, FLOAT_MINOR))
    return log


def cash(amount_minor: int) -> GivenTender:
    return GivenTender(TenderKind.CASH, amount_minor)


def card(amount_minor: int) -> GivenTender:
    return GivenTender(TenderKind.CARD, amount_minor)


def sold(log: MemoryLog, *tags: str, basket: BasketId = BASKET) -> str:
    """Sell the items at the first till for exact cash and return the receipt's number."""
    total_minor = 0
    for tag in tags:
        total_minor = log.issue(Scan(SESSION, basket, tag)).total_minor
    return str(log.issue(Pay(SESSION, basket, (cash(total_minor),))).receipt)
