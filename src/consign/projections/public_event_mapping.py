"""What integrators are told of each internal event. Holds and open baskets stay inside: they are gone in minutes."""

from collections.abc import Sequence

from consign.domain.account import PersonForgotten
from consign.domain.ledger.events import (
    ItemListed,
    ItemRefused,
    ItemsCheckedIn,
    ItemsRefunded,
    ItemsReleasedByVoid,
    ItemsSold,
    ItemsWithdrawn,
    RefusedItemAdmitted,
)
from consign.domain.ledger.floor_events import (
    CheckInsUndone,
    DonationsClosed,
    DonationsReopened,
    ItemsAwaited,
    ItemsCollected,
    ItemsDonated,
    ItemsFound,
    ItemsLost,
    ItemsMissed,
    ItemsNotBrought,
)
from consign.domain.ledger.item_events import ItemChanged, ItemRetagged, PhotosArranged, WishesChanged
from consign.domain.ledger.manual_lines import ManualLineCredited, ManualLineKept, ManualLineMatched
from consign.domain.ledger.offline_events import ConflictAccepted, ConflictFound, QuarantineEnded, SaleQuarantined
from consign.domain.organization import OrganizationFounded, OrganizationRenamed
from consign.domain.participation.events import (
    ConsignorForgotten,
    ConsignorInvited,
    ConsignorRegistered,
    ConsignorWaitlisted,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
    ProceedsPledged,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeePaid, FeeRefunded, FeeWaived
from consign.domain.payments import (
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRequested,
    PaymentsOwed,
    PaymentUnanswered,
)
from consign.domain.places import AllowanceChanged, PlaceOffered, TermsAccepted
from consign.domain.sale import SalePhaseChanged, SalePlanned, SaleSettingsChanged
from consign.domain.session.events import (
    BasketPaid,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
)
from consign.domain.shifts.events import (
    ConsignorTierEarned,
    ShiftDropped,
    ShiftGivenUp,
    ShiftPlanned,
    ShiftTaken,
    WorkRecorded,
)
from consign.domain.slots.events import ArrivalRecorded, SlotChosen, SlotDropped, SlotGivenUp, SlotPlanned
from consign.domain.vouchers import (
    VoucherCashedOut,
    VoucherExpired,
    VoucherIssued,
    VouchersCredited,
    VouchersRedeemed,
    VoucherTakenBack,
)
from consign.projections import public_event_types as public
from consign.projections.item_leaving import LEFT, Left
from consign.projections.public_floor_mapping import DONATION_LISTS, DonationLists, left, listed_to_give
from consign.projections.public_item_mapping import DESCRIBED, Described, described
from consign.projections.public_offline_mapping import OFFLINE, Offline, of_offline
from consign.projections.public_payment_mapping import PAYMENTS, Payments, of_payment
from consign.projections.public_selling_mapping import SELLING, Resolved, Traded, resolved, traded
from consign.projections.public_settlement_mapping import SETTLED, Settled, settled
from consign.projections.public_shift_mapping import SHIFTS, Shifts, shifted
from consign.projections.public_slot_mapping import SLOTS, Slots, slotted
from consign.projections.public_taking_part_mapping import TAKING_PART, TakingPart, taking_part
from consign.projections.public_till_mapping import AT_TILL, AtTill, at_till
from consign.projections.public_voucher_mapping import VOUCHERS, Vouchers, of_voucher

type LedgerHandled = ItemListed | ItemsCheckedIn | ItemRefused | RefusedItemAdmitted | ItemsWithdrawn
type SaleHandled = SalePlanned | SaleSettingsChanged | SalePhaseChanged | ConsignorRegistered
type Handled = (
    LedgerHandled
    | Traded
    | Resolved
    | Described
    | Left
    | DonationLists
    | AtTill
    | SaleHandled
    | TakingPart
    | Shifts
    | Slots
    | Settled
    | Vouchers
    | Payments
    | Offline
    | OrganizationFounded
    | OrganizationRenamed
)

HANDLES = (
    DESCRIBED
    | LEFT
    | DONATION_LISTS
    | SELLING
    | AT_TILL
    | SETTLED
    | TAKING_PART
    | SHIFTS
    | SLOTS
    | VOUCHERS
    | PAYMENTS
    | OFFLINE
    | frozenset(
        {
            "organization-founded",
            "organization-renamed",
            "sale-planned",
            "sale-settings-changed",
            "sale-phase-changed",
            "consignor-registered",
            "item-listed",
            "items-checked-in",
            "item-refused",
            "refused-item-admitted",
            "items-withdrawn",
        }
    )
)


def public_data(event: Handled, currency: str) -> Sequence[public.PublicData]:  # noqa: C901, PLR0912 - a case a topic
    """Map one internal event to what is published of it, in order; `currency` is the sale's."""
    match event:
        case OrganizationFounded():
            return (
                public.OrganizationFounded(
                    event.organization, event.name, event.currency, event.locale, event.time_zone
                ),
            )
        case OrganizationRenamed():
            return (public.OrganizationRenamed(event.organization, event.name),)
        case SalePlanned() | SaleSettingsChanged() | SalePhaseChanged() | ConsignorRegistered():
            return (_of_sale(event, currency),)
        case SessionOpened() | BasketPaid() | ReceiptVoided() | RefundPaid() | SessionClosed():
            return (at_till(event, currency),)
        case ConflictFound() | ConflictAccepted() | SaleQuarantined() | QuarantineEnded():
            return (of_offline(event, currency),)
        case (
            VoucherIssued()
            | VouchersRedeemed()
            | VouchersCredited()
            | VoucherTakenBack()
            | VoucherExpired()
            | VoucherCashedOut()
        ):
            return (of_voucher(event, currency),)
        case (
            PaymentRequested()
            | PaymentUnanswered()
            | PaymentApproved()
            | PaymentDeclined()
            | PaymentCancelled()
            | PaymentsOwed()
            | PaymentRefunded()
        ):
            return of_payment(event, currency)
        case ManualLineMatched() | ManualLineCredited() | ManualLineKept():
            return (resolved(event, currency),)
        case ItemListed() | ItemRefused() | RefusedItemAdmitted():
            return (_of_item(event, currency),)
        case ItemChanged() | ItemRetagged() | WishesChanged() | PhotosArranged():
            return described(event, currency)
        case (
            ItemsNotBrought()
            | ItemsAwaited()
            | CheckInsUndone()
            | ItemsCollected()
            | ItemsDonated()
            | ItemsMissed()
            | ItemsLost()
            | ItemsFound()
        ):
            return left(event, currency)
        case DonationsClosed() | DonationsReopened():
            return (listed_to_give(event, currency),)
        case ItemsCheckedIn() | ItemsWithdrawn():
            return _of_items(event)
        case ItemsSold() | ItemsReleasedByVoid() | ItemsRefunded():
            return traded(event, currency)
        case (
            ConsignorWaitlisted()
            | ConsignorInvited()
            | PlaceOffered()
            | ParticipationEnded()
            | ParticipationReopened()
            | FeePaid()
            | FeeWaived()
            | FeeRefunded()
            | TermsAccepted()
            | AllowanceChanged()
            | ListsCharged()
            | LateDropOffCharged()
            | ProceedsPledged()
            | ReferralRewarded()
            | ConsignorForgotten()
            | PersonForgotten()
        ):
            return (taking_part(event, currency),)
        case (
            ShiftPlanned()
            | ShiftDropped()
            | ShiftTaken()
            | ShiftGivenUp()
            | WorkRecorded()
            | ConsignorTierEarned()
            | SlotPlanned()
            | SlotDropped()
            | SlotChosen()
            | SlotGivenUp()
            | ArrivalRecorded()
        ):
            return (_scheduled(event, currency),)
        case _:
            return settled(event, currency)


def _scheduled(event: Shifts | Slots, currency: str) -> public.PublicData:
    match event:
        case SlotPlanned() | SlotDropped() | SlotChosen() | SlotGivenUp() | ArrivalRecorded():
            return slotted(event)
        case ShiftPlanned() | ShiftDropped() | ShiftTaken() | ShiftGivenUp() | WorkRecorded() | ConsignorTierEarned():
            return shifted(event, currency)


def _of_sale(event: SaleHandled, currency: str) -> public.PublicData:
    match event:
        case SalePlanned(settings=settings):
            return public.SalePlanned(
                sale=event.sale,
                number=event.number,
                name=event.name,
                currency=event.currency,
                time_zone=event.time_zone,
                place=settings.place,
                begins_on=settings.begins_on,
                ends_on=settings.ends_on,
            )
        case SaleSettingsChanged(settings=settings):
            return public.SaleSettingsChanged(event.sale, settings.place, settings.begins_on, settings.ends_on)
        case SalePhaseChanged():
            return public.SalePhaseChanged(event.sale, event.phase.value, event.previous.value)
        case ConsignorRegistered():
            return public.ConsignorRegistered(event.sale, event.participation, event.number, event.fee_minor, currency)


def _of_item(event: ItemListed | ItemRefused | RefusedItemAdmitted, currency: str) -> public.PublicData:
    match event:
        case ItemListed():
            return public.ItemListed(
                sale=event.sale,
                tag=event.tag,
                participation=event.participation,
                consignor=event.consignor,
                category=event.category,
                description=event.description,
                price_minor=event.price_minor,
                currency=currency,
                list_number=event.list_number,
                reduce=event.reduce,
                donate=event.donate,
                pieces=event.pieces,
                size=event.size,
                brand=event.brand,
            )
        case ItemRefused():
            return public.ItemRefused(event.sale, event.tag, event.participation, event.category)
        case RefusedItemAdmitted():
            return public.ItemAdmitted(event.sale, event.tag, event.participation, event.category)


def _of_items(event: ItemsCheckedIn | ItemsWithdrawn) -> Sequence[public.PublicData]:
    match event:
        case ItemsCheckedIn():
            return [
                public.ItemCheckedIn(event.sale, item.tag, item.participation, item.category) for item in event.items
            ]
        case ItemsWithdrawn():
            return [
                public.ItemWithdrawn(event.sale, item.tag, item.participation, item.category) for item in event.items
            ]
