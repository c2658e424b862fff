"""Refunding at any later time: a whole receipt, single lines, or part of a line's price."""

from datetime import datetime

from consign.domain.amounts import paid_minor, part_of, refundable
from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import ItemsRefunded, RefundedLine
from consign.domain.ledger.state import Ledger, Sold, SoldReceipt
from consign.domain.money import cash_rounding
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import GivenRefundLine, RefundedAnswer, RefundReceipt
from consign.domain.session.events import RefundPaid, TenderKind
from consign.domain.session.state import Open
from consign.domain.tag import read, shown
from consign.domain.turns.actors import REFUNDING, ledger_stream, require_phase, session_stream
from consign.domain.turns.drawer import refund_number, require_cash
from consign.domain.values import TagCode


def refund(command: RefundReceipt, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Give money back out of this session, under a refund number of its till's own."""
    require_phase(sale, REFUNDING, "Refunding")
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the money is given back.")
    receipt = _receipt(command, ledger)
    _require_tender(command, receipt)
    lines = _lines(command, receipt, ledger, sale)
    amount_minor = sum(line.paid_back_minor for line in lines)
    in_cash = command.tender is TenderKind.CASH
    rounding_minor = cash_rounding(amount_minor, sale.settings.cash_rounding_minor) if in_cash else 0
    if in_cash:
        require_cash(session, amount_minor + rounding_minor)
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
        command.reference,
    )
    refunded = ItemsRefunded(session.sale, command.receipt, number, session.session, lines)
    return Decision(
        (Emitted(session_stream(session.session), paid), Emitted(ledger_stream(session.sale), refunded)),
        RefundedAnswer(number, command.receipt, amount_minor, rounding_minor, command.tender, session.currency),
    )


def _receipt(command: RefundReceipt, ledger: Ledger) -> SoldReceipt:
    receipt = ledger.receipts.get(command.receipt)
    if receipt is None:
        raise Rejected(Reason.UNKNOWN_RECEIPT, f"This sale has no receipt {command.receipt}.")
    if receipt.voided:
        raise Rejected(Reason.RECEIPT_VOIDED, f"Receipt {command.receipt} was voided: nothing of it is left.")
    return receipt


def _require_tender(command: RefundReceipt, receipt: SoldReceipt) -> None:
    if command.tender.value in receipt.tender_kinds or command.role == "organizer":
        return
    raise Rejected(
        Reason.TENDER_NEEDS_ROLE,
        f"The receipt was paid by {' and '.join(receipt.tender_kinds)}. "
        f"An organizer may give the money back by {command.tender.value}.",
    )


def _lines(command: RefundReceipt, receipt: SoldReceipt, ledger: Ledger, sale: Planned) -> tuple[RefundedLine, ...]:
    if not command.lines:
        left = tuple(GivenRefundLine(tag) for tag in receipt.tags if _sold(tag, command, ledger) is not None)
        if not left:
            raise Rejected(Reason.REFUND_TOO_HIGH, f"Nothing of receipt {command.receipt} is left to refund.")
        return tuple(_line(given, command, receipt, ledger, sale) for given in left)
    lines = tuple(_line(given, command, receipt, ledger, sale) for given in command.lines)
    if len({line.tag for line in lines}) != len(lines):
        raise Rejected(Reason.REFUND_TOO_HIGH, "A line is named twice.")
    return lines


def _sold(tag: TagCode, command: RefundReceipt, ledger: Ledger) -> Sold | None:
    match ledger.items[tag].status:
        case Sold(receipt=receipt) as sold if receipt == command.receipt:
            return sold
        case _:
            return None


def _line(
    given: GivenRefundLine, command: RefundReceipt, receipt: SoldReceipt, ledger: Ledger, sale: Planned
) -> RefundedLine:
    code = read(given.tag)
    if code not in receipt.tags:
        raise Rejected(Reason.UNKNOWN_LINE, f"{shown(code)} is not on receipt {command.receipt}.")
    sold = _sold(code, command, ledger)
    if sold is None:
        raise Rejected(Reason.REFUND_TOO_HIGH, f"Nothing of {shown(code)} is left to refund.")
    left = refundable(sold, surcharge=sale.settings.surcharge.refundable)
    left_minor = paid_minor(left)
    if given.amount_minor is not None and given.amount_minor > left_minor:
        raise Rejected(
            Reason.REFUND_TOO_HIGH,
            f"{left_minor} minor units of {shown(code)} are left to refund, not {given.amount_minor}.",
        )
    part = left if given.amount_minor is None else part_of(left, given.amount_minor)
    listed = ledger.items[code].listed
    return RefundedLine(
        code,
        listed.participation,
        listed.category,
        sold.price_minor,
        part.price_minor,
        command.returned_to if given.amount_minor is None else None,
        listed.list_number,
        part.discount_minor,
        part.tax_minor,
        sold.tax_rate_ppm,
        sold.tax_included,
        part.surcharge_minor,
        sold.tax_minor - part.tax_minor,
    )
