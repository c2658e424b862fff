"""A sale told as commands: the business decides, the log is kept in memory, every read model follows."""

from datetime import timedelta
from typing import Any

from consign.domain.business import CONSIGN
from consign.domain.commands import Command
from consign.domain.commission import CommissionRule, CommissionSchedule, RoundingBasis
from consign.domain.decision import Timer
from consign.domain.floor_rules import FloorRules
from consign.domain.ledger.commands import CheckInConsignor, ItemRow, ListItems
from consign.domain.ledger.state import Ledger
from consign.domain.organization import FoundOrganization
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.sale import Category, ChangeSalePhase, Phase, PlanSale, SaleSettings
from consign.domain.session.commands import GivenTender, OpenSession, Pay, Scan
from consign.domain.session.events import TenderKind
from consign.domain.values import (
    AccountId,
    BasketId,
    OrganizationSlug,
    ParticipationId,
    SaleId,
    Sealed,
    SessionId,
    TagCode,
)
from consign.projections.projection import Projection
from consign.projections.registry import PROJECTIONS
from tests.projections.recorder import ORGANIZATION, ReadModel, Recorder

SLUG = OrganizationSlug(ORGANIZATION)
SALE = SaleId("01935a2e-0000-7000-8000-000000000001")
CATEGORIES = ("toys", "books")
TEN_PERCENT = CommissionRule(100_000)
SETTINGS = SaleSettings(
    commission=CommissionSchedule(
        CommissionRule(200_000),
        by_category={"books": CommissionRule(125_000, fixed_minor=5)},
        by_tier={"helper": TEN_PERCENT},
        basis=RoundingBasis.CONSIGNOR,
    ),
    categories=tuple(Category(code, code.title()) for code in CATEGORIES),
    fee_minor=250,
    floor=FloorRules(late_fee_minor=130),
    cash_rounding_minor=5,
    place="Town hall",
    terms_version="2026-11",
)


def participation_id(number: int) -> ParticipationId:
    return ParticipationId(f"01935a2f-0000-7000-8000-{number:012d}")


def session_id(number: int) -> SessionId:
    return SessionId(f"01935a31-0000-7000-8000-{number:012d}")


def basket_id(number: int) -> BasketId:
    return BasketId(f"01935a32-0000-7000-8000-{number:012d}")


class Scenario:
    """`do` decides a command as the organization's host does; raises Rejected and then changes nothing."""

    def __init__(self, *projections: Projection, sale: SaleId = SALE) -> None:
        self.sale = sale
        self.recorder = Recorder(projections or PROJECTIONS)
        self.states: dict[str, Any] = {}
        self._timers: list[Timer] = []

    def do(self, command: Command) -> Any:
        decision = CONSIGN.decide(command, self._loaded(command), self.recorder.now)
        for emitted in decision.events:
            self.states[emitted.stream] = CONSIGN.evolve(emitted.stream, self.states[emitted.stream], emitted.event)
        if decision.events:
            self.recorder.record(decision.events)
        self._timers.extend(decision.timers)
        return decision.answer

    def fire_due_timers(self) -> None:
        due = [timer for timer in self._timers if timer.due_at <= self.recorder.now]
        self._timers = [timer for timer in self._timers if timer.due_at > self.recorder.now]
        for timer in due:
            self.do(timer.command)

    def pass_time(self, seconds: float) -> None:
        self.recorder.now += timedelta(seconds=seconds)

    def model(self, name: str) -> ReadModel:
        return self.recorder.models[name]

    def rows(self, projection: str, table: str | None = None) -> list[Any]:
        return self.model(projection).rows(table or projection)

    def row(self, projection: str, *key: str | int, table: str | None = None) -> Any:
        return self.model(projection).tables[table or projection][key]

    @property
    def ledger(self) -> Ledger:
        ledger: Ledger = self.states[f"ledger-{self.sale}"]
        return ledger

    def _loaded(self, command: Command) -> dict[str, Any]:
        loaded: dict[str, Any] = {}
        while missing := [stream for stream in CONSIGN.needs(command, loaded) if stream not in loaded]:
            for stream in missing:
                loaded[stream] = self.states.setdefault(stream, CONSIGN.initial(stream))
        return loaded


def planned_sale(*projections: Projection, settings: SaleSettings = SETTINGS) -> Scenario:
    """An organization with one sale in its draft."""
    scenario = Scenario(*projections)
    scenario.do(FoundOrganization(SLUG, AccountId("olive"), "Bourse du Nord", "EUR", "fr", "Europe/Paris"))
    scenario.do(PlanSale(SLUG, SALE, "Winter sale", settings))
    return scenario


def live_sale(
    *projections: Projection, settings: SaleSettings = SETTINGS, consignors: int = 2, items_each: int = 4
) -> Scenario:
    """A live sale: every consignor's items are on the floor, priced 100, 199, 298 …; every third is a helper."""
    scenario = planned_sale(*projections, settings=settings)
    move_to(scenario, Phase.REGISTRATION)
    for number in range(1, consignors + 1):
        sealed = Sealed(f"subject-{number}", "sealed")
        tier = "helper" if number % 3 == 0 else None
        scenario.do(RegisterConsignor(SALE, participation_id(number), sealed, number, tier))
        rows = tuple(
            ItemRow(index, number, CATEGORIES[index % 2], f"Thing {index}", 100 + 99 * index, list_number=1)
            for index in range(items_each)
        )
        scenario.do(ListItems(SALE, rows))
    move_to(scenario, Phase.DROP_OFF)
    for number in range(1, consignors + 1):
        scenario.do(CheckInConsignor(SALE, number))
    move_to(scenario, Phase.LIVE)
    return scenario


def move_to(scenario: Scenario, phase: Phase) -> None:
    scenario.do(ChangeSalePhase(SALE, phase))


def open_till(scenario: Scenario, number: int, till: str, float_minor: int = 10_000) -> SessionId:
    session = session_id(number)
    scenario.do(OpenSession(session, SALE, till, AccountId(f"cashier-{number}"), float_minor))
    return session


def tag_of(scenario: Scenario, consignor: int, index: int) -> TagCode:
    return scenario.ledger.consignors[consignor].tags[index]


def sell(scenario: Scenario, session: SessionId, basket: int, *tags: str, card_minor: int = 0) -> Any:
    """Scan and pay: by card what is said, the rest with cash that needs change."""
    for tag in tags:
        scenario.do(Scan(session, basket_id(basket), tag))
    tenders = [GivenTender(TenderKind.CASH, 5_000)]
    if card_minor:
        tenders.insert(0, GivenTender(TenderKind.CARD, card_minor))
    return scenario.do(Pay(session, basket_id(basket), tuple(tenders)))
