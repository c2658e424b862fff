"""The refusals of settling with consignors and paying them."""

from msgspec.structs import replace

from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSalePhase, ChangeSaleSettings, Phase
from consign.domain.session.commands import OpenSession
from consign.domain.settlement.commands import (
    AdjustConsignor,
    BringBalanceForward,
    CarryPayout,
    ChangePayoutDetails,
    ConcludeFreeze,
    ConfirmPayouts,
    DropPayoutBatch,
    ForfeitPayouts,
    FreezeSettlement,
    IssueSupplements,
    LeavePayoutUncollected,
    PayOutInCash,
    PreparePayouts,
    ReissuePayout,
    ReopenSettlement,
    ReturnPayout,
    SendPayoutBatch,
)
from consign.domain.settlement.events import BatchNumber, Obstacle, PayoutNumber
from consign.domain.settlement.policy import PayoutMethod
from consign.domain.turns import freezing
from consign.domain.values import AMOUNT_LIMIT_MINOR, ParticipationId, Sealed, SessionId
from tests.domain.log import MemoryLog
from tests.domain.market import ANNA, BEN, CASHIER, COAT, SALE, SETTINGS, live, reach, sold
from tests.domain.refusals.case import Case, after
from tests.domain.settled import ANNAS_NET_MINOR, BENS_NET_MINOR, PAYDAY, details, frozen, prepared, traded, with_policy

NOBODY = ParticipationId("01900000-0000-7000-8000-0000000000ff")
LATE_SESSION = SessionId("01900000-0000-7000-8000-0000000000c9")
NONE = PayoutNumber("P99")
FIRST, NO_BATCH = BatchNumber("B1"), BatchNumber("B99")
ANNAS = PayoutNumber("P1")
SEPA = PreparePayouts(SALE, PayoutMethod.SEPA, execute_on=PAYDAY)


def with_open_tills() -> MemoryLog:
    log = live()
    sold(log, COAT)
    return reach(log, Phase.SETTLEMENT)


def sent() -> MemoryLog:
    log = prepared()
    log.issue(SendPayoutBatch(SALE, FIRST))
    return log


def paid() -> MemoryLog:
    log = sent()
    log.issue(ConfirmPayouts(SALE, FIRST))
    return log


def half_reopened() -> MemoryLog:
    """As it stands when a reopening stopped before its last chunk."""
    log = frozen()
    decision = log.decide(ReopenSettlement(SALE, "a till was forgotten"))
    log.append(type(decision)(decision.events[:1], decision.answer))
    return log


def half_frozen() -> MemoryLog:
    """As it stands between the last statement and the end of the freeze."""
    log = traded()
    log.issue(FreezeSettlement(SALE))
    return log


def given_up() -> MemoryLog:
    log = half_frozen()
    log.pass_time(freezing.FREEZE_LIMIT.total_seconds())
    log.fire_due_timers()
    return log


def without_details() -> MemoryLog:
    return frozen(with_policy())


def costly() -> MemoryLog:
    log = frozen(with_policy(fees_minor={PayoutMethod.SEPA: 5000, PayoutMethod.CASH: 5000}))
    details(log, ANNA, BEN)
    log.issue(OpenSession(LATE_SESSION, SALE, "9", CASHIER, 100_000))
    return log


def with_till() -> MemoryLog:
    log = frozen()
    log.issue(OpenSession(LATE_SESSION, SALE, "9", CASHIER, 100))
    return log


ACCEPTED = (Obstacle("open_till", "1"), Obstacle("open_till", "2"))

CASES: dict[Reason, list[Case]] = {
    Reason.WRONG_PHASE: [
        (live, FreezeSettlement(SALE)),
        (frozen, ChangeSalePhase(SALE, Phase.PICK_UP)),
    ],
    Reason.UNKNOWN_PARTICIPATION: [
        (traded, AdjustConsignor(SALE, NOBODY, 100, "sorry")),
        (traded, ChangePayoutDetails(SALE, NOBODY, Sealed("a", "b"), iban=True)),
    ],
    Reason.REASON_NEEDED: [
        (traded, AdjustConsignor(SALE, ANNA, 100, " ")),
        (with_open_tills, FreezeSettlement(SALE, ACCEPTED)),
        (frozen, ReopenSettlement(SALE, "")),
        (frozen, IssueSupplements(SALE, "")),
        (prepared, DropPayoutBatch(SALE, FIRST, "")),
        (frozen, CarryPayout(SALE, ANNAS, "")),
        (sent, ReturnPayout(SALE, ANNAS, "")),
    ],
    Reason.LIMIT_EXCEEDED: [
        (
            after(traded, AdjustConsignor(SALE, ANNA, AMOUNT_LIMIT_MINOR, "a lot")),
            AdjustConsignor(SALE, ANNA, 1, "more"),
        )
    ],
    Reason.SETTLEMENT_BLOCKED: [
        (with_open_tills, FreezeSettlement(SALE)),
        (with_open_tills, FreezeSettlement(SALE, ACCEPTED[:1], "counted later")),
        (half_reopened, FreezeSettlement(SALE)),
    ],
    Reason.SETTLEMENT_FREEZING: [
        (half_frozen, AdjustConsignor(SALE, ANNA, 100, "a hanger was lost")),
        (half_frozen, ChangeSaleSettings(SALE, replace(SETTINGS, price_step_minor=10))),
    ],
    Reason.SETTLEMENT_NOT_FROZEN: [
        (half_frozen, CarryPayout(SALE, ANNAS, "asked for it")),
        (half_frozen, LeavePayoutUncollected(SALE, ANNAS)),
        (half_frozen, ForfeitPayouts(SALE)),
        (half_reopened, SendPayoutBatch(SALE, FIRST)),
        (given_up, ConcludeFreeze(SALE, 1, ANNAS_NET_MINOR + BENS_NET_MINOR)),
        (traded, ConcludeFreeze(SALE, 0, 0)),
        (traded, IssueSupplements(SALE, "too early")),
        (traded, SEPA),
        (traded, ChangeSalePhase(SALE, Phase.CLOSED)),
    ],
    Reason.NOTHING_CARRIED: [
        (frozen, BringBalanceForward(SALE, ANNA, SALE, BEN)),
    ],
    Reason.PAYOUTS_MADE: [
        (sent, ReopenSettlement(SALE, "too late")),
        (paid, ReopenSettlement(SALE, "too late")),
    ],
    Reason.PAYOUTS_OPEN: [(frozen, ChangeSalePhase(SALE, Phase.CLOSED))],
    Reason.UNKNOWN_PAYOUT: [
        (frozen, CarryPayout(SALE, NONE, "which one")),
        (with_till, PayOutInCash(LATE_SESSION, NONE)),
    ],
    Reason.UNKNOWN_BATCH: [(frozen, SendPayoutBatch(SALE, NO_BATCH)), (frozen, ConfirmPayouts(SALE, NO_BATCH))],
    Reason.WRONG_PAYOUT_STATUS: [
        (paid, ReissuePayout(SALE, ANNAS)),
        (prepared, CarryPayout(SALE, ANNAS, "rather not")),
        (prepared, ConfirmPayouts(SALE, FIRST, (ANNAS,))),
        (frozen, ReturnPayout(SALE, ANNAS, "no such account")),
    ],
    Reason.BATCH_CLOSED: [
        (sent, DropPayoutBatch(SALE, FIRST, "changed our mind")),
        (sent, SendPayoutBatch(SALE, FIRST)),
    ],
    Reason.NOTHING_TO_PAY: [
        (without_details, SEPA),
        (costly, SEPA),
        (costly, PayOutInCash(LATE_SESSION, ANNAS)),
        (frozen, PreparePayouts(SALE, PayoutMethod.CASH)),
    ],
    Reason.CHEQUE_NUMBER_NEEDED: [(frozen, PreparePayouts(SALE, PayoutMethod.CHEQUE))],
    Reason.DEBTOR_MISSING: [(frozen, SEPA), (without_details, PreparePayouts(SALE, PayoutMethod.SEPA))],
    Reason.FORFEIT_TOO_EARLY: [
        (frozen, ForfeitPayouts(SALE)),
        (lambda: frozen(with_policy(forfeit_after_days=30)), ForfeitPayouts(SALE, (ANNAS,))),
    ],
    Reason.CASH_TOO_LOW: [(with_till, PayOutInCash(LATE_SESSION, ANNAS))],
}
