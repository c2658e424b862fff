"""The figures of a session's X and Z report, counted event by event: the same in the state and in the read model."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from consign.domain.amounts import Amounts, Parts, goods_minor, tax_on_top_minor
from consign.domain.participation.fee_events import FeeMeans
from consign.domain.session.drawer_events import (
    CashReceived,
    CashSent,
    CashTakenBack,
    DrawerEvent,
    SessionHandedOver,
    VoucherPaidOut,
    VoucherSaleUndone,
    VoucherSold,
)
from consign.domain.session.events import (
    BasketLine,
    BasketPaid,
    CashMoved,
    CashPaidOut,
    FeeReceived,
    FeeReturned,
    ReceiptVoided,
    RefundPaid,
    SessionEvent,
    SessionOpened,
    Tender,
    TenderKind,
)
from consign.domain.session.offline_events import OfflineSessionEvent
from consign.domain.session.paying_events import PayingCancelled, PayingEvent, TendersTaken
from consign.domain.session.report import MovedFigures, TaxFigures, TillFigures

type Recorded = SessionEvent | DrawerEvent | OfflineSessionEvent | PayingEvent
"""All that a session records."""


def counted(figures: TillFigures, event: Recorded) -> TillFigures:  # noqa: C901 - a case a topic
    """Return the figures after the event; most of what happens to baskets changes none."""
    match event:
        case SessionOpened(float_minor=float_minor):
            return TillFigures(float_minor)
        case BasketPaid():
            receipted = replace(figures, receipts=figures.receipts + 1)
            return _paid(_taken(receipted, (each for each in event.tenders if each.tender_id), -1), event, 1)
        case ReceiptVoided():
            return _paid(replace(figures, voided=figures.voided + 1), event, -1)
        case RefundPaid():
            return _refunded(figures, event)
        case FeeReceived() | FeeReturned() | CashPaidOut():
            return _with_consignor(figures, event)
        case VoucherSold():
            return _voucher(figures, event, 1)
        case VoucherSaleUndone():
            return _voucher(figures, event, -1)
        case VoucherPaidOut(amount_minor=amount_minor, rounding_minor=rounding_minor):
            out_minor = figures.vouchers_out_minor + amount_minor + rounding_minor
            return replace(figures, vouchers_out=figures.vouchers_out + 1, vouchers_out_minor=out_minor)
        case TendersTaken(tenders=tenders):
            return _taken(figures, tenders, 1)
        case PayingCancelled(tenders=tenders):
            return _taken(figures, tenders, -1)
        case CashMoved() | CashSent() | CashReceived() | CashTakenBack() | SessionHandedOver():
            return _moved(figures, event)
        case _:
            return figures


def of_kind(tenders: Iterable[Tender], kind: TenderKind) -> int:
    """Return how much of the tenders is of one kind."""
    return sum(tender.amount_minor for tender in tenders if tender.kind is kind)


def _paid(figures: TillFigures, event: BasketPaid | ReceiptVoided, sign: int) -> TillFigures:
    undone_minor = event.total_minor if sign < 0 else 0
    by_consignor, by_organizer = _discounts(event.lines)
    return replace(
        figures,
        receipts_minor=figures.receipts_minor + event.total_minor - undone_minor,
        voided_minor=figures.voided_minor + undone_minor,
        cash_minor=figures.cash_minor + sign * (of_kind(event.tenders, TenderKind.CASH) - event.change_minor),
        card_minor=figures.card_minor + sign * of_kind(event.tenders, TenderKind.CARD),
        voucher_minor=figures.voucher_minor + sign * of_kind(event.tenders, TenderKind.VOUCHER),
        provider_minor=figures.provider_minor + sign * of_kind(event.tenders, TenderKind.PROVIDER),
        change_minor=figures.change_minor + sign * event.change_minor,
        rounding_minor=figures.rounding_minor + sign * event.rounding_minor,
        taxes=_taxed(figures.taxes, event.lines, sign),
        discount_consignor_minor=figures.discount_consignor_minor + sign * by_consignor,
        discount_organizer_minor=figures.discount_organizer_minor + sign * by_organizer,
        surcharge_minor=figures.surcharge_minor + sign * sum(line.surcharge_minor for line in event.lines),
    )


def _taken(figures: TillFigures, tenders: Iterable[Tender], sign: int) -> TillFigures:
    """Count what came in for baskets that are not paid up, or no longer is that."""
    by_kind = dict.fromkeys(TenderKind, 0)
    for tender in tenders:
        by_kind[tender.kind] += sign * tender.amount_minor
    return replace(
        figures,
        taken_cash_minor=figures.taken_cash_minor + by_kind[TenderKind.CASH],
        taken_card_minor=figures.taken_card_minor + by_kind[TenderKind.CARD],
        taken_voucher_minor=figures.taken_voucher_minor + by_kind[TenderKind.VOUCHER],
    )


def _refunded(figures: TillFigures, event: RefundPaid) -> TillFigures:
    back_minor = event.amount_minor + event.rounding_minor
    parts = tuple(
        Parts(
            line.refund_minor,
            line.discount_minor,
            line.tax_minor,
            line.tax_rate_ppm,
            line.tax_included,
            line.surcharge_minor,
        )
        for line in event.lines
    )
    by_kind = {kind: back_minor if event.tender is kind else 0 for kind in TenderKind}
    return replace(
        figures,
        refunds=figures.refunds + 1,
        refunded_minor=figures.refunded_minor + event.amount_minor,
        cash_minor=figures.cash_minor - by_kind[TenderKind.CASH],
        card_minor=figures.card_minor - by_kind[TenderKind.CARD],
        voucher_minor=figures.voucher_minor - by_kind[TenderKind.VOUCHER],
        provider_minor=figures.provider_minor - by_kind[TenderKind.PROVIDER],
        rounding_minor=figures.rounding_minor - event.rounding_minor,
        taxes=_taxed(figures.taxes, parts, -1),
        surcharge_minor=figures.surcharge_minor - sum(line.surcharge_minor for line in event.lines),
    )


def _with_consignor(figures: TillFigures, event: FeeReceived | FeeReturned | CashPaidOut) -> TillFigures:
    match event:
        case FeeReceived(means=means, taken_minor=taken_minor):
            return _fee(figures, means, taken_minor)
        case FeeReturned(means=means, given_minor=given_minor):
            return _fee(figures, means, -given_minor)
        case CashPaidOut(cash_minor=cash_minor):
            return replace(figures, payouts=figures.payouts + 1, payouts_minor=figures.payouts_minor + cash_minor)


def _fee(figures: TillFigures, means: FeeMeans, moved_minor: int) -> TillFigures:
    if means is FeeMeans.CASH:
        return replace(figures, fees_cash_minor=figures.fees_cash_minor + moved_minor)
    return replace(figures, fees_card_minor=figures.fees_card_minor + moved_minor)


def _voucher(figures: TillFigures, event: VoucherSold | VoucherSaleUndone, sign: int) -> TillFigures:
    cash_minor = of_kind(event.tenders, TenderKind.CASH) - event.change_minor
    return replace(
        figures,
        vouchers=figures.vouchers + sign,
        vouchers_minor=figures.vouchers_minor + sign * event.amount_minor,
        vouchers_cash_minor=figures.vouchers_cash_minor + sign * cash_minor,
        vouchers_card_minor=figures.vouchers_card_minor + sign * of_kind(event.tenders, TenderKind.CARD),
    )


def _moved(
    figures: TillFigures, event: CashMoved | CashSent | CashReceived | CashTakenBack | SessionHandedOver
) -> TillFigures:
    match event:
        case CashMoved(kind="float_correction", amount_minor=amount_minor):
            return replace(figures, float_minor=figures.float_minor + amount_minor)
        case CashMoved(kind=kind, amount_minor=amount_minor):
            by_kind = {each.kind: each.amount_minor for each in figures.moved}
            by_kind[kind] = by_kind.get(kind, 0) + amount_minor
            return replace(figures, moved=tuple(MovedFigures(*each) for each in sorted(by_kind.items())))
        case CashSent(amount_minor=amount_minor):
            return replace(figures, sent_minor=figures.sent_minor + amount_minor)
        case CashTakenBack(amount_minor=amount_minor):
            return replace(figures, sent_minor=figures.sent_minor - amount_minor)
        case CashReceived(counted_minor=counted_minor):
            return replace(figures, received_minor=figures.received_minor + counted_minor)
        case SessionHandedOver(difference_minor=difference_minor):
            return replace(figures, settled_minor=figures.settled_minor + difference_minor)


def _discounts(lines: Iterable[BasketLine]) -> tuple[int, int]:
    """Return what consignors and what the organizer bear of the discounts on these lines."""
    by_consignor = by_organizer = 0
    for line in lines:
        by_organizer += line.discount_minor
        by_consignor += sum(each.amount_minor for each in line.discounts if each.borne_by == "consignor")
    return by_consignor, by_organizer


def _taxed(taxes: tuple[TaxFigures, ...], lines: Iterable[Amounts], sign: int) -> tuple[TaxFigures, ...]:
    found = {(each.rate_ppm, each.included): (each.gross_minor, each.tax_minor) for each in taxes}
    for line in lines:
        key = (line.tax_rate_ppm, line.tax_included)
        gross_minor, tax_minor = found.get(key, (0, 0))
        sold_minor = goods_minor(line) + tax_on_top_minor(line)
        found[key] = (gross_minor + sign * sold_minor, tax_minor + sign * line.tax_minor)
    return tuple(TaxFigures(*key, *found[key]) for key in sorted(found))
