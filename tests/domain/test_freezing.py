"""A freeze is one cut through the sale, however many commands it takes and whatever comes in between."""

import ast
from collections.abc import Iterator
from inspect import getsource
from typing import TypeAliasType, get_args

import pytest
from msgspec import Struct
from msgspec.structs import replace

from consign.domain.books import posting
from consign.domain.books.drawer import Carried, Counted, Vouched
from consign.domain.books.paying import ByProvider, Taken
from consign.domain.books.settling import PaidOut, Stated
from consign.domain.ledger.manual_lines import ManualLineKept
from consign.domain.participation.events import ProceedsPledged, ReferralRewarded
from consign.domain.participation.fee_commands import RecordFeePayment, WaiveFee
from consign.domain.participation.rules import ReferralRules
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, Phase, PlanSale, SalePhaseChanged, SalePlanned
from consign.domain.session.commands import CloseSession, GivenRefundLine, MoveCash, OpenSession, RefundReceipt
from consign.domain.session.events import TenderKind
from consign.domain.settlement.commands import (
    AdjustConsignor,
    BringBalanceForward,
    CarryPayout,
    ConcludeFreeze,
    FreezeSettlement,
    ReopenSettlement,
)
from consign.domain.settlement.events import SettlementFrozen, SettlementReopened, StatementIssued, StatementsCancelled
from consign.domain.settlement.state import PayoutStatus, Stage
from consign.domain.turns import freezing, reopening
from consign.domain.turns.concluding import NOBODY_WENT_ON
from consign.domain.turns.referring import referral_code
from consign.domain.turns.standing_still import MOVES_FIGURES
from consign.domain.values import ReceiptNumber, SessionId
from tests.domain.freezing import conclude, owed_by_books, round_of
from tests.domain.log import MemoryLog
from tests.domain.market import ANNA, BEN, CASHIER, ORGANIZATION, OTHER_SALE, SALE, SETTINGS, SKIRT, reach
from tests.domain.newcomers import CLEO, CLEOS, DORA, DORAS, TERMS, open_sale, register, rules
from tests.domain.scenario import given
from tests.domain.settled import ANNAS_NET_MINOR, BENS_NET_MINOR, settlement, traded, with_policy

LATE_SESSION = SessionId("01900000-0000-7000-8000-0000000000c9")
RECEIPT = ReceiptNumber("1-1")
FREEZE = FreezeSettlement(SALE)
ADJUSTED_MINOR = 250
ADJUST = AdjustConsignor(SALE, ANNA, ADJUSTED_MINOR, "a hanger was lost")
REFUND = RefundReceipt(LATE_SESSION, RECEIPT, TenderKind.CASH, "torn", "cashier", (GivenRefundLine(SKIRT),))
STANDSTILL_S = freezing.FREEZE_LIMIT.total_seconds()


@pytest.fixture
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freezing, "STATEMENTS_LIMIT", 1)
    monkeypatch.setattr(reopening, "CANCELLATIONS_LIMIT", 1)


def with_till(log: MemoryLog) -> MemoryLog:
    log.issue(OpenSession(LATE_SESSION, SALE, "9", CASHIER, 10_000))
    return log


def half_frozen() -> MemoryLog:
    """Anna has her statement, Ben has none."""
    log = with_till(traded(with_policy()))
    log.issue(FreezeSettlement(SALE, freezing.obstacles(log.state(f"sale-{SALE}"), log.state(f"ledger-{SALE}")), "ok"))
    assert [event.participation for event in log.events_of(StatementIssued)] == [ANNA]
    return log


@pytest.mark.usefixtures("_one_by_one")
@pytest.mark.parametrize(
    "command",
    [
        REFUND,
        ADJUST,
        WaiveFee(BEN, "helped all day"),
        ChangeSaleSettings(SALE, replace(with_policy(), price_step_minor=10)),
    ],
    ids=["a return", "an adjustment", "a fee", "the rules"],
)
def test_what_would_move_figures_waits_until_the_freeze_is_over(command: Struct) -> None:
    log = half_frozen()
    given(log).when(command).rejected(Reason.SETTLEMENT_FREEZING)
    log.issue(FREEZE)
    given(log).when(command).rejected(Reason.SETTLEMENT_FREEZING)
    assert conclude(log, SALE).net_minor == ANNAS_NET_MINOR + BENS_NET_MINOR
    log.issue(command)


@pytest.mark.usefixtures("_one_by_one")
def test_a_drawer_may_be_counted_while_statements_are_issued() -> None:
    log = half_frozen()
    log.issue(MoveCash(LATE_SESSION, -1_000, "to the bank"))
    log.issue(CloseSession(LATE_SESSION, 9_000))
    log.issue(FREEZE)
    assert conclude(log, SALE).frozen


@pytest.mark.usefixtures("_one_by_one")
def test_nothing_is_carried_away_from_half_a_settlement() -> None:
    log = with_till(traded(with_policy(minimum_minor=ANNAS_NET_MINOR + 1)))
    tills = freezing.obstacles(log.state(f"sale-{SALE}"), log.state(f"ledger-{SALE}"))
    log.issue(PlanSale(ORGANIZATION, OTHER_SALE, "Spring bourse", SETTINGS))
    log.issue(ChangeSalePhase(OTHER_SALE, Phase.REGISTRATION))
    log.issue(replace(register(CLEO), sale=OTHER_SALE))
    log.issue(FreezeSettlement(SALE, tills, "counted tomorrow"))
    assert settlement(log).standing(ANNA).carried_minor == ANNAS_NET_MINOR
    bring = BringBalanceForward(OTHER_SALE, CLEO, SALE, ANNA)
    given(log).when(bring).rejected(Reason.SETTLEMENT_NOT_FROZEN, "freezing")
    log.issue(FREEZE)
    conclude(log, SALE)
    assert log.issue(bring).amount_minor == ANNAS_NET_MINOR


def test_the_books_that_say_something_else_undo_the_freeze_and_everything_moves_again() -> None:
    log = traded()
    log.issue(FREEZE)
    answer = log.issue(ConcludeFreeze(SALE, 1, owed_by_books(log, SALE) + 1))
    assert not answer.frozen
    assert f"owe {ANNAS_NET_MINOR + BENS_NET_MINOR + 1} " in answer.detail
    assert f"statements {ANNAS_NET_MINOR + BENS_NET_MINOR}." in answer.detail
    assert settlement(log).stage is Stage.OPEN
    assert {payout.status for payout in settlement(log).payouts.values()} == {PayoutStatus.WITHDRAWN}
    assert log.events_of(SettlementFrozen) == []
    log.issue(ADJUST)
    log.issue(FREEZE)
    assert conclude(log, SALE).net_minor == ANNAS_NET_MINOR + BENS_NET_MINOR + ADJUSTED_MINOR


def test_a_freeze_is_undone_where_the_sum_is_right_and_two_consignors_are_wrong() -> None:
    log = traded()
    log.issue(FREEZE)
    answer = log.issue(ConcludeFreeze(SALE, 1, owed_by_books(log, SALE), (1, 2)))
    assert (answer.frozen, answer.differing) == (False, (1, 2))
    assert "2 consignors: 1, 2" in answer.detail


@pytest.mark.usefixtures("_one_by_one")
def test_a_freeze_is_concluded_only_when_everybody_has_a_statement_and_once() -> None:
    log = half_frozen()
    owed_minor = owed_by_books(log, SALE)
    given(log).when(ConcludeFreeze(SALE, 1, owed_minor)).rejected(Reason.SETTLEMENT_NOT_FROZEN, "1 consignors")
    log.issue(FREEZE)
    assert conclude(log, SALE) == conclude(log, SALE)
    assert len(log.events_of(SettlementFrozen)) == 1


@pytest.mark.usefixtures("_one_by_one")
def test_a_freeze_that_nobody_goes_on_with_is_undone_chunk_by_chunk_and_holds_up_nothing_for_ever() -> None:
    log = half_frozen()
    log.issue(FREEZE)
    log.pass_time(STANDSTILL_S)
    log.fire_due_timers()
    assert settlement(log).stage is Stage.REOPENING
    log.pass_time(1)
    log.fire_due_timers()
    assert settlement(log).stage is Stage.OPEN
    cancelled = log.events_of(StatementsCancelled)
    assert {event.cancellation for event in cancelled} == {"C1"}
    assert [len(event.cancelled) for event in cancelled] == [1, 1]
    assert [event.reason for event in log.events_of(SettlementReopened)] == [NOBODY_WENT_ON]
    log.issue(REFUND)


@pytest.mark.usefixtures("_one_by_one")
def test_the_timer_lets_a_freeze_be_that_somebody_goes_on_with() -> None:
    log = half_frozen()
    log.pass_time(STANDSTILL_S - 1)
    log.issue(FREEZE)
    log.pass_time(1)
    log.fire_due_timers()
    assert settlement(log).stage is Stage.FREEZING
    assert conclude(log, SALE).frozen
    log.pass_time(STANDSTILL_S)
    log.fire_due_timers()
    assert settlement(log).stage is Stage.FROZEN


def test_a_timer_of_an_earlier_freeze_leaves_a_later_one_alone() -> None:
    log = traded()
    log.issue(FREEZE)
    log.issue(ReopenSettlement(SALE, "a till was forgotten"))
    log.pass_time(STANDSTILL_S - 1)
    log.issue(FREEZE)
    log.pass_time(1)
    log.fire_due_timers()
    assert settlement(log).stage is Stage.FREEZING
    given(log).when(ConcludeFreeze(SALE, 1, owed_by_books(log, SALE))).rejected(Reason.SETTLEMENT_NOT_FROZEN)
    assert round_of(log, SALE) == 2
    assert conclude(log, SALE).frozen


def test_whoever_freezes_may_reopen_before_the_end() -> None:
    log = traded()
    log.issue(FREEZE)
    assert log.issue(ReopenSettlement(SALE, "too early")).remaining == 0
    log.issue(ADJUST)
    given(log).when(ConcludeFreeze(SALE, 1, owed_by_books(log, SALE))).rejected(Reason.SETTLEMENT_NOT_FROZEN)


def test_a_freeze_is_not_cancelled_with_its_sale() -> None:
    log = reach(open_sale(rules()), Phase.SETTLEMENT)
    log.issue(FREEZE)
    given(log).when(ChangeSalePhase(SALE, Phase.CANCELLED)).rejected(Reason.WRONG_PHASE, "freezing", "reopen")


def test_a_reward_that_falls_due_during_a_freeze_is_given_after_it() -> None:
    log = open_sale(rules(referral=ReferralRules("fee_waiver")))
    log.issue(register(CLEO, CLEOS, terms_version=TERMS))
    log.issue(register(DORA, DORAS, terms_version=TERMS, referral_code=referral_code(1, CLEO)))
    reach(log, Phase.SETTLEMENT)
    log.issue(RecordFeePayment(DORA, "statement 12"))
    log.issue(FREEZE)
    log.fire_due_timers()
    assert log.events_of(ReferralRewarded) == []
    conclude(log, SALE)
    log.pass_time(5)
    log.fire_due_timers()
    assert [event.participation for event in log.events_of(ReferralRewarded)] == [CLEO]


def test_everything_that_moves_what_a_consignor_is_owed_is_held_still() -> None:
    """Whoever lets the books post another event has to say here, or in the list of what is held, what it moves."""
    stays = {SalePlanned, SalePhaseChanged, ManualLineKept, *_members(Counted, Carried, Vouched, Taken, ByProvider)}
    stays |= {*_members(Stated, PaidOut)}
    changes_the_terms_alone = {ProceedsPledged}
    (matching,) = (each for each in ast.walk(ast.parse(getsource(posting.post))) if isinstance(each, ast.Match))
    patterns = (each for case in matching.cases for each in ast.walk(case.pattern))
    posted = {each.cls.id for each in patterns if isinstance(each, ast.MatchClass) and isinstance(each.cls, ast.Name)}
    held = {each.__name__ for each in MOVES_FIGURES - changes_the_terms_alone}
    assert held == posted - {each.__name__ for each in stays}


def _members(*unions: TypeAliasType) -> Iterator[type]:
    for union in unions:
        yield from get_args(union.__value__)


def test_a_payout_is_not_moved_before_the_end_of_a_freeze() -> None:
    log = traded()
    log.issue(FREEZE)
    given(log).when(CarryPayout(SALE, settlement(log).standing(BEN).payouts[0], "later")).rejected(
        Reason.SETTLEMENT_NOT_FROZEN
    )
