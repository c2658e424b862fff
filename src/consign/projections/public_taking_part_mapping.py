"""What integrators are told of people who take part, wait, pay and leave."""

from consign.domain.account import PersonForgotten
from consign.domain.participation.events import (
    ConsignorForgotten,
    ConsignorInvited,
    ConsignorWaitlisted,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
    ProceedsPledged,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeePaid, FeeRefunded, FeeWaived
from consign.domain.places import AllowanceChanged, PlaceOffered, TermsAccepted
from consign.projections import public_taking_part_events as public

type Placed = ConsignorWaitlisted | ConsignorInvited | PlaceOffered | ParticipationEnded | ParticipationReopened
type Fees = FeePaid | FeeWaived | FeeRefunded
type Forgetting = ConsignorForgotten | PersonForgotten
type Allowing = AllowanceChanged | ListsCharged | LateDropOffCharged | ProceedsPledged
type TakingPart = Placed | Fees | Allowing | Forgetting | TermsAccepted | ReferralRewarded

TAKING_PART = frozenset(
    {
        "consignor-waitlisted",
        "consignor-invited",
        "place-offered",
        "participation-ended",
        "participation-reopened",
        "terms-accepted",
        "allowance-changed",
        "lists-charged",
        "late-drop-off-charged",
        "proceeds-pledged",
        "fee-paid",
        "fee-waived",
        "fee-refunded",
        "referral-rewarded",
        "consignor-forgotten",
        "person-forgotten",
    }
)


def taking_part(event: TakingPart, currency: str) -> public.TakingPartData:
    """Map one internal event to what is published of it."""
    match event:
        case (
            ConsignorWaitlisted() | ConsignorInvited() | PlaceOffered() | ParticipationEnded() | ParticipationReopened()
        ):
            return _placed(event)
        case FeePaid() | FeeWaived() | FeeRefunded():
            return _fee(event, currency)
        case AllowanceChanged() | ListsCharged() | LateDropOffCharged() | ProceedsPledged():
            return _allowed(event, currency)
        case TermsAccepted(sale, participation, number, version, accepted_at):
            return public.TermsAccepted(sale, participation, number, version, accepted_at)
        case ReferralRewarded(participation, sale, referred, reward, points_ppm):
            return public.ReferralRewarded(sale, participation, referred, reward, points_ppm)
        case ConsignorForgotten(participation, sale):
            return public.ConsignorForgotten(sale, participation)
        case PersonForgotten(account, participations):
            return public.PersonForgotten(account, participations)


def _placed(event: Placed) -> public.TakingPartData:
    match event:
        case ConsignorWaitlisted(participation, sale, turn):
            return public.ConsignorWaiting(sale, participation, turn)
        case ConsignorInvited():
            return public.ConsignorInvited(event.sale, event.participation, event.number, event.expires_at)
        case PlaceOffered(sale, participation, _, expires_at):
            return public.PlaceOffered(sale, participation, expires_at)
        case ParticipationEnded(participation, sale, because, number):
            return public.ConsignorEnded(sale, participation, number, because)
        case ParticipationReopened(participation, sale, number):
            return public.ConsignorReopened(sale, participation, number)


def _allowed(event: Allowing, currency: str) -> public.TakingPartData:
    match event:
        case AllowanceChanged(allowance=allowance):
            return public.AllowanceChanged(
                sale=event.sale,
                participation=event.participation,
                consignor=event.number,
                extra_items=allowance.extra_items,
                extra_lists=allowance.extra_lists,
                bought_lists=allowance.bought_lists,
                extra_by_category=allowance.extra_by_category,
            )
        case ListsCharged(participation, sale, number, bought_lists, charged_minor):
            return public.ListsCharged(sale, participation, number, bought_lists, charged_minor, currency)
        case LateDropOffCharged(participation, sale, number, charged_minor):
            return public.LateFeeCharged(sale, participation, number, charged_minor, currency)
        case ProceedsPledged(participation, sale, number, share_ppm, of):
            return public.ProceedsPledged(sale, participation, number, share_ppm, of)


def _fee(event: Fees, currency: str) -> public.TakingPartData:
    match event:
        case FeePaid():
            return public.FeePaid(
                sale=event.sale,
                participation=event.participation,
                consignor=event.number,
                amount_minor=event.amount_minor,
                rounding_minor=event.rounding_minor,
                currency=currency,
                means=event.means.value,
                paid_at=event.paid_at,
                fee=event.fee,
            )
        case FeeWaived(participation, sale, number, uncharged_minor):
            return public.FeeWaived(sale, participation, number, uncharged_minor, currency)
        case FeeRefunded():
            return public.FeeRefunded(
                sale=event.sale,
                participation=event.participation,
                consignor=event.number,
                amount_minor=event.amount_minor,
                rounding_minor=event.rounding_minor,
                currency=currency,
                means=event.means.value,
                refunded_at=event.refunded_at,
                fee=event.fee,
            )
