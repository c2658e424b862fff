"""Refunding at any later time: a whole receipt, single lines, or part of a line's price."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from consign.domain.amounts import paid_minor, part_of, refundable
from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.events import Credited, ItemsRefunded, ManualLine, RefundedLine
from consign.domain.ledger.manual_lines import CreditedTo, GivenBack, Kept, Matched, PaidLine, Undone, Unmatched
from consign.domain.ledger.state import Ledger, Sold, SoldReceipt
from consign.domain.money import cash_rounding
from consign.domain.payments import PaymentShare
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import GivenRefundLine, RefundedAnswer, RefundReceipt
from consign.domain.session.events import RefundPaid, TenderKind
from consign.domain.session.state import Open
from consign.domain.tag import read, shown
from consign.domain.turns.actors import REFUNDING, ledger_stream, require_phase, session_stream
from consign.domain.turns.drawer import refund_number, require_cash
from consign.domain.turns.providing import owed, shares_of
from consign.domain.turns.vouchers import credited, issue, known
from consign.domain.values import ParticipationId, TagCode, VoucherCode
from consign.domain.vouchers import VouchersCredited


def refund(command: RefundReceipt, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Give money back out of this session, under a refund number of its till's own."""
    require_phase(sale, REFUNDING, "Refunding")
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the money is given back.")
    receipt = _receipt(command, ledger)
    _require_in_time(command, receipt, sale, now)
    _require_tender(command, receipt)
    lines = _lines(command, receipt, ledger, sale)
    amount_minor = sum(line.paid_back_minor for line in lines)
    in_cash = command.tender is TenderKind.CASH
    rounding_minor = cash_rounding(amount_minor, sale.settings.cash_rounding_minor) if in_cash else 0
    if in_cash:
        require_cash(session, amount_minor + rounding_minor)
    voucher = _to_voucher(command, amount_minor, session, ledger, sale, now)
    provider = _to_provider(command, amount_minor, receipt, session, ledger, now)
    counter = session.refund_counter + 1
    number = refund_number(session.till, counter)
    paid = RefundPaid(
        session.sale,
        session.session,
        session.till,
        number,
        counter,
        command.receipt,
        lines,
        command.tender,
        amount_minor,
        rounding_minor,
        command.reason,
        now,
        voucher.code or provider.reference or command.reference,
        session.cashier,
    )
    refunded = ItemsRefunded(
        session.sale,
        command.receipt,
        number,
        session.session,
        tuple(line for line in lines if not line.manual),
        tuple(line for line in lines if line.manual),
    )
    answer = RefundedAnswer(
        number, command.receipt, amount_minor, rounding_minor, command.tender, session.currency, voucher.code
    )
    return Decision(
        (
            Emitted(session_stream(session.session), paid),
            Emitted(ledger_stream(session.sale), refunded),
            *voucher.events,
            *provider.events,
        ),
        answer,
        voucher.timers,
    )


class _ToVoucher(NamedTuple):
    """The voucher that a refund goes to, if it goes to one."""

    code: VoucherCode | None = None
    events: tuple[Emitted, ...] = ()
    timers: tuple[Timer, ...] = ()


def _to_voucher(
    command: RefundReceipt, amount_minor: int, session: Open, ledger: Ledger, sale: Planned, now: datetime
) -> _ToVoucher:
    if command.tender is not TenderKind.VOUCHER:
        return _ToVoucher()
    stream = ledger_stream(session.sale)
    if command.reference:
        code, voucher = known(command.reference, ledger)
        if voucher.blocked:
            raise Rejected(Reason.VOUCHER_BLOCKED, "This voucher is blocked: nothing is given back to it.")
        shares, timers = credited([(code, amount_minor)], ledger, sale, now)
        back = VouchersCredited(session.sale, command.receipt, session.session, session.till, "refund", shares, now)
        return _ToVoucher(code, (Emitted(stream, back),), timers)
    if command.new_voucher is None:
        raise Rejected(Reason.VOUCHER_INVALID, "Name a voucher of this sale, or give the code of a new one.")
    issued, timers = issue(command.new_voucher, amount_minor, ledger, sale, now, "refund")
    issued = replace(issued, session=session.session, receipt=command.receipt)
    return _ToVoucher(command.new_voucher, (Emitted(stream, issued),), timers)


class _ToProvider(NamedTuple):
    """What providers are to give back of a receipt, and what they call the payments."""

    reference: str = ""
    events: tuple[Emitted, ...] = ()


def _to_provider(
    command: RefundReceipt, amount_minor: int, receipt: SoldReceipt, session: Open, ledger: Ledger, now: datetime
) -> _ToProvider:
    if command.tender is not TenderKind.PROVIDER:
        return _ToProvider()
    payments = [
        payment for payment in receipt.payments if command.reference in ("", ledger.payments[payment].reference)
    ]
    shares: tuple[PaymentShare, ...] = shares_of(amount_minor, payments, ledger)
    said = owed(session.sale, session.session, "refund", shares, now, command.receipt)
    references = ", ".join(ledger.payments[share.payment].reference for share in shares)
    return _ToProvider(references, tuple(Emitted(ledger_stream(session.sale), each) for each in said))


def _receipt(command: RefundReceipt, ledger: Ledger) -> SoldReceipt:
    receipt = ledger.receipts.get(command.receipt)
    if receipt is None:
        raise Rejected(Reason.UNKNOWN_RECEIPT, f"This sale has no receipt {command.receipt}.")
    if receipt.voided:
        raise Rejected(Reason.RECEIPT_VOIDED, f"Receipt {command.receipt} was voided: nothing of it is left.")
    return receipt


def _require_in_time(command: RefundReceipt, receipt: SoldReceipt, sale: Planned, now: datetime) -> None:
    if sale.settings.till.takes_back(command.role, receipt.sold_at, now):
        return
    hours = sale.settings.till.returns_within_hours
    rule = f"gives money back for {hours} hours" if hours else "gives no money back"
    raise Rejected(
        Reason.RETURN_NEEDS_ROLE, f"Receipt {command.receipt}: this sale {rule}. An organizer may do so all the same."
    )


def _require_tender(command: RefundReceipt, receipt: SoldReceipt) -> None:
    if command.tender.value in receipt.tender_kinds or command.role == "organizer":
        return
    raise Rejected(
        Reason.TENDER_NEEDS_ROLE,
        f"The receipt was paid by {' and '.join(receipt.tender_kinds)}. "
        f"An organizer may give the money back by {command.tender.value}.",
    )


class _Left(NamedTuple):
    """What is left of a line of the receipt, and whose it is."""

    tag: TagCode
    participation: ParticipationId
    category: str
    list_number: int
    amounts: Sold | ManualLine
    manual: bool = False
    credited_to: Credited = "consignor"


def _lines(command: RefundReceipt, receipt: SoldReceipt, ledger: Ledger, sale: Planned) -> tuple[RefundedLine, ...]:
    if not command.lines:
        found = (_left_of(key, command, ledger) for key in (*receipt.tags, *_unmatched(receipt, ledger)))
        all_left = [left for left in found if left is not None]
        if not all_left:
            raise Rejected(Reason.REFUND_TOO_HIGH, f"Nothing of receipt {command.receipt} is left to refund.")
        return tuple(_line(left, None, command, sale) for left in all_left)
    lines = tuple(_given_line(given, command, receipt, ledger, sale) for given in command.lines)
    if len({line.tag for line in lines}) != len(lines):
        raise Rejected(Reason.REFUND_TOO_HIGH, "A line is named twice.")
    return lines


def _unmatched(receipt: SoldReceipt, ledger: Ledger) -> Iterable[TagCode]:
    """Return the manual lines that are not, by now, an item's."""
    return (key for key in receipt.manual if not isinstance(ledger.manual_lines[key].outcome, Matched))


def _given_line(
    given: GivenRefundLine, command: RefundReceipt, receipt: SoldReceipt, ledger: Ledger, sale: Planned
) -> RefundedLine:
    key = _key(given.tag, receipt, ledger)
    if key not in receipt.tags and key not in receipt.manual:
        raise Rejected(Reason.UNKNOWN_LINE, f"{shown(key)} is not on receipt {command.receipt}.")
    left = _left_of(key, command, ledger)
    if left is None:
        raise Rejected(Reason.REFUND_TOO_HIGH, f"Nothing of {shown(key)} is left to refund.")
    return _line(left, given.amount_minor, command, sale)


def _key(scanned: str, receipt: SoldReceipt, ledger: Ledger) -> TagCode:
    """Return the tag that was scanned, or a manual line's id; a matched line is its item's by now."""
    if scanned not in receipt.manual:
        return read(scanned)
    match ledger.manual_lines[TagCode(scanned)].outcome:
        case Matched(tag=tag):
            return tag
        case _:
            return TagCode(scanned)


def _left_of(key: TagCode, command: RefundReceipt, ledger: Ledger) -> _Left | None:
    """Return what is left of an item or a manual line; None where all of it went back."""
    item = ledger.items.get(key)
    if item is None:
        return _left_of_manual_line(ledger.manual_lines[key])
    listed = item.listed
    match item.status:
        case Sold(receipt=receipt) as sold if receipt == command.receipt:
            return _Left(key, listed.participation, listed.category, listed.list_number, sold)
        case _:
            return None


def _left_of_manual_line(paid: PaidLine) -> _Left | None:
    line = paid.line
    match paid.outcome:
        case Unmatched():
            return _Left(line.line, ParticipationId(""), line.category, 1, line, manual=True, credited_to="suspense")
        case CreditedTo(participation=participation):
            return _Left(line.line, participation, line.category, 1, line, manual=True)
        case Kept():
            return _Left(line.line, ParticipationId(""), line.category, 1, line, manual=True, credited_to="organizer")
        case Matched() | GivenBack() | Undone():
            return None


def _line(left: _Left, amount_minor: int | None, command: RefundReceipt, sale: Planned) -> RefundedLine:
    amounts = left.amounts
    whole = refundable(amounts, surcharge=sale.settings.surcharge.refundable)
    left_minor = paid_minor(whole)
    if amount_minor is not None and amount_minor > left_minor:
        raise Rejected(
            Reason.REFUND_TOO_HIGH,
            f"{left_minor} minor units of {shown(left.tag)} are left to refund, not {amount_minor}.",
        )
    part = whole if amount_minor is None else part_of(whole, amount_minor)
    return RefundedLine(
        left.tag,
        left.participation,
        left.category,
        amounts.price_minor,
        part.price_minor,
        command.returned_to if amount_minor is None else None,
        left.list_number,
        part.discount_minor,
        part.tax_minor,
        amounts.tax_rate_ppm,
        amounts.tax_included,
        part.surcharge_minor,
        amounts.tax_minor - part.tax_minor,
        left.manual,
        left.credited_to,
    )
