"""Tables of things that an organizer says at once, and what is answered: wrong rows are named, good ones are kept.

A row says what a command of its own would say, but names consignors by their numbers, as people's lists do.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from consign.domain.commission import CommissionRule
from consign.domain.participation.fee_events import FeeKind
from consign.domain.shifts.commands import Capacity, Instant, WorkedMinutes
from consign.domain.shifts.events import WorkOutcome
from consign.domain.shifts.rules import Minutes
from consign.domain.slots.events import SlotKind
from consign.domain.values import (
    ROWS_LIMIT,
    Actor,
    AmountMinor,
    Code,
    ConsignorNumber,
    Currency,
    GivenSaleId,
    Name,
    RowError,
    RowNumber,
    Text,
)


class TermsRow(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What is left out stays as it is; null takes the tier, or the consignor's own rule, away."""

    consignor: ConsignorNumber
    row: RowNumber | None = None
    tier: Code | UnsetType | None = UNSET
    own_rule: CommissionRule | UnsetType | None = UNSET


class FeePaymentRow(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A fee that came by bank or online: that for taking part, or for bringing things `late`.

    The same reference said again of the same fee is the same payment.
    """

    consignor: ConsignorNumber
    reference: Text
    row: RowNumber | None = None
    means: Literal["bank", "provider"] = "bank"
    amount_minor: AmountMinor | None = None
    reopen: bool = False
    fee: FeeKind = "participation"


class ShiftRow(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Without `credit_minutes` a shift counts as long as it lasts."""

    shift: Code
    task: Name
    begins_at: Instant
    ends_at: Instant
    capacity: Capacity
    row: RowNumber | None = None
    credit_minutes: Minutes | None = None
    place: Text = ""


class WorkRow(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A shift that a consignor promises, worked or missed; without `minutes`, work is all that the shift counts."""

    shift: Code
    consignor: ConsignorNumber
    row: RowNumber | None = None
    outcome: WorkOutcome = "promised"
    minutes: WorkedMinutes | None = None


class SlotRow(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    slot: Code
    kind: SlotKind
    begins_at: Instant
    ends_at: Instant
    capacity: Capacity
    row: RowNumber | None = None
    place: Text = ""


class SlotChoiceRow(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """`beyond_capacity`, for organizers: also where the slot is full."""

    slot: Code
    consignor: ConsignorNumber
    row: RowNumber | None = None
    beyond_capacity: bool = False


class ChangeTermsOfMany(Struct, frozen=True, tag="change-terms-of-many"):
    """See `change-consignor-terms`."""

    sale: GivenSaleId
    rows: Annotated[tuple[TermsRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    currency: Currency | None = None


class RecordFeePayments(Struct, frozen=True, tag="record-fee-payments"):
    """See `record-fee-payment`."""

    sale: GivenSaleId
    rows: Annotated[tuple[FeePaymentRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    currency: Currency | None = None


class PlanShifts(Struct, frozen=True, tag="plan-shifts"):
    """See `plan-shift`."""

    sale: GivenSaleId
    rows: Annotated[tuple[ShiftRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]


class RecordWorkOfMany(Struct, frozen=True, tag="record-work-of-many"):
    """See `take-shift`, `record-work` and `record-no-show`."""

    sale: GivenSaleId
    rows: Annotated[tuple[WorkRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    actor: Actor


class PlanSlots(Struct, frozen=True, tag="plan-slots"):
    """See `plan-slot`."""

    sale: GivenSaleId
    rows: Annotated[tuple[SlotRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]


class ChooseSlots(Struct, frozen=True, tag="choose-slots"):
    """See `choose-slot`."""

    sale: GivenSaleId
    rows: Annotated[tuple[SlotChoiceRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    actor: Actor


class RowDone(Struct, frozen=True, gc=False):
    """`already`: it was so before; nothing was changed."""

    row: int
    already: bool = False


class RowsAnswer(Struct, frozen=True):
    done: tuple[RowDone, ...]
    errors: tuple[RowError, ...] = ()


type RowsCommand = ChangeTermsOfMany | RecordFeePayments | PlanShifts | RecordWorkOfMany | PlanSlots | ChooseSlots
