"""Paying a basket at once with all its tenders, or with what is missing where some were taken before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import ItemsSold, SoldLine
from consign.domain.ledger.state import Item, Ledger
from consign.domain.payments import PaymentCancelled, PaymentId, PaymentShare, PaymentsReceipted
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import PaidAnswer, Pay
from consign.domain.session.events import BasketLine, BasketPaid, Tender, TenderKind
from consign.domain.session.figures import of_kind
from consign.domain.session.state import Basket, Open
from consign.domain.session.totals import due, taxes_of
from consign.domain.tag import shown
from consign.domain.turns.actors import (
    ledger_stream,
    require_currency,
    session_stream,
)
from consign.domain.turns.basket import (
    NOT_CHECKED_IN,
    basket_of,
    changed,
    holds,
    holds_of,
    lines_as_paid,
    require_open,
    was_changed,
)
from consign.domain.turns.discounting import require_basket_discount
from consign.domain.turns.drawer import receipt_number, require_cash
from consign.domain.turns.holding import is_free, is_unchecked
from consign.domain.turns.lines import manual_line, sold_line
from consign.domain.turns.presale import require_selling
from consign.domain.turns.providing import payments_of, tenders_before
from consign.domain.turns.tenders import Balance, require_given, settle
from consign.domain.turns.vouchers import redeemed, tender
from consign.domain.turns.whereabouts import not_there
from consign.domain.values import BasketId
from consign.domain.vouchers import VouchersRedeemed


def pay(command: Pay, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Sell every line. Lines whose hold ran out are taken again where they are free; a lost one is named."""
    require_currency(command.currency, session.currency)
    require_given(command.tenders)
    basket = basket_of(session, command.basket)
    lines = lines_to_pay(command.basket, basket, session, ledger, sale, now)
    require_lines(basket, command.basket, ledger, now)
    require_shown(command.shown_minor, lines)
    before = tenders_before(command.basket, basket, session, ledger)
    tenders = (*before, *map(tender, command.tenders))
    balance = settle(due(lines).total_minor, tenders, sale.settings.cash_rounding_minor)
    require_cash(session, balance.change_minor - of_kind(map(tender, command.tenders), TenderKind.CASH))
    shares = redeemed(command.tenders, ledger, now)
    events, answer = receipted(command.basket, basket, Receipted(lines, tenders, balance), session, ledger, now)
    if shares:
        used = VouchersRedeemed(session.sale, answer.receipt, session.session, session.till, shares, now)
        events = (*events, Emitted(ledger_stream(session.sale), used))
    return Decision(events, answer)


def lines_to_pay(
    basket_id: BasketId, basket: Basket, session: Open, ledger: Ledger, sale: Planned, now: datetime
) -> tuple[BasketLine, ...]:
    """Return the lines with all their shares: as they stand since paying began, or as they would stand now.

    Raises Rejected where a basket that is not being paid yet cannot be paid.
    """
    holds_of(session, basket_id, ledger)
    if basket.paying is not None:
        return basket.paying.lines
    require_selling(sale, basket.presale_group, now)
    require_open(basket)
    if not basket.lines:
        raise Rejected(Reason.BASKET_EMPTY, "This basket has no lines: there is nothing to pay.")
    require_basket_discount(basket.lines, basket.discount, sale.settings)
    return lines_as_paid(basket, sale)


class Receipted(NamedTuple):
    """What a receipt is made of: its lines as paid, all that was given for them, and what cash rounding made of it."""

    lines: tuple[BasketLine, ...]
    tenders: tuple[Tender, ...]
    balance: Balance


def receipted(
    basket_id: BasketId, basket: Basket, what: Receipted, session: Open, ledger: Ledger, now: datetime
) -> tuple[tuple[Emitted, ...], PaidAnswer]:
    """Return the events of a receipt whose tenders cover it, and its answer. Nobody waits for providers any more."""
    owed = due(what.lines)
    counter = session.receipt_counter + 1
    receipt = receipt_number(session.till, counter)
    paid = BasketPaid(
        session.sale,
        session.session,
        session.till,
        basket_id,
        receipt,
        counter,
        ledger.sale_sequence + 1,
        what.lines,
        what.tenders,
        owed.total_minor,
        what.balance.rounding_minor,
        what.balance.change_minor,
        now,
        session.cashier,
        basket.presale_group,
    )
    sold = _sold_items(paid, ledger)
    emitted = (*_by_providers(paid, now), *_waited_for(paid, ledger, now))
    answer = PaidAnswer(
        receipt,
        paid.sale_sequence,
        owed.total_minor,
        what.balance.rounding_minor,
        what.balance.change_minor,
        session.currency,
        (NOT_CHECKED_IN,) if any(item.unchecked for item in sold.lines) else (),
        owed.discount_minor,
        owed.surcharge_minor,
        taxes_of(what.lines),
    )
    stream = ledger_stream(session.sale)
    events = (Emitted(session_stream(session.session), paid), *(Emitted(stream, event) for event in (sold, *emitted)))
    return events, answer


def _sold_items(paid: BasketPaid, ledger: Ledger) -> ItemsSold:
    return ItemsSold(
        paid.sale,
        paid.receipt,
        paid.sale_sequence,
        paid.session,
        paid.till,
        paid.basket,
        tuple(_sold(line, ledger.items[line.tag]) for line in paid.lines if not line.manual),
        tuple(dict.fromkeys(each.kind.value for each in paid.tenders)),
        paid.paid_at,
        tuple(manual_line(line) for line in paid.lines if line.manual),
    )


def require_shown(shown_minor: int | None, lines: Sequence[BasketLine]) -> None:
    """Raise Rejected with `total_changed` where the till showed the shopper something else."""
    if shown_minor is None:
        return
    total_minor = due(lines).total_minor
    if shown_minor == total_minor:
        return
    detail = (
        f"The till showed a total of {shown_minor} minor units, and the basket comes to {total_minor}: "
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


def _by_providers(paid: BasketPaid, now: datetime) -> tuple[PaymentsReceipted, ...]:
    shares = tuple(
        PaymentShare(PaymentId(each.tender_id), each.amount_minor)
        for each in paid.tenders
        if each.kind is TenderKind.PROVIDER
    )
    return (PaymentsReceipted(paid.sale, paid.receipt, paid.session, paid.till, shares, now),) if shares else ()


def _waited_for(paid: BasketPaid, ledger: Ledger, now: datetime) -> Sequence[PaymentCancelled]:
    """Give up what providers were asked for beside the tenders that pay the basket."""
    reason = f"receipt {paid.receipt} was paid otherwise"
    taken = {each.tender_id for each in paid.tenders}
    return [
        PaymentCancelled(paid.sale, paid.session, paid.basket, payment, reason, now)
        for payment, known in payments_of(paid.basket, paid.session, ledger)
        if known.waits and payment not in taken
    ]


def require_lines(basket: Basket, basket_id: BasketId, ledger: Ledger, now: datetime) -> None:
    """Raise Rejected with `line_lost` where something of the basket is not to be had any more."""
    errors = lost_lines(basket, basket_id, ledger, now)
    if errors:
        named = " ".join(str(error["detail"]) for error in errors)
        what_to_do = "Cancel paying, then remove" if basket.paying else "Remove"
        raise Rejected(Reason.LINE_LOST, f"{what_to_do} what is lost, then pay again. {named}", errors)


def lost_lines(basket: Basket, basket_id: BasketId, ledger: Ledger, now: datetime) -> tuple[Mapping[str, str], ...]:
    """Return what is wrong with lines whose items are gone."""
    errors = []
    for index, line in enumerate(basket.lines):
        lost = _lost_manual_line(line, ledger) if line.manual else _lost_item(line, basket_id, ledger, now)
        if lost is None:
            continue
        errors.append(
            {"pointer": f"/lines/{index}", "reason": lost.reason.value, "detail": lost.detail, "tag": line.tag}
        )
    return tuple(errors)


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
