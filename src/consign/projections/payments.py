"""Payments by card through providers: what they were asked, what they said, and what they are to give back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from consign.domain.payments import (
    OwedCause,
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentEvent,
    PaymentRefunded,
    PaymentRequested,
    PaymentsOwed,
    PaymentsReceipted,
    PaymentStatus,
    PaymentUnanswered,
    ProviderRefund,
)
from consign.domain.recorded import StoredEvent
from consign.projections.projection import Change, Key, Projection, Put, Rows, Table, required

type NextStep = Literal["", "wait", "ask_provider", "give_back"]
"""What somebody has to do: wait for the answer; ask the provider itself, or cancel and be paid otherwise; have it give
money back and record that."""


class PaymentRow(Struct, frozen=True):
    """`receipt` is what it paid for. `owed_minor` is to be given back, since when stands in `owed_since`, and why.

    `late`: the provider said that it has the money when nobody waited for it any more.
    """

    payment: str
    sale: str
    session: str
    till: str
    basket: str
    cashier: str
    provider: str
    amount_minor: int
    status: PaymentStatus
    next_step: NextStep
    requested_at: datetime
    answer_by: datetime
    answered_at: datetime | None = None
    reference: str | None = None
    reason: str = ""
    late: bool = False
    receipt: str | None = None
    owes: bool = False
    owed_minor: int = 0
    owed_cause: OwedCause | None = None
    owed_since: datetime | None = None
    given_back_minor: int = 0
    refunds: tuple[ProviderRefund, ...] = ()


def _reads(_: StoredEvent, event: PaymentEvent) -> Sequence[tuple[str, Key]]:
    match event:
        case PaymentRequested():
            return ()
        case PaymentsReceipted(shares=shares) | PaymentsOwed(shares=shares):
            return [("payments", (event.sale, share.payment)) for share in shares]
        case _:
            return (("payments", (event.sale, event.payment)),)


def _apply(_: StoredEvent, event: PaymentEvent, rows: Rows) -> Sequence[Change]:
    match event:
        case PaymentRequested():
            return (Put("payments", _requested(event)),)
        case PaymentsReceipted(shares=shares):
            known = (_row(rows, event.sale, share.payment) for share in shares)
            return [Put("payments", replace(row, receipt=event.receipt)) for row in known]
        case PaymentsOwed(shares=shares):
            owed = ((_row(rows, event.sale, share.payment), share.amount_minor) for share in shares)
            return [Put("payments", _owed(row, event, amount_minor)) for row, amount_minor in owed]
        case _:
            return (Put("payments", _after(_row(rows, event.sale, event.payment), event)),)


def _row(rows: Rows, sale: str, payment: str) -> PaymentRow:
    row: PaymentRow = required(rows, "payments", (sale, payment))
    return row


def _requested(event: PaymentRequested) -> PaymentRow:
    return PaymentRow(
        payment=event.payment,
        sale=event.sale,
        session=event.session,
        till=event.till,
        basket=event.basket,
        cashier=event.cashier,
        provider=event.provider,
        amount_minor=event.amount_minor,
        status="requested",
        next_step="wait",
        requested_at=event.requested_at,
        answer_by=event.answer_by,
    )


def _after(
    row: PaymentRow,
    event: PaymentUnanswered | PaymentApproved | PaymentDeclined | PaymentCancelled | PaymentRefunded,
) -> PaymentRow:
    match event:
        case PaymentUnanswered():
            return replace(row, status="unknown", next_step="ask_provider")
        case PaymentApproved():
            return replace(
                row,
                status="approved",
                next_step="",
                answered_at=event.approved_at,
                reference=event.reference,
                late=event.late,
            )
        case PaymentDeclined():
            reference = event.reference or None
            return replace(
                row,
                status="declined",
                next_step="",
                answered_at=event.declined_at,
                reference=reference,
                reason=event.reason,
            )
        case PaymentCancelled():
            return replace(row, status="cancelled", next_step="", reason=event.reason)
        case PaymentRefunded(amount_minor=amount_minor):
            left_minor = row.owed_minor - amount_minor
            return replace(
                row,
                next_step="give_back" if left_minor else "",
                owes=left_minor > 0,
                owed_minor=left_minor,
                given_back_minor=row.given_back_minor + amount_minor,
                refunds=(*row.refunds, ProviderRefund(event.reference, amount_minor)),
            )


def _owed(row: PaymentRow, event: PaymentsOwed, amount_minor: int) -> PaymentRow:
    return replace(
        row,
        next_step="give_back",
        owes=True,
        owed_minor=row.owed_minor + amount_minor,
        owed_cause=event.cause,
        owed_since=row.owed_since if row.owes else event.owed_at,
    )


PAYMENTS = Projection(
    name="payments",
    version=1,
    tables=(
        Table(
            "payments",
            PaymentRow,
            key=("sale", "payment"),
            indexes=(("sale", "status"), ("sale", "owes"), ("session",)),
        ),
    ),
    handles=frozenset(
        {
            "payment-requested",
            "payment-unanswered",
            "payment-approved",
            "payment-declined",
            "payment-cancelled",
            "payments-receipted",
            "payments-owed",
            "payment-refunded",
        }
    ),
    reads=_reads,
    apply=_apply,
)
