"""The events that integrators see: a published contract of its own, without personal data.

Names and fields are promised to others: fields are only added, with defaults; what must change otherwise becomes a new
type. Amounts are minor units of the `currency` beside them, ids are the platform's opaque ids. Free text that people
type about people (reasons, notes, card references) is left out; an item's description is its consignor's own words.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from consign.projections.public_floor_events import (
    ItemCheckInUndone,
    ItemCollected,
    ItemDonated,
    ItemFound,
    ItemLost,
    ItemMissing,
)
from consign.projections.public_item_events import ItemChanged, ItemPhotosArranged, ItemRetagged, ItemWishesChanged
from consign.projections.public_offline_events import (
    ConflictRecorded,
    ConflictResolved,
    QuarantineEnded,
    UploadQuarantined,
)
from consign.projections.public_settlement_events import (
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
    ListsCharged,
    PersonForgotten,
    PlaceOffered,
    ReferralRewarded,
    TermsAccepted,
)
from consign.projections.public_voucher_events import VoucherEnded, VoucherIssued, VouchersCredited, VouchersRedeemed


class OrganizationFounded(Struct, frozen=True):
    """The organization exists. `currency` (ISO 4217) never changes; `time_zone` is an IANA name."""

    organization: str
    name: str
    currency: str
    locale: str
    time_zone: str


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


class ItemSold(Struct, frozen=True):
    """The item was paid for. `unchecked`: it was sold though nobody had checked it in.

    `price_minor` counts for the consignor; of it the shopper paid `discount_minor` less.
    """

    sale: str
    tag: str
    participation: str
    category: str
    price_minor: int
    currency: str
    receipt: str
    sale_sequence: int
    till: str
    unchecked: bool
    sold_at: datetime
    discount_minor: int = 0


class ManualLineMatched(Struct, frozen=True):
    """An item turned out to be what a receipt sold without a readable tag: it is sold now."""

    sale: str
    receipt: str
    tag: str
    participation: str
    category: str
    price_minor: int
    currency: str
    till: str
    sold_at: datetime


class ManualLineCredited(Struct, frozen=True):
    """A consignor is credited for what a receipt sold without a readable tag, whatever item it was."""

    sale: str
    receipt: str
    participation: str
    category: str
    price_minor: int
    currency: str


class ManualLineKept(Struct, frozen=True):
    """Nobody is credited for what a receipt sold without a readable tag: the organizer keeps it."""

    sale: str
    receipt: str
    price_minor: int
    currency: str


class ItemSaleVoided(Struct, frozen=True):
    """The receipt that sold the item was voided: the item is where it was before."""

    sale: str
    tag: str
    participation: str
    category: str
    price_minor: int
    currency: str
    receipt: str


class ItemRefunded(Struct, frozen=True):
    """`refund_minor` of the `price_minor` it counted for was taken back; no `returned_to`: the shopper keeps it."""

    sale: str
    tag: str
    participation: str
    category: str
    price_minor: int
    refund_minor: int
    currency: str
    receipt: str
    refund: str
    returned_to: Literal["floor", "consignor"] | None


class SessionOpened(Struct, frozen=True):
    """A cashier began at a till with `float_minor` of cash in the drawer."""

    sale: str
    session: str
    till: str
    float_minor: int
    currency: str


class ReceiptLine(Struct, frozen=True):
    """One line of a receipt; no `tag`: the thing was sold without a readable one.

    `discount_minor` is what the organizer bears. `tax_minor` is in the price where `tax_included`, else on top of it.
    """

    tag: str | None
    category: str
    price_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_ppm: int = 0
    tax_included: bool = False
    surcharge_minor: int = 0


class ReceiptTender(Struct, frozen=True):
    """One payment of a receipt."""

    kind: Literal["cash", "card", "voucher"]
    amount_minor: int


class ReceiptIssued(Struct, frozen=True):
    """A basket was paid: the tenders are together total, rounding and change. `counter` is gapless per till."""

    sale: str
    session: str
    till: str
    receipt: str
    counter: int
    sale_sequence: int
    lines: tuple[ReceiptLine, ...]
    tenders: tuple[ReceiptTender, ...]
    total_minor: int
    rounding_minor: int
    change_minor: int
    currency: str
    paid_at: datetime


class ReceiptVoided(Struct, frozen=True):
    """The whole receipt was undone; its amounts are those of its payment."""

    sale: str
    session: str
    till: str
    receipt: str
    total_minor: int
    rounding_minor: int
    currency: str


class RefundPaid(Struct, frozen=True):
    """The shopper got `amount_minor` and `rounding_minor` back. `counter` is gapless per till."""

    sale: str
    session: str
    till: str
    refund: str
    counter: int
    receipt: str
    tender: Literal["cash", "card", "voucher"]
    amount_minor: int
    rounding_minor: int
    currency: str
    refunded_at: datetime


class SessionClosed(Struct, frozen=True):
    """The till was counted: `difference_minor` is over when positive, short when negative.

    `z_number` is gapless per till; `grand_total_minor` adds up the `total_minor` of all its sessions until then.
    """

    sale: str
    session: str
    till: str
    expected_minor: int
    counted_minor: int
    difference_minor: int
    z_number: int
    total_minor: int
    grand_total_minor: int
    currency: str


type PublicData = (
    OrganizationFounded
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
)
