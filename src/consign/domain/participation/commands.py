"""What is asked of a participation, and what is answered. Answers hold no personal data."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from consign.domain.commission import CommissionRule
from consign.domain.values import (
    ROWS_LIMIT,
    Actor,
    AmountMinor,
    Code,
    ConsignorNumber,
    GivenAccountId,
    GivenParticipationId,
    GivenSaleId,
    ParticipationId,
    RowError,
    RowNumber,
    Sealed,
    Text,
)

ReferralCode = Annotated[str, Meta(max_length=20, pattern=r"^[0-9A-Za-z-]*$")]


class RegisterConsignor(Struct, frozen=True, gc=False, tag="register-consignor"):
    """Without a number the next free one is given; without a fee the sale's fee is due.

    A full sale puts the consignor on its waiting list. `terms_version` says which terms were accepted.
    """

    sale: GivenSaleId
    participation: GivenParticipationId
    profile: Sealed | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None
    terms_version: Text = ""
    account: GivenAccountId | None = None
    referral_code: ReferralCode = ""


class ConsignorRow(Struct, frozen=True, gc=False):
    row: RowNumber
    participation: GivenParticipationId
    profile: Sealed | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None
    terms_version: Text = ""
    account: GivenAccountId | None = None
    referral_code: ReferralCode = ""


class RegisterConsignors(Struct, frozen=True, tag="register-consignors"):
    """A chunk of an import: every bad row is named in the answer, the good ones are kept.

    `terms_version` is what all rows accepted that say nothing else. Whoever accepted nothing is registered all the
    same: accepting is asked for before the first item is listed.
    """

    sale: GivenSaleId
    rows: Annotated[tuple[ConsignorRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    terms_version: Text = ""


class ChangeConsignorProfile(Struct, frozen=True, gc=False, tag="change-consignor-profile"):
    """Only for consignors without an account: an account's profile is said once for all its participations."""

    participation: GivenParticipationId
    profile: Sealed


class ChangeConsignorTerms(Struct, frozen=True, gc=False, tag="change-consignor-terms"):
    """Only while the consignor has sold nothing: what was sold was sold on the terms of its hour."""

    participation: GivenParticipationId
    tier: Code | None = None
    own_rule: CommissionRule | None = None


class AcceptTerms(Struct, frozen=True, gc=False, tag="accept-terms"):
    """The version must be the sale's present one: nobody accepts what they were not shown."""

    participation: GivenParticipationId
    version: Text
    actor: Actor


class WithdrawParticipation(Struct, frozen=True, gc=False, tag="withdraw-participation"):
    """Ends it, or leaves the waiting list; only while nothing was brought. What is listed is withdrawn with it."""

    participation: GivenParticipationId
    actor: Actor
    reason: Text = ""


class EndUnpaidParticipation(Struct, frozen=True, gc=False, tag="end-unpaid-participation"):
    """Said by a timer at the fee's deadline; whoever paid or brought things meanwhile stays."""

    participation: ParticipationId


class ReopenParticipation(Struct, frozen=True, gc=False, tag="reopen-participation"):
    """Brings an ended participation back under its number, beyond the sale's limit if need be."""

    participation: GivenParticipationId
    fee_due_at: Annotated[datetime, Meta(tz=True)] | None = None


class GrantReferralReward(Struct, frozen=True, gc=False, tag="grant-referral-reward"):
    """Said by a timer when `participation` did what its referrer is rewarded for."""

    participation: ParticipationId


class ConsignorAnswer(Struct, frozen=True, gc=False):
    """`number` is null while waiting for a place; `referral_code` is there where bringing others is rewarded."""

    participation: ParticipationId
    number: int | None
    fee_minor: int
    currency: str
    status: Literal["registered", "waiting"] = "registered"
    referral_code: str | None = None


class ConsignorRowDone(Struct, frozen=True, gc=False):
    """`already`: the same was registered before, nothing was changed."""

    row: int
    participation: ParticipationId
    number: int | None
    status: Literal["registered", "waiting"] = "registered"
    already: bool = False


class ConsignorsAnswer(Struct, frozen=True):
    registered: tuple[ConsignorRowDone, ...]
    errors: tuple[RowError, ...] = ()


type ParticipationCommand = (
    RegisterConsignor
    | RegisterConsignors
    | ChangeConsignorProfile
    | ChangeConsignorTerms
    | AcceptTerms
    | WithdrawParticipation
    | EndUnpaidParticipation
    | ReopenParticipation
    | GrantReferralReward
)
