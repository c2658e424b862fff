"""What people do with drawers and vouchers, drawn from numbers: nearly always something that can be done."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from consign.domain.accounts import TRANSIT, VOUCHER
from consign.domain.books.state import Books
from consign.domain.session import state as sessions
from consign.domain.session.commands import CloseSession, GivenTender, Pay, RefundReceipt
from consign.domain.session.drawer_commands import HandOverSession, ReceiveCash, SendCash, TakeCashBack
from consign.domain.session.drawer_events import TransferId
from consign.domain.session.events import TenderKind
from consign.domain.session.totals import due
from consign.domain.turns.basket import lines_as_paid
from consign.domain.values import AccountId, BasketId, ReceiptNumber, SaleId, SessionId
from consign.domain.voucher_commands import (
    BlockVoucher,
    CashOutVoucher,
    GrantVoucher,
    SellVoucher,
    TakeVoucherBack,
    UnblockVoucher,
)
from consign.domain.vouchers import voucher_code

ACTS = (
    "sell-voucher",
    "take-back-a-voucher",
    "grant-voucher",
    "pay-by-voucher",
    "refund-to-voucher",
    "cash-out-voucher",
    "block-voucher",
    "unblock-voucher",
    "hand-over",
    "send-cash",
    "receive-cash",
    "take-cash-back",
    "carry-over",
)

type StateOf = Callable[[str], Any]


def asked(
    act: str, state_of: StateOf, sale: SaleId, session: SessionId, other: SessionId, what: int, how: int
) -> Struct:
    """Return the command of an act; `what` names a thing, `how` varies the rest."""
    if act.endswith("voucher"):
        return _of_voucher(act, state_of, sale, session, what, how)
    here, there = state_of(f"session-{session}"), state_of(f"session-{other}")
    clerk = AccountId(f"clerk-{how % 3}")
    match act:
        case "hand-over":
            cash_minor = here.cash_minor if isinstance(here, sessions.Open) else 0
            return HandOverSession(session, clerk, max(cash_minor - how % 7, 0) if what % 2 else None, "a coin rolled")
        case "send-cash":
            return SendCash(session, _transfer(what * 1000 + how), other, 10 + how % 100, "coins")
        case "receive-cash":
            transfer, amount_minor = _on_its_way(there, session, what)
            return ReceiveCash(session, transfer, other, max(amount_minor - how % 3, 0), "counted twice")
        case "take-cash-back":
            return TakeCashBack(session, _on_its_way(here, None, what)[0], "they had closed")
        case _:
            baskets = tuple(here.baskets) if isinstance(here, sessions.Open) else ()
            cash_minor = here.cash_minor if isinstance(here, sessions.Open) else 0
            return CloseSession(session, max(cash_minor - how % 5, 0), "counted twice", carry_over=baskets)


def _of_voucher(act: str, state_of: StateOf, sale: SaleId, session: SessionId, what: int, how: int) -> Struct:
    here, vouchers = state_of(f"session-{session}"), state_of(f"ledger-{sale}").vouchers
    code = voucher_code(what * 1000 + how)
    clerk = AccountId(f"clerk-{how % 3}")
    match act:
        case "sell-voucher":
            amount_minor = 100 + how * 10
            kind = TenderKind.CARD if how % 2 else TenderKind.CASH
            return SellVoucher(session, code, amount_minor, (GivenTender(kind, amount_minor),))
        case "take-back-a-voucher":
            sold = sorted(here.vouchers) if isinstance(here, sessions.Open) else []
            return TakeVoucherBack(session, _one_of(sold, what) or code, "mistyped")
        case "grant-voucher":
            return GrantVoucher(sale, code, 50 + how, clerk, "the zip was broken")
        case "pay-by-voucher":
            return _paid(state_of, sale, here, session, how)
        case "cash-out-voucher":
            good = [each for each, voucher in sorted(vouchers.items()) if voucher.balance_minor]
            return CashOutVoucher(session, _one_of(good, what) or code, "organizer" if how % 4 else "cashier")
        case "block-voucher":
            return BlockVoucher(sale, _one_of(sorted(vouchers), what) or code, clerk, "lost")
        case "unblock-voucher":
            blocked = [each for each, voucher in sorted(vouchers.items()) if voucher.blocked]
            return UnblockVoucher(sale, _one_of(blocked, what) or code, clerk, "found")
        case _:
            receipt = _one_of(sorted(state_of(f"ledger-{sale}").receipts), what) or ReceiptNumber("1-1")
            reference = _one_of(sorted(vouchers), how) or "" if how % 2 else ""
            return RefundReceipt(
                session, receipt, TenderKind.VOUCHER, "torn", "organizer", reference=reference, new_voucher=code
            )


def _one_of[Thing](things: Sequence[Thing], number: int) -> Thing | None:
    return things[number % len(things)] if things else None


def check(books: Books, sale: SaleId, ledger: Any, states: dict[str, Any]) -> None:
    """Raise AssertionError where vouchers or cash on its way are not what the books say."""
    good_minor = sum(voucher.balance_minor for voucher in ledger.vouchers.values())
    assert books.balance(sale, VOUCHER) == -good_minor, "the books owe more or less than vouchers are good for"
    carried_minor = sum(
        transfer.amount_minor
        for state in states.values()
        if isinstance(state, sessions.Open)
        for transfer in state.transfers.values()
        if not transfer.ended
    )
    assert books.balance(sale, TRANSIT) == carried_minor, "cash is on its way and nobody sent it, or none is"


def _paid(state_of: StateOf, sale: SaleId, here: Any, session: SessionId, how: int) -> Struct:
    good = [(code, each) for code, each in sorted(state_of(f"ledger-{sale}").vouchers.items()) if each.balance_minor]
    baskets = sorted(here.baskets) if isinstance(here, sessions.Open) else []
    if not good or not baskets:
        return Pay(session, BasketId("01900000-0000-7000-8000-00000000dddd"), ())
    basket = baskets[how % len(baskets)]
    total_minor = due(lines_as_paid(here.baskets[basket], state_of(f"sale-{sale}"))).total_minor
    code, voucher = good[how % len(good)]
    by_voucher = min(voucher.balance_minor, total_minor)
    tenders = [GivenTender(TenderKind.VOUCHER, by_voucher, code)] if by_voucher else []
    if by_voucher < total_minor:
        tenders.append(GivenTender(TenderKind.CASH, total_minor - by_voucher + 10))
    return Pay(session, basket, tuple(tenders))


def _on_its_way(sender: Any, to: SessionId | None, what: int) -> tuple[TransferId, int]:
    sent = sender.transfers if isinstance(sender, sessions.Open) else {}
    waiting = [
        (transfer, each.amount_minor)
        for transfer, each in sorted(sent.items())
        if not each.ended and to in (None, each.to_session)
    ]
    return waiting[what % len(waiting)] if waiting else (_transfer(what), 0)


def _transfer(number: int) -> TransferId:
    return TransferId(f"01900000-0000-7000-8000-0000f{number:07}")
