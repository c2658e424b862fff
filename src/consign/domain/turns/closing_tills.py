"""Closing a till by count: its Z report, and what must be settled or carried over first."""

from datetime import datetime

from consign.domain.decision import Decision, Emitted
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.commands import ClosedAnswer, CloseSession
from consign.domain.session.events import Denomination, SessionClosed
from consign.domain.session.state import Basket, Open
from consign.domain.tills import BasketCarriedOver, Till, TillClosed, TillUnsyncedReported
from consign.domain.turns.actors import sale_stream, session_stream
from consign.domain.values import BasketId

CARRIED_LIMIT = 500
"""How many baskets may wait in one sale to be recalled."""


def close_session(command: CloseSession, session: Open, sale: Planned, now: datetime) -> Decision:
    """Close by count. What is over or short needs a reason; what is unfinished blocks closing or is named."""
    _require_nobody_pays(session)
    _require_baskets_named(command, session, sale)
    _require_nothing_on_its_way(session)
    _require_synced(command, session)
    difference_minor = _difference(command, session)
    till = sale.tills.get(session.till) or Till(session.session)
    closed = SessionClosed(
        session.sale,
        session.session,
        session.till,
        session.cash_minor,
        command.counted_minor,
        difference_minor,
        session.receipt_counter,
        session.refund_counter,
        command.reason,
        till.z_counter + 1,
        till.grand_total_minor + session.figures.total_minor,
        session.figures,
        tuple(Denomination(each.value_minor, each.count) for each in command.denominations),
        command.carry_over,
        command.unsynced_count,
        command.authorized_by,
    )
    till_closed = TillClosed(
        session.sale,
        session.till,
        session.session,
        session.receipt_counter,
        session.refund_counter,
        closed.z_number,
        closed.grand_total_minor,
    )
    carried = (_carried(basket, session.baskets[basket], session) for basket in command.carry_over)
    return Decision(
        (
            Emitted(session_stream(session.session), closed),
            Emitted(sale_stream(session.sale), till_closed),
            *(Emitted(sale_stream(session.sale), each) for each in _held_back(command, session, till, now)),
            *(Emitted(sale_stream(session.sale), each) for each in carried),
        ),
        ClosedAnswer(
            session.session,
            session.cash_minor,
            command.counted_minor,
            difference_minor,
            session.currency,
            closed.z_number,
            closed.grand_total_minor,
            session.figures,
        ),
    )


def _carried(basket: BasketId, content: Basket, session: Open) -> BasketCarriedOver:
    return BasketCarriedOver(
        session.sale,
        basket,
        session.session,
        session.till,
        content.lines,
        content.discount,
        content.note,
        content.presale_group,
    )


def _require_nobody_pays(session: Open) -> None:
    """Money that was taken in this drawer for a basket stays with this session: it is receipted or given back here."""
    errors = tuple(
        {
            "pointer": "/session",
            "reason": Reason.BASKET_PAYING.value,
            "basket": basket,
            "detail": f"{sum(tender.amount_minor for tender in content.paying.taken)} minor units taken here",
        }
        for basket, content in session.baskets.items()
        if content.paying is not None
    )
    if errors:
        raise Rejected(
            Reason.BASKET_PAYING,
            f"{len(errors)} baskets are being paid: finish them, or cancel paying and carry them over.",
            errors,
        )


def _require_baskets_named(command: CloseSession, session: Open, sale: Planned) -> None:
    named = set(command.carry_over)
    if len(named) != len(command.carry_over) or not named <= session.baskets.keys():
        raise Rejected(Reason.UNKNOWN_BASKET, f"Only baskets that are open at till {session.till} are carried over.")
    if len(sale.carried) + len(named) > CARRIED_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"At most {CARRIED_LIMIT} baskets wait in a sale. Recall some first.")
    errors = tuple(
        {
            "pointer": "/session",
            "reason": Reason.BASKETS_OPEN.value,
            "basket": basket,
            "detail": f"{len(content.lines)} lines, {'suspended' if content.suspended else 'open'}",
        }
        for basket, content in session.baskets.items()
        if basket not in named
    )
    if errors:
        raise Rejected(
            Reason.BASKETS_OPEN,
            f"{len(errors)} baskets are open: pay or abandon them, recall them elsewhere, or name them to carry over.",
            errors,
        )


def _require_nothing_on_its_way(session: Open) -> None:
    errors = tuple(
        {
            "pointer": "/session",
            "reason": Reason.TRANSFERS_OPEN.value,
            "transfer": transfer,
            "detail": f"{sent.amount_minor} minor units for session {sent.to_session}",
        }
        for transfer, sent in session.transfers.items()
        if not sent.ended
    )
    if errors:
        raise Rejected(
            Reason.TRANSFERS_OPEN,
            f"Cash of {len(errors)} transfers is on its way: have it counted where it arrived, or take it back.",
            errors,
        )


def _require_synced(command: CloseSession, session: Open) -> None:
    """Refuse where the till holds sales back; one that never worked offline has none, and need not say so."""
    unsynced = command.unsynced_count
    if command.role == "organizer" or unsynced == 0 or (unsynced is None and session.unsynced is None):
        return
    many = "an unknown number of" if unsynced is None else str(unsynced)
    raise Rejected(
        Reason.UNSYNCED_SALES,
        f"Till {session.till} may hold {many} sales that are not uploaded. "
        "Upload them and say so, or have an organizer close the till.",
    )


def _held_back(command: CloseSession, session: Open, till: Till, now: datetime) -> tuple[TillUnsyncedReported, ...]:
    """Say how many sales the till still holds where that is news; one that was never away says nothing."""
    unsynced = command.unsynced_count
    if unsynced == till.unsynced or (unsynced is None and session.unsynced is None):
        return ()
    return (TillUnsyncedReported(session.sale, session.till, session.session, unsynced, now),)


def _difference(command: CloseSession, session: Open) -> int:
    """Return what is over or short; raises Rejected with `count_differs` or `reason_needed`."""
    if command.denominations:
        sum_minor = sum(each.value_minor * each.count for each in command.denominations)
        if sum_minor != command.counted_minor:
            raise Rejected(
                Reason.COUNT_DIFFERS,
                f"Coins and notes come to {sum_minor} minor units, not to {command.counted_minor}. Count again.",
            )
    difference_minor = command.counted_minor - session.cash_minor
    if difference_minor and not command.reason.strip():
        word = "over" if difference_minor > 0 else "short"
        raise Rejected(Reason.REASON_NEEDED, f"The drawer is {abs(difference_minor)} minor units {word}: say why.")
    return difference_minor
