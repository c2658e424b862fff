"""Cards through a provider: it is asked, it answers or does not, and what it took in vain is given back.

Whatever a provider says of money that it has is recorded, however late: it may be a shopper's again, never nobody's.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.state import Ledger
from consign.domain.payments import (
    Payment,
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentEvent,
    PaymentId,
    PaymentRefunded,
    PaymentRequested,
    PaymentShare,
    PaymentUnanswered,
    ProviderRefund,
    reference_key,
)
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import PaidAnswer
from consign.domain.session.paying_commands import (
    ApprovePayment,
    CancelPayment,
    DeclinePayment,
    ExpirePayment,
    PayingAnswer,
    PaymentAnswer,
    RecordPaymentRefund,
    RequestPayment,
)
from consign.domain.session.state import Closed, Open
from consign.domain.turns.actors import ledger_stream, require_currency
from consign.domain.turns.basket import is_elsewhere
from consign.domain.turns.paying import Receipted, lost_lines, receipted
from consign.domain.turns.providing import owed, payment_named, tender_of, tenders_before, tenders_waited_for
from consign.domain.turns.tendering import answer_of, begin_paying, require_few
from consign.domain.turns.tenders import reckon
from consign.domain.values import Done, SessionId, TagCode

ANSWERED_WITHIN = timedelta(minutes=3)
"""How long somebody waits for a provider before nobody knows what it did."""

PAYMENTS_LIMIT = 50_000
"""How many payments one sale may ask providers for."""

_SHORTEST_WAIT = timedelta(seconds=1)


def request(command: RequestPayment, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Ask a provider for a payment; it is known by the till's id from then on."""
    require_currency(command.currency, session.currency)
    known = ledger.payments.get(command.payment)
    if known is not None:
        return _asked_before(command, known, session, ledger, sale, now)
    begun = begin_paying(command, session, ledger, sale, now)
    before = tenders_before(command.basket, begun.basket, session, ledger)
    waiting = tenders_waited_for(command.basket, session, ledger)
    require_few(len(before) + len(waiting) + 1)
    if len(ledger.payments) >= PAYMENTS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A sale asks providers for at most {PAYMENTS_LIMIT} payments.")
    left_minor = begun.paying.total_minor - sum(each.amount_minor for each in (*before, *waiting))
    amount_minor = left_minor if command.amount_minor is None else command.amount_minor
    if not 0 < amount_minor <= left_minor:
        raise Rejected(
            Reason.CARD_EXCEEDS_TOTAL,
            f"{max(left_minor, 0)} minor units are left to ask a provider for: only cash gives change. "
            "Cancel what waits for an answer, if it is not wanted any more.",
        )
    asked = PaymentRequested(
        session.sale,
        session.session,
        session.till,
        command.basket,
        command.payment,
        command.provider,
        amount_minor,
        now,
        now + ANSWERED_WITHIN,
        session.cashier,
    )
    answer = answer_of(command.basket, begun, (), session, ledger, sale)
    return Decision(
        (*begun.events, Emitted(ledger_stream(session.sale), asked)),
        replace(answer, waiting_minor=answer.waiting_minor + amount_minor),
        (*begun.timers, _timer(session.session, command.payment, asked.answer_by, now)),
    )


def _asked_before(
    command: RequestPayment, known: Payment, session: Open, ledger: Ledger, sale: Planned, now: datetime
) -> Decision:
    same = (known.session, known.basket, known.provider) == (session.session, command.basket, command.provider)
    if not same or command.amount_minor not in (None, known.amount_minor):
        raise Rejected(
            Reason.PAYMENT_EXISTS,
            f"Under this id {known.provider} was asked for {known.amount_minor} minor units. Use a new id.",
        )
    begun = begin_paying(command, session, ledger, sale, now)
    answer: PayingAnswer = answer_of(command.basket, begun, (), session, ledger, sale)
    return Decision(begun.events, answer, begun.timers)


def expire(command: ExpirePayment, session: Open | Closed, ledger: Ledger, now: datetime) -> Decision:
    """Say that nobody knows what the provider did, if it has not answered."""
    known = ledger.payments[command.payment]
    if known.status != "requested":
        return Decision((), Done())
    if known.answer_by > now:
        return Decision((), Done(), (_timer(session.session, command.payment, known.answer_by, now),))
    event = PaymentUnanswered(session.sale, session.session, known.basket, command.payment, now)
    return Decision((Emitted(ledger_stream(session.sale), event),), Done())


def cancel(command: CancelPayment, session: Open | Closed, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Wait no more for the provider; what it took already it has to give back."""
    known = _known(command.payment, session, ledger)
    if known.receipt:
        raise Rejected(
            Reason.PAYMENT_ENDED, f"Receipt {known.receipt} is paid by this payment. Void or refund the receipt."
        )
    events: tuple[PaymentEvent, ...] = ()
    if known.waits:
        cancelled = PaymentCancelled(session.sale, session.session, known.basket, command.payment, command.reason, now)
        events, known = (cancelled,), replace(known, status="cancelled")
    elif known.pays_basket:
        share = PaymentShare(command.payment, known.kept_minor)
        said = owed(session.sale, session.session, "cancelled", (share,), now)
        events = tuple(replace(each, basket=known.basket) for each in said)
        known = replace(known, owed_minor=known.owed_minor + share.amount_minor)
    return _decided(events, command.payment, known, sale)


def approve(command: ApprovePayment, session: Open | Closed, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Record that the provider has the money. It pays for its basket, or it is to be given back."""
    known = _known(command.payment, session, ledger)
    if known.status == "approved":
        if known.reference != command.reference:
            raise Rejected(
                Reason.PAYMENT_ENDED, f"This payment was approved as {known.reference}: one payment has one reference."
            )
        return _decided((), command.payment, known, sale)
    if reference_key(known.provider, command.reference) in ledger.payment_references:
        raise Rejected(
            Reason.REFERENCE_USED, f"{known.provider} approved another payment as {command.reference}. Read it again."
        )
    event = PaymentApproved(
        session.sale,
        session.session,
        known.till,
        known.basket,
        command.payment,
        known.provider,
        known.amount_minor,
        command.reference,
        now,
        late=not known.waits,
    )
    approved = replace(known, status="approved", reference=command.reference)
    if event.late or not isinstance(session, Open):
        share = PaymentShare(command.payment, approved.amount_minor)
        late = owed(session.sale, session.session, "late", (share,), now)
        after = replace(approved, owed_minor=approved.amount_minor)
        return _decided((event, *late), command.payment, after, sale)
    return _paid(event, approved, session, ledger, sale, now)


def _paid(
    event: PaymentApproved, approved: Payment, session: Open, ledger: Ledger, sale: Planned, now: datetime
) -> Decision:
    """Pay the basket that waited; where it is paid up the receipt is made.

    Not where something of it is gone, another till uses its id by now, or the drawer cannot give change for cash that
    was taken before: the money is recorded all the same, and the cashier pays the basket once that is mended, or
    cancels paying.
    """
    basket = session.baskets[approved.basket]
    assert basket.paying is not None, "whoever waits for a provider has a basket that is being paid"
    tenders = (
        *tenders_before(approved.basket, basket, session, ledger),
        tender_of(event.payment, approved),
    )
    balance = reckon(basket.paying.total_minor, tenders, sale.settings.cash_rounding_minor)
    no_change = balance.change_minor > max(session.cash_minor, 0)
    if balance.change_minor < 0 or no_change or is_elsewhere(session, approved.basket, ledger):
        return _decided((event,), event.payment, approved, sale)
    lost = lost_lines(basket, approved.basket, ledger, now)
    if lost:
        named = tuple(TagCode(each["tag"]) for each in lost)
        return _decided((event,), event.payment, approved, sale, lost=named)
    made, receipt = receipted(
        approved.basket, basket, Receipted(basket.paying.lines, tenders, balance), session, ledger, now
    )
    decided = _decided((event,), event.payment, approved, sale, receipt=receipt)
    return replace(decided, events=(*decided.events, *made))


def decline(command: DeclinePayment, session: Open | Closed, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Record that the provider took nothing."""
    known = _known(command.payment, session, ledger)
    if known.status == "approved":
        raise Rejected(
            Reason.PAYMENT_ENDED,
            f"This payment was approved as {known.reference}. Where the provider gave the money back, record that.",
        )
    if known.status == "declined":
        return _decided((), command.payment, known, sale)
    event = PaymentDeclined(
        session.sale,
        session.session,
        known.basket,
        command.payment,
        command.reason,
        now,
        command.reference or "",
    )
    return _decided((event,), command.payment, replace(known, status="declined"), sale)


def record_refund(command: RecordPaymentRefund, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Record that the provider gave back what it owed."""
    known = payment_named(command.payment, ledger)
    for refund in known.refunds:
        if refund.reference == command.reference:
            if refund.amount_minor != command.amount_minor:
                raise Rejected(
                    Reason.REFERENCE_USED,
                    f"{refund.amount_minor} minor units were given back as {command.reference}: it is said already.",
                )
            return _decided((), command.payment, known, sale)
    if command.amount_minor > known.owed_minor:
        raise Rejected(
            Reason.REFUND_TOO_HIGH,
            f"{known.owed_minor} minor units of this payment are to be given back, not {command.amount_minor}. "
            "Void or refund what it paid for first.",
        )
    event = PaymentRefunded(
        sale.sale,
        known.session,
        command.payment,
        known.provider,
        command.amount_minor,
        command.reference,
        now,
        command.recorded_by,
    )
    after = replace(
        known,
        owed_minor=known.owed_minor - command.amount_minor,
        given_back_minor=known.given_back_minor + command.amount_minor,
        refunds=(*known.refunds, ProviderRefund(command.reference, command.amount_minor)),
    )
    return _decided((event,), command.payment, after, sale)


def _known(payment: PaymentId, session: Open | Closed, ledger: Ledger) -> Payment:
    known = payment_named(payment, ledger)
    if known.session != session.session:
        raise Rejected(
            Reason.UNKNOWN_PAYMENT, f"Till {session.till} asked for no payment with this id in this session."
        )
    return known


def _decided(
    events: tuple[PaymentEvent, ...],
    payment: PaymentId,
    after: Payment,
    sale: Planned,
    receipt: PaidAnswer | None = None,
    lost: tuple[TagCode, ...] = (),
) -> Decision:
    answer = PaymentAnswer(
        payment,
        after.session,
        after.basket,
        after.status,
        after.amount_minor,
        after.owed_minor,
        after.given_back_minor,
        sale.currency,
        after.receipt if receipt is None else receipt.receipt,
        receipt,
        lost,
    )
    return Decision(tuple(Emitted(ledger_stream(sale.sale), event) for event in events), answer)


def _timer(session: SessionId, payment: PaymentId, due_at: datetime, now: datetime) -> Timer:
    """Name the timer by when it was set, too: one that fired early by a clock's difference is set anew."""
    due_at = max(due_at, now + _SHORTEST_WAIT)
    name = f"payment {due_at.isoformat()} {now.isoformat()}"
    return Timer(uuid5(UUID(payment), name), due_at, ExpirePayment(session, payment))
