"""What settling a sale records: adjustments, statements and what became of each payout.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
Amounts are minor units of the sale's currency. Statements, payouts, batches and cancellations are each numbered without
a gap in their sale, and no number is used again.
"""

from datetime import date, datetime
from typing import Literal, NewType

from msgspec import Struct

from consign.domain.commission import CommissionRule, RoundingBasis
from consign.domain.money import RoundingMode
from consign.domain.settlement.figures import Figures
from consign.domain.settlement.policy import Debtor, PayoutMethod
from consign.domain.settlement.statements import CommissionLine
from consign.domain.values import Name, ParticipationId, SaleId, Sealed, SessionId, TagCode

StatementNumber = NewType("StatementNumber", str)
"""`S1`, `S2` … in the order of issue, supplements among them."""
CancellationNumber = NewType("CancellationNumber", str)
PayoutNumber = NewType("PayoutNumber", str)
BatchNumber = NewType("BatchNumber", str)


class ConsignorAdjusted(Struct, frozen=True, gc=False, tag="consignor-adjusted"):
    """The organizer gave the consignor something (above zero) or took it."""

    sale: SaleId
    participation: ParticipationId
    amount_minor: int
    reason: str


class BalanceBroughtForward(Struct, frozen=True, gc=False, tag="balance-brought-forward"):
    """What an earlier sale carried counts in this one; below zero, a debt."""

    sale: SaleId
    participation: ParticipationId
    from_sale: SaleId
    from_participation: ParticipationId
    amount_minor: int


class CarriedBalanceTaken(Struct, frozen=True, gc=False, tag="carried-balance-taken"):
    """The other side, in the sale that carried it. It moves no money: the later sale's event does."""

    sale: SaleId
    participation: ParticipationId
    to_sale: SaleId
    to_participation: ParticipationId
    amount_minor: int


class PayoutDetailsChanged(Struct, frozen=True, gc=False, tag="payout-details-changed"):
    """How a consignor wants to be paid, sealed. `iban`: there is an account to transfer to. Versions count from 1."""

    sale: SaleId
    participation: ParticipationId
    version: int
    details: Sealed
    iban: bool


class Obstacle(Struct, frozen=True, gc=False):
    """Something unfinished that may still move money; `name` is the till's, the line's, the conflict's and so on."""

    kind: Literal[
        "open_till",
        "unmatched_line",
        "open_conflict",
        "quarantined_sale",
        "unsynced_till",
        "unrecorded_shift",
        "open_payment",
    ]
    name: Name


class SettlementBegun(Struct, frozen=True, tag="settlement-begun"):
    """Statements are issued from here on; `accepted` was unfinished, and an organizer said to go on."""

    sale: SaleId
    round: int
    accepted: tuple[Obstacle, ...] = ()
    reason: str = ""


class StatementLine(Struct, frozen=True, gc=False, omit_defaults=True):
    """An item: by how much its gross changed against what was stated before, and which of the statement's `rules`.

    `returned`: it was stated before and is not sold any more.
    """

    tag: TagCode
    gross_minor: int
    rule: int
    returned: bool = False


class StatementIssued(Struct, frozen=True, tag="statement-issued"):
    """A statement, or the supplement to those before it: figures and lines are then what changed.

    `commission_lines` are the whole commission as it was computed now. `seal` is the hash over this statement and the
    seal before it, see `consign.domain.settlement.seal`.
    """

    sale: SaleId
    participation: ParticipationId
    consignor: int
    statement: StatementNumber
    counter: int
    kind: Literal["statement", "supplement"]
    round: int
    figures: Figures
    lines: tuple[StatementLine, ...]
    rules: tuple[CommissionRule, ...]
    commission_lines: tuple[CommissionLine, ...]
    basis: RoundingBasis
    mode: RoundingMode
    currency: str
    issued_at: datetime
    seal: str
    reason: str = ""


class SettlementFrozen(Struct, frozen=True, tag="settlement-frozen"):
    """Every consignor has a statement: `figures` are their sum, `seal` is the last one's."""

    sale: SaleId
    round: int
    statements: int
    figures: Figures
    currency: str
    seal: str
    frozen_at: datetime


class ReleasedPayout(Struct, frozen=True, gc=False):
    """A payout that was withdrawn. `kept_in` is the account its amount had gone to already, empty where none."""

    payout: PayoutNumber
    amount_minor: int
    kept_in: str = ""


class CancelledStatements(Struct, frozen=True):
    """All statements that stood of one consignor; `figures` are their sum, `tags` the items on them."""

    participation: ParticipationId
    consignor: int
    statements: tuple[StatementNumber, ...]
    figures: Figures
    tags: tuple[TagCode, ...] = ()
    payouts: tuple[ReleasedPayout, ...] = ()


class StatementsCancelled(Struct, frozen=True, tag="statements-cancelled"):
    """Part of one numbered cancellation, which comes in chunks and ends with `settlement-reopened`."""

    sale: SaleId
    cancellation: CancellationNumber
    counter: int
    cancelled: tuple[CancelledStatements, ...]
    reason: str


class SettlementReopened(Struct, frozen=True, tag="settlement-reopened"):
    """Nothing is stated any more; `batches` were prepared and are not to be sent."""

    sale: SaleId
    round: int
    cancellation: CancellationNumber
    reason: str
    batches: tuple[BatchNumber, ...] = ()


class PayoutDue(Struct, frozen=True, gc=False, tag="payout-due"):
    """What a statement left open. Below zero it is a debt, which is carried at once."""

    sale: SaleId
    payout: PayoutNumber
    counter: int
    participation: ParticipationId
    consignor: int
    statement: StatementNumber
    amount_minor: int
    due_at: datetime


class PayoutWithdrawn(Struct, frozen=True, gc=False, tag="payout-withdrawn"):
    """A supplement changed the amount before anybody paid it; another payout may take its place."""

    sale: SaleId
    payout: PayoutNumber
    participation: ParticipationId
    amount_minor: int


class BatchEntry(Struct, frozen=True, gc=False, omit_defaults=True):
    """The consignor gets `amount_minor - fee_minor`, by these `details` (a version), or by this cheque."""

    payout: PayoutNumber
    participation: ParticipationId
    consignor: int
    amount_minor: int
    fee_minor: int = 0
    details: int = 0
    cheque: int = 0


class PayoutBatchPrepared(Struct, frozen=True, tag="payout-batch-prepared"):
    """Payouts of one method that are made together. `total_minor` is what consignors get.

    `seal` is the hash over the totals and every entry. The file for the bank is made of this event and the sealed
    details it names, so that it is the same whenever it is asked for.
    """

    sale: SaleId
    batch: BatchNumber
    counter: int
    method: PayoutMethod
    entries: tuple[BatchEntry, ...]
    count: int
    total_minor: int
    currency: str
    seal: str
    prepared_at: datetime
    execute_on: date | None = None
    debtor: Debtor | None = None


class PayoutBatchDropped(Struct, frozen=True, gc=False, tag="payout-batch-dropped"):
    """The batch was not sent: its payouts are due again."""

    sale: SaleId
    batch: BatchNumber
    payouts: tuple[PayoutNumber, ...]
    reason: str


class PayoutBatchSent(Struct, frozen=True, gc=False, tag="payout-batch-sent"):
    sale: SaleId
    batch: BatchNumber
    payouts: tuple[PayoutNumber, ...]
    sent_at: datetime


class PaidPayout(Struct, frozen=True, gc=False):
    payout: PayoutNumber
    participation: ParticipationId
    amount_minor: int
    fee_minor: int


class PayoutsPaid(Struct, frozen=True, tag="payouts-paid"):
    """The bank took the money."""

    sale: SaleId
    payouts: tuple[PaidPayout, ...]
    paid_at: datetime


class PayoutPaidAtTill(Struct, frozen=True, gc=False, tag="payout-paid-at-till"):
    """The money is posted by the session's `cash-paid-out`."""

    sale: SaleId
    payout: PayoutNumber
    participation: ParticipationId
    amount_minor: int
    fee_minor: int
    session: SessionId
    till: str
    paid_at: datetime


class PayoutReturned(Struct, frozen=True, gc=False, tag="payout-returned"):
    """The bank gave it back; `was_paid` says whether it had been booked as paid. Nothing of its fee is kept."""

    sale: SaleId
    payout: PayoutNumber
    participation: ParticipationId
    amount_minor: int
    fee_minor: int
    was_paid: bool
    reason: str


class PayoutUncollected(Struct, frozen=True, gc=False, tag="payout-uncollected"):
    sale: SaleId
    payout: PayoutNumber
    participation: ParticipationId
    amount_minor: int
    reason: str


class PayoutReissued(Struct, frozen=True, gc=False, tag="payout-reissued"):
    """`reissue` is due in place of `payout`; `fee_minor` is charged when it is paid."""

    sale: SaleId
    payout: PayoutNumber
    reissue: PayoutNumber
    counter: int
    participation: ParticipationId
    consignor: int
    amount_minor: int
    fee_minor: int
    due_at: datetime


class PayoutForfeited(Struct, frozen=True, gc=False, tag="payout-forfeited"):
    sale: SaleId
    payout: PayoutNumber
    participation: ParticipationId
    amount_minor: int
    to: Literal["organizer", "charity"]
    reason: str


class PayoutCarried(Struct, frozen=True, gc=False, tag="payout-carried"):
    """It waits for a later sale that the consignor takes part in; below zero, a debt that waits."""

    sale: SaleId
    payout: PayoutNumber
    participation: ParticipationId
    amount_minor: int
    reason: str


class CharityPaid(Struct, frozen=True, gc=False, tag="charity-paid"):
    """The bank took what consignors had left to charity, or part of it; `reference` says where to find the payment."""

    sale: SaleId
    amount_minor: int
    reference: str
    paid_at: datetime


type SettlementEvent = (
    ConsignorAdjusted
    | BalanceBroughtForward
    | CarriedBalanceTaken
    | PayoutDetailsChanged
    | SettlementBegun
    | StatementIssued
    | SettlementFrozen
    | StatementsCancelled
    | SettlementReopened
    | PayoutDue
    | PayoutWithdrawn
    | PayoutBatchPrepared
    | PayoutBatchDropped
    | PayoutBatchSent
    | PayoutsPaid
    | PayoutPaidAtTill
    | PayoutReturned
    | PayoutUncollected
    | PayoutReissued
    | PayoutForfeited
    | PayoutCarried
    | CharityPaid
)
