"""Paying a basket at once with all its tenders."""

from collections.abc import Sequence
from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import ItemsSold, SoldLine
from consign.domain.ledger.state import Item, Ledger
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import PaidAnswer, Pay
from consign.domain.session.events import BasketLine, BasketPaid
from consign.domain.session.state import Basket, Open
from consign.domain.session.totals import due, taxes_of
from consign.domain.tag import shown
from consign.domain.turns.actors import (
    ledger_stream,
    require_currency,
    session_stream,
)
from consign.domain.turns.basket import NOT_CHECKED_IN, basket_of, changed, holds, holds_of, lines_as_paid, was_changed
from consign.domain.turns.discounting import require_basket_discount
from consign.domain.turns.drawer import receipt_number
from consign.domain.turns.holding import is_free, is_unchecked
from consign.domain.turns.lines import manual_line, sold_line
from consign.domain.turns.presale import require_selling
from consign.domain.turns.tenders import settle
from consign.domain.turns.vouchers import redeemed, tender
from consign.domain.turns.whereabouts import not_there
from consign.domain.values import BasketId
from consign.domain.vouchers import VouchersRedeemed


def pay(command: Pay, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Sell every line. Lines whose hold ran out are taken again where they are free; a lost one is named."""
    require_currency(command.currency, session.currency)
    basket = basket_of(session, command.basket)
    require_selling(sale, basket.presale_group, now)
    if basket.suspended:
        raise Rejected(Reason.BASKET_SUSPENDED, "This basket is suspended. Recall it first.")
    if not basket.lines:
        raise Rejected(Reason.BASKET_EMPTY, "This basket has no lines: there is nothing to pay.")
    holds_of(session, command.basket, ledger)
    require_basket_discount(basket.lines, basket.discount, sale.settings)
    _require_lines(basket, command.basket, ledger, now)
    lines = lines_as_paid(basket, sale)
    owed = due(lines)
    _require_shown(command, lines, owed.total_minor)
    balance = settle(owed.total_minor, command.tenders, sale.settings.cash_rounding_minor)
    shares = redeemed(command.tenders, ledger, now)
    counter = session.receipt_counter + 1
    receipt = receipt_number(session.till, counter)
    sequence = ledger.sale_sequence + 1
    tenders = tuple(map(tender, command.tenders))
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
        session.cashier,
        basket.presale_group,
    )
    items = tuple(_sold(line, ledger.items[line.tag]) for line in lines if not line.manual)
    manual = tuple(manual_line(line) for line in lines if line.manual)
    kinds = tuple(dict.fromkeys(each.kind.value for each in tenders))
    sold = ItemsSold(
        session.sale,
        receipt,
        sequence,
        session.session,
        session.till,
        command.basket,
        items,
        kinds,
        now,
        manual,
    )
    events = [Emitted(session_stream(session.session), paid), Emitted(ledger_stream(session.sale), sold)]
    if shares:
        used = VouchersRedeemed(session.sale, receipt, session.session, session.till, shares, now)
        events.append(Emitted(ledger_stream(session.sale), used))
    return Decision(
        tuple(events),
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


def _require_shown(command: Pay, lines: Sequence[BasketLine], total_minor: int) -> None:
    if command.shown_minor is None or command.shown_minor == total_minor:
        return
    detail = (
        f"The till showed a total of {command.shown_minor} minor units, and the basket comes to {total_minor}: "
        "show the shopper these lines and this total, then pay again."
    )
    errors = tuple(
        {
            "pointer": f"/lines/{index}",
            "reason": Reason.TOTAL_CHANGED.value,
            "detail": f"“{line.description or shown(line.tag)}” at {line.price_minor} minor units is in the basket.",
            "tag": line.tag,
        }
        for index, line in enumerate(lines)
    )
    raise Rejected(Reason.TOTAL_CHANGED, detail, errors)


def _require_lines(basket: Basket, basket_id: BasketId, ledger: Ledger, now: datetime) -> None:
    errors = []
    for index, line in enumerate(basket.lines):
        lost = _lost_manual_line(line, ledger) if line.manual else _lost_item(line, basket_id, ledger, now)
        if lost is None:
            continue
        errors.append(
            {"pointer": f"/lines/{index}", "reason": lost.reason.value, "detail": lost.detail, "tag": line.tag}
        )
    if errors:
        named = " ".join(str(error["detail"]) for error in errors)
        raise Rejected(Reason.LINE_LOST, f"Remove what is lost, then pay again. {named}", tuple(errors))


def _lost_item(line: BasketLine, basket_id: BasketId, ledger: Ledger, now: datetime) -> Rejected | None:
    item = ledger.items[line.tag]
    if holds(ledger, line.tag, basket_id) or is_free(item, ledger, now):
        return changed(line) if was_changed(line, item) else None
    return not_there(line.tag, item, ledger)


def _lost_manual_line(line: BasketLine, ledger: Ledger) -> Rejected | None:
    sold = ledger.manual_lines.get(line.tag)
    if sold is None:
        return None
    return Rejected(Reason.ALREADY_SOLD, f"“{line.description}” bears an id that receipt {sold.receipt} has sold.")


def _sold(line: BasketLine, item: Item) -> SoldLine:
    return sold_line(line.tag, line.participation, line.category, line, line.list_number, unchecked=is_unchecked(item))
