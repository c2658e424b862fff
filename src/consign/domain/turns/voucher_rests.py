"""What is left of vouchers: paid out in cash, or kept from everybody while a voucher is lost."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.ledger.state import Ledger
from consign.domain.money import cash_rounding
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.drawer_events import VoucherPaidOut
from consign.domain.session.state import Open
from consign.domain.turns.actors import REFUNDING, ledger_stream, require_phase, session_stream
from consign.domain.turns.drawer import require_cash
from consign.domain.turns.vouchers import known, require_usable
from consign.domain.values import VoucherCode
from consign.domain.voucher_commands import (
    BlockedAnswer,
    BlockVoucher,
    CashedOutAnswer,
    CashOutVoucher,
    UnblockVoucher,
)
from consign.domain.vouchers import Voucher, VoucherBlocked, VoucherCashedOut, VoucherUnblocked, shown_code


def cash_out(command: CashOutVoucher, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Pay out all that is left of a voucher."""
    require_phase(sale, REFUNDING, "Paying out vouchers")
    code, voucher = known(command.voucher, ledger)
    require_usable(code, voucher, now)
    amount_minor = voucher.balance_minor
    if not amount_minor:
        raise Rejected(Reason.VOUCHER_USED, f"Nothing is left of {shown_code(code)}.")
    if not sale.settings.till.may_cash_out(command.role, amount_minor):
        raise Rejected(
            Reason.VOUCHER_NEEDS_ROLE,
            f"{amount_minor} minor units are left of {shown_code(code)}: more than you may pay out as {command.role}. "
            "Ask an organizer.",
        )
    rounding_minor = cash_rounding(amount_minor, sale.settings.cash_rounding_minor)
    require_cash(session, amount_minor + rounding_minor)
    paid = VoucherPaidOut(
        session.sale, session.session, session.till, code, amount_minor, rounding_minor, session.cashier
    )
    cashed = VoucherCashedOut(session.sale, code, amount_minor, session.session, now)
    return Decision(
        (Emitted(session_stream(session.session), paid), Emitted(ledger_stream(session.sale), cashed)),
        CashedOutAnswer(code, session.session, amount_minor, amount_minor + rounding_minor, session.currency),
    )


def block(command: BlockVoucher, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Let nobody use the voucher."""
    code, voucher = known(command.voucher, ledger)
    if voucher.blocked:
        return Decision((), _answer(code, voucher, sale, blocked=True))
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why nobody may use the voucher.")
    event = VoucherBlocked(sale.sale, code, command.reason, command.blocked_by, now)
    return Decision((Emitted(ledger_stream(sale.sale), event),), _answer(code, voucher, sale, blocked=True))


def unblock(command: UnblockVoucher, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Let the voucher be used again."""
    code, voucher = known(command.voucher, ledger)
    if not voucher.blocked:
        return Decision((), _answer(code, voucher, sale, blocked=False))
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the voucher may be used again.")
    event = VoucherUnblocked(sale.sale, code, command.reason, command.unblocked_by, now)
    return Decision((Emitted(ledger_stream(sale.sale), event),), _answer(code, voucher, sale, blocked=False))


def _answer(code: VoucherCode, voucher: Voucher, sale: Planned, *, blocked: bool) -> BlockedAnswer:
    return BlockedAnswer(code, blocked, voucher.balance_minor, sale.currency)
