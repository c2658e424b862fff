"""What is asked about fees, and what is answered. A fee is paid whole or not at all."""

from typing import Literal

from msgspec import Struct

from consign.domain.participation.fee_events import FeeKind
from consign.domain.participation.state import FeeStatus
from consign.domain.values import (
    AmountMinor,
    Currency,
    GivenParticipationId,
    GivenSessionId,
    ParticipationId,
    Role,
    Text,
)


class ReceiveFee(Struct, frozen=True, gc=False, tag="receive-fee"):
    """Paid at a till. `amount_minor`, where it is said, must be the fee; cash is rounded like everywhere.

    `fee` says which: that for taking part, or that for bringing things late.
    `reopen`, for organizers: pay late, and so bring an ended participation back.
    """

    session: GivenSessionId
    participation: GivenParticipationId
    means: Literal["cash", "card"]
    role: Role
    amount_minor: AmountMinor | None = None
    currency: Currency | None = None
    reference: Text = ""
    reopen: bool = False
    fee: FeeKind = "participation"


class GiveFeeBack(Struct, frozen=True, gc=False, tag="give-fee-back"):
    session: GivenSessionId
    participation: GivenParticipationId
    means: Literal["cash", "card"]
    reason: Text
    reference: Text = ""
    fee: FeeKind = "participation"


class RecordFeePayment(Struct, frozen=True, gc=False, tag="record-fee-payment"):
    """Paid elsewhere: `reference` says where to find it. `reopen`: see `receive-fee`."""

    participation: GivenParticipationId
    reference: Text
    means: Literal["bank", "provider"] = "bank"
    amount_minor: AmountMinor | None = None
    currency: Currency | None = None
    reopen: bool = False
    fee: FeeKind = "participation"


class RecordFeeRefund(Struct, frozen=True, gc=False, tag="record-fee-refund"):
    participation: GivenParticipationId
    reference: Text
    reason: Text
    means: Literal["bank", "provider"] = "bank"
    fee: FeeKind = "participation"


class WaiveFee(Struct, frozen=True, gc=False, tag="waive-fee"):
    """The fee is not owed any more; whoever paid it has it to their credit."""

    participation: GivenParticipationId
    reason: Text


class WaiveLateFee(Struct, frozen=True, gc=False, tag="waive-late-fee"):
    """The fee for bringing things late is not owed any more; whoever paid it has it to their credit."""

    participation: GivenParticipationId
    reason: Text


class FeeAnswer(Struct, frozen=True, gc=False):
    """`amount_minor + rounding_minor` changed hands."""

    participation: ParticipationId
    number: int
    status: FeeStatus
    amount_minor: int
    rounding_minor: int
    currency: str


type FeeCommand = ReceiveFee | GiveFeeBack | RecordFeePayment | RecordFeeRefund | WaiveFee | WaiveLateFee
