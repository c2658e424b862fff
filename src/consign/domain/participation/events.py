"""What a participation records: a consignor taking part in one sale. Who it is stays sealed.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from msgspec import Struct

from consign.domain.commission import CommissionRule
from consign.domain.values import AccountId, ParticipationId, SaleId, Sealed


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


type ParticipationEvent = ConsignorRegistered | ConsignorProfileChanged | ConsignorTermsChanged
