"""What integrators are told of sessions, receipts and refunds."""

from consign.domain.session.events import (
    BasketLine,
    BasketPaid,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
)
from consign.projections import public_till_events as public

type AtTill = SessionOpened | BasketPaid | ReceiptVoided | RefundPaid | SessionClosed

AT_TILL = frozenset({"session-opened", "basket-paid", "receipt-voided", "refund-paid", "session-closed"})


def at_till(event: AtTill, currency: str) -> public.TillData:
    """Map one internal event to what is published of it; `currency` is the sale's."""
    match event:
        case SessionOpened():
            return public.SessionOpened(event.sale, event.session, event.till, event.float_minor, event.currency)
        case BasketPaid():
            return _receipt(event, currency)
        case ReceiptVoided():
            return public.ReceiptVoided(
                sale=event.sale,
                session=event.session,
                till=event.till,
                receipt=event.receipt,
                total_minor=event.total_minor,
                rounding_minor=event.rounding_minor,
                currency=currency,
            )
        case RefundPaid():
            return public.RefundPaid(
                sale=event.sale,
                session=event.session,
                till=event.till,
                refund=event.refund,
                counter=event.counter,
                receipt=event.receipt,
                tender=event.tender.value,
                amount_minor=event.amount_minor,
                rounding_minor=event.rounding_minor,
                currency=currency,
                refunded_at=event.refunded_at,
            )
        case SessionClosed():
            return public.SessionClosed(
                sale=event.sale,
                session=event.session,
                till=event.till,
                expected_minor=event.expected_minor,
                counted_minor=event.counted_minor,
                difference_minor=event.difference_minor,
                z_number=event.z_number,
                total_minor=event.figures.total_minor,
                grand_total_minor=event.grand_total_minor,
                currency=currency,
            )


def _receipt_line(line: BasketLine) -> public.ReceiptLine:
    return public.ReceiptLine(
        tag=None if line.manual else line.tag,
        category=line.category,
        price_minor=line.price_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        tax_rate_ppm=line.tax_rate_ppm,
        tax_included=line.tax_included,
        surcharge_minor=line.surcharge_minor,
    )


def _receipt(event: BasketPaid, currency: str) -> public.ReceiptIssued:
    return public.ReceiptIssued(
        sale=event.sale,
        session=event.session,
        till=event.till,
        receipt=event.receipt,
        counter=event.counter,
        sale_sequence=event.sale_sequence,
        lines=tuple(_receipt_line(line) for line in event.lines),
        tenders=tuple(public.ReceiptTender(tender.kind.value, tender.amount_minor) for tender in event.tenders),
        total_minor=event.total_minor,
        rounding_minor=event.rounding_minor,
        change_minor=event.change_minor,
        currency=currency,
        paid_at=event.paid_at,
        presale_group=event.presale_group,
    )
