"""Facts of consignors: fees that are charged and paid, and payouts on their way."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.participation.events import (
    ConsignorRegistered,
    LateDropOffCharged,
    ListsCharged,
    ParticipationEnded,
    ParticipationReopened,
)
from consign.domain.participation.fee_events import FeePaid, FeeRefunded, FeeWaived
from consign.domain.recorded import StoredEvent
from consign.domain.sale import SalePhaseChanged
from consign.domain.settlement.events import (
    PayoutBatchDropped,
    PayoutBatchPrepared,
    PayoutBatchSent,
    PayoutCarried,
    PayoutDue,
    PayoutForfeited,
    PayoutPaidAtTill,
    PayoutReissued,
    PayoutReturned,
    PayoutsPaid,
    PayoutUncollected,
    PayoutWithdrawn,
    StatementsCancelled,
)
from consign.projections.projection import Key, Put, Rows, required
from consign.projections.reports.facts import Area, Fact, Told, fact


class FeeOwed(Struct, frozen=True):
    """A consignor's fee: what is charged of it, and until when it is to be paid (empty: no deadline)."""

    participation: str
    consignor: int
    due: str
    charged_minor: int


class PayoutKnown(Struct, frozen=True):
    """A payout, and where it is."""

    sale: str
    payout: str
    participation: str
    consignor: int
    amount_minor: int
    status: str


type Fees = (
    ConsignorRegistered
    | FeePaid
    | FeeWaived
    | FeeRefunded
    | ParticipationEnded
    | ParticipationReopened
    | ListsCharged
    | LateDropOffCharged
    | SalePhaseChanged
)
type Single = PayoutWithdrawn | PayoutPaidAtTill | PayoutReturned | PayoutUncollected | PayoutForfeited | PayoutCarried
type Batched = PayoutBatchPrepared | PayoutBatchDropped | PayoutBatchSent | PayoutsPaid | StatementsCancelled
type Payouts = PayoutDue | PayoutReissued | Single | Batched

_STATUSES: Mapping[type, str] = {
    PayoutBatchDropped: "due",
    PayoutReissued: "reissued",
    PayoutBatchPrepared: "prepared",
    PayoutBatchSent: "sent",
    PayoutsPaid: "paid",
    PayoutPaidAtTill: "paid",
    StatementsCancelled: "withdrawn",
    PayoutWithdrawn: "withdrawn",
    PayoutReturned: "returned",
    PayoutUncollected: "uncollected",
    PayoutForfeited: "forfeited",
    PayoutCarried: "carried",
}
"""Where a payout is after each event that moves it."""


def _fee_reads(event: Fees) -> Sequence[tuple[str, Key]]:
    match event:
        case ConsignorRegistered():
            return ()
        case SalePhaseChanged(participations=participations):
            return [("fees", (participation,)) for participation in participations]
        case _:
            return (("fees", (event.participation,)),)


def _fee_told(_: StoredEvent, event: Fees, rows: Rows) -> Told:
    match event:
        case ConsignorRegistered():
            owed = FeeOwed(event.participation, event.number, _instant(event.fee_due_at), event.fee_minor)
            facts = [_fee(owed, charged_minor=event.fee_minor)] if event.fee_minor else []
            return Told(facts, [Put("fees", owed)])
        case SalePhaseChanged(participations=participations):
            owing: list[FeeOwed] = [required(rows, "fees", (each,)) for each in participations]
            facts = [_fee(known, charged_minor=-known.charged_minor) for known in owing if known.charged_minor]
            forgiven = [Put("fees", replace(known, charged_minor=0)) for known in owing]
            return Told(facts, forgiven)
        case _:
            known: FeeOwed | None = rows.get("fees", (event.participation,))
            # Whoever only waited or was invited owes nothing.
            return Told() if known is None else _fee_moved(event, known)


def _fee_moved(
    event: FeePaid
    | FeeWaived
    | FeeRefunded
    | ParticipationEnded
    | ParticipationReopened
    | ListsCharged
    | LateDropOffCharged,
    known: FeeOwed,
) -> Told:
    owed, charged_minor, paid_minor = known, 0, 0
    match event:
        case FeePaid(amount_minor=amount_minor):
            paid_minor = amount_minor
        case FeeWaived(uncharged_minor=uncharged_minor) | ParticipationEnded(uncharged_minor=uncharged_minor):
            charged_minor = -uncharged_minor
        case FeeRefunded(amount_minor=amount_minor, uncharged_minor=uncharged_minor):
            charged_minor, paid_minor = -uncharged_minor, -amount_minor
        case ListsCharged(charged_minor=more_minor) | LateDropOffCharged(charged_minor=more_minor):
            charged_minor = more_minor
        case ParticipationReopened(charged_minor=again_minor, fee_due_at=fee_due_at):
            charged_minor, owed = again_minor, replace(known, due=_instant(fee_due_at))
    moved = _fee(owed, charged_minor, paid_minor)
    facts = [*_moved_on(known, owed), moved] if charged_minor or paid_minor else _moved_on(known, owed)
    return Told(facts, [Put("fees", replace(owed, charged_minor=known.charged_minor + charged_minor))])


def _moved_on(known: FeeOwed, owed: FeeOwed) -> Sequence[Fact]:
    """Move what is still charged to another deadline."""
    if known.due == owed.due or not known.charged_minor:
        return ()
    return (_fee(known, -known.charged_minor), _fee(owed, known.charged_minor))


def _fee(owed: FeeOwed, charged_minor: int = 0, paid_minor: int = 0) -> Fact:
    return fact(
        "fee",
        participation=owed.participation,
        consignor=owed.consignor,
        due=owed.due,
        asked_minor=charged_minor,
        paid_minor=paid_minor,
        amount_minor=charged_minor - paid_minor,
    )


def _instant(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _payout_reads(event: Payouts) -> Sequence[tuple[str, Key]]:
    return [("payouts", (event.sale, payout)) for payout in _payouts(event)]


def _payout_told(_: StoredEvent, event: Payouts, rows: Rows) -> Told:
    """Count a payout where it is."""
    steps: list[tuple[PayoutKnown | None, PayoutKnown]] = []
    for payout in _payouts(event):
        before: PayoutKnown = required(rows, "payouts", (event.sale, payout))
        steps.append((before, replace(before, status=_STATUSES[type(event)])))
    if isinstance(event, PayoutDue | PayoutReissued):
        identity = event.payout if isinstance(event, PayoutDue) else event.reissue
        due = PayoutKnown(event.sale, identity, event.participation, event.consignor, event.amount_minor, "due")
        steps.append((None, due))
    facts: list[Fact] = []
    for known, after in steps:
        facts += [_payout(known, -1)] if known is not None else []
        facts.append(_payout(after, 1))
    return Told(facts, [Put("payouts", after) for _, after in steps])


def _payouts(event: Payouts) -> Iterable[str]:
    """Return the known payouts that move."""
    match event:
        case PayoutDue():
            return ()
        case PayoutBatchPrepared(entries=entries):
            return [entry.payout for entry in entries]
        case PayoutBatchDropped(payouts=payouts) | PayoutBatchSent(payouts=payouts):
            return payouts
        case PayoutsPaid(payouts=paid):
            return [each.payout for each in paid]
        case StatementsCancelled(cancelled=cancelled):
            return [payout.payout for each in cancelled for payout in each.payouts]
        case (
            PayoutReissued()
            | PayoutWithdrawn()
            | PayoutPaidAtTill()
            | PayoutReturned()
            | PayoutUncollected()
            | PayoutForfeited()
            | PayoutCarried()
        ):
            return (event.payout,)


def _payout(known: PayoutKnown, count: int) -> Fact:
    return fact(
        "payout",
        participation=known.participation,
        consignor=known.consignor,
        payout=known.payout,
        status=known.status,
        count=count,
        amount_minor=count * known.amount_minor,
    )


FEES = Area(
    handles=frozenset(
        {
            "consignor-registered",
            "fee-paid",
            "fee-waived",
            "fee-refunded",
            "participation-ended",
            "participation-reopened",
            "lists-charged",
            "late-drop-off-charged",
            "sale-phase-changed",
        }
    ),
    reads=_fee_reads,
    told=_fee_told,
)


PAYOUTS = Area(
    handles=frozenset(
        {
            "payout-due",
            "payout-reissued",
            "payout-withdrawn",
            "payout-batch-prepared",
            "payout-batch-dropped",
            "payout-batch-sent",
            "payouts-paid",
            "payout-paid-at-till",
            "payout-returned",
            "payout-uncollected",
            "payout-forfeited",
            "payout-carried",
            "statements-cancelled",
        }
    ),
    reads=_payout_reads,
    told=_payout_told,
)
