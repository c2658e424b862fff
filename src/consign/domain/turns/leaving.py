"""A participation ends: withdrawn, or unpaid at its deadline; and an organizer may bring it back."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.events import ItemsWithdrawn
from consign.domain.ledger.state import Ledger
from consign.domain.participation.commands import (
    EndUnpaidParticipation,
    ReopenParticipation,
    WithdrawParticipation,
)
from consign.domain.participation.events import EndReason, ParticipationEnded, ParticipationReopened
from consign.domain.participation.state import (
    Ended,
    FeeStatus,
    Invited,
    Participation,
    Registered,
    Unknown,
    Waiting,
)
from consign.domain.places import PlaceFreed, PlaceTakenAgain, WaitingListLeft
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.turns.actors import LISTING, ledger_stream, participation_stream, require_phase, sale_stream
from consign.domain.turns.brought import has_brought, still_listed
from consign.domain.turns.deadlines import early, fee_due_at, fee_timers, fill_timer
from consign.domain.turns.late_fee import late_fee_given_back_by
from consign.domain.turns.lists import lists_given_back_by
from consign.domain.turns.registration import not_registered
from consign.domain.turns.shifts import given_up_by
from consign.domain.turns.slots import slots_given_up_by
from consign.domain.values import Done


def withdraw(
    command: WithdrawParticipation, known: Participation, sale: Planned, ledger: Ledger, now: datetime
) -> Decision:
    """End a participation that brought nothing, or a wait; whoever waits next moves up."""
    match known:
        case Ended():
            return Decision((), Done())
        case Waiting():
            return leave_list(known, sale, "left_waiting_list", now)
        case Invited() | Unknown():
            raise not_registered(known)
        case Registered():
            pass
    require_phase(sale, LISTING, "Withdrawing from a sale")
    if has_brought(ledger, known.number):
        raise Rejected(
            Reason.ITEMS_BROUGHT,
            "Things of this consignor are on the floor or sold. Withdraw what is on the floor first.",
        )
    return _end(known, sale, ledger, "withdrawn", command.reason, now)


def leave_list(known: Waiting, sale: Planned, because: EndReason, now: datetime) -> Decision:
    """End a wait; a place that was offered is free for the next."""
    account = known.asked.account
    events = (
        Emitted(sale_stream(sale.sale), WaitingListLeft(sale.sale, known.participation, known.turn, account)),
        Emitted(participation_stream(known.participation), ParticipationEnded(known.participation, sale.sale, because)),
    )
    offered = known.turn in sale.places.offered
    return Decision(events, Done(), (fill_timer(sale.sale, now),) if offered else ())


def end_unpaid(
    command: EndUnpaidParticipation, known: Participation, sale: Planned, ledger: Ledger, now: datetime
) -> Decision:
    """End a participation whose fee is still due at its deadline, unless it is being sold for already."""
    match known:
        case Registered(fee=fee) if fee.status is FeeStatus.DUE and fee.due_at is not None:
            again = early(fee.due_at, now)
            if again is not None:
                return Decision((), Done(), fee_timers(command.participation, again, now))
            if sale.phase not in LISTING or has_brought(ledger, known.number):
                return Decision((), Done())
            return _end(known, sale, ledger, "fee_unpaid", "", now)
        case Registered() | Waiting() | Invited() | Ended() | Unknown():
            return Decision((), Done())


def _end(known: Registered, sale: Planned, ledger: Ledger, because: EndReason, reason: str, now: datetime) -> Decision:
    # A fee that was paid stays with the organizer until it is given back; one that was not is no longer owed.
    uncharged_minor = known.fee.charged_minor if known.fee.status is FeeStatus.DUE else 0
    ended = ParticipationEnded(known.participation, sale.sale, because, known.number, uncharged_minor, reason)
    freed = PlaceFreed(sale.sale, known.participation, known.number, known.account)
    events = [
        *given_up_by(known, sale, ledger),
        *slots_given_up_by(known, sale),
        *lists_given_back_by(known, sale),
        *late_fee_given_back_by(known, sale),
        Emitted(sale_stream(sale.sale), freed),
        Emitted(participation_stream(known.participation), ended),
    ]
    # What was listed waits for a late payment; whoever withdraws takes it along.
    items = still_listed(ledger, known.number) if because == "withdrawn" else ()
    if items:
        events.append(Emitted(ledger_stream(sale.sale), ItemsWithdrawn(sale.sale, items, reason)))
    return Decision(tuple(events), Done(), (fill_timer(sale.sale, now),))


def reopen(command: ReopenParticipation, known: Participation, sale: Planned, now: datetime) -> Decision:
    """Bring an ended participation back under its number; a fee that was not paid is owed again."""
    match known:
        case Registered():
            return Decision((), Done())
        case Ended(was=Registered() as was):
            events, timers = reopened(was, sale, command.fee_due_at, now)
            return Decision(events, Done(), timers)
        case Ended() | Waiting() | Invited() | Unknown():
            raise not_registered(known)


def reopened(
    was: Registered, sale: Planned, fee_due: datetime | None, now: datetime
) -> tuple[tuple[Emitted, ...], tuple[Timer, ...]]:
    """Return what bringing a participation back amounts to; raises Rejected."""
    require_phase(sale, LISTING, "Reopening a participation")
    if was.account is not None and sale.places.accounts.get(was.account) is not None:
        raise Rejected(Reason.ALREADY_TAKING_PART, "This account takes part in the sale under another number by now.")
    due = was.fee.status is FeeStatus.DUE
    charged_minor = was.fee.agreed_minor if due else was.fee.charged_minor
    due_at = None
    if due:
        due_at = fee_due or fee_due_at(sale.settings.participation, charged_minor, now)
    again = ParticipationReopened(
        was.participation, sale.sale, was.number, charged_minor - was.fee.charged_minor, due_at
    )
    taken = PlaceTakenAgain(sale.sale, was.participation, was.number, was.account)
    events = (
        Emitted(sale_stream(sale.sale), taken),
        Emitted(participation_stream(was.participation), again),
    )
    return events, fee_timers(was.participation, due_at, now)
