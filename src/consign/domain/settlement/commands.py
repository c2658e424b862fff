"""What is asked of a sale's settlement, and what is answered. Answers hold no personal data."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.settlement.events import BatchNumber, CancellationNumber, Obstacle, PayoutNumber
from consign.domain.settlement.figures import Figures
from consign.domain.settlement.policy import PayoutMethod
from consign.domain.values import (
    ROWS_LIMIT,
    ConsignorNumber,
    GivenParticipationId,
    GivenSaleId,
    GivenSessionId,
    Minor,
    ParticipationId,
    RowError,
    SaleId,
    Sealed,
    Text,
)

STATEMENTS_LIMIT = 50
"""How many consignors one command settles with: the rest follows in further ones."""
LINES_LIMIT = 2_000
"""About how many lines the statements of one command hold: a consignor more is taken only below that."""
CANCELLATIONS_LIMIT = 200
"""How many consignors' statements one command cancels."""

GivenPayout = Annotated[PayoutNumber, Meta(pattern=r"^P[1-9][0-9]{0,8}$", max_length=10)]
GivenBatch = Annotated[BatchNumber, Meta(pattern=r"^B[1-9][0-9]{0,8}$", max_length=10)]
GivenPayouts = Annotated[tuple[GivenPayout, ...], Meta(max_length=ROWS_LIMIT)]
ChequeNumber = Annotated[int, Meta(ge=1, le=10**12)]


class AdjustConsignor(Struct, frozen=True, gc=False, tag="adjust-consignor"):
    """Gives a consignor something (above zero) or takes it, against the organizer's compensation account."""

    sale: GivenSaleId
    participation: GivenParticipationId
    amount_minor: Minor
    reason: Text


class BringBalanceForward(Struct, frozen=True, gc=False, tag="bring-balance-forward"):
    """Counts here what an earlier sale carried; the organizer says which participation there was the same person's."""

    sale: GivenSaleId
    participation: GivenParticipationId
    from_sale: GivenSaleId
    from_participation: GivenParticipationId


class ChangePayoutDetails(Struct, frozen=True, gc=False, tag="change-payout-details"):
    """The details are checked before they are sealed; `iban` says whether they name an account."""

    sale: GivenSaleId
    participation: GivenParticipationId
    details: Sealed
    iban: bool


class FreezeSettlement(Struct, frozen=True, tag="freeze-settlement"):
    """Issues the next statements; to be said again until none remain. `accepted` names what is unfinished."""

    sale: GivenSaleId
    accepted: Annotated[tuple[Obstacle, ...], Meta(max_length=ROWS_LIMIT)] = ()
    reason: Text = ""


class ConcludeFreeze(Struct, frozen=True, tag="conclude-freeze"):
    """Ends a freeze when everybody has a statement: `owed_minor` is what the books say is owed to all consignors.

    `differing` are consignors of whom the books say something else than their statement. It is said by the service
    itself, from the books as they stand after the last statement. `unchecked`: the books could not be asked, so that
    nothing else counts and the freeze is undone.
    """

    sale: GivenSaleId
    round: int
    owed_minor: Minor
    differing: Annotated[tuple[ConsignorNumber, ...], Meta(max_length=ROWS_LIMIT)] = ()
    unchecked: bool = False


class GiveUpFreeze(Struct, frozen=True, gc=False, tag="give-up-freeze"):
    """Said by a timer: cancels the next statements of a freeze that nobody went on with."""

    sale: GivenSaleId
    round: int


class IssueSupplements(Struct, frozen=True, tag="issue-supplements"):
    """Looks at the next consignors after number `after`; to be said again from where the answer says."""

    sale: GivenSaleId
    reason: Text
    after: Annotated[int, Meta(ge=0, le=9999)] = 0
    consignors: Annotated[tuple[ConsignorNumber, ...], Meta(max_length=STATEMENTS_LIMIT)] = ()


class ReopenSettlement(Struct, frozen=True, gc=False, tag="reopen-settlement"):
    """Cancels the next statements; to be said again until none remain."""

    sale: GivenSaleId
    reason: Text


class PreparePayouts(Struct, frozen=True, tag="prepare-payouts"):
    """Makes one batch of what is due, or of the payouts named. `first_cheque` numbers the cheques on from there."""

    sale: GivenSaleId
    method: PayoutMethod
    payouts: GivenPayouts = ()
    execute_on: date | None = None
    first_cheque: ChequeNumber | None = None


class DropPayoutBatch(Struct, frozen=True, gc=False, tag="drop-payout-batch"):
    sale: GivenSaleId
    batch: GivenBatch
    reason: Text


class SendPayoutBatch(Struct, frozen=True, gc=False, tag="send-payout-batch"):
    """The file is with the bank, the cheques are in the post."""

    sale: GivenSaleId
    batch: GivenBatch


class ConfirmPayouts(Struct, frozen=True, tag="confirm-payouts"):
    """The bank took the money: of the payouts named, or of all of the batch that are still under way."""

    sale: GivenSaleId
    batch: GivenBatch
    payouts: GivenPayouts = ()


class PayOutInCash(Struct, frozen=True, gc=False, tag="pay-out-in-cash"):
    """The cashier hands the money over; this session's drawer pays it."""

    session: GivenSessionId
    payout: GivenPayout


class ReturnPayout(Struct, frozen=True, gc=False, tag="return-payout"):
    sale: GivenSaleId
    payout: GivenPayout
    reason: Text


class LeavePayoutUncollected(Struct, frozen=True, gc=False, tag="leave-payout-uncollected"):
    """Nobody fetched the cash, or cashed the cheque."""

    sale: GivenSaleId
    payout: GivenPayout
    reason: Text = ""


class ReissuePayout(Struct, frozen=True, gc=False, tag="reissue-payout"):
    sale: GivenSaleId
    payout: GivenPayout


class CarryPayout(Struct, frozen=True, gc=False, tag="carry-payout"):
    sale: GivenSaleId
    payout: GivenPayout
    reason: Text


class ForfeitPayouts(Struct, frozen=True, tag="forfeit-payouts"):
    """Without payouts: whatever the sale's policy gives up by now, the oldest first."""

    sale: GivenSaleId
    payouts: GivenPayouts = ()


class ForfeitUncollected(Struct, frozen=True, gc=False, tag="forfeit-uncollected"):
    """A timer's: gives up one payout that nobody fetched, once the time that the sale's policy gives is over."""

    sale: GivenSaleId
    payout: GivenPayout


class WatchUncollected(Struct, frozen=True, gc=False, tag="watch-uncollected"):
    """A timer's: sets the time of giving up for what nobody fetched before the sale's policy gave one, or another one.

    Payouts are numbered; those after `after` are looked at.
    """

    sale: GivenSaleId
    after: int = 0


class AdjustedAnswer(Struct, frozen=True, gc=False):
    """`adjustments_minor` is the sum of all adjustments of this consignor."""

    participation: ParticipationId
    adjustments_minor: int
    currency: str


class BroughtAnswer(Struct, frozen=True, gc=False):
    participation: ParticipationId
    amount_minor: int
    currency: str


class FreezeAnswer(Struct, frozen=True):
    """`remaining` consignors have no statement yet; `figures`, with `net_minor`, are the sum over those that have."""

    sale: SaleId
    round: int
    issued: int
    remaining: int
    statements: int
    figures: Figures
    net_minor: int
    currency: str
    seal: str


class ConcludedAnswer(Struct, frozen=True):
    """Not `frozen`: the books say something else than the statements, which are cancelled; `detail` says what.

    `unchecked`: they are cancelled because the books could not be asked.
    """

    sale: SaleId
    frozen: bool
    statements: int
    figures: Figures
    net_minor: int
    currency: str
    seal: str
    detail: str = ""
    differing: tuple[ConsignorNumber, ...] = ()
    unchecked: bool = False


class SupplementsAnswer(Struct, frozen=True, gc=False):
    """`next_after` is where to go on; null: all were looked at."""

    sale: SaleId
    issued: int
    net_minor: int
    currency: str
    next_after: int | None


class ReopenAnswer(Struct, frozen=True, gc=False):
    sale: SaleId
    cancellation: CancellationNumber
    cancelled: int
    remaining: int


class BatchAnswer(Struct, frozen=True):
    """`remaining` payouts are due that this method could pay; `errors` name those asked for that it cannot."""

    batch: BatchNumber
    count: int
    total_minor: int
    currency: str
    seal: str
    remaining: int
    next_cheque: int | None = None
    errors: tuple[RowError, ...] = ()


class PayoutsAnswer(Struct, frozen=True, gc=False):
    """How many payouts were moved, and what they come to."""

    count: int
    total_minor: int
    currency: str


class PayoutAnswer(Struct, frozen=True, gc=False):
    payout: PayoutNumber
    amount_minor: int
    currency: str


class PaidOutAnswer(Struct, frozen=True, gc=False):
    """`cash_minor` is to be handed over: the amount without the fee, rounded to coins."""

    payout: PayoutNumber
    amount_minor: int
    fee_minor: int
    cash_minor: int
    expected_minor: int
    currency: str


type SettlementCommand = (
    AdjustConsignor
    | BringBalanceForward
    | ChangePayoutDetails
    | FreezeSettlement
    | ConcludeFreeze
    | GiveUpFreeze
    | IssueSupplements
    | ReopenSettlement
    | PreparePayouts
    | DropPayoutBatch
    | SendPayoutBatch
    | ConfirmPayouts
    | PayOutInCash
    | ReturnPayout
    | LeavePayoutUncollected
    | ReissuePayout
    | CarryPayout
    | ForfeitPayouts
    | ForfeitUncollected
    | WatchUncollected
)
