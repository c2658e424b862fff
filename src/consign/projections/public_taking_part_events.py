"""The public events of taking part: places, terms, fees, and people who are forgotten.

Ids are opaque; who somebody is, why a fee was waived and by which reference it was paid stay inside.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class ConsignorWaiting(Struct, frozen=True):
    """The sale is full: the consignor waits for a place, whoever has the lowest turn is next."""

    sale: str
    participation: str
    turn: int


class ConsignorInvited(Struct, frozen=True):
    """A place, and the number `consignor` if one is said, is kept for somebody until `expires_at`."""

    sale: str
    participation: str
    consignor: int | None
    expires_at: datetime


class PlaceOffered(Struct, frozen=True):
    """A place became free and is kept for who waited for it, until `expires_at`."""

    sale: str
    participation: str
    expires_at: datetime


class ConsignorEnded(Struct, frozen=True):
    """The participation is over. Its number is never given to anybody else; null where it had none yet."""

    sale: str
    participation: str
    consignor: int | None
    because: Literal[
        "withdrawn", "fee_unpaid", "left_waiting_list", "offer_expired", "invitation_expired", "invitation_revoked"
    ]


class ConsignorReopened(Struct, frozen=True):
    """A participation that had ended is back, under its number."""

    sale: str
    participation: str
    consignor: int


class TermsAccepted(Struct, frozen=True):
    """The consignor accepted this version of the sale's terms."""

    sale: str
    participation: str
    consignor: int
    version: str
    accepted_at: datetime


class FeePaid(Struct, frozen=True):
    """A fee was paid, whole, for taking part or for bringing things late; `rounding_minor` of cash comes on top."""

    sale: str
    participation: str
    consignor: int
    amount_minor: int
    rounding_minor: int
    currency: str
    means: Literal["cash", "card", "bank", "provider"]
    paid_at: datetime
    fee: Literal["participation", "late"]


class FeeWaived(Struct, frozen=True):
    """`amount_minor` of the fee is not owed any more."""

    sale: str
    participation: str
    consignor: int
    amount_minor: int
    currency: str


class FeeRefunded(Struct, frozen=True):
    """A paid fee was given back."""

    sale: str
    participation: str
    consignor: int
    amount_minor: int
    rounding_minor: int
    currency: str
    means: Literal["cash", "card", "bank", "provider"]
    refunded_at: datetime
    fee: Literal["participation", "late"]


class AllowanceChanged(Struct, frozen=True):
    """What the consignor may list beyond the sale's rule, all of it: what was granted, and lists that were bought."""

    sale: str
    participation: str
    consignor: int
    extra_items: int
    extra_lists: int
    bought_lists: int
    extra_by_category: dict[str, int]


class ListsCharged(Struct, frozen=True):
    """For `bought_lists` in all, `charged_minor` more is owed now; less where it is below zero: some were given up."""

    sale: str
    participation: str
    consignor: int
    bought_lists: int
    charged_minor: int
    currency: str


class LateFeeCharged(Struct, frozen=True):
    """Whose first things came late owes `charged_minor` more; less where it is below zero: it was waived or undone."""

    sale: str
    participation: str
    consignor: int
    charged_minor: int
    currency: str


class ProceedsPledged(Struct, frozen=True):
    """So much of the proceeds goes to the sale's charity, in place of what was pledged before; zero: nothing any more.

    Of everything, or of what flagged things bring (those that would be given away unsold). What it comes to is said by
    the statement.
    """

    sale: str
    participation: str
    consignor: int
    share_ppm: int
    of: Literal["everything", "flagged"]


class ReferralRewarded(Struct, frozen=True):
    """The consignor was rewarded for bringing `referred`; `points_ppm` come off the commission rate."""

    sale: str
    participation: str
    referred: str
    reward: Literal["fee_waiver", "commission_points"]
    points_ppm: int


class ConsignorForgotten(Struct, frozen=True):
    """Whoever this consignor was is forgotten: forget it as well."""

    sale: str
    participation: str


class PersonForgotten(Struct, frozen=True):
    """Whoever had this account, and took part as `participations`, is forgotten: forget it as well."""

    account: str
    participations: tuple[str, ...]


type TakingPartData = (
    ConsignorWaiting
    | ConsignorInvited
    | PlaceOffered
    | ConsignorEnded
    | ConsignorReopened
    | TermsAccepted
    | FeePaid
    | FeeWaived
    | FeeRefunded
    | AllowanceChanged
    | ListsCharged
    | LateFeeCharged
    | ProceedsPledged
    | ReferralRewarded
    | ConsignorForgotten
    | PersonForgotten
)
