"""What a participation records: a consignor taking part in one sale. Who it is stays sealed.

Stored forever: tags and fields are the storage format. Only add fields, with defaults.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from consign.domain.commission import CommissionRule
from consign.domain.participation.pledge import PledgeOf
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.values import AccountId, ParticipationId, SaleId, Sealed

type EndReason = Literal[
    "withdrawn", "fee_unpaid", "left_waiting_list", "offer_expired", "invitation_expired", "invitation_revoked"
]


class ConsignorRegistered(Struct, frozen=True, gc=False, tag="consignor-registered"):
    """The fee is charged against the consignor's balance from here on.

    No profile: it is the one that was said before, where there is one.
    """

    participation: ParticipationId
    sale: SaleId
    number: int
    fee_minor: int
    profile: Sealed | None = None
    tier: str | None = None
    own_rule: CommissionRule | None = None
    terms_version: str = ""
    account: AccountId | None = None
    fee_due_at: datetime | None = None
    terms_accepted_at: datetime | None = None
    referred_by: ParticipationId | None = None


class ConsignorWaitlisted(Struct, frozen=True, gc=False, tag="consignor-waitlisted"):
    """The sale is full; the fields are what was asked for, to be granted when a place is free."""

    participation: ParticipationId
    sale: SaleId
    turn: int
    profile: Sealed | None = None
    number: int | None = None
    tier: str | None = None
    own_rule: CommissionRule | None = None
    fee_minor: int | None = None
    terms_version: str = ""
    account: AccountId | None = None
    terms_accepted_at: datetime | None = None
    referred_by: ParticipationId | None = None


class ConsignorInvited(Struct, frozen=True, gc=False, tag="consignor-invited"):
    """Whoever shows the code with this digest may take part, until `expires_at`. `address` is where it was sent."""

    participation: ParticipationId
    sale: SaleId
    code_digest: str
    expires_at: datetime
    address: Sealed | None = None
    number: int | None = None
    tier: str | None = None
    own_rule: CommissionRule | None = None
    fee_minor: int | None = None


class ConsignorProfileChanged(Struct, frozen=True, gc=False, tag="consignor-profile-changed"):
    participation: ParticipationId
    sale: SaleId
    profile: Sealed


class ConsignorTermsChanged(Struct, frozen=True, gc=False, tag="consignor-terms-changed"):
    participation: ParticipationId
    sale: SaleId
    tier: str | None = None
    own_rule: CommissionRule | None = None


class ParticipationEnded(Struct, frozen=True, gc=False, tag="participation-ended"):
    """`uncharged_minor` of the fee is no longer owed. `number` is null where there was no place yet."""

    participation: ParticipationId
    sale: SaleId
    because: EndReason
    number: int | None = None
    uncharged_minor: int = 0
    reason: str = ""


class ParticipationReopened(Struct, frozen=True, gc=False, tag="participation-reopened"):
    """`charged_minor` of the fee is owed again."""

    participation: ParticipationId
    sale: SaleId
    number: int
    charged_minor: int
    fee_due_at: datetime | None = None


class ReferralRewarded(Struct, frozen=True, gc=False, tag="referral-rewarded"):
    """Given to `participation` for bringing `referred`. A waived fee is recorded by the `fee-waived` that follows."""

    participation: ParticipationId
    sale: SaleId
    referred: ParticipationId
    reward: Literal["fee_waiver", "commission_points"]
    points_ppm: int = 0


class ListsCharged(Struct, frozen=True, gc=False, tag="lists-charged"):
    """The consignor has `bought_lists` beyond those the fee covers; `charged_minor` more is owed, or less."""

    participation: ParticipationId
    sale: SaleId
    number: int
    bought_lists: int
    charged_minor: int


class LateDropOffCharged(Struct, frozen=True, gc=False, tag="late-drop-off-charged"):
    """The first things of the consignor came late; below zero it is taken back, for this `reason`.

    `undone`: they did not come at all, so that whatever comes late is charged again.
    """

    participation: ParticipationId
    sale: SaleId
    number: int
    charged_minor: int
    reason: str = ""
    undone: bool = False


class ProceedsPledged(Struct, frozen=True, gc=False, tag="proceeds-pledged"):
    """So much of the proceeds goes to the sale's charity when the consignor gets a statement; see `Pledge`."""

    participation: ParticipationId
    sale: SaleId
    number: int
    share_ppm: int
    of: PledgeOf


class ConsignorForgotten(Struct, frozen=True, gc=False, tag="consignor-forgotten"):
    """The key to the person's data is destroyed. Only for consignors without an account: see `person-forgotten`."""

    participation: ParticipationId
    sale: SaleId


type ParticipationEvent = (
    ConsignorRegistered
    | ConsignorWaitlisted
    | ConsignorInvited
    | ConsignorProfileChanged
    | ConsignorTermsChanged
    | ConsignorTierEarned
    | ListsCharged
    | LateDropOffCharged
    | ProceedsPledged
    | ParticipationEnded
    | ParticipationReopened
    | ReferralRewarded
    | ConsignorForgotten
)
