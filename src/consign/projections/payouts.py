"""What became of each payout, the batches they were made in, and how consignors want to be paid (sealed)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.recorded import StoredEvent
from consign.domain.sale import SalePlanned
from consign.domain.settlement.events import (
    BatchEntry,
    PayoutBatchDropped,
    PayoutBatchPrepared,
    PayoutBatchSent,
    PayoutCarried,
    PayoutDetailsChanged,
    PayoutDue,
    PayoutForfeited,
    PayoutPaidAtTill,
    PayoutReissued,
    PayoutReturned,
    PayoutsPaid,
    PayoutUncollected,
    PayoutWithdrawn,
    SettlementReopened,
    StatementsCancelled,
)
from consign.domain.settlement.policy import Debtor
from consign.domain.values import Sealed
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required


class PayoutRow(Struct, frozen=True):
    """A payout. The consignor gets `amount_minor - fee_minor`; `status` says where it is.

    `replaces` is the payout that this one was made again for, `replaced_by` the one that was made for this.
    `reason` is why it last changed, where somebody said so.
    """

    sale: str
    payout: str
    counter: int
    participation: str
    consignor: int
    statement: str | None
    amount_minor: int
    fee_minor: int
    currency: str
    status: str
    due_at: datetime
    changed_at: datetime
    method: str | None = None
    batch: str | None = None
    cheque: int | None = None
    session: str | None = None
    reason: str = ""
    replaces: str | None = None
    replaced_by: str | None = None


class BatchRow(Struct, frozen=True):
    """Payouts that are made together; `status`: prepared, sent, dropped or withdrawn. `seal` covers the entries."""

    sale: str
    batch: str
    counter: int
    method: str
    status: str
    count: int
    total_minor: int
    currency: str
    entries: tuple[BatchEntry, ...]
    execute_on: date | None
    debtor: Debtor | None
    seal: str
    prepared_at: datetime
    sent_at: datetime | None = None
    reason: str = ""


class PayoutDetailsRow(Struct, frozen=True):
    """One version of how a consignor wants to be paid; every version stays, so that old files can be made again."""

    sale: str
    participation: str
    version: int
    details: Sealed
    iban: bool


class BatchDetailsRow(Struct, frozen=True):
    """How the consignors of a batch wanted to be paid when it was prepared, in the order of its entries."""

    sale: str
    batch: str
    details: tuple[Sealed, ...]


class CurrencyRow(Struct, frozen=True):
    sale: str
    currency: str


type Single = PayoutWithdrawn | PayoutPaidAtTill | PayoutReturned | PayoutUncollected | PayoutForfeited | PayoutCarried
type Batched = PayoutBatchPrepared | PayoutBatchDropped | PayoutBatchSent
type Handled = (
    SalePlanned
    | PayoutDue
    | PayoutReissued
    | Single
    | Batched
    | PayoutsPaid
    | PayoutDetailsChanged
    | StatementsCancelled
    | SettlementReopened
)


def _reads(_: StoredEvent, event: Handled) -> Sequence[tuple[str, Key]]:
    sale = event.sale
    match event:
        case SalePlanned() | PayoutDetailsChanged():
            return ()
        case PayoutDue():
            return (("currencies", (sale,)),)
        case PayoutBatchPrepared(entries=entries):
            return [
                *(("payouts", (sale, entry.payout)) for entry in entries),
                *(("payout_details", (entry.participation, entry.details)) for entry in entries),
            ]
        case PayoutBatchDropped(batch=batch, payouts=payouts) | PayoutBatchSent(batch=batch, payouts=payouts):
            return [("batches", (sale, batch)), *(("payouts", (sale, payout)) for payout in payouts)]
        case PayoutsPaid(payouts=paid):
            return [("payouts", (sale, each.payout)) for each in paid]
        case StatementsCancelled(cancelled=cancelled):
            return [("payouts", (sale, payout.payout)) for each in cancelled for payout in each.payouts]
        case SettlementReopened(batches=batches):
            return [("batches", (sale, batch)) for batch in batches]
        case (
            PayoutReissued()
            | PayoutWithdrawn()
            | PayoutPaidAtTill()
            | PayoutReturned()
            | PayoutUncollected()
            | PayoutForfeited()
            | PayoutCarried()
        ):
            return (("payouts", (sale, event.payout)),)


def _apply(stored: StoredEvent, event: Handled, rows: Rows) -> Sequence[Change]:
    match event:
        case SalePlanned():
            return (Put("currencies", CurrencyRow(event.sale, event.currency)),)
        case PayoutDetailsChanged(sale, participation, version, details, iban):
            return (Put("payout_details", PayoutDetailsRow(sale, participation, version, details, iban)),)
        case PayoutDue():
            return (Put("payouts", _due(stored, event, rows)),)
        case PayoutReissued():
            return _reissued(stored, event, rows)
        case PayoutBatchPrepared() | PayoutBatchDropped() | PayoutBatchSent():
            return _batched(stored, event, rows)
        case PayoutsPaid(payouts=paid):
            return [_moved(stored, rows, event.sale, each.payout, status="paid") for each in paid]
        case StatementsCancelled(cancelled=cancelled, reason=reason):
            released = (payout.payout for each in cancelled for payout in each.payouts)
            return [_moved(stored, rows, event.sale, each, status="withdrawn", reason=reason) for each in released]
        case SettlementReopened(batches=batches, reason=reason):
            known = (required(rows, "batches", (event.sale, batch)) for batch in batches)
            return [Put("batches", replace(row, status="withdrawn", reason=reason)) for row in known]
        case (
            PayoutWithdrawn()
            | PayoutPaidAtTill()
            | PayoutReturned()
            | PayoutUncollected()
            | PayoutForfeited()
            | PayoutCarried()
        ):
            return (_single(stored, event, rows),)


def _due(stored: StoredEvent, event: PayoutDue, rows: Rows) -> PayoutRow:
    known: CurrencyRow = required(rows, "currencies", (event.sale,))
    return PayoutRow(
        sale=event.sale,
        payout=event.payout,
        counter=event.counter,
        participation=event.participation,
        consignor=event.consignor,
        statement=event.statement,
        amount_minor=event.amount_minor,
        fee_minor=0,
        currency=known.currency,
        status="due",
        due_at=event.due_at,
        changed_at=stored.recorded_at,
    )


def _reissued(stored: StoredEvent, event: PayoutReissued, rows: Rows) -> Sequence[Change]:
    known: PayoutRow = required(rows, "payouts", (event.sale, event.payout))
    again = PayoutRow(
        sale=event.sale,
        payout=event.reissue,
        counter=event.counter,
        participation=event.participation,
        consignor=event.consignor,
        statement=known.statement,
        amount_minor=event.amount_minor,
        fee_minor=event.fee_minor,
        currency=known.currency,
        status="due",
        due_at=event.due_at,
        changed_at=stored.recorded_at,
        replaces=event.payout,
    )
    former = replace(known, status="reissued", replaced_by=event.reissue, changed_at=stored.recorded_at)
    return (Put("payouts", former), Put("payouts", again))


def _moved(stored: StoredEvent, rows: Rows, sale: str, payout: str, **changes: Any) -> Change:
    known: PayoutRow = required(rows, "payouts", (sale, payout))
    return Put("payouts", replace(known, changed_at=stored.recorded_at, **changes))


def _single(stored: StoredEvent, event: Single, rows: Rows) -> Change:
    sale, payout = event.sale, event.payout
    match event:
        case PayoutWithdrawn():
            return _moved(stored, rows, sale, payout, status="withdrawn")
        case PayoutPaidAtTill(fee_minor=fee_minor, session=session):
            paid = {"status": "paid", "method": "cash", "fee_minor": fee_minor, "session": session}
            return _moved(stored, rows, sale, payout, **paid)
        case PayoutReturned(reason=reason):
            return _moved(stored, rows, sale, payout, status="returned", reason=reason)
        case PayoutUncollected(reason=reason):
            return _moved(stored, rows, sale, payout, status="uncollected", reason=reason)
        case PayoutForfeited(reason=reason):
            return _moved(stored, rows, sale, payout, status="forfeited", reason=reason)
        case PayoutCarried(reason=reason):
            return _moved(stored, rows, sale, payout, status="carried", reason=reason)


def _batched(stored: StoredEvent, event: Batched, rows: Rows) -> Sequence[Change]:
    match event:
        case PayoutBatchPrepared():
            known = (required(rows, "payout_details", (each.participation, each.details)) for each in event.entries)
            details = BatchDetailsRow(event.sale, event.batch, tuple(row.details for row in known))
            entries = (_entry(stored, event, each, rows) for each in event.entries)
            return [Put("batches", _prepared(event)), Put("batch_details", details), *entries]
        case PayoutBatchDropped(sale=sale, batch=batch, payouts=payouts, reason=reason):
            dropped = replace(required(rows, "batches", (sale, batch)), status="dropped", reason=reason)
            due = {"status": "due", "batch": None, "method": None, "cheque": None}
            return [Put("batches", dropped), *(_moved(stored, rows, sale, each, **due) for each in payouts)]
        case PayoutBatchSent(sale=sale, batch=batch, payouts=payouts, sent_at=sent_at):
            sent = replace(required(rows, "batches", (sale, batch)), status="sent", sent_at=sent_at)
            return [Put("batches", sent), *(_moved(stored, rows, sale, each, status="sent") for each in payouts)]


def _entry(stored: StoredEvent, event: PayoutBatchPrepared, entry: BatchEntry, rows: Rows) -> Change:
    return _moved(
        stored,
        rows,
        event.sale,
        entry.payout,
        status="prepared",
        method=event.method.value,
        batch=event.batch,
        fee_minor=entry.fee_minor,
        cheque=entry.cheque or None,
    )


def _prepared(event: PayoutBatchPrepared) -> BatchRow:
    return BatchRow(
        sale=event.sale,
        batch=event.batch,
        counter=event.counter,
        method=event.method.value,
        status="prepared",
        count=event.count,
        total_minor=event.total_minor,
        currency=event.currency,
        entries=event.entries,
        execute_on=event.execute_on,
        debtor=event.debtor,
        seal=event.seal,
        prepared_at=event.prepared_at,
    )


PAYOUTS = Projection(
    name="payouts",
    version=1,
    tables=(
        Table(
            "payouts",
            PayoutRow,
            key=("sale", "payout"),
            indexes=(("sale", "status"), ("sale", "consignor"), ("participation",)),
        ),
        Table("batches", BatchRow, key=("sale", "batch"), indexes=(("sale", "counter"),)),
        Table("payout_details", PayoutDetailsRow, key=("participation", "version")),
        Table("batch_details", BatchDetailsRow, key=("sale", "batch")),
        Table("currencies", CurrencyRow, key=("sale",)),
    ),
    handles=frozenset(
        {
            "sale-planned",
            "payout-due",
            "payout-withdrawn",
            "payout-batch-prepared",
            "payout-batch-dropped",
            "payout-batch-sent",
            "payouts-paid",
            "payout-paid-at-till",
            "payout-returned",
            "payout-uncollected",
            "payout-reissued",
            "payout-forfeited",
            "payout-carried",
            "payout-details-changed",
            "statements-cancelled",
            "settlement-reopened",
        }
    ),
    reads=_reads,
    apply=_apply,
)
