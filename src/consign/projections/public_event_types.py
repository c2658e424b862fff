"""The events that integrators see: a published contract of its own, without personal data.

Names and fields are promised to others: fields are only added, with defaults; what must change otherwise becomes a new
type. Amounts are minor units of the `currency` beside them, ids are the platform's opaque ids. Free text that people
type about people (reasons, notes, card references) is left out; an item's description is its consignor's own words.
"""

from datetime import date

from msgspec import Struct

from consign.projections.public_floor_events import (
    DonationsClosed,
    DonationsReopened,
    ItemAwaited,
    ItemCheckInUndone,
    ItemCollected,
    ItemDonated,
    ItemFound,
    ItemLost,
    ItemMissing,
    ItemNotBrought,
)
from consign.projections.public_item_events import ItemChanged, ItemPhotosArranged, ItemRetagged, ItemWishesChanged
from consign.projections.public_offline_events import (
    ConflictRecorded,
    ConflictResolved,
    QuarantineEnded,
    UploadQuarantined,
)
from consign.projections.public_payment_events import (
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentOwed,
    PaymentRefunded,
    PaymentRequested,
    PaymentUnanswered,
)
from consign.projections.public_selling_events import (
    ItemRefunded,
    ItemSaleVoided,
    ItemSold,
    ManualLineCredited,
    ManualLineKept,
    ManualLineMatched,
)
from consign.projections.public_settlement_events import (
    CharityPaid,
    ConsignorAdjusted,
    PayoutDue,
    PayoutEnded,
    PayoutPaid,
    SettlementFrozen,
    SettlementReopened,
    StatementIssued,
    StatementsCancelled,
)
from consign.projections.public_shift_events import (
    ConsignorTierChanged,
    ShiftDropped,
    ShiftGivenUp,
    ShiftPlanned,
    ShiftTaken,
    WorkRecorded,
)
from consign.projections.public_slot_events import ConsignorArrived, SlotChosen, SlotDropped, SlotGivenUp, SlotPlanned
from consign.projections.public_taking_part_events import (
    AllowanceChanged,
    ConsignorEnded,
    ConsignorForgotten,
    ConsignorInvited,
    ConsignorReopened,
    ConsignorWaiting,
    FeePaid,
    FeeRefunded,
    FeeWaived,
    LateFeeCharged,
    ListsCharged,
    PersonForgotten,
    PlaceOffered,
    ProceedsPledged,
    ReferralRewarded,
    TermsAccepted,
)
from consign.projections.public_till_events import (
    ReceiptIssued,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
)
from consign.projections.public_voucher_events import VoucherEnded, VoucherIssued, VouchersCredited, VouchersRedeemed


class OrganizationFounded(Struct, frozen=True):
    """The organization exists. `currency` (ISO 4217) never changes; `time_zone` is an IANA name."""

    organization: str
    name: str
    currency: str
    locale: str
    time_zone: str


class OrganizationRenamed(Struct, frozen=True):
    """The organization is called something else from now on."""

    organization: str
    name: str


class SalePlanned(Struct, frozen=True):
    """A sale was created, in the phase `draft`. `number` is the first part of each of its tags."""

    sale: str
    number: int
    name: str
    currency: str
    time_zone: str
    place: str
    begins_on: date | None
    ends_on: date | None


class SaleSettingsChanged(Struct, frozen=True):
    """Place or dates of the sale, or rules that are not published, were changed."""

    sale: str
    place: str
    begins_on: date | None
    ends_on: date | None


class SalePhaseChanged(Struct, frozen=True):
    """The sale went one phase on or back, or was cancelled."""

    sale: str
    phase: str
    previous: str


class ConsignorRegistered(Struct, frozen=True):
    """A consignor takes part in the sale under a number; who it is is not published."""

    sale: str
    participation: str
    consignor: int
    fee_minor: int
    currency: str


class ItemListed(Struct, frozen=True):
    """An item has a tag and a price; it is not at the sale yet. `reduce` and `donate` are its consignor's wishes.

    A lot is one item of several `pieces`.
    """

    sale: str
    tag: str
    participation: str
    consignor: int
    category: str
    description: str
    price_minor: int
    currency: str
    list_number: int
    reduce: bool
    donate: bool
    pieces: int = 1
    size: str = ""
    brand: str = ""


class ItemCheckedIn(Struct, frozen=True):
    """The item is on the floor and can be bought."""

    sale: str
    tag: str
    participation: str
    category: str


class ItemRefused(Struct, frozen=True):
    """The organizer did not take the item."""

    sale: str
    tag: str
    participation: str
    category: str


class ItemAdmitted(Struct, frozen=True):
    """An item that was refused is on the floor after all."""

    sale: str
    tag: str
    participation: str
    category: str


class ItemWithdrawn(Struct, frozen=True):
    """The consignor took the item out of the sale."""

    sale: str
    tag: str
    participation: str
    category: str


type PublicData = (
    OrganizationFounded
    | OrganizationRenamed
    | SalePlanned
    | SaleSettingsChanged
    | SalePhaseChanged
    | ConsignorRegistered
    | ConsignorWaiting
    | ConsignorInvited
    | PlaceOffered
    | ConsignorEnded
    | ConsignorReopened
    | TermsAccepted
    | AllowanceChanged
    | ListsCharged
    | LateFeeCharged
    | ProceedsPledged
    | FeePaid
    | FeeWaived
    | FeeRefunded
    | ReferralRewarded
    | ConsignorForgotten
    | PersonForgotten
    | ShiftPlanned
    | ShiftDropped
    | ShiftTaken
    | ShiftGivenUp
    | WorkRecorded
    | ConsignorTierChanged
    | SlotPlanned
    | SlotDropped
    | SlotChosen
    | SlotGivenUp
    | ConsignorArrived
    | ItemListed
    | ItemChanged
    | ItemRetagged
    | ItemWishesChanged
    | ItemPhotosArranged
    | ItemCheckedIn
    | ItemRefused
    | ItemAdmitted
    | ItemWithdrawn
    | ItemCheckInUndone
    | ItemNotBrought
    | ItemAwaited
    | DonationsClosed
    | DonationsReopened
    | ItemCollected
    | ItemDonated
    | ItemMissing
    | ItemLost
    | ItemFound
    | ItemSold
    | ManualLineMatched
    | ManualLineCredited
    | ManualLineKept
    | ItemSaleVoided
    | ItemRefunded
    | SessionOpened
    | ReceiptIssued
    | ReceiptVoided
    | RefundPaid
    | SessionClosed
    | VoucherIssued
    | VouchersRedeemed
    | VouchersCredited
    | VoucherEnded
    | PaymentRequested
    | PaymentUnanswered
    | PaymentApproved
    | PaymentDeclined
    | PaymentCancelled
    | PaymentOwed
    | PaymentRefunded
    | ConflictRecorded
    | ConflictResolved
    | UploadQuarantined
    | QuarantineEnded
    | ConsignorAdjusted
    | StatementIssued
    | StatementsCancelled
    | SettlementFrozen
    | SettlementReopened
    | PayoutDue
    | PayoutPaid
    | PayoutEnded
    | CharityPaid
)
