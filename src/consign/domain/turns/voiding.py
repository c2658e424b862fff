"""Voiding a whole receipt while its session is open."""

from datetime import datetime

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.events import ItemsReleasedByVoid, SoldLine
from consign.domain.ledger.manual_lines import CreditedTo, GivenBack, Kept, Matched, Undone, Unmatched
from consign.domain.ledger.state import Item, Ledger, Sold
from consign.domain.payments import PaymentId, PaymentShare
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import VoidedAnswer, VoidReceipt
from consign.domain.session.events import BasketLine, BasketPaid, ReceiptVoided, TenderKind
from consign.domain.session.figures import of_kind
from consign.domain.session.state import Open, cash_of
from consign.domain.turns.actors import ledger_stream, session_stream
from consign.domain.turns.drawer import require_cash
from consign.domain.turns.lines import sold_item
from consign.domain.turns.providing import owed
from consign.domain.turns.vouchers import credited
from consign.domain.values import AccountId, VoucherCode
from consign.domain.vouchers import VouchersCredited


def void(command: VoidReceipt, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Undo a receipt of this session as a whole; its number stays used."""
    receipt = session.receipts.get(command.receipt)
    if receipt is None:
        raise Rejected(
            Reason.UNKNOWN_RECEIPT,
            f"Receipt {command.receipt} was not paid in this session. Later, or elsewhere, it can be refunded.",
        )
    paid = receipt.paid
    cash_back_minor = cash_of(paid.tenders) - paid.change_minor
    answer = VoidedAnswer(
        paid.receipt,
        paid.total_minor,
        cash_back_minor,
        of_kind(paid.tenders, TenderKind.CARD),
        session.currency,
        of_kind(paid.tenders, TenderKind.VOUCHER),
        of_kind(paid.tenders, TenderKind.PROVIDER),
    )
    if receipt.voided:
        return Decision((), answer)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the receipt is voided.")
    if ledger.receipts[paid.receipt].refunded:
        raise Rejected(
            Reason.RECEIPT_REFUNDED, f"Something of receipt {paid.receipt} was refunded. Refund the rest instead."
        )
    require_cash(session, cash_back_minor)
    events = (*void_events(command.reason, paid, ledger, session.cashier), *_owed_by_providers(paid, now))
    used = [
        (VoucherCode(each.reference), each.amount_minor) for each in paid.tenders if each.kind is TenderKind.VOUCHER
    ]
    if not used:
        return Decision(events, answer)
    shares, timers = credited(used, ledger, sale, now)
    back = VouchersCredited(session.sale, paid.receipt, session.session, session.till, "void", shares, now)
    return Decision((*events, Emitted(ledger_stream(session.sale), back)), answer, timers)


def _owed_by_providers(paid: BasketPaid, now: datetime) -> tuple[Emitted, ...]:
    """Return what says that providers have to give back what they took."""
    shares = (
        PaymentShare(PaymentId(each.tender_id), each.amount_minor)
        for each in paid.tenders
        if each.kind is TenderKind.PROVIDER
    )
    said = owed(paid.sale, paid.session, "void", shares, now, paid.receipt)
    return tuple(Emitted(ledger_stream(paid.sale), each) for each in said)


def void_events(reason: str, paid: BasketPaid, ledger: Ledger, cashier: AccountId | None) -> tuple[Emitted, ...]:
    """Return what undoes a receipt that stands, of which nothing was refunded."""
    voided = ReceiptVoided(
        paid.sale,
        paid.session,
        paid.till,
        paid.receipt,
        tuple(_as_it_stands(line, ledger) for line in paid.lines),
        paid.tenders,
        paid.total_minor,
        paid.rounding_minor,
        paid.change_minor,
        reason,
        cashier,
    )
    known = ledger.receipts[paid.receipt]
    lines = tuple(_sold_line(ledger.items[tag]) for tag in known.tags)
    released = ItemsReleasedByVoid(paid.sale, paid.receipt, paid.session, lines, known.manual)
    return (Emitted(session_stream(paid.session), voided), Emitted(ledger_stream(paid.sale), released))


def _as_it_stands(line: BasketLine, ledger: Ledger) -> BasketLine:
    """Return a line of the receipt with what became of it, if it was typed in."""
    if not line.manual:
        return line
    match ledger.manual_lines[line.tag].outcome:
        case Matched(tag=tag):
            listed = ledger.items[tag].listed
            return replace(
                line,
                participation=listed.participation,
                consignor=listed.consignor,
                category=listed.category,
                list_number=listed.list_number,
                credited_to="consignor",
            )
        case CreditedTo(participation=participation, consignor=consignor):
            return replace(line, participation=participation, consignor=consignor, credited_to="consignor")
        case Kept():
            return replace(line, credited_to="organizer")
        case Unmatched() | GivenBack() | Undone():
            return line


def _sold_line(item: Item) -> SoldLine:
    match item.status:
        case Sold() as sold:
            return sold_item(item.listed, sold, unchecked=sold.unchecked)
        case _:
            raise AssertionError(f"{item.listed.tag} is on a receipt that stands, and not sold")
