"""What is asked of a participation, and what is answered. Answers hold no personal data."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.commission import CommissionRule
from consign.domain.values import (
    ROWS_LIMIT,
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


class RegisterConsignor(Struct, frozen=True, gc=False, tag="register-consignor"):
    """Without a number the next free one is given; without a fee the sale's fee is due."""

    sale: GivenSaleId
    participation: GivenParticipationId
    profile: Sealed | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None
    terms_version: Text = ""
    account: GivenAccountId | None = None


class ConsignorRow(Struct, frozen=True, gc=False):
    row: RowNumber
    participation: GivenParticipationId
    profile: Sealed | None = None
    number: ConsignorNumber | None = None
    tier: Code | None = None
    own_rule: CommissionRule | None = None
    fee_minor: AmountMinor | None = None


class RegisterConsignors(Struct, frozen=True, tag="register-consignors"):
    """A chunk of an import: every bad row is named in the answer, the good ones are kept."""

    sale: GivenSaleId
    rows: Annotated[tuple[ConsignorRow, ...], Meta(min_length=1, max_length=ROWS_LIMIT)]
    terms_version: Text = ""


class ChangeConsignorProfile(Struct, frozen=True, gc=False, tag="change-consignor-profile"):
    participation: GivenParticipationId
    profile: Sealed


class ChangeConsignorTerms(Struct, frozen=True, gc=False, tag="change-consignor-terms"):
    """Only while the consignor has sold nothing: what was sold was sold on the terms of its hour."""

    participation: GivenParticipationId
    tier: Code | None = None
    own_rule: CommissionRule | None = None


class ConsignorAnswer(Struct, frozen=True, gc=False):
    participation: ParticipationId
    number: int
    fee_minor: int
    currency: str


class ConsignorRowDone(Struct, frozen=True, gc=False):
    row: int
    participation: ParticipationId
    number: int


class ConsignorsAnswer(Struct, frozen=True):
    registered: tuple[ConsignorRowDone, ...]
    errors: tuple[RowError, ...] = ()


type ParticipationCommand = RegisterConsignor | RegisterConsignors | ChangeConsignorProfile | ChangeConsignorTerms
