"""Paying a basket at once with all its tenders, and voiding a whole receipt while its session is open."""

from datetime import datetime
from typing import NamedTuple

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import ItemsReleasedByVoid, ItemsSold, SoldLine
from consign.domain.ledger.state import Item, Ledger
from consign.domain.money import cash_rounding
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import GivenTender, PaidAnswer, Pay, VoidedAnswer, VoidReceipt
from consign.domain.session.events import BasketLine, BasketPaid, ReceiptVoided, Tender, TenderKind
from consign.domain.session.state import Basket, Open, cash_of
from consign.domain.session.totals import due, taxes_of
from consign.domain.turns.actors import (
    SELLING,
    ledger_stream,
    require_currency,
    require_phase,
    session_stream,
)
from consign.domain.turns.basket import NOT_CHECKED_IN, basket_of, changed, holds, holds_of, lines_as_paid, was_changed
from consign.domain.turns.discounting import require_basket_discount
from consign.domain.turns.drawer import receipt_number, require_cash
from consign.domain.turns.holding import is_free, is_unchecked
from consign.domain.turns.whereabouts import not_there
from consign.domain.values import AMOUNT_LIMIT_MINOR, BasketId


class _Balance(NamedTuple):
    rounding_minor: int
    change_minor: int


def pay(command: Pay, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Sell every line. Lines whose hold ran out are taken again where they are free; a lost one is named."""
    require_phase(sale, SELLING, "Selling")
    require_currency(command.currency, session.currency)
    basket = basket_of(session, command.basket)
    if basket.suspended:
        raise Rejected(Reason.BASKET_SUSPENDED, "This basket is suspended. Recall it first.")
    if not basket.lines:
        raise Rejected(Reason.BASKET_EMPTY, "This basket has no lines: there is nothing to pay.")
    holds_of(session, command.basket, ledger)
    require_basket_discount(basket.lines, basket.discount, sale.settings)
    _require_lines(basket, command.basket, ledger, now)
    lines = lines_as_paid(basket, sale)
    owed = due(lines)
    balance = settle(owed.total_minor, command.tenders, sale.settings.cash_rounding_minor)
    counter = session.receipt_counter + 1
    receipt = receipt_number(session.till, counter)
    sequence = ledger.sale_sequence + 1
    tenders = tuple(Tender(given.kind, given.amount_minor, given.reference) for given in command.tenders)
    paid = BasketPaid(
        session.sale,
        session.session,
        session.till,
        command.basket,
        receipt,
        counter,
        sequence,
        lines,
        tenders,
        owed.total_minor,
        balance.rounding_minor,
        balance.change_minor,
        now,
    )
    items = tuple(_sold_line(line, ledger.items[line.tag]) for line in lines)
    kinds = tuple(dict.fromkeys(tender.kind.value for tender in tenders))
    sold = ItemsSold(session.sale, receipt, sequence, session.session, session.till, command.basket, items, kinds, now)
    return Decision(
        (Emitted(session_stream(session.session), paid), Emitted(ledger_stream(session.sale), sold)),
        PaidAnswer(
            receipt,
            sequence,
            owed.total_minor,
            balance.rounding_minor,
            balance.change_minor,
            session.currency,
            (NOT_CHECKED_IN,) if any(item.unchecked for item in items) else (),
            owed.discount_minor,
            owed.surcharge_minor,
            taxes_of(lines),
        ),
    )


def _require_lines(basket: Basket, basket_id: BasketId, ledger: Ledger, now: datetime) -> None:
    errors = []
    for index, line in enumerate(basket.lines):
        item = ledger.items[line.tag]
        if holds(ledger, line.tag, basket_id) or is_free(item, ledger, now):
            if not was_changed(line, item):
                continue
            lost = changed(line)
        else:
            lost = not_there(line.tag, item, ledger)
        errors.append(
            {"pointer": f"/lines/{index}", "reason": lost.reason.value, "detail": lost.detail, "tag": line.tag}
        )
    if errors:
        named = " ".join(str(error["detail"]) for error in errors)
        raise Rejected(Reason.LINE_LOST, f"Remove what is lost, then pay again. {named}", tuple(errors))


def _sold_line(line: BasketLine, item: Item) -> SoldLine:
    return SoldLine(
        line.tag,
        line.participation,
        line.category,
        line.price_minor,
        line.list_number,
        is_unchecked(item),
        line.discount_minor,
        line.tax_minor,
        line.tax_rate_ppm,
        line.tax_included,
        line.surcharge_minor,
    )


def settle(total_minor: int, tenders: tuple[GivenTender, ...], increment_minor: int) -> _Balance:
    """Return the cash rounding and the change; only what is left for cash is rounded, and change is cash.

    Raises Rejected with `card_exceeds_total` or `tenders_too_low`.
    """
    cash_minor = sum(tender.amount_minor for tender in tenders if tender.kind is TenderKind.CASH)
    card_minor = sum(tender.amount_minor for tender in tenders if tender.kind is TenderKind.CARD)
    if card_minor > total_minor:
        raise Rejected(
            Reason.CARD_EXCEEDS_TOTAL,
            f"Cards were charged {card_minor} minor units for a total of {total_minor}: only cash gives change.",
        )
    left_minor = total_minor - card_minor
    rounding_minor = cash_rounding(left_minor, increment_minor) if cash_minor else 0
    change_minor = cash_minor - left_minor - rounding_minor
    if change_minor < 0:
        raise Rejected(Reason.TENDERS_TOO_LOW, f"{-change_minor} minor units are missing.")
    if change_minor > AMOUNT_LIMIT_MINOR:
        raise Rejected(Reason.LIMIT_EXCEEDED, "No drawer gives that much change.")
    return _Balance(rounding_minor, change_minor)


def void(command: VoidReceipt, session: Open, ledger: Ledger) -> Decision:
    """Undo a receipt of this session as a whole; its number stays used."""
    receipt = session.receipts.get(command.receipt)
    if receipt is None:
        raise Rejected(
            Reason.UNKNOWN_RECEIPT,
            f"Receipt {command.receipt} was not paid in this session. Later, or elsewhere, it can be refunded.",
        )
    paid = receipt.paid
    cash_back_minor = cash_of(paid.tenders) - paid.change_minor
    card_back_minor = sum(tender.amount_minor for tender in paid.tenders if tender.kind is TenderKind.CARD)
    answer = VoidedAnswer(paid.receipt, paid.total_minor, cash_back_minor, card_back_minor, session.currency)
    if receipt.voided:
        return Decision((), answer)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the receipt is voided.")
    if ledger.receipts[paid.receipt].refunded:
        raise Rejected(
            Reason.RECEIPT_REFUNDED, f"Something of receipt {paid.receipt} was refunded. Refund the rest instead."
        )
    require_cash(session, cash_back_minor)
    return Decision(_void_events(command, paid, session, ledger), answer)


def _void_events(command: VoidReceipt, paid: BasketPaid, session: Open, ledger: Ledger) -> tuple[Emitted, ...]:
    voided = ReceiptVoided(
        session.sale,
        session.session,
        session.till,
        paid.receipt,
        paid.lines,
        paid.tenders,
        paid.total_minor,
        paid.rounding_minor,
        paid.change_minor,
        command.reason,
    )
    lines = tuple(_sold_line(line, ledger.items[line.tag]) for line in paid.lines)
    released = ItemsReleasedByVoid(session.sale, paid.receipt, session.session, lines)
    return (Emitted(session_stream(session.session), voided), Emitted(ledger_stream(session.sale), released))
