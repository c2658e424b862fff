"""Tables of things said at once: every row is decided as its own command would be, on what the rows before changed."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from msgspec import UnsetType

from consign.domain import folds
from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.participation.commands import ChangeConsignorTerms
from consign.domain.participation.fee_commands import RecordFeePayment
from consign.domain.recorded import StreamName
from consign.domain.rejection import Rejected
from consign.domain.row_commands import (
    ChangeTermsOfMany,
    ChooseSlots,
    FeePaymentRow,
    PlanShifts,
    PlanSlots,
    RecordFeePayments,
    RecordWorkOfMany,
    RowDone,
    RowsAnswer,
    RowsCommand,
    ShiftRow,
    SlotChoiceRow,
    SlotRow,
    TermsRow,
    WorkRow,
)
from consign.domain.sale import Planned
from consign.domain.shifts.commands import PlanShift, RecordNoShow, RecordWork, TakeShift
from consign.domain.slots.commands import ChooseSlot, PlanSlot
from consign.domain.turns import fees, registration, shifts, slots
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    participation_stream,
    planned,
    require_currency,
    sale_stream,
)
from consign.domain.turns.helping import numbered
from consign.domain.values import Actor, RowError, SaleId

type _Row = TermsRow | FeePaymentRow | ShiftRow | WorkRow | SlotRow | SlotChoiceRow
type _One[Row] = Callable[[Row, States], Decision]
"""Decides one row over the states as they are by then."""


def needs(command: RowsCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load: the sale's, and those of the consignors once their numbers are known."""
    sale_id = command.sale
    match command:
        case PlanShifts() | PlanSlots():
            return (sale_stream(sale_id),)
        case ChangeTermsOfMany(rows=rows) | RecordWorkOfMany(rows=rows):
            consignors = _consignors((row.consignor for row in rows), sale_id, states)
            return (sale_stream(sale_id), ledger_stream(sale_id), *consignors)
        case RecordFeePayments(rows=rows) | ChooseSlots(rows=rows):
            consignors = _consignors((row.consignor for row in rows), sale_id, states)
            return (sale_stream(sale_id), *consignors)


def _consignors(numbers: Iterable[int], sale_id: SaleId, states: States) -> tuple[StreamName, ...]:
    sale = states.get(sale_stream(sale_id))
    if not isinstance(sale, Planned):
        return ()
    known = (sale.consignors.get(number) for number in numbers)
    return tuple(dict.fromkeys(participation_stream(found) for found in known if found is not None))


def decide(command: RowsCommand, states: States, now: datetime) -> Decision:
    """Decide row by row; raises Rejected only where no row can be meant."""
    sale_id, loaded = command.sale, {stream: states[stream] for stream in needs(command, states)}
    sale = planned(states, sale_id)
    match command:
        case ChangeTermsOfMany(rows=rows):
            require_currency(command.currency, sale.currency)
            return _each(rows, loaded, lambda row, known: _terms(row, sale_id, known))
        case RecordFeePayments(rows=rows):
            require_currency(command.currency, sale.currency)
            return _each(rows, loaded, lambda row, known: _fee(row, sale_id, known, now))
        case PlanShifts(rows=rows):
            return _each(rows, loaded, lambda row, known: _shift(row, sale_id, known))
        case RecordWorkOfMany(rows=rows, actor=actor):
            return _each(rows, loaded, lambda row, known: _work(row, sale_id, actor, known, now))
        case PlanSlots(rows=rows):
            return _each(rows, loaded, lambda row, known: _slot(row, sale_id, known))
        case ChooseSlots(rows=rows, actor=actor):
            return _each(rows, loaded, lambda row, known: _choice(row, sale_id, actor, known, now))


def _each[Row: _Row](rows: Iterable[Row], states: dict[StreamName, Any], one: _One[Row]) -> Decision:
    events: list[Emitted] = []
    timers: list[Timer] = []
    done: list[RowDone] = []
    errors: list[RowError] = []
    for index, row in enumerate(rows):
        number = index if row.row is None else row.row
        try:
            decision = one(row, states)
        except Rejected as rejected:
            errors.append(RowError(number, f"/rows/{index}", rejected.reason.value, rejected.detail))
            continue
        for emitted in decision.events:
            states[emitted.stream] = folds.evolve(emitted.stream, states[emitted.stream], emitted.event)
        events.extend(decision.events)
        timers.extend(decision.timers)
        done.append(RowDone(number, already=not decision.events))
    return Decision(tuple(events), RowsAnswer(tuple(done), tuple(errors)), tuple(timers))


def _terms(row: TermsRow, sale_id: SaleId, states: States) -> Decision:
    sale = planned(states, sale_id)
    theirs = registration.registered(numbered(states, sale, row.consignor))
    tier = theirs.agreed_tier if isinstance(row.tier, UnsetType) else row.tier
    own_rule = theirs.own_rule if isinstance(row.own_rule, UnsetType) else row.own_rule
    command = ChangeConsignorTerms(theirs.participation, tier, own_rule)
    return registration.change_terms(command, theirs, sale, ledger_of(states, sale_id))


def _fee(row: FeePaymentRow, sale_id: SaleId, states: States, now: datetime) -> Decision:
    sale = planned(states, sale_id)
    known = numbered(states, sale, row.consignor)
    participation = sale.consignors[row.consignor]
    command = RecordFeePayment(
        participation, row.reference, row.means, row.amount_minor, reopen=row.reopen, fee=row.fee
    )
    return fees.record_payment(command, known, sale, now)


def _shift(row: ShiftRow, sale_id: SaleId, states: States) -> Decision:
    command = PlanShift(
        sale_id, row.shift, row.task, row.begins_at, row.ends_at, row.capacity, row.credit_minutes, row.place
    )
    return shifts.plan(command, planned(states, sale_id))


def _work(row: WorkRow, sale_id: SaleId, actor: Actor, states: States, now: datetime) -> Decision:
    sale, ledger = planned(states, sale_id), ledger_of(states, sale_id)
    known = numbered(states, sale, row.consignor)
    match row.outcome:
        case "promised":
            take = TakeShift(sale_id, row.shift, sale.consignors[row.consignor], actor)
            return shifts.take(take, known, sale, ledger, now)
        case "worked":
            worked = RecordWork(sale_id, row.shift, row.consignor, row.minutes)
            return shifts.record(worked, known, sale, ledger, now)
        case "missed":
            return shifts.record(RecordNoShow(sale_id, row.shift, row.consignor), known, sale, ledger, now)


def _slot(row: SlotRow, sale_id: SaleId, states: States) -> Decision:
    command = PlanSlot(sale_id, row.slot, row.kind, row.begins_at, row.ends_at, row.capacity, row.place)
    return slots.plan(command, planned(states, sale_id))


def _choice(row: SlotChoiceRow, sale_id: SaleId, actor: Actor, states: States, now: datetime) -> Decision:
    sale = planned(states, sale_id)
    known = numbered(states, sale, row.consignor)
    command = ChooseSlot(sale_id, row.slot, sale.consignors[row.consignor], actor, row.beyond_capacity)
    return slots.choose(command, known, sale, now)
