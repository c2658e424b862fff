"""Cash that is carried from till to till: sent, then counted where it arrives, so that none is lost unnoticed.

While it is on its way it is in neither drawer, and the till that sent it cannot close.
"""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.rejection import Reason, Rejected
from consign.domain.session.drawer_commands import ReceiveCash, SendCash, TakeCashBack, TransferAnswer
from consign.domain.session.drawer_events import CashArrived, CashReceived, CashSent, CashTakenBack, TransferId
from consign.domain.session.state import Open, Transfer
from consign.domain.turns.actors import session_stream
from consign.domain.turns.drawer import require_cash, require_room
from consign.domain.values import SessionId

TRANSFERS_LIMIT = 200
"""How many transfers one session may send."""


def send(command: SendCash, session: Open, to: Open, now: datetime) -> Decision:
    """Take cash out of this drawer, for another one of the sale."""
    if command.to_session == session.session or to.sale != session.sale:
        raise Rejected(Reason.UNKNOWN_SESSION, "Cash goes to another open till of this sale.")
    known = session.transfers.get(command.transfer)
    if known is not None:
        if (known.to_session, known.amount_minor) != (command.to_session, command.amount_minor):
            raise Rejected(Reason.TRANSFER_ENDED, "This id is used for another transfer. Make a new one.")
        return Decision((), _answer(session, command.transfer, known.amount_minor))
    if len(session.transfers) >= TRANSFERS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A session sends cash at most {TRANSFERS_LIMIT} times.")
    require_cash(session, command.amount_minor)
    sent = CashSent(
        session.sale,
        session.session,
        session.till,
        command.transfer,
        to.session,
        to.till,
        command.amount_minor,
        command.reason,
        now,
    )
    return Decision(
        (Emitted(session_stream(session.session), sent),),
        _answer(session, command.transfer, command.amount_minor, -command.amount_minor),
    )


def receive(command: ReceiveCash, session: Open, sender: Open, now: datetime) -> Decision:
    """Count what arrived into this drawer; what is missing or too much is booked here and now."""
    sent = _on_its_way(command.transfer, sender, session.session)
    difference_minor = command.counted_minor - sent.amount_minor
    if difference_minor and not command.reason.strip():
        word = "too much" if difference_minor > 0 else "missing"
        raise Rejected(Reason.REASON_NEEDED, f"{abs(difference_minor)} minor units are {word}: say why.")
    require_room(session, command.counted_minor)
    received = CashReceived(
        session.sale,
        session.session,
        session.till,
        command.transfer,
        sender.session,
        sender.till,
        sent.amount_minor,
        command.counted_minor,
        difference_minor,
        now,
        command.reason,
    )
    arrived = CashArrived(sender.sale, sender.session, sender.till, command.transfer, command.counted_minor)
    return Decision(
        (Emitted(session_stream(session.session), received), Emitted(session_stream(sender.session), arrived)),
        _answer(session, command.transfer, sent.amount_minor, command.counted_minor, difference_minor),
    )


def take_back(command: TakeCashBack, session: Open) -> Decision:
    """Put cash that did not arrive back into the drawer it came from."""
    sent = _on_its_way(command.transfer, session, None)
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the cash is back.")
    back = CashTakenBack(
        session.sale, session.session, session.till, command.transfer, sent.amount_minor, command.reason
    )
    return Decision(
        (Emitted(session_stream(session.session), back),),
        _answer(session, command.transfer, sent.amount_minor, sent.amount_minor),
    )


def _on_its_way(transfer: TransferId, sender: Open, to: SessionId | None) -> Transfer:
    sent = sender.transfers.get(transfer)
    if sent is None or to not in (None, sent.to_session):
        raise Rejected(Reason.UNKNOWN_TRANSFER, f"Till {sender.till} sent no cash here under this id.")
    if sent.ended:
        raise Rejected(Reason.TRANSFER_ENDED, f"This cash has {_ENDED[sent.ended]}.")
    return sent


_ENDED = {"arrived": "arrived", "taken back": "been taken back"}


def _answer(
    session: Open, transfer: TransferId, amount_minor: int, change_minor: int = 0, difference_minor: int = 0
) -> TransferAnswer:
    return TransferAnswer(
        session.session,
        transfer,
        amount_minor,
        difference_minor,
        session.cash_minor + change_minor,
        session.currency,
    )
