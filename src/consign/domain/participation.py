"""A consignor taking part in one sale: number, terms, fee. Who it is stays sealed."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from consign.domain.commission import CommissionRule
from consign.domain.values import (
    ROWS_LIMIT,
    AccountId,
    AmountMinor,
    Code,
    ConsignorNumber,
    GivenAccountId,
    GivenParticipationId,
    GivenSaleId,
    ParticipationId,
    RowError,
    RowNumber,
    SaleId,
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


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class ConsignorRegistered(Struct, frozen=True, gc=False, tag="consignor-registered"):
    """The fee is charged against the consignor's balance from here on."""

    participation: ParticipationId
    sale: SaleId
    number: int
    fee_minor: int
    profile: Sealed | None = None
    tier: str | None = None
    own_rule: CommissionRule | None = None
    terms_version: str = ""
    account: AccountId | None = None


class ConsignorProfileChanged(Struct, frozen=True, gc=False, tag="consignor-profile-changed"):
    participation: ParticipationId
    sale: SaleId
    profile: Sealed


class ConsignorTermsChanged(Struct, frozen=True, gc=False, tag="consignor-terms-changed"):
    participation: ParticipationId
    sale: SaleId
    tier: str | None = None
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


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Registered(Struct, frozen=True, gc=False, tag="registered"):
    participation: ParticipationId
    sale: SaleId
    number: int
    fee_minor: int
    profile: Sealed | None
    tier: str | None
    own_rule: CommissionRule | None


type ParticipationCommand = RegisterConsignor | RegisterConsignors | ChangeConsignorProfile | ChangeConsignorTerms
type ParticipationEvent = ConsignorRegistered | ConsignorProfileChanged | ConsignorTermsChanged
type Participation = Registered | Unknown
INITIAL: Participation = Unknown()


def evolve(participation: Participation, event: ParticipationEvent) -> Participation:
    """Return the participation after the event."""
    match event:
        case ConsignorRegistered(identity, sale, number, fee_minor, profile, tier, own_rule):
            return Registered(identity, sale, number, fee_minor, profile, tier, own_rule)
        case ConsignorProfileChanged(profile=profile):
            match participation:
                case Registered():
                    return replace(participation, profile=profile)
                case Unknown():
                    return participation
        case ConsignorTermsChanged(tier=tier, own_rule=own_rule):
            match participation:
                case Registered():
                    return replace(participation, tier=tier, own_rule=own_rule)
                case Unknown():
                    return participation
