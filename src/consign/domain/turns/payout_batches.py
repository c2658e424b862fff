"""Payouts that are made together: a file for the bank, a pile of cheques, a list to type in."""

from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted
from consign.domain.rejection import Reason, Rejected, RowReason
from consign.domain.sale import Planned
from consign.domain.settlement.commands import (
    BatchAnswer,
    ConfirmPayouts,
    DropPayoutBatch,
    PayoutsAnswer,
    PreparePayouts,
    SendPayoutBatch,
)
from consign.domain.settlement.events import (
    BatchEntry,
    BatchNumber,
    PaidPayout,
    PayoutBatchDropped,
    PayoutBatchPrepared,
    PayoutBatchSent,
    PayoutNumber,
    PayoutsPaid,
)
from consign.domain.settlement.policy import PayoutMethod
from consign.domain.settlement.seal import batch_seal
from consign.domain.settlement.state import Batch, Payout, PayoutStatus, Settlement
from consign.domain.turns.actors import require_phase, settlement_stream
from consign.domain.turns.freezing import SETTLED, require_frozen
from consign.domain.values import ROWS_LIMIT, RowError

SEPA_CURRENCY = "EUR"
SEPA_MAXIMUM_MINOR = 99_999_999_999
"""No transfer in a file may be above 999,999,999.99 euros."""

WAITING = frozenset((PayoutStatus.DUE, PayoutStatus.RETURNED, PayoutStatus.UNCOLLECTED))
"""What a payout is that did not reach its consignor and may still be carried or given up."""


class _Fault(NamedTuple):
    reason: str
    detail: str


def prepare(command: PreparePayouts, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Put what is due into a batch of one method; what this method cannot pay is named and left as it is."""
    require_phase(sale, SETTLED, "Preparing payouts")
    require_frozen(settlement, "Payouts follow")
    _require_method(command, sale)
    entries: list[BatchEntry] = []
    errors: list[RowError] = []
    remaining = 0
    for index, payout in enumerate(_asked(command, settlement)):
        fault = _fault(payout, command.method, sale, settlement)
        if fault is not None:
            if command.payouts:
                errors.append(RowError(index, f"/payouts/{index}", *fault))
        elif len(entries) == ROWS_LIMIT:
            remaining += 1
        else:
            entries.append(_entry(payout, command, len(entries), sale, settlement))
    if not entries:
        raise Rejected(
            Reason.NOTHING_TO_PAY,
            f"No payout that is due can be made by {command.method.value}.",
            tuple({"pointer": each.pointer, "reason": each.reason, "detail": each.detail} for each in errors),
        )
    prepared = _batch(command, entries, sale, settlement, now)
    cheque = None if command.first_cheque is None else command.first_cheque + len(entries)
    return Decision(
        (Emitted(settlement_stream(sale.sale), prepared),),
        BatchAnswer(
            prepared.batch,
            prepared.count,
            prepared.total_minor,
            sale.currency,
            prepared.seal,
            remaining,
            cheque,
            tuple(errors),
        ),
    )


def _require_method(command: PreparePayouts, sale: Planned) -> None:
    match command.method:
        case PayoutMethod.CASH:
            raise Rejected(Reason.NOTHING_TO_PAY, "Cash is paid out at a till, payout by payout.")
        case PayoutMethod.CHEQUE:
            if command.first_cheque is None:
                raise Rejected(Reason.CHEQUE_NUMBER_NEEDED, "Say the number of the first cheque.")
        case PayoutMethod.SEPA:
            if sale.currency != SEPA_CURRENCY:
                raise Rejected(Reason.WRONG_CURRENCY, f"SEPA transfers are in {SEPA_CURRENCY}, not {sale.currency}.")
            if sale.settings.settlement.debtor is None or command.execute_on is None:
                raise Rejected(
                    Reason.DEBTOR_MISSING, "Say in the sale's settings whose account pays, and here on which day."
                )
        case PayoutMethod.LIST:
            pass


def _asked(command: PreparePayouts, settlement: Settlement) -> list[Payout]:
    if command.payouts:
        return [payout_of(settlement, number) for number in dict.fromkeys(command.payouts)]
    due = (payout for payout in settlement.payouts.values() if payout.status is PayoutStatus.DUE)
    return sorted(due, key=lambda payout: payout.consignor)


def payout_of(settlement: Settlement, number: PayoutNumber) -> Payout:
    """Return the payout; raises Rejected with `unknown_payout`."""
    found = settlement.payouts.get(number)
    if found is None:
        raise Rejected(Reason.UNKNOWN_PAYOUT, f"This sale has no payout {number}.")
    return found


def in_status(settlement: Settlement, number: PayoutNumber, allowed: frozenset[PayoutStatus], what: str) -> Payout:
    payout = payout_of(settlement, number)
    if payout.status not in allowed:
        names = " or ".join(sorted(status.value for status in allowed))
        raise Rejected(
            Reason.WRONG_PAYOUT_STATUS, f"{number} is {payout.status}; only a payout that is {names} can be {what}."
        )
    return payout


def _fault(payout: Payout, method: PayoutMethod, sale: Planned, settlement: Settlement) -> _Fault | None:
    if payout.status is not PayoutStatus.DUE:
        return _Fault(Reason.WRONG_PAYOUT_STATUS.value, f"{payout.payout} is {payout.status}, not due")
    if fee_of(payout, method, sale) >= payout.amount_minor:
        return _Fault(RowReason.FEE_EXCEEDS_PAYOUT.value, f"the fee of {payout.payout} leaves nothing to pay")
    if method is PayoutMethod.SEPA and payout.amount_minor > SEPA_MAXIMUM_MINOR:
        return _Fault(Reason.LIMIT_EXCEEDED.value, f"{payout.payout} is more than one transfer may carry")
    standing = settlement.standing(payout.participation)
    known = {PayoutMethod.SEPA: standing.iban, PayoutMethod.LIST: standing.iban}.get(method, standing.details > 0)
    if not known:
        return _Fault(RowReason.NO_PAYOUT_DETAILS.value, f"consignor {payout.consignor} has not said where to pay it")
    return None


def fee_of(payout: Payout, method: PayoutMethod, sale: Planned) -> int:
    """Return what the payout costs its consignor by this method, with what making it again costs."""
    return payout.fee_minor + sale.settings.settlement.fees_minor.get(method, 0)


def _entry(payout: Payout, command: PreparePayouts, index: int, sale: Planned, settlement: Settlement) -> BatchEntry:
    return BatchEntry(
        payout.payout,
        payout.participation,
        payout.consignor,
        payout.amount_minor,
        fee_of(payout, command.method, sale),
        settlement.standing(payout.participation).details,
        0 if command.first_cheque is None else command.first_cheque + index,
    )


def _batch(
    command: PreparePayouts, entries: list[BatchEntry], sale: Planned, settlement: Settlement, now: datetime
) -> PayoutBatchPrepared:
    counter = settlement.batch_counter + 1
    batch = PayoutBatchPrepared(
        sale.sale,
        BatchNumber(f"B{counter}"),
        counter,
        command.method,
        tuple(entries),
        len(entries),
        sum(entry.amount_minor - entry.fee_minor for entry in entries),
        sale.currency,
        "",
        now,
        command.execute_on,
        sale.settings.settlement.debtor if command.method is PayoutMethod.SEPA else None,
    )
    return replace(batch, seal=batch_seal(batch))


def _open_batch(settlement: Settlement, number: BatchNumber) -> Batch:
    batch = settlement.batches.get(number)
    if batch is None:
        raise Rejected(Reason.UNKNOWN_BATCH, f"This sale has no batch {number} of payouts.")
    if not batch.open:
        raise Rejected(Reason.BATCH_CLOSED, f"Batch {number} was sent or dropped before.")
    return batch


def drop(command: DropPayoutBatch, sale: Planned, settlement: Settlement) -> Decision:
    """Give up a batch that was not sent; its payouts are due again."""
    batch = _open_batch(settlement, command.batch)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the batch is dropped.")
    payouts = _with_status(batch, settlement, PayoutStatus.PREPARED)
    event = PayoutBatchDropped(sale.sale, command.batch, tuple(payout.payout for payout in payouts), command.reason)
    return Decision((Emitted(settlement_stream(sale.sale), event),), _moved(payouts, sale))


def send(command: SendPayoutBatch, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Say that the batch is with the bank or in the post."""
    require_phase(sale, SETTLED, "Sending payouts")
    require_frozen(settlement, "Sending payouts follows")
    batch = _open_batch(settlement, command.batch)
    payouts = _with_status(batch, settlement, PayoutStatus.PREPARED)
    event = PayoutBatchSent(sale.sale, command.batch, tuple(payout.payout for payout in payouts), now)
    return Decision((Emitted(settlement_stream(sale.sale), event),), _moved(payouts, sale))


def confirm(command: ConfirmPayouts, sale: Planned, settlement: Settlement, now: datetime) -> Decision:
    """Book payouts of a batch as paid; those that came back or were booked before are left as they are."""
    require_phase(sale, SETTLED, "Confirming payouts")
    batch = settlement.batches.get(command.batch)
    if batch is None:
        raise Rejected(Reason.UNKNOWN_BATCH, f"This sale has no batch {command.batch} of payouts.")
    payouts = _with_status(batch, settlement, PayoutStatus.SENT)
    if command.payouts:
        for number in command.payouts:
            _require_confirmable(number, batch, settlement)
        payouts = [payout for payout in payouts if payout.payout in command.payouts]
    if not payouts:
        return Decision((), PayoutsAnswer(0, 0, sale.currency))
    paid = tuple(
        PaidPayout(payout.payout, payout.participation, payout.amount_minor, payout.charged_minor) for payout in payouts
    )
    event = PayoutsPaid(sale.sale, paid, now)
    return Decision((Emitted(settlement_stream(sale.sale), event),), _moved(payouts, sale))


def _require_confirmable(number: PayoutNumber, batch: Batch, settlement: Settlement) -> None:
    payout = payout_of(settlement, number)
    if number not in batch.payouts or payout.status not in (PayoutStatus.SENT, PayoutStatus.PAID):
        raise Rejected(Reason.WRONG_PAYOUT_STATUS, f"{number} is {payout.status}: it is not under way in this batch.")


def _with_status(batch: Batch, settlement: Settlement, status: PayoutStatus) -> list[Payout]:
    payouts = (settlement.payouts[number] for number in batch.payouts)
    return [payout for payout in payouts if payout.status is status]


def _moved(payouts: list[Payout], sale: Planned) -> PayoutsAnswer:
    total_minor = sum(payout.amount_minor - payout.charged_minor for payout in payouts)
    return PayoutsAnswer(len(payouts), total_minor, sale.currency)
