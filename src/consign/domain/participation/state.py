"""A consignor taking part in one sale: invited or waiting for a place, registered under a number, ended."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.commission import CommissionRule
from consign.domain.participation.events import (
    ConsignorForgotten,
    ConsignorInvited,
    ConsignorProfileChanged,
    ConsignorRegistered,
    ConsignorTermsChanged,
    ConsignorWaitlisted,
    EndReason,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationEvent,
    ParticipationReopened,
    ProceedsPledged,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeeEvent, FeeKind, FeePaid, FeeRefunded, FeeWaived
from consign.domain.participation.pledge import Pledge
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.values import AccountId, ParticipationId, SaleId, Sealed


class FeeStatus(StrEnum):
    """How a fee stands; `none`: there is none."""

    NONE = "none"
    DUE = "due"
    PAID = "paid"
    WAIVED = "waived"
    REFUNDED = "refunded"


class Fee(Struct, frozen=True, gc=False):
    """`agreed_minor` is what was agreed on, `charged_minor` what is owed of it, `paid_minor` what was paid by itself.

    What is charged and not paid comes off the proceeds. A deadline is there only where not paying ends all.
    `reference` is where to find the payment.
    """

    agreed_minor: int
    charged_minor: int
    paid_minor: int = 0
    status: FeeStatus = FeeStatus.DUE
    due_at: datetime | None = None
    reference: str = ""


_NO_FEE = Fee(0, 0, 0, FeeStatus.NONE)


class Unknown(Struct, frozen=True, gc=False, tag="unknown"): ...


class Asked(Struct, frozen=True, gc=False):
    """What a registration asks for: to be granted at once, or when a place is free."""

    profile: Sealed | None = None
    number: int | None = None
    tier: str | None = None
    own_rule: CommissionRule | None = None
    fee_minor: int | None = None
    terms_version: str = ""
    account: AccountId | None = None
    terms_accepted_at: datetime | None = None
    referred_by: ParticipationId | None = None


class Invited(Struct, frozen=True, gc=False, tag="invited"):
    participation: ParticipationId
    sale: SaleId
    code_digest: str
    expires_at: datetime
    asked: Asked
    forgotten: bool = False


class Waiting(Struct, frozen=True, gc=False, tag="waiting"):
    """Whether a place is offered right now is the sale's to know."""

    participation: ParticipationId
    sale: SaleId
    turn: int
    asked: Asked
    forgotten: bool = False


class Registered(Struct, frozen=True, gc=False, tag="registered"):
    """`points_off_ppm` come off the commission rate; `rewarded` are those whose coming was rewarded already.

    `tier` is what counts: the one that work earns, else the `agreed_tier`. `late_fee` is that for bringing things late.
    """

    participation: ParticipationId
    sale: SaleId
    number: int
    fee: Fee
    profile: Sealed | None
    tier: str | None
    own_rule: CommissionRule | None
    account: AccountId | None = None
    referred_by: ParticipationId | None = None
    points_off_ppm: int = 0
    rewarded: tuple[ParticipationId, ...] = ()
    forgotten: bool = False
    agreed_tier: str | None = None
    lists_charged_minor: int = 0
    pledge: Pledge | None = None
    late_fee: Fee = _NO_FEE

    @property
    def charged_minor(self) -> int:
        """What is owed for taking part: the fee, lists beyond those that it covers, and being late."""
        return self.fee.charged_minor + self.lists_charged_minor + self.late_fee.charged_minor

    @property
    def paid_minor(self) -> int:
        """What was paid of it apart from the proceeds."""
        return self.fee.paid_minor + self.late_fee.paid_minor

    def fee_for(self, kind: FeeKind) -> Fee:
        return self.late_fee if kind == "late" else self.fee


class Ended(Struct, frozen=True, gc=False, tag="ended"):
    """`was` is what reopening brings back; null where there was no place yet."""

    participation: ParticipationId
    sale: SaleId
    because: EndReason
    account: AccountId | None = None
    was: Registered | None = None
    forgotten: bool = False


type Participation = Registered | Waiting | Invited | Ended | Unknown
INITIAL: Participation = Unknown()


def evolve(participation: Participation, event: ParticipationEvent | FeeEvent) -> Participation:
    """Return the participation after the event."""
    match event:
        case ConsignorRegistered():
            return _registered(participation, event)
        case ConsignorWaitlisted():
            return Waiting(event.participation, event.sale, event.turn, _asked(event))
        case ConsignorInvited(identity, sale, code_digest, expires_at, _, number, tier, own_rule, fee_minor):
            asked = Asked(None, number, tier, own_rule, fee_minor)
            return Invited(identity, sale, code_digest, expires_at, asked)
        case ParticipationEnded():
            return _ended(participation, event)
        case ConsignorForgotten():
            return participation if isinstance(participation, Unknown) else replace(participation, forgotten=True)
        case (
            ConsignorProfileChanged()
            | ConsignorTermsChanged()
            | ConsignorTierEarned()
            | ListsCharged()
            | LateDropOffCharged()
            | ProceedsPledged()
            | ParticipationReopened()
            | ReferralRewarded()
            | FeePaid()
            | FeeWaived()
            | FeeRefunded()
        ):
            return _changed(participation, event)


def _registered(before: Participation, event: ConsignorRegistered) -> Registered:
    profile = event.profile
    if profile is None and isinstance(before, Waiting):
        profile = before.asked.profile
    fee_minor = event.fee_minor
    status = FeeStatus.DUE if fee_minor else FeeStatus.NONE
    return Registered(
        event.participation,
        event.sale,
        event.number,
        Fee(fee_minor, fee_minor, 0, status, event.fee_due_at),
        profile,
        event.tier,
        event.own_rule,
        event.account,
        event.referred_by,
        agreed_tier=event.tier,
    )


def _asked(event: ConsignorWaitlisted) -> Asked:
    return Asked(
        event.profile,
        event.number,
        event.tier,
        event.own_rule,
        event.fee_minor,
        event.terms_version,
        event.account,
        event.terms_accepted_at,
        event.referred_by,
    )


def _ended(before: Participation, event: ParticipationEnded) -> Participation:
    match before:
        case Registered(account=account, fee=fee):
            was = replace(before, fee=_uncharged(fee, event.uncharged_minor, fee.status))
            return Ended(event.participation, event.sale, event.because, account, was)
        case Waiting(asked=asked) | Invited(asked=asked):
            return Ended(event.participation, event.sale, event.because, asked.account)
        case Ended() | Unknown():
            return before


type _Change = (
    ConsignorProfileChanged
    | ConsignorTermsChanged
    | ConsignorTierEarned
    | ListsCharged
    | LateDropOffCharged
    | ProceedsPledged
    | ParticipationReopened
    | ReferralRewarded
    | FeePaid
    | FeeWaived
    | FeeRefunded
)


def _changed(before: Participation, event: _Change) -> Participation:
    match before:
        case Registered():
            return _with(before, event)
        case Ended(was=Registered() as was):
            changed = _with(was, event)
            return changed if isinstance(event, ParticipationReopened) else replace(before, was=changed)
        case Waiting(asked=asked):
            match event:
                case ConsignorProfileChanged(profile=profile):
                    return replace(before, asked=replace(asked, profile=profile))
                case _:
                    return before
        case Ended() | Invited() | Unknown():
            return before


def _with(known: Registered, event: _Change) -> Registered:  # noqa: C901 - a case an event
    match event:
        case ConsignorProfileChanged(profile=profile):
            return replace(known, profile=profile)
        case ConsignorTermsChanged(tier=tier, own_rule=own_rule):
            return replace(known, tier=tier, own_rule=own_rule, agreed_tier=tier)
        case ConsignorTierEarned(tier=tier):
            return replace(known, tier=tier)
        case ListsCharged(charged_minor=charged_minor):
            return replace(known, lists_charged_minor=known.lists_charged_minor + charged_minor)
        case LateDropOffCharged():
            return replace(known, late_fee=_late(known.late_fee, event))
        case ProceedsPledged(share_ppm=share_ppm, of=of):
            return replace(known, pledge=Pledge(share_ppm, of) if share_ppm else None)
        case ParticipationReopened(charged_minor=charged_minor, fee_due_at=fee_due_at):
            charged_minor += known.fee.charged_minor
            return replace(known, fee=replace(known.fee, charged_minor=charged_minor, due_at=fee_due_at))
        case ReferralRewarded(referred=referred, points_ppm=points_ppm):
            points_off_ppm = known.points_off_ppm + points_ppm
            return replace(known, points_off_ppm=points_off_ppm, rewarded=(*known.rewarded, referred))
        case FeePaid(amount_minor=amount_minor, reference=reference, fee=kind):
            paid = replace(known.fee_for(kind), paid_minor=amount_minor, status=FeeStatus.PAID, reference=reference)
            return _with_fee(known, kind, paid)
        case FeeWaived(uncharged_minor=uncharged_minor):
            return replace(known, fee=_uncharged(known.fee, uncharged_minor, FeeStatus.WAIVED))
        case FeeRefunded(uncharged_minor=uncharged_minor, fee=kind):
            refunded = replace(known.fee_for(kind), paid_minor=0, reference="")
            # What was charged by mistake, and then paid, is as if it had never been charged.
            status = FeeStatus.NONE if refunded.status is FeeStatus.NONE else FeeStatus.REFUNDED
            return _with_fee(known, kind, _uncharged(refunded, uncharged_minor, status))


def _with_fee(known: Registered, kind: FeeKind, fee: Fee) -> Registered:
    return replace(known, late_fee=fee) if kind == "late" else replace(known, fee=fee)


def _late(fee: Fee, event: LateDropOffCharged) -> Fee:
    """Return the fee for being late once it is charged, or taken back: what was paid of it stays to their credit."""
    charged_minor = fee.charged_minor + event.charged_minor
    if event.charged_minor > 0:
        status = FeeStatus.PAID if fee.paid_minor else FeeStatus.DUE
        return replace(fee, agreed_minor=event.charged_minor, charged_minor=charged_minor, status=status)
    return replace(fee, charged_minor=charged_minor, status=FeeStatus.NONE if event.undone else FeeStatus.WAIVED)


def _uncharged(fee: Fee, uncharged_minor: int, status: FeeStatus) -> Fee:
    return replace(fee, charged_minor=fee.charged_minor - uncharged_minor, status=status)
