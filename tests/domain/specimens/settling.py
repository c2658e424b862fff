"""The events of settling with consignors and paying them."""

from datetime import date

from msgspec import Struct

from consign.domain.commission import CommissionRule, RoundingBasis
from consign.domain.money import RoundingMode
from consign.domain.session.events import CashPaidOut
from consign.domain.settlement.events import (
    BalanceBroughtForward,
    BatchEntry,
    BatchNumber,
    CancellationNumber,
    CancelledStatements,
    CarriedBalanceTaken,
    CharityPaid,
    ConsignorAdjusted,
    Obstacle,
    PaidPayout,
    PayoutBatchDropped,
    PayoutBatchPrepared,
    PayoutBatchSent,
    PayoutCarried,
    PayoutDetailsChanged,
    PayoutDue,
    PayoutForfeited,
    PayoutNumber,
    PayoutPaidAtTill,
    PayoutReissued,
    PayoutReturned,
    PayoutsPaid,
    PayoutUncollected,
    PayoutWithdrawn,
    ReleasedPayout,
    SettlementBegun,
    SettlementFrozen,
    SettlementReopened,
    StatementIssued,
    StatementLine,
    StatementNumber,
    StatementsCancelled,
)
from consign.domain.settlement.figures import Figures
from consign.domain.settlement.policy import Debtor, PayoutMethod
from consign.domain.settlement.statements import CommissionLine
from consign.domain.values import Sealed
from tests.domain.log import OPENING
from tests.domain.market import ANNA, BEN, OTHER_SALE, SALE, SESSION, SKIRT

PAYOUT, REISSUE = PayoutNumber("P1"), PayoutNumber("P2")
STATEMENT, BATCH, CANCELLATION = StatementNumber("S1"), BatchNumber("B1"), CancellationNumber("C1")
RULE = CommissionRule(200_000, 10, 50, 5000)
FIGURES = Figures(1, 350, 70, 13, 500, 500, 100, -20, 3, 40)
SEAL = "9f" * 32
DEBTOR = Debtor("ALPE e.V.", "DE89370400440532013000", "COBADEFFXXX")

SPECIMENS: tuple[Struct, ...] = (
    ConsignorAdjusted(SALE, ANNA, -150, "a hanger was lost"),
    BalanceBroughtForward(SALE, ANNA, OTHER_SALE, BEN, 75),
    CarriedBalanceTaken(OTHER_SALE, BEN, SALE, ANNA, 75),
    PayoutDetailsChanged(SALE, ANNA, 1, Sealed("subject-1", "c2VhbGVk"), iban=True),
    SettlementBegun(SALE, 1, (Obstacle("open_till", "1"),), "its cash is counted tomorrow"),
    StatementIssued(
        SALE,
        ANNA,
        1,
        STATEMENT,
        1,
        "supplement",
        1,
        FIGURES,
        (StatementLine(SKIRT, -350, 0, returned=True),),
        (RULE,),
        (CommissionLine(RULE, 2, 350, 1, 70),),
        RoundingBasis.LIST,
        RoundingMode.HALF_EVEN,
        "EUR",
        OPENING,
        SEAL,
        "came back torn",
    ),
    SettlementFrozen(SALE, 1, 2, FIGURES, "EUR", SEAL, OPENING),
    StatementsCancelled(
        SALE,
        CANCELLATION,
        1,
        (CancelledStatements(ANNA, 1, (STATEMENT,), FIGURES, (SKIRT,), (ReleasedPayout(PAYOUT, 75, "carried"),)),),
        "a till was forgotten",
    ),
    SettlementReopened(SALE, 1, CANCELLATION, "a till was forgotten", (BATCH,)),
    PayoutDue(SALE, PAYOUT, 1, ANNA, 1, STATEMENT, 1234, OPENING),
    PayoutWithdrawn(SALE, PAYOUT, ANNA, 1234),
    PayoutBatchPrepared(
        SALE,
        BATCH,
        1,
        PayoutMethod.SEPA,
        (BatchEntry(PAYOUT, ANNA, 1, 1234, 50, 1, 4711),),
        1,
        1184,
        "EUR",
        SEAL,
        OPENING,
        date(2026, 10, 1),
        DEBTOR,
    ),
    PayoutBatchDropped(SALE, BATCH, (PAYOUT,), "wrong account"),
    PayoutBatchSent(SALE, BATCH, (PAYOUT,), OPENING),
    PayoutsPaid(SALE, (PaidPayout(PAYOUT, ANNA, 1234, 50),), OPENING),
    PayoutPaidAtTill(SALE, PAYOUT, ANNA, 1234, 50, SESSION, "1", OPENING),
    PayoutReturned(SALE, PAYOUT, ANNA, 1234, 50, was_paid=True, reason="account closed"),
    PayoutUncollected(SALE, PAYOUT, ANNA, 1234, "never came"),
    PayoutReissued(SALE, PAYOUT, REISSUE, 2, ANNA, 1, 1234, 250, OPENING),
    PayoutForfeited(SALE, PAYOUT, ANNA, 1234, "charity", "nobody fetched it in time"),
    PayoutCarried(SALE, PAYOUT, ANNA, 75, "below the minimum payout"),
    CharityPaid(SALE, 1274, "transfer 2026-119", OPENING),
    CashPaidOut(SALE, SESSION, "1", PAYOUT, ANNA, 1234, 50, 1),
)
