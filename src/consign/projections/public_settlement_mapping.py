"""What integrators are told of settling with consignors and paying them."""

from collections.abc import Sequence

from consign.domain.settlement.events import (
    CharityPaid,
    ConsignorAdjusted,
    PayoutCarried,
    PayoutDue,
    PayoutForfeited,
    PayoutPaidAtTill,
    PayoutReissued,
    PayoutReturned,
    PayoutsPaid,
    PayoutUncollected,
    PayoutWithdrawn,
    SettlementFrozen,
    SettlementReopened,
    StatementIssued,
    StatementsCancelled,
)
from consign.projections import public_settlement_events as public

type Stated = ConsignorAdjusted | StatementIssued | StatementsCancelled | SettlementFrozen | SettlementReopened
type Made = PayoutDue | PayoutReissued | PayoutsPaid | PayoutPaidAtTill
type NotMade = PayoutReturned | PayoutUncollected | PayoutWithdrawn | PayoutCarried | PayoutForfeited
type Settled = Stated | Made | NotMade | CharityPaid

SETTLED = frozenset(
    {
        "consignor-adjusted",
        "statement-issued",
        "statements-cancelled",
        "settlement-frozen",
        "settlement-reopened",
        "payout-due",
        "payout-reissued",
        "payouts-paid",
        "payout-paid-at-till",
        "payout-returned",
        "payout-uncollected",
        "payout-withdrawn",
        "payout-carried",
        "payout-forfeited",
        "charity-paid",
    }
)


def settled(event: Settled, currency: str) -> Sequence[public.SettlementData]:
    """Map one internal event to what is published of it, in order."""
    match event:
        case (
            ConsignorAdjusted() | StatementIssued() | StatementsCancelled() | SettlementFrozen() | SettlementReopened()
        ):
            return _stated(event, currency)
        case PayoutDue() | PayoutReissued() | PayoutsPaid() | PayoutPaidAtTill():
            return _made(event, currency)
        case PayoutReturned() | PayoutUncollected() | PayoutWithdrawn() | PayoutCarried() | PayoutForfeited():
            ended = public.PayoutEnded(
                event.sale, event.payout, event.participation, event.amount_minor, currency, _end(event)
            )
            return (ended,)
        case CharityPaid():
            return (public.CharityPaid(event.sale, event.amount_minor, currency, event.paid_at),)


def _stated(event: Stated, currency: str) -> Sequence[public.SettlementData]:
    match event:
        case ConsignorAdjusted():
            return (public.ConsignorAdjusted(event.sale, event.participation, event.amount_minor, currency),)
        case StatementIssued():
            return (_statement(event),)
        case StatementsCancelled():
            return [
                public.StatementsCancelled(
                    event.sale,
                    event.cancellation,
                    each.participation,
                    each.statements,
                    each.figures.net_minor,
                    currency,
                )
                for each in event.cancelled
            ]
        case SettlementFrozen():
            frozen = public.SettlementFrozen(
                event.sale, event.round, event.statements, event.figures.net_minor, event.currency, event.seal
            )
            return (frozen,)
        case SettlementReopened():
            return (public.SettlementReopened(event.sale, event.round, event.cancellation),)


def _statement(event: StatementIssued) -> public.StatementIssued:
    figures = event.figures
    return public.StatementIssued(
        sale=event.sale,
        statement=event.statement,
        kind=event.kind,
        participation=event.participation,
        consignor=event.consignor,
        items_sold=figures.count,
        gross_minor=figures.gross_minor,
        commission_minor=figures.commission_minor,
        commission_tax_minor=figures.commission_tax_minor,
        fees_minor=figures.fees_minor,
        fees_paid_minor=figures.fees_paid_minor,
        given_minor=figures.adjustments_minor + figures.brought_minor + figures.borne_minor - figures.donated_minor,
        donated_minor=figures.donated_minor,
        net_minor=figures.net_minor,
        currency=event.currency,
        seal=event.seal,
        issued_at=event.issued_at,
    )


def _made(event: Made, currency: str) -> Sequence[public.SettlementData]:
    match event:
        case PayoutDue():
            due = public.PayoutDue(event.sale, event.payout, event.participation, event.amount_minor, 0, currency, None)
            return (due,)
        case PayoutReissued():
            again = public.PayoutDue(
                event.sale,
                event.reissue,
                event.participation,
                event.amount_minor,
                event.fee_minor,
                currency,
                event.payout,
            )
            return (again,)
        case PayoutsPaid():
            return [
                public.PayoutPaid(
                    event.sale, each.payout, each.participation, each.amount_minor, each.fee_minor, currency
                )
                for each in event.payouts
            ]
        case PayoutPaidAtTill():
            paid = public.PayoutPaid(
                event.sale, event.payout, event.participation, event.amount_minor, event.fee_minor, currency
            )
            return (paid,)


def _end(event: NotMade) -> str:
    match event:
        case PayoutReturned():
            return "returned"
        case PayoutUncollected():
            return "uncollected"
        case PayoutWithdrawn():
            return "withdrawn"
        case PayoutCarried():
            return "carried"
        case PayoutForfeited():
            return "forfeited"
