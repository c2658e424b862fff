"""Acts on baskets that are being paid and on payments by card providers, and what must hold of both."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from consign.domain.accounts import PROVIDER
from consign.domain.books.state import Books
from consign.domain.decision import Timer
from consign.domain.ledger.state import Ledger
from consign.domain.payments import PaymentApproved, PaymentId, PaymentRefunded
from consign.domain.session import state as sessions
from consign.domain.session.commands import RefundReceipt
from consign.domain.session.events import BasketPaid, ReceiptVoided, RefundPaid, Tender, TenderKind
from consign.domain.session.paying_commands import (
    ApprovePayment,
    BeginPaying,
    CancelPaying,
    CancelPayment,
    DeclinePayment,
    ExpirePayment,
    RecordPaymentRefund,
    RequestPayment,
    TakenTender,
    TakeTenders,
)
from consign.domain.session.paying_events import PayingCancelled, TendersTaken
from consign.domain.values import BasketId, ReceiptNumber, SaleId, SessionId
from consign.domain.vouchers import Voucher

ACTS = (
    "begin-paying",
    "take-tender",
    "take-tender",
    "ask-provider",
    "ask-provider",
    "provider-approves",
    "provider-approves",
    "provider-declines",
    "give-up-payment",
    "cancel-paying",
    "provider-gives-back",
    "refund-by-provider",
)

AT_TILLS = frozenset({"begin-paying", "take-tender", "ask-provider", "give-up-payment"})
"""What is done while things are sold; the rest goes on after that."""

type StateOf = Callable[[str], Any]


def asked(act: str, state_of: StateOf, sale: SaleId, session: SessionId, basket: BasketId, how: int) -> Struct:
    """Return the command of an act; `how` names a thing and varies the rest."""
    here, ledger = state_of(f"session-{session}"), state_of(f"ledger-{sale}")
    baskets = sorted(here.baskets) if isinstance(here, sessions.Open) else []
    chosen: BasketId = baskets[how % len(baskets)] if baskets and how % 7 else basket
    match act:
        case "begin-paying":
            return BeginPaying(session, chosen)
        case "take-tender":
            return TakeTenders(session, chosen, (_tender(ledger.vouchers, how),))
        case "ask-provider":
            return RequestPayment(session, chosen, _payment(how), "sumup", how % 300 + 1 if how % 3 == 0 else None)
        case "refund-by-provider":
            receipt = _one_of([each for each, known in sorted(ledger.receipts.items()) if known.payments], how)
            return RefundReceipt(
                session,
                receipt or ReceiptNumber("1-1"),
                TenderKind.PROVIDER,
                "torn",
                "organizer" if how % 2 else "cashier",
            )
        case "cancel-paying":
            return CancelPaying(session, chosen, "thinks again")
        case _:
            return _of_payment(act, ledger, sale, session, how)


def _of_payment(act: str, ledger: Ledger, sale: SaleId, session: SessionId, how: int) -> Struct:
    owing = [each for each, known in sorted(ledger.payments.items()) if known.owed_minor]
    open_ones = [each for each, known in sorted(ledger.payments.items()) if known.status != "approved"]
    known = _one_of(owing if act == "provider-gives-back" else open_ones if how % 5 else sorted(ledger.payments), how)
    payment = known or _payment(how)
    asked_by = session if known is None else ledger.payments[known].session
    match act:
        case "provider-approves":
            return ApprovePayment(asked_by, payment, f"TX-{how % 40}-{payment[-4:]}")
        case "provider-declines":
            return DeclinePayment(asked_by, payment, "no funds")
        case "give-up-payment":
            return CancelPayment(asked_by, payment, "takes long")
        case _:
            owed_minor = 1 if known is None else ledger.payments[known].owed_minor
            amount_minor = max(owed_minor // (how % 3 + 1), 1)
            return RecordPaymentRefund(sale, payment, amount_minor, f"RF-{how}-{owed_minor}")


def _tender(vouchers: Any, how: int) -> TakenTender:
    good: list[tuple[str, Voucher]] = [(code, each) for code, each in sorted(vouchers.items()) if each.balance_minor]
    tender, amount_minor = f"01900000-0000-7000-8000-0000000a{how % 10_000:04}", how % 40 * 10 + 1
    if good and how % 4 == 0:
        code, voucher = good[how % len(good)]
        return TakenTender(tender, TenderKind.VOUCHER, min(voucher.balance_minor, amount_minor), code)
    return TakenTender(tender, TenderKind.CARD if how % 4 == 1 else TenderKind.CASH, amount_minor)


def _payment(how: int) -> PaymentId:
    return PaymentId(f"01900000-0000-7000-8000-0000000b{how % 10_000:04}")


def _one_of[Thing](things: Sequence[Thing], number: int) -> Thing | None:
    return things[number % len(things)] if things else None


class PayingWitness:
    """Adds up, from the events alone, what waits for a receipt or to be given back, and what providers have."""

    def __init__(self) -> None:
        self._waits_minor = 0
        self._by_providers_minor = 0

    def watch(self, event: Any) -> None:
        match event:
            case TendersTaken(tenders=tenders):
                self._waits_minor += _sum(tenders)
            case PayingCancelled(tenders=tenders):
                self._waits_minor -= _sum(tenders)
            case BasketPaid(tenders=tenders):
                self._waits_minor -= _sum(each for each in tenders if each.tender_id)
            case ReceiptVoided(tenders=tenders):
                self._waits_minor += _sum(each for each in tenders if each.kind is TenderKind.PROVIDER)
            case RefundPaid(tender=TenderKind.PROVIDER, amount_minor=amount_minor):
                self._waits_minor += amount_minor
            case PaymentApproved(amount_minor=amount_minor):
                self._waits_minor += amount_minor
                self._by_providers_minor += amount_minor
            case PaymentRefunded(amount_minor=amount_minor):
                self._waits_minor -= amount_minor
                self._by_providers_minor -= amount_minor
            case _:
                pass

    def check(
        self, books: Books, sale: SaleId, ledger: Ledger, states: dict[str, Any], timers: Sequence[Timer]
    ) -> None:
        """Raise AssertionError where money of shoppers is forgotten, or anybody waits for ever."""
        assert self._waits_minor == suspended_minor(ledger, states), "what was taken and what is known of it differ"
        assert books.balance(sale, PROVIDER) == self._by_providers_minor, "providers have more or less than they said"
        watched = {timer.command.payment for timer in timers if isinstance(timer.command, ExpirePayment)}
        for payment, known in ledger.payments.items():
            assert known.kept_minor >= 0 <= known.owed_minor
            assert known.owed_minor + known.given_back_minor <= known.amount_minor
            if known.waits or known.pays_basket:
                session = states[f"session-{known.session}"]
                assert isinstance(session, sessions.Open), "a till was closed on a payment"
                assert session.baskets[known.basket].paying is not None, "a payment without a basket being paid"
            assert known.status != "requested" or payment in watched, "a payment that nobody ever gives up"
        for state in states.values():
            if isinstance(state, sessions.Open):
                paid = (each.paying for each in state.baskets.values() if each.paying is not None)
                cash_minor = sum(_sum(t for t in each.taken if t.kind is TenderKind.CASH) for each in paid)
                assert state.figures.taken_cash_minor == cash_minor


def suspended_minor(ledger: Ledger, states: dict[str, Any]) -> int:
    """Return what was taken for baskets without a receipt, and what providers are to give back, as the states say."""
    taken_minor = sum(
        _sum(basket.paying.taken)
        for state in states.values()
        if isinstance(state, sessions.Open)
        for basket in state.baskets.values()
        if basket.paying is not None
    )
    providers_minor = sum(
        known.owed_minor + (0 if known.receipt else known.kept_minor) for known in ledger.payments.values()
    )
    return taken_minor + providers_minor


def _sum(tenders: Any) -> int:
    given: list[Tender] = list(tenders)
    return sum(tender.amount_minor for tender in given)
