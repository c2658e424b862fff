"""How each event changes a settlement."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from consign.domain.accounts import CARRIED, CHARITY
from consign.domain.settlement.events import (
    BalanceBroughtForward,
    CancelledStatements,
    CarriedBalanceTaken,
    CharityPaid,
    ConsignorAdjusted,
    PayoutBatchDropped,
    PayoutBatchPrepared,
    PayoutBatchSent,
    PayoutCarried,
    PayoutDetailsChanged,
    PayoutDue,
    PayoutForfeited,
    PayoutNumber,
    PayoutPaidAtTill,
    PayoutReissued,
    PayoutReturned,
    PayoutsPaid,
    PayoutUncollected,
    PayoutWithdrawn,
    SettlementBegun,
    SettlementEvent,
    SettlementFrozen,
    SettlementReopened,
    StatementIssued,
    StatementsCancelled,
)
from consign.domain.settlement.figures import NOTHING, change, total
from consign.domain.settlement.policy import FORFEITED_TO
from consign.domain.settlement.state import Batch, Payout, PayoutStatus, Settlement, Stage
from consign.domain.values import ParticipationId


def evolve(settlement: Settlement, event: SettlementEvent) -> Settlement:
    """Return the settlement after the event."""
    match event:
        case ConsignorAdjusted() | BalanceBroughtForward() | CarriedBalanceTaken() | PayoutDetailsChanged():
            return _agreed(settlement, event)
        case SettlementBegun() | StatementIssued() | SettlementFrozen() | StatementsCancelled() | SettlementReopened():
            return _stated(settlement, event)
        case PayoutBatchPrepared() | PayoutBatchDropped() | PayoutBatchSent() | PayoutsPaid():
            return _batched(settlement, event)
        case (
            PayoutDue()
            | PayoutWithdrawn()
            | PayoutPaidAtTill()
            | PayoutReturned()
            | PayoutUncollected()
            | PayoutReissued()
            | PayoutForfeited()
            | PayoutCarried()
        ):
            return _paid_out(settlement, event)
        case CharityPaid(amount_minor=amount_minor):
            return replace(settlement, charity_minor=settlement.charity_minor - amount_minor, moved=True)


def _with(settlement: Settlement, participation: ParticipationId, **changes: Any) -> Settlement:
    standing = replace(settlement.standing(participation), **changes)
    return replace(settlement, standings=settlement.standings.insert(participation, standing))


def _agreed(
    settlement: Settlement,
    event: ConsignorAdjusted | BalanceBroughtForward | CarriedBalanceTaken | PayoutDetailsChanged,
) -> Settlement:
    known = settlement.standing(event.participation)
    match event:
        case ConsignorAdjusted(participation=participation, amount_minor=amount_minor):
            return _with(settlement, participation, adjustments_minor=known.adjustments_minor + amount_minor)
        case BalanceBroughtForward(participation=participation, amount_minor=amount_minor):
            return _with(settlement, participation, brought_minor=known.brought_minor + amount_minor)
        case CarriedBalanceTaken(participation=participation, amount_minor=amount_minor):
            taken = _with(settlement, participation, carried_minor=known.carried_minor - amount_minor)
            return replace(taken, moved=True)
        case PayoutDetailsChanged(participation=participation, version=version, iban=iban):
            return _with(settlement, participation, details=version, iban=iban)


def _stated(
    settlement: Settlement,
    event: SettlementBegun | StatementIssued | SettlementFrozen | StatementsCancelled | SettlementReopened,
) -> Settlement:
    match event:
        case SettlementBegun(round=number, accepted=accepted):
            return replace(
                settlement,
                stage=Stage.FREEZING,
                round=number,
                accepted=accepted,
                last_consignor=0,
                issued=0,
                figures=NOTHING,
                progressed_at=None,
            )
        case StatementIssued():
            return _issued(settlement, event)
        case SettlementFrozen():
            return replace(settlement, stage=Stage.FROZEN)
        case StatementsCancelled(cancelled=cancelled, counter=counter):
            reopening = replace(settlement, stage=Stage.REOPENING, cancellation_counter=counter)
            for each in cancelled:
                reopening = _cancelled(reopening, each)
            return reopening
        case SettlementReopened(batches=batches):
            closed = settlement.batches
            for batch in batches:
                closed = closed.insert(batch, replace(closed[batch], open=False))
            return replace(settlement, stage=Stage.OPEN, batches=closed, last_consignor=0, issued=0, figures=NOTHING)


def _issued(settlement: Settlement, event: StatementIssued) -> Settlement:
    known = settlement.standing(event.participation)
    lines = dict(known.lines)
    for line in event.lines:
        if line.returned:
            del lines[line.tag]
        else:
            lines[line.tag] = lines.get(line.tag, 0) + line.gross_minor
    stated = _with(
        settlement,
        event.participation,
        stated=total(known.stated, event.figures),
        statements=(*known.statements, event.statement),
        lines=lines,
    )
    first = event.kind == "statement"
    return replace(
        stated,
        last_consignor=event.consignor if first else settlement.last_consignor,
        issued=settlement.issued + first,
        figures=total(settlement.figures, event.figures),
        charity_minor=settlement.charity_minor + event.figures.donated_minor,
        seal=event.seal,
        statement_counter=event.counter,
        progressed_at=event.issued_at,
    )


def _cancelled(settlement: Settlement, cancelled: CancelledStatements) -> Settlement:
    payouts, charity_minor = settlement.payouts, settlement.charity_minor - cancelled.figures.donated_minor
    for released in cancelled.payouts:
        charity_minor -= released.amount_minor if released.kept_in == CHARITY else 0
        payouts = payouts.insert(released.payout, replace(payouts[released.payout], status=PayoutStatus.WITHDRAWN))
    nothing = _with(
        settlement,
        cancelled.participation,
        stated=NOTHING,
        statements=(),
        lines={},
        answered_minor=0,
        carried_minor=0,
    )
    figures = change(settlement.figures, cancelled.figures)
    return replace(nothing, payouts=payouts, figures=figures, charity_minor=charity_minor)


def _batched(
    settlement: Settlement, event: PayoutBatchPrepared | PayoutBatchDropped | PayoutBatchSent | PayoutsPaid
) -> Settlement:
    payouts = settlement.payouts
    match event:
        case PayoutBatchPrepared(batch=number, entries=entries):
            for entry in entries:
                payouts = payouts.insert(
                    entry.payout,
                    replace(
                        payouts[entry.payout],
                        status=PayoutStatus.PREPARED,
                        batch=number,
                        charged_minor=entry.fee_minor,
                    ),
                )
            batch = Batch(event.method, tuple(entry.payout for entry in entries), event.total_minor)
            return replace(
                settlement,
                payouts=payouts,
                batches=settlement.batches.insert(number, batch),
                batch_counter=event.counter,
            )
        case PayoutBatchDropped(batch=number, payouts=dropped):
            for payout in dropped:
                due = replace(payouts[payout], status=PayoutStatus.DUE, batch=None, charged_minor=0)
                payouts = payouts.insert(payout, due)
            closed = replace(settlement.batches[number], open=False)
            return replace(settlement, payouts=payouts, batches=settlement.batches.insert(number, closed))
        case PayoutBatchSent(batch=number, payouts=sent):
            for payout in sent:
                payouts = payouts.insert(payout, replace(payouts[payout], status=PayoutStatus.SENT))
            closed = replace(settlement.batches[number], open=False)
            return replace(settlement, payouts=payouts, batches=settlement.batches.insert(number, closed))
        case PayoutsPaid(payouts=paid):
            for each in paid:
                payouts = payouts.insert(each.payout, replace(payouts[each.payout], status=PayoutStatus.PAID))
            return replace(settlement, payouts=payouts, moved=True)


def _paid_out(
    settlement: Settlement,
    event: PayoutDue
    | PayoutWithdrawn
    | PayoutPaidAtTill
    | PayoutReturned
    | PayoutUncollected
    | PayoutReissued
    | PayoutForfeited
    | PayoutCarried,
) -> Settlement:
    known = settlement.standing(event.participation)
    match event:
        case PayoutDue(payout=number):
            due = _due(settlement, event, number, 0)
            return _with(due, event.participation, answered_minor=known.answered_minor + event.amount_minor)
        case PayoutReissued(reissue=number):
            return _due(_moved(settlement, event.payout, PayoutStatus.REISSUED), event, number, event.fee_minor)
        case PayoutWithdrawn(payout=number):
            withdrawn = _moved(settlement, number, PayoutStatus.WITHDRAWN)
            answered_minor = known.answered_minor - event.amount_minor
            return _with(withdrawn, event.participation, answered_minor=answered_minor)
        case PayoutPaidAtTill(payout=number, fee_minor=fee_minor):
            paid = _moved(settlement, number, PayoutStatus.PAID, charged_minor=fee_minor)
            return replace(paid, moved=True)
        case PayoutReturned(payout=number):
            return _moved(settlement, number, PayoutStatus.RETURNED)
        case PayoutUncollected(payout=number):
            return _moved(settlement, number, PayoutStatus.UNCOLLECTED)
        case PayoutForfeited(payout=number, amount_minor=amount_minor, to=to):
            forfeited = _moved(settlement, number, PayoutStatus.FORFEITED, kept_in=FORFEITED_TO[to])
            left_minor = amount_minor if to == "charity" else 0
            return replace(forfeited, charity_minor=settlement.charity_minor + left_minor)
        case PayoutCarried(payout=number, amount_minor=amount_minor):
            carried = _moved(settlement, number, PayoutStatus.CARRIED, kept_in=CARRIED)
            return _with(carried, event.participation, carried_minor=known.carried_minor + amount_minor)


def _due(settlement: Settlement, event: PayoutDue | PayoutReissued, number: PayoutNumber, fee_minor: int) -> Settlement:
    payout = Payout(
        number,
        event.participation,
        event.consignor,
        event.amount_minor,
        fee_minor,
        PayoutStatus.DUE,
        event.due_at,
    )
    known = settlement.standing(event.participation)
    return replace(
        _with(settlement, event.participation, payouts=(*known.payouts, number)),
        payouts=settlement.payouts.insert(number, payout),
        payout_counter=event.counter,
    )


def _moved(settlement: Settlement, number: PayoutNumber, status: PayoutStatus, **changes: Any) -> Settlement:
    payout = replace(settlement.payouts[number], status=status, **changes)
    return replace(settlement, payouts=settlement.payouts.insert(number, payout))
