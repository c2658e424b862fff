"""Handing a till over to another cashier, as it stands: baskets, receipts and drawer."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.drawer_commands import HandedOverAnswer, HandOverSession
from consign.domain.session.drawer_events import SessionHandedOver
from consign.domain.session.state import Open
from consign.domain.turns.actors import session_stream


def hand_over(command: HandOverSession, session: Open, sale: Planned, now: datetime) -> Decision:
    """Let another cashier go on. What a count finds over or short is the first cashier's, not the next one's."""
    if command.to_cashier == session.cashier:
        return Decision((), _answer(session, session.cash_minor, 0, command))
    if command.counted_minor is None and sale.settings.till.hand_over_counted:
        raise Rejected(Reason.COUNT_NEEDED, "Count the drawer first: this sale wants it at every hand-over.")
    counted_minor = session.cash_minor if command.counted_minor is None else command.counted_minor
    difference_minor = counted_minor - session.cash_minor
    if difference_minor and not command.reason.strip():
        word = "over" if difference_minor > 0 else "short"
        raise Rejected(Reason.REASON_NEEDED, f"The drawer is {abs(difference_minor)} minor units {word}: say why.")
    event = SessionHandedOver(
        session.sale,
        session.session,
        session.till,
        session.cashier,
        command.to_cashier,
        session.cash_minor,
        now,
        command.counted_minor,
        difference_minor,
        command.reason,
    )
    return Decision(
        (Emitted(session_stream(session.session), event),),
        _answer(session, counted_minor, difference_minor, command),
    )


def _answer(session: Open, expected_minor: int, difference_minor: int, command: HandOverSession) -> HandedOverAnswer:
    return HandedOverAnswer(session.session, command.to_cashier, expected_minor, difference_minor, session.currency)
