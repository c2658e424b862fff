"""The consignors of each sale, waiting, invited, taking part or gone: number, terms, fee. Who they are stays sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.account import AccountProfileChanged
from consign.domain.commission import CommissionRule
from consign.domain.participation.events import (
    ConsignorInvited,
    ConsignorProfileChanged,
    ConsignorRegistered,
    ConsignorTermsChanged,
    ConsignorWaitlisted,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
    ProceedsPledged,
    ReferralRewarded,
)
from consign.domain.participation.fee_events import FeePaid, FeeRefunded, FeeWaived
from consign.domain.participation.pledge import PledgeOf
from consign.domain.places import AllowanceChanged, PlaceOffered, TermsAccepted
from consign.domain.recorded import StoredEvent
from consign.domain.shifts.events import ConsignorTierEarned
from consign.domain.values import Sealed
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class ParticipationRow(Struct, frozen=True):
    """`number` and `turn` are zero where there is none (yet). `fee_minor` was agreed on, `fee_charged_minor` is owed.

    `profile` is stored as it came: only the holder of the person's key can read it. `registered_at` is when the
    participation began: by registering, by joining the waiting list or by being invited. `late_…` is the fee for
    bringing things late. `until` is when the offered place or the invitation expires. `pledge_ppm` of the proceeds goes
    to charity.
    """

    participation: str
    sale: str
    number: int
    status: Literal["registered", "waiting", "offered", "invited", "ended"]
    fee_minor: int
    fee_charged_minor: int
    fee_paid_minor: int
    fee_status: Literal["none", "due", "paid", "waived", "refunded"]
    fee_due_at: datetime | None
    fee_means: Literal["cash", "card", "bank", "provider"] | None
    fee_moved_at: datetime | None
    tier: str | None
    own_rule: CommissionRule | None
    terms_version: str
    terms_accepted_at: datetime | None
    account: str | None
    profile: Sealed | None
    registered_at: datetime
    referred_by: str | None = None
    rewards: int = 0
    points_off_ppm: int = 0
    turn: int = 0
    until: datetime | None = None
    ended_because: str | None = None
    ended_at: datetime | None = None
    extra_items: int = 0
    extra_lists: int = 0
    extra_by_category: dict[str, int] = {}
    bought_lists: int = 0
    lists_charged_minor: int = 0
    late_charged_minor: int = 0
    late_paid_minor: int = 0
    late_status: Literal["none", "due", "paid", "waived", "refunded"] = "none"
    late_means: Literal["cash", "card", "bank", "provider"] | None = None
    pledge_ppm: int = 0
    pledge_of: PledgeOf = "everything"


type Beginning = ConsignorRegistered | ConsignorWaitlisted | ConsignorInvited
type Fees = FeePaid | FeeWaived | FeeRefunded
type Changed = (
    ConsignorProfileChanged
    | ConsignorTermsChanged
    | ConsignorTierEarned
    | ListsCharged
    | LateDropOffCharged
    | ProceedsPledged
    | AllowanceChanged
    | TermsAccepted
    | PlaceOffered
    | ParticipationEnded
    | ParticipationReopened
    | ReferralRewarded
)
type Handled = Beginning | Fees | Changed | AccountProfileChanged

_TABLE = "participations"


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    match event:
        case AccountProfileChanged(participations=participations):
            return [(_TABLE, (participation,)) for participation in participations]
        case _:
            return ((_TABLE, (event.participation,)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case AccountProfileChanged(profile=profile, participations=participations):
            shown = [required(rows, _TABLE, (participation,)) for participation in participations]
            return [Put(_TABLE, replace(row, profile=profile)) for row in shown]
        case ConsignorRegistered() | ConsignorWaitlisted() | ConsignorInvited():
            known: ParticipationRow | None = rows.get(_TABLE, (event.participation,))
            return (Put(_TABLE, _begun(stored, event, known)),)
        case FeePaid() | FeeWaived() | FeeRefunded():
            return (Put(_TABLE, _fee_moved(required(rows, _TABLE, (event.participation,)), event)),)
        case (
            ConsignorProfileChanged()
            | ConsignorTermsChanged()
            | ConsignorTierEarned()
            | ListsCharged()
            | LateDropOffCharged()
            | ProceedsPledged()
            | AllowanceChanged()
            | TermsAccepted()
            | PlaceOffered()
            | ParticipationEnded()
            | ParticipationReopened()
            | ReferralRewarded()
        ):
            return (Put(_TABLE, _changed(stored, required(rows, _TABLE, (event.participation,)), event)),)


def _begun(stored: StoredEvent, event: Beginning, known: ParticipationRow | None) -> ParticipationRow:
    match event:
        case ConsignorRegistered():
            return _registered(stored, event, known)
        case ConsignorWaitlisted():
            waiting = _row(stored, event, "waiting", event.account, event.profile)
            return replace(
                waiting,
                turn=event.turn,
                terms_version=event.terms_version,
                terms_accepted_at=event.terms_accepted_at,
                referred_by=event.referred_by,
            )
        case ConsignorInvited():
            invited = _row(stored, event, "invited", None, event.address)
            return replace(invited, number=event.number or 0, until=event.expires_at)


def _row(
    stored: StoredEvent,
    event: Beginning,
    status: Literal["registered", "waiting", "invited"],
    account: str | None,
    profile: Sealed | None,
) -> ParticipationRow:
    return ParticipationRow(
        participation=event.participation,
        sale=event.sale,
        number=0,
        status=status,
        fee_minor=event.fee_minor or 0,
        fee_charged_minor=0,
        fee_paid_minor=0,
        fee_status="none",
        fee_due_at=None,
        fee_means=None,
        fee_moved_at=None,
        tier=event.tier,
        own_rule=event.own_rule,
        terms_version="",
        terms_accepted_at=None,
        account=account,
        profile=profile,
        registered_at=stored.recorded_at,
    )


def _registered(stored: StoredEvent, event: ConsignorRegistered, known: ParticipationRow | None) -> ParticipationRow:
    """Show a new consignor; who waited or was invited is still since when, and shows the newest profile."""
    profile = event.profile or (known.profile if known else None)
    row = _row(stored, event, "registered", event.account, profile)
    return replace(
        row,
        number=event.number,
        fee_charged_minor=event.fee_minor,
        fee_status="due" if event.fee_minor else "none",
        fee_due_at=event.fee_due_at,
        terms_version=event.terms_version,
        terms_accepted_at=event.terms_accepted_at,
        referred_by=event.referred_by,
        registered_at=known.registered_at if known else row.registered_at,
    )


def _fee_moved(row: ParticipationRow, event: Fees) -> ParticipationRow:
    match event:
        case FeePaid(fee="late") | FeeRefunded(fee="late"):
            return _late_fee_moved(row, event)
        case FeePaid(amount_minor=amount_minor, means=means, paid_at=paid_at):
            return replace(
                row, fee_status="paid", fee_paid_minor=amount_minor, fee_means=means.value, fee_moved_at=paid_at
            )
        case FeeWaived(uncharged_minor=uncharged_minor):
            charged_minor = row.fee_charged_minor - uncharged_minor
            return replace(row, fee_status="waived", fee_charged_minor=charged_minor)
        case FeeRefunded(uncharged_minor=uncharged_minor, means=means, refunded_at=refunded_at):
            return replace(
                row,
                fee_status="refunded",
                fee_charged_minor=row.fee_charged_minor - uncharged_minor,
                fee_paid_minor=0,
                fee_means=means.value,
                fee_moved_at=refunded_at,
            )


def _late_fee_moved(row: ParticipationRow, event: FeePaid | FeeRefunded) -> ParticipationRow:
    match event:
        case FeePaid(amount_minor=amount_minor, means=means):
            return replace(row, late_status="paid", late_paid_minor=amount_minor, late_means=means.value)
        case FeeRefunded(uncharged_minor=uncharged_minor, means=means):
            return replace(
                row,
                late_status="none" if row.late_status == "none" else "refunded",
                late_charged_minor=row.late_charged_minor - uncharged_minor,
                late_paid_minor=0,
                late_means=means.value,
            )


def _late(row: ParticipationRow, event: LateDropOffCharged) -> ParticipationRow:
    charged_minor = row.late_charged_minor + event.charged_minor
    if event.charged_minor > 0:
        return replace(row, late_charged_minor=charged_minor, late_status="paid" if row.late_paid_minor else "due")
    return replace(row, late_charged_minor=charged_minor, late_status="none" if event.undone else "waived")


def _changed(  # noqa: C901 - a case an event
    stored: StoredEvent, row: ParticipationRow, event: Changed
) -> ParticipationRow:
    match event:
        case ConsignorProfileChanged(profile=profile):
            return replace(row, profile=profile)
        case ConsignorTermsChanged(tier=tier, own_rule=own_rule):
            return replace(row, tier=tier, own_rule=own_rule)
        case ConsignorTierEarned(tier=tier):
            return replace(row, tier=tier)
        case ListsCharged() | AllowanceChanged():
            return _allowed(row, event)
        case LateDropOffCharged():
            return _late(row, event)
        case ProceedsPledged(share_ppm=share_ppm, of=of):
            return replace(row, pledge_ppm=share_ppm, pledge_of=of)
        case TermsAccepted(version=version, accepted_at=accepted_at):
            return replace(row, terms_version=version, terms_accepted_at=accepted_at)
        case PlaceOffered(expires_at=expires_at):
            return replace(row, status="offered", until=expires_at)
        case ParticipationEnded(because=because, uncharged_minor=uncharged_minor):
            return replace(
                row,
                status="ended",
                ended_because=because,
                ended_at=stored.recorded_at,
                fee_charged_minor=row.fee_charged_minor - uncharged_minor,
            )
        case ParticipationReopened(charged_minor=charged_minor, fee_due_at=fee_due_at):
            return replace(
                row,
                status="registered",
                ended_because=None,
                ended_at=None,
                fee_charged_minor=row.fee_charged_minor + charged_minor,
                fee_due_at=fee_due_at,
            )
        case ReferralRewarded(points_ppm=points_ppm):
            return replace(row, rewards=row.rewards + 1, points_off_ppm=row.points_off_ppm + points_ppm)


def _allowed(row: ParticipationRow, event: ListsCharged | AllowanceChanged) -> ParticipationRow:
    match event:
        case ListsCharged(charged_minor=charged_minor):
            return replace(row, lists_charged_minor=row.lists_charged_minor + charged_minor)
        case AllowanceChanged(allowance=allowance):
            return replace(
                row,
                extra_items=allowance.extra_items,
                extra_lists=allowance.extra_lists,
                extra_by_category=allowance.extra_by_category,
                bought_lists=allowance.bought_lists,
            )


PARTICIPATIONS = Projection(
    name="participations",
    version=7,
    tables=(
        Table(
            _TABLE,
            ParticipationRow,
            key=("participation",),
            indexes=(("sale", "number"), ("sale", "turn"), ("account",)),
        ),
    ),
    handles=frozenset(
        {
            "consignor-registered",
            "consignor-waitlisted",
            "consignor-invited",
            "consignor-profile-changed",
            "consignor-terms-changed",
            "consignor-tier-earned",
            "lists-charged",
            "late-drop-off-charged",
            "proceeds-pledged",
            "allowance-changed",
            "account-profile-changed",
            "terms-accepted",
            "place-offered",
            "participation-ended",
            "participation-reopened",
            "referral-rewarded",
            "fee-paid",
            "fee-waived",
            "fee-refunded",
        }
    ),
    reads=_reads,
    apply=_apply,
)
