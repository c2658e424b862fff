"""The till's drawer: a session opens with a float, and cash goes in and out."""

from consign.domain.decision import Decision, Emitted
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Phase, Planned
from consign.domain.session.commands import (
    DrawerAnswer,
    MoveCash,
    OpenSession,
    SessionAnswer,
)
from consign.domain.session.events import CashMoved, SessionOpened
from consign.domain.session.state import Closed, Open, Session, Unknown
from consign.domain.tills import Till, TillOpened
from consign.domain.turns.actors import (
    REFUNDING,
    phases,
    require_currency,
    require_phase,
    sale_stream,
    session_stream,
)
from consign.domain.values import AMOUNT_LIMIT_MINOR, ReceiptNumber

_OPENING_EARLY = phases(Phase.DROP_OFF, Phase.CLOSED)
"""Where presale groups shop before the sale is live."""

TILLS_LIMIT = 500
"""How many tills one sale may name."""


def receipt_number(till: str, counter: int) -> ReceiptNumber:
    return ReceiptNumber(f"{till}-{counter}")


def refund_number(till: str, counter: int) -> ReceiptNumber:
    return ReceiptNumber(f"{till}-R{counter}")


def open_session(command: OpenSession, sale: Planned, session: Session) -> Decision:
    """Open the till for one cashier; its receipt numbers go on where its last session ended."""
    match session:
        case Open():
            return _opened_before(command, session)
        case Closed(till=name):
            raise Rejected(Reason.SESSION_CLOSED, f"This session of till {name} is closed. Open one with a new id.")
        case Unknown():
            pass
    require_phase(sale, _OPENING_EARLY if sale.settings.presale_groups else REFUNDING, "Opening a till")
    require_currency(command.currency, sale.currency)
    till = sale.tills.get(command.till)
    if till is None:
        if len(sale.tills) >= TILLS_LIMIT:
            raise Rejected(Reason.LIMIT_EXCEEDED, f"A sale names at most {TILLS_LIMIT} tills.")
        till = Till(None)
    if till.session is not None:
        raise Rejected(
            Reason.TILL_IN_USE, f"Till {command.till} has an open session ({till.session}). Close it by count first."
        )
    opened = SessionOpened(
        command.session,
        command.sale,
        command.till,
        command.cashier,
        command.float_minor,
        sale.currency,
        till.receipt_counter,
        till.refund_counter,
    )
    return Decision(
        (
            Emitted(sale_stream(sale.sale), TillOpened(sale.sale, command.till, command.session)),
            Emitted(session_stream(command.session), opened),
        ),
        SessionAnswer(
            command.session, command.till, receipt_number(command.till, till.receipt_counter + 1), sale.currency
        ),
    )


def _opened_before(command: OpenSession, session: Open) -> Decision:
    asked = (command.sale, command.till, command.cashier)
    if asked != (session.sale, session.till, session.cashier):
        raise Rejected(Reason.SESSION_EXISTS, f"A session with this id is open at till {session.till}.")
    next_receipt = receipt_number(session.till, session.receipt_counter + 1)
    return Decision((), SessionAnswer(session.session, session.till, next_receipt, session.currency))


def move_cash(command: MoveCash, session: Open) -> Decision:
    """Record cash that was put into the drawer or taken out."""
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why cash goes in or out.")
    require_cash(session, -command.amount_minor)
    require_room(session, command.amount_minor)
    answer = DrawerAnswer(session.session, session.cash_minor + command.amount_minor, session.currency)
    if not command.amount_minor:
        return Decision((), answer)
    event = CashMoved(session.sale, session.session, session.till, command.amount_minor, command.reason, command.kind)
    return Decision((Emitted(session_stream(session.session), event),), answer)


def require_cash(session: Open, amount_minor: int) -> None:
    """Raise Rejected with `cash_too_low` when the drawer cannot hold what is to be paid out of it."""
    if amount_minor > max(session.cash_minor, 0):
        raise Rejected(
            Reason.CASH_TOO_LOW,
            f"{amount_minor} minor units are to be paid out, the drawer holds {session.cash_minor}. Put cash in first.",
        )


def require_room(session: Open, amount_minor: int) -> None:
    """Raise Rejected with `limit_exceeded` when a drawer would be said to hold more than any can."""
    if session.cash_minor + amount_minor > AMOUNT_LIMIT_MINOR:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A drawer holds at most {AMOUNT_LIMIT_MINOR} minor units.")
