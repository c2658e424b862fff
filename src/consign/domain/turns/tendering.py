"""Paying step by step: the total stands, tenders are taken one by one, and all of it can be given back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.events import HoldMoved, ItemHeld
from consign.domain.ledger.state import Ledger
from consign.domain.money import cash_rounding
from consign.domain.payments import PaymentCancelled, PaymentShare
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import TENDERS_LIMIT, PaidAnswer
from consign.domain.session.events import Tender, TenderKind
from consign.domain.session.figures import of_kind
from consign.domain.session.paying_commands import (
    BeginPaying,
    CancelPaying,
    PayingAnswer,
    PayingCancelledAnswer,
    RequestPayment,
    TakenTender,
    TakeTenders,
)
from consign.domain.session.paying_events import PayingBegun, PayingCancelled, TendersTaken
from consign.domain.session.state import Basket, Open, Paying
from consign.domain.session.totals import due
from consign.domain.turns.actors import ledger_stream, require_currency, session_stream
from consign.domain.turns.basket import basket_of, holds
from consign.domain.turns.drawer import require_cash, require_room
from consign.domain.turns.holding import hold_timer
from consign.domain.turns.paying import Receipted, lines_to_pay, receipted, require_lines, require_shown
from consign.domain.turns.providing import owed, payments_of, tenders_before, tenders_waited_for
from consign.domain.turns.tenders import reckon, require_given
from consign.domain.turns.vouchers import credited, redeemed, tender
from consign.domain.values import BasketId, TagCode, VoucherCode
from consign.domain.vouchers import VouchersCredited, VouchersRedeemed

KEPT_FOR = timedelta(minutes=15)
"""How long the items of a basket are kept from its last step of paying on."""

KEPT_AT_MOST = timedelta(hours=1)
"""How long they are kept from its first one on, whatever happens."""


class Begun(NamedTuple):
    """A basket that is being paid, and what led there."""

    basket: Basket
    paying: Paying
    events: tuple[Emitted, ...]
    timers: tuple[Timer, ...]


def begin(command: BeginPaying, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Let the total stand and keep the items."""
    begun = begin_paying(command, session, ledger, sale, now)
    answer = answer_of(command.basket, begun, (), session, ledger, sale)
    return Decision(begun.events, answer, begun.timers)


def begin_paying(
    command: BeginPaying | TakeTenders | RequestPayment, session: Open, ledger: Ledger, sale: Planned, now: datetime
) -> Begun:
    """Begin where nobody has; the items are kept from now on. Raises Rejected where the basket cannot be paid."""
    basket_id = command.basket
    basket = basket_of(session, basket_id)
    lines = lines_to_pay(basket_id, basket, session, ledger, sale, now)
    require_shown(command.shown_minor, lines)
    if basket.paying is not None:
        events, timers = _kept(basket_id, basket, basket.paying, session, ledger, now)
        return Begun(basket, basket.paying, events, timers)
    require_lines(basket, basket_id, ledger, now)
    paying = Paying(lines, due(lines).total_minor, now)
    begun = PayingBegun(
        session.sale, session.session, session.till, basket_id, lines, paying.total_minor, now, session.cashier
    )
    events, timers = _kept(basket_id, basket, paying, session, ledger, now)
    after = replace(basket, paying=paying)
    return Begun(after, paying, (Emitted(session_stream(session.session), begun), *events), timers)


def _kept(
    basket_id: BasketId, basket: Basket, paying: Paying, session: Open, ledger: Ledger, now: datetime
) -> tuple[tuple[Emitted, ...], tuple[Timer, ...]]:
    """Hold the items on, and those again whose hold ran out before paying began; never beyond the limit."""
    until = min(now + KEPT_FOR, paying.begun_at + KEPT_AT_MOST)
    known = ledger.baskets.get(basket_id)
    if known is not None and known.expires_at >= until:
        until = known.expires_at
    stream = ledger_stream(session.sale)
    taken_again = [
        ItemHeld(session.sale, line.tag, basket_id, session.session, session.till, now, until)
        for line in basket.lines
        if basket.paying is None and not line.manual and not holds(ledger, line.tag, basket_id)
    ]
    if taken_again:
        timers = (hold_timer(session.sale, basket_id, until),) if known is None else ()
        return tuple(Emitted(stream, held) for held in taken_again), timers
    if known is None or known.expires_at == until:
        return (), ()
    extended = HoldMoved(session.sale, basket_id, session.session, session.till, until, known.tags)
    return (Emitted(stream, extended),), ()


def take(command: TakeTenders, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Take tenders for a basket; where they cover it, the receipt is made."""
    require_currency(command.currency, session.currency)
    require_given(command.tenders)
    _require_coins(command.tenders, sale.settings.cash_rounding_minor)
    begun = begin_paying(command, session, ledger, sale, now)
    new = _new(command.tenders, begun.paying)
    if not new:
        return Decision(begun.events, answer_of(command.basket, begun, (), session, ledger, sale), begun.timers)
    require_room(session, sum(each.amount_minor for each in new if each.kind is TenderKind.CASH))
    shares = redeemed(new, ledger, now)
    tenders = tuple(tender(each, each.tender) for each in new)
    taken = TendersTaken(session.sale, session.session, session.till, command.basket, tenders, now, session.cashier)
    events = [*begun.events, Emitted(session_stream(session.session), taken)]
    if shares:
        used = VouchersRedeemed(session.sale, "", session.session, session.till, shares, now, command.basket)
        events.append(Emitted(ledger_stream(session.sale), used))
    made = _covered(command.basket, begun, tenders, session, ledger, sale, now)
    if made is not None:
        events += made[0]
    answer = answer_of(command.basket, begun, tenders, session, ledger, sale, receipt=None if made is None else made[1])
    return Decision(tuple(events), answer, begun.timers)


def _require_coins(given: Sequence[TakenTender], increment_minor: int) -> None:
    """Raise Rejected with `tender_invalid` for cash that no coins make up.

    It would leave a rest for other tenders which, rounded as cash is, they could never cover.
    """
    for each in given:
        if each.kind is TenderKind.CASH and increment_minor > 1 and each.amount_minor % increment_minor:
            raise Rejected(
                Reason.TENDER_INVALID,
                f"Nobody hands over {each.amount_minor} minor units in cash: it is rounded to {increment_minor} here. "
                "Count the cash again.",
            )


def _new(given: Sequence[TakenTender], paying: Paying) -> list[TakenTender]:
    """Return what was not taken before under its id; raises Rejected with `tender_invalid` or `limit_exceeded`."""
    taken = {each.tender_id: each for each in paying.taken}
    if len({each.tender for each in given}) != len(given):
        raise Rejected(Reason.TENDER_INVALID, "A tender is named twice: each has an id of its own.")
    new = []
    for each in given:
        known = taken.get(each.tender)
        if known is None:
            new.append(each)
        elif (known.kind, known.amount_minor) != (each.kind, each.amount_minor):
            raise Rejected(
                Reason.TENDER_INVALID,
                f"Under this id {known.amount_minor} minor units were taken by {known.kind}. Use a new id.",
            )
    require_few(len(paying.taken) + len(new))
    return new


def require_few(tenders: int) -> None:
    """Raise Rejected with `limit_exceeded` where a basket would have too many tenders."""
    if tenders > TENDERS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A receipt has at most {TENDERS_LIMIT} tenders. Cancel paying first.")


def _covered(
    basket_id: BasketId,
    begun: Begun,
    new: tuple[Tender, ...],
    session: Open,
    ledger: Ledger,
    sale: Planned,
    now: datetime,
) -> tuple[tuple[Emitted, ...], PaidAnswer] | None:
    """Return the receipt that the tenders pay; None where they do not cover it."""
    tenders = (*tenders_before(basket_id, begun.basket, session, ledger), *new)
    increment_minor = sale.settings.cash_rounding_minor
    balance = reckon(begun.paying.total_minor, tenders, increment_minor)
    if balance.change_minor < 0:
        waited_for = tenders_waited_for(basket_id, session, ledger)
        reckon(begun.paying.total_minor, (*tenders, *waited_for), increment_minor)  # what they take must fit, too
        return None
    require_cash(session, balance.change_minor - of_kind(new, TenderKind.CASH))
    require_lines(begun.basket, basket_id, ledger, now)
    return receipted(basket_id, begun.basket, Receipted(begun.paying.lines, tenders, balance), session, ledger, now)


def cancel(command: CancelPaying, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Give back all that was taken. What a provider took it has to give back itself; that is recorded when it did."""
    basket = basket_of(session, command.basket)
    paying = basket.paying
    taken = () if paying is None else paying.taken
    known = list(payments_of(command.basket, session.session, ledger))
    approved = [PaymentShare(payment, each.kept_minor) for payment, each in known if each.pays_basket]
    answer = PayingCancelledAnswer(
        command.basket,
        of_kind(taken, TenderKind.CASH),
        of_kind(taken, TenderKind.CARD),
        of_kind(taken, TenderKind.VOUCHER),
        sum(share.amount_minor for share in approved),
        session.currency,
    )
    if paying is None:
        return Decision((), answer)
    require_cash(session, answer.cash_back_minor)
    cancelled = PayingCancelled(
        session.sale, session.session, session.till, command.basket, taken, command.reason, now, session.cashier
    )
    back, timers = _vouchers_back(command.basket, taken, session, ledger, sale, now)
    asked = (
        PaymentCancelled(session.sale, session.session, command.basket, payment, command.reason, now)
        for payment, each in known
        if each.waits
    )
    entries = (*back, *asked, *owed(session.sale, session.session, "cancelled", approved, now))
    stream = ledger_stream(session.sale)
    return Decision(
        (Emitted(session_stream(session.session), cancelled), *(Emitted(stream, entry) for entry in entries)),
        answer,
        timers,
    )


def _vouchers_back(
    basket_id: BasketId, taken: tuple[Tender, ...], session: Open, ledger: Ledger, sale: Planned, now: datetime
) -> tuple[tuple[VouchersCredited, ...], tuple[Timer, ...]]:
    used = [(VoucherCode(each.reference), each.amount_minor) for each in taken if each.kind is TenderKind.VOUCHER]
    if not used:
        return (), ()
    shares, timers = credited(used, ledger, sale, now)
    back = VouchersCredited(session.sale, "", session.session, session.till, "unpaid", shares, now, basket_id)
    return (back,), timers


def answer_of(
    basket_id: BasketId,
    begun: Begun,
    new: tuple[Tender, ...],
    session: Open,
    ledger: Ledger,
    sale: Planned,
    receipt: PaidAnswer | None = None,
    lost: tuple[TagCode, ...] = (),
) -> PayingAnswer:
    """Return how far the basket is paid."""
    taken = (*tenders_before(basket_id, begun.basket, session, ledger), *new)
    due_minor = max(begun.paying.total_minor - sum(each.amount_minor for each in taken), 0)
    if receipt is not None:
        due_minor = 0
    waiting_minor = sum(each.amount_minor for each in tenders_waited_for(basket_id, session, ledger))
    return PayingAnswer(
        basket_id,
        begun.paying.total_minor,
        taken,
        due_minor,
        _cash_due(begun.paying.total_minor, taken, sale) if due_minor else 0,
        0 if receipt is not None else waiting_minor,
        session.currency,
        receipt,
        lost,
    )


def _cash_due(total_minor: int, taken: tuple[Tender, ...], sale: Planned) -> int:
    """Return what is missing in cash: what all cash together comes to is rounded, not each coin."""
    cash_minor = of_kind(taken, TenderKind.CASH)
    in_cash_minor = total_minor - sum(each.amount_minor for each in taken) + cash_minor
    rounding_minor = cash_rounding(in_cash_minor, sale.settings.cash_rounding_minor)
    return max(in_cash_minor + rounding_minor - cash_minor, 0)
